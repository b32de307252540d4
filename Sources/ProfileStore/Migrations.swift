internal import Foundation
internal import GRDB
internal import GRDBSQLite
internal import ProfileModel

/// The forms of a store: append-only SQL, embedded, each run once.
enum Migrations {
    /// The files of `schema/migrations` in their order; a store's form is how many have run.
    static let names = (1...14).map { "migrations/\(String(10_000 + $0).dropFirst()).sql" }

    static var newest: Int { names.count }

    /// Refuses a store of a newer form before anything opens it for writing.
    ///
    /// SQLite reads the file alone, and makes nothing beside it. Nothing else may open the file: closing it would drop the
    /// locks that this process holds on it.
    static func refuseNewer(path: String) throws {
        var connection: OpaquePointer?
        defer { sqlite3_close(connection) }
        let uri = URL(fileURLWithPath: path).absoluteString + "?immutable=1"
        guard sqlite3_open_v2(uri, &connection, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, nil) == SQLITE_OK else {
            throw StoreError("store.unreadable", ["path": path, "reason": "cannot be opened"], retry: .afterSomeoneActs)
        }
        var statement: OpaquePointer?
        defer { sqlite3_finalize(statement) }
        guard sqlite3_prepare_v2(connection, "PRAGMA user_version", -1, &statement, nil) == SQLITE_OK,
            sqlite3_step(statement) == SQLITE_ROW else {
            // The log may hold what the file does not: whoever opens both will tell what is wrong.
            return
        }
        let found = Int(sqlite3_column_int64(statement, 0))
        if found > newest { throw StoreError.schemaTooNew(found: found, known: newest) }
    }

    /// Whether a store has migrations to run.
    static func isBehind(_ database: Database) throws -> Bool {
        let found = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        if found > newest { throw StoreError.schemaTooNew(found: found, known: newest) }
        return found < newest
    }

    /// Brings a store to the newest form.
    static func run(_ database: Database) throws {
        guard try isBehind(database) else { return }
        let found = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        for name in names[found...] {
            guard let sql = EmbeddedFile.text(name) else { preconditionFailure("\(name) is embedded") }
            try database.execute(sql: sql)
        }
        try SearchIndex.createTable(in: database)
        guard let views = EmbeddedFile.text("views/views.sql") else { preconditionFailure("the views are embedded") }
        try database.execute(sql: views)
        try database.execute(sql: "PRAGMA user_version = \(newest)")
    }
}
