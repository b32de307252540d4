internal import Causality
internal import GRDB
internal import GRDBSQLite
internal import ProfileModel
internal import Synchronization

/// What a writer has found out about the store as a whole: whoever keeps it up to date need not ask for it again.
struct StoreFacts {
    /// This node, as the transaction before left it.
    var node: StoreReader.Node?
    /// Of which kinds there are rows besides customers; of those that have gone it may say so still.
    var isHeld: [RowKind: Bool] = [:]
    /// Whether rows wait for a customer that they name by phone, mail or code.
    var hasWaiting: Bool?
    var hasAliases: Bool?
    var hasUnknownKinds: Bool?
    /// The numbers of scopes.
    var scopeNumbers: [String: Int64] = [:]
    var scopeNames: [Int64: String] = [:]
    /// Whether no scope was ever in use but the root and the shared one.
    var isPlain: Bool?
    var hasDepartures: Bool?
    var hasLeftScopes: Bool?
    var hasLetGo: Bool?
    /// By systems the kinds of records of which it is known whether anything was said to belong to one.
    var namedKinds: [String: [String: Bool]] = [:]
    /// At most so many customers are not in the search index.
    var unindexedMaximum: Int?
}

/// The facts that one transaction hands to the next, as long as nobody else has written to the store in between.
final class KnownFacts: Sendable {
    private let last = Mutex<(version: UInt32, facts: StoreFacts)?>(nil)

    /// What is known of the store at the beginning of a write transaction; whoever takes it hands it on after the commit.
    func take(_ database: Database) -> StoreFacts {
        let version = database.dataVersion
        return last.withLock { last in
            defer { last = nil }
            return last.flatMap { $0.version == version ? $0.facts : nil } ?? StoreFacts()
        }
    }

    /// Keeps what is known after a commit.
    func keep(_ facts: StoreFacts, _ database: Database) {
        let version = database.dataVersion
        last.withLock { $0 = (version, facts) }
    }
}

extension Database {
    /// A number that differs once anybody has committed something, this connection among them; brought up to date by the beginning of
    /// a transaction. Source: `SQLITE_FCNTL_DATA_VERSION`.
    fileprivate var dataVersion: UInt32 {
        var version: UInt32 = 0
        sqlite3_file_control(sqliteConnection, "main", SQLITE_FCNTL_DATA_VERSION, &version)
        return version
    }
}
