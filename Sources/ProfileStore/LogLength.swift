internal import GRDB
internal import GRDBSQLite
internal import Synchronization

/// How long the write-ahead log is, as the writing connection hears with each commit; it decides when to copy the log into
/// the store.
///
/// The file's size does not tell: a log that begins again writes over the pages that the file holds.
final class LogLength: Sendable {
    private struct Pages {
        var present = 0
        /// When this process last copied them into the store.
        var copied = 0
    }

    /// The log is copied whenever it has grown by so many pages, 12 MiB: a thousand customers edited and a thousand that a
    /// neighbour edited go into one, and whoever opens the store first reads it in a few milliseconds.
    static let pagesMaximum = 3_000

    private let pages = Mutex(Pages())

    /// Listens to the commits of a connection, which this must outlive.
    func follow(_ database: Database) {
        sqlite3_wal_hook(
            database.sqliteConnection,
            { context, _, _, pages in
                Unmanaged<LogLength>.fromOpaque(context!).takeUnretainedValue().pages.withLock { $0.present = Int(pages) }
                return SQLITE_OK
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    /// Whether the log is to be copied now, having grown by more pages than these.
    ///
    /// A writer who finds the whole log copied begins it again: a log that is still long was either copied already, or a
    /// reader holds on to it.
    func isCopyDue(beyond pagesMaximum: Int) -> Bool {
        pages.withLock {
            if $0.present < $0.copied { $0.copied = 0 }
            guard $0.present - $0.copied > pagesMaximum else { return false }
            $0.copied = $0.present
            return true
        }
    }
}
