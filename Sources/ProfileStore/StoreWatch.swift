internal import Foundation
internal import Synchronization

/// Notices what any process has committed to a store, at the price of one look at the log's date and length.
///
/// Any thread may ask, and many may share one watch; it holds no transaction between two questions.
public final class StoreWatch: Sendable {
    /// The log as the file system describes it.
    private struct LogMark: Equatable {
        var seconds = 0
        var nanoseconds = 0
        var bytes: Int64 = 0
    }

    private struct Seen {
        var mark = LogMark()
        var head: UInt64
        var at = ContinuousClock.now
    }

    private let store: ProfileStore
    private let seen: Mutex<Seen?> = Mutex(nil)
    /// File systems keep dates in ticks: a second commit in a tick leaves no mark, so that the head is read again for a while.
    private static let tickMilliseconds: Int64 = 100

    public init(_ store: ProfileStore) { self.store = store }

    /// The feed number of the store's latest change.
    ///
    /// - Throws: what reading the store throws.
    /// - Complexity: a call of the file system; a short read where the log has just changed.
    public func feedHead() throws -> UInt64 {
        let mark = logMark(), now = ContinuousClock.now
        return try seen.withLock { seen in
            if let seen, seen.mark == mark, now - seen.at > .milliseconds(Self.tickMilliseconds) { return seen.head }
            let head = try store.feedHead()
            seen = Seen(mark: mark, head: head, at: seen?.mark == mark ? seen!.at : now)
            return head
        }
    }

    private func logMark() -> LogMark {
        var status = stat()
        guard stat(store.path + "-wal", &status) == 0 else { return LogMark() }
        #if os(Linux)
        let date = status.st_mtim
        #else
        let date = status.st_mtimespec
        #endif
        return LogMark(seconds: date.tv_sec, nanoseconds: date.tv_nsec, bytes: Int64(status.st_size))
    }
}
