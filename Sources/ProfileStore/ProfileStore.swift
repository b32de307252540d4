public import Causality
internal import CSQLiteOptions
internal import Foundation
internal import GRDB
internal import GRDBSQLite
public import NodeEnvironment
internal import ProfileModel
internal import Synchronization

/// The profiles that one node holds, in one SQLite file: rows, their feed, search, history.
///
/// Several processes may use a store at once; each holds the write lock while it commits or checkpoints.
/// - Durability: a write transaction is on disk when it returns (`synchronous=FULL`).
public final class ProfileStore: Sendable {
    /// The folder that holds the store.
    public let home: String
    /// The database file, for other readers.
    public let path: String
    public let environment: any NodeEnvironment
    /// Gone before the connection whose statements it keeps.
    private let memory = WriterMemory()
    let pool: DatabasePool
    let lock: WriteLock
    let headers = HeaderTable()
    private let log = LogLength()
    private let knownPlace = Mutex<(file: FileNumber?, place: MachineIdentity)?>(nil)
    let lifeListeners = LifeListeners()

    /// What `create` needs to know of the new node.
    public struct Founding: Sendable {
        public var deployment: UniqueID
        public var key: HashKey
        public var node: RowID
        public var name: String
        public var author: String?
        public var scopes: [String]

        public init(deployment: UniqueID, key: HashKey, node: RowID, name: String, author: String?, scopes: [String]) {
            self.deployment = deployment
            self.key = key
            self.node = node
            self.name = name
            self.author = author
            self.scopes = scopes
        }
    }

