internal import Causality
internal import GRDB
internal import GRDBSQLite
internal import ProfileModel

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
    /// Whether any row was erased for ever.
    var isAnyErased: Bool?
    /// By systems the kinds of records of which it is known whether anything was said to belong to one.
    var namedKinds: [String: [String: Bool]] = [:]
    /// At most so many customers are not in the search index.
    var unindexedMaximum: Int?
}

/// What the writing connection hands from one transaction to the next; only its write queue reaches it.
///
/// Whoever takes something hands it on after the commit: what a transaction left that failed is gone.
final class WriterMemory: @unchecked Sendable {
    private var facts: (version: UInt32, known: StoreFacts)?
    private var tables = RowTables()

    /// What is known of the store: nothing where anybody else has written there since.
    func takeFacts(_ database: Database) -> StoreFacts {
        defer { facts = nil }
        return facts.flatMap { $0.version == database.dataVersion ? $0.known : nil } ?? StoreFacts()
    }

    /// The statements that read and write rows.
    func takeTables() -> RowTables {
        defer { tables = RowTables() }
        return tables
    }

    /// Keeps both, once the transaction is committed.
    func keep(_ known: StoreFacts, _ tables: RowTables, _ database: Database) {
        facts = (database.dataVersion, known)
        self.tables = tables
    }
}

/// The tables of rows whose statements were prepared.
struct RowTables {
    var customers: RowTable?
    var items: RowTable?
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