    /// Makes a new store in a folder, which is made where it is absent.
    ///
    /// - Throws: `store.exists` where there is one already.
    public static func create(at home: String, founding: Founding, environment: any NodeEnvironment = SystemEnvironment()) throws -> ProfileStore {
        do {
            try FileManager.default.createDirectory(
                atPath: home, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw StoreError("store.cannot-create", ["path": home], retry: .afterSomeoneActs)
        }
        let store = try ProfileStore(home: home, environment: environment, founding: founding)
        chmod(store.path, 0o600)
        return store
    }

    /// Opens the store in a folder, bringing it to this version's form.
    ///
    /// - Throws: `store.missing`, `store.schema-too-new` (the store is left untouched), `store.damaged`, `store.busy`.
    public static func open(at home: String, environment: any NodeEnvironment = SystemEnvironment()) throws -> ProfileStore {
        guard FileManager.default.fileExists(atPath: databasePath(home)) else { throw StoreError.missing(home) }
        return try ProfileStore(home: home, environment: environment, founding: nil)
    }

    private static func databasePath(_ home: String) -> String { home + "/limn.sqlite" }

    private init(home: String, environment: any NodeEnvironment, founding: Founding?) throws {
        self.home = home
        self.environment = environment
        path = ProfileStore.databasePath(home)
        _ = ProfileStore.isPrepared
        if FileManager.default.fileExists(atPath: path) { try Migrations.refuseNewer(path: path) }
        lock = try WriteLock(path: home + "/limn.lock")
        do {
            let path = path
            let log = log
            pool = try lock.withLock { try ProfileStore.openPool(path: path, log: log) }
            if let founding {
                try write(isFounding: true) { writer in
                    if try writer.database.tableExists("node") { throw StoreError("store.exists", ["home": home]) }
                    try Migrations.run(writer.database)
                    try writer.found(founding)
                }
            } else if try pool.read(Migrations.isBehind) {
                // A file without tables is a store whose making was cut off.
                guard try pool.read({ try $0.tableExists("node") }) else { throw StoreError.missing(home) }
                try write(isFounding: true) { writer in
                    try Migrations.run(writer.database)
                    try writer.deriveAnew()
                }
            }
        } catch { throw StoreError.from(error, path: path) }
    }

    /// Whether SQLite took the options of the whole process: once, before anything is opened.
    private static let isPrepared = limn_sqlite_without_statistics() == SQLITE_OK

    /// What a connection keeps of the file in memory: enough for the pages that a slice of an import changes, and the same
    /// however large the store is.
    private static let writerCacheKibibytes = 24 << 10, readerCacheKibibytes = 4 << 10

    private static func openPool(path: String, log: LogLength) throws -> DatabasePool {
        var configuration = Configuration()
        configuration.busyMode = .timeout(30)
        configuration.maximumReaderCount = 4
        configuration.label = "limn"
        configuration.prepareDatabase { database in
            QueryFunctions.register(in: database)
            _ = limn_sqlite_no_checkpoint_on_close(UnsafeMutableRawPointer(database.sqliteConnection))
            try database.execute(sql: """
                PRAGMA wal_autocheckpoint = 0;
                PRAGMA journal_size_limit = \(logBytesKept);
                PRAGMA secure_delete = ON;
                PRAGMA temp_store = MEMORY;
                PRAGMA cache_size = \(database.configuration.readonly ? -readerCacheKibibytes : -writerCacheKibibytes);
                PRAGMA mmap_size = 0;
                """)
            if !database.configuration.readonly { log.follow(database) }
        }
        let pool = try DatabasePool(path: path, configuration: configuration)
        try pool.writeWithoutTransaction { database in
            let code = limn_sqlite_flush_each_commit(UnsafeMutableRawPointer(database.sqliteConnection))
            guard code == SQLITE_OK else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
        }
        return pool
    }

    /// Where the store stands now. Its path is resolved once for each file that lies there.
    var place: MachineIdentity {
        if let name = environment.storePlace { return MachineIdentity(named: name) }
        let file = FileNumber(path: path)
        return knownPlace.withLock { known in
            if let known, known.file == file { return known.place }
            let place = MachineIdentity(path: path)
            known = (file, place)
            return place
        }
    }

    /// What other nodes are told of the machine.
    var machineName: String { environment.storePlace ?? MachineIdentity.machineName }

    // MARK: Access

    /// Reads from one snapshot of the store.
    public func read<T>(_ body: (StoreReader) throws -> T) throws -> T {
        do {
            return try pool.read { try body(StoreReader(database: $0, store: self)) }
        } catch { throw StoreError.from(error, path: path) }
    }

    /// Changes the store in one transaction: all that `body` does, or nothing.
    ///
    /// - Durability: on disk when it returns.
    /// - Throws: what `body` throws; `store.busy`, `store.full`, `store.read-only`.
    public func write<T>(_ body: (StoreWriter) throws -> T) throws -> T {
        do { return try write(isFounding: false, body) } catch { throw StoreError.from(error, path: path) }
    }

    private func write<T>(isFounding: Bool, _ body: (StoreWriter) throws -> T) throws -> T {
        try pool.writeWithoutTransaction { database in
            try lock.withLock {
                var result: T?
                var begun: [StoreLife] = []
                var finished: StoreWriter?
                do {
                    try database.inWriteTransaction {
                        let facts = isFounding ? StoreFacts() : memory.takeFacts(database)
                        let writer = StoreWriter(database: database, store: self, knowing: facts, memory.takeTables())
                        headers.begin()
                        if !isFounding, try writer.begin() { begun = try writer.lives() }
                        result = try body(writer)
                        try writer.finish()
                        finished = writer
                    }
                    if let finished, !isFounding { memory.keep(finished.facts, finished.tables, database) }
                    try finished?.tellWitness()
                } catch {
                    headers.invalidate()
                    throw error
                }
                checkpointIfLong(database)
                lifeListeners.tell(begun)
                return result!
            }
        }
    }

    /// Begins a new life, wherever the store stood before.
    func beginLife(_ reason: StoreLife.Reason) throws {
        do { try write(isFounding: true) { try $0.beginLife(reason) } } catch { throw StoreError.from(error, path: path) }
    }

    /// A log that begins again is cut to this. It is longer than a log gets between single writes, so that these write over
    /// what the file holds: to make a file longer costs the disk half as much again.
    private static let logBytesKept = 16 << 20

    /// Copies the log into the store where it is long, and begins it again.
    ///
    /// SQLite begins a copied log again with the next commit. Without one here, a process that opens the store later would
    /// not know that the log was copied, and do it once more.
    private func checkpointIfLong(_ database: Database, pagesMaximum: Int = LogLength.pagesMaximum) {
        guard log.isCopyDue(beyond: pagesMaximum), checkpoint(database, mode: SQLITE_CHECKPOINT_PASSIVE) else { return }
        // It changes nothing, and writes the first page all the same.
        try? database.execute(sql: "PRAGMA user_version = \(Migrations.newest)")
    }

    /// Whether the whole log was copied.
    private func checkpoint(_ database: Database, mode: Int32) -> Bool {
        sqlite3_busy_timeout(database.sqliteConnection, 20)
        defer { sqlite3_busy_timeout(database.sqliteConnection, 30_000) }
        var pages: Int32 = 0, copied: Int32 = -1
        let code = sqlite3_wal_checkpoint_v2(database.sqliteConnection, nil, mode, &pages, &copied)
        return code == SQLITE_OK && pages == copied
    }

    /// Copies the log into the store where it is half as long as it may get: for whoever has changed many rows, so that small
    /// changes that follow need not.
    public func shortenLog() throws {
        try pool.writeWithoutTransaction { database in
            try lock.withLock { checkpointIfLong(database, pagesMaximum: LogLength.pagesMaximum / 2) }
        }
    }

    /// Copies the whole log into the store and empties it; whether readers allowed it.
    @discardableResult
    public func truncateLog() throws -> Bool {
        try pool.writeWithoutTransaction { database in
            try lock.withLock { checkpoint(database, mode: SQLITE_CHECKPOINT_TRUNCATE) }
        }
    }
}
