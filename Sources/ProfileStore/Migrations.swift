internal import Foundation
internal import GRDB
internal import ProfileModel

/// The forms of a store: append-only SQL, embedded, each run once.
enum Migrations {
    /// The files of `schema/migrations` in their order; a store's form is how many have run.
    static let names = ["migrations/0001.sql"]

    static var newest: Int { names.count }

    /// Refuses a store of a newer form before anything opens it for writing.
    static func refuseNewer(path: String) throws {
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw StoreError("store.unreadable", ["path": path, "reason": "cannot be opened"], retry: .afterSomeoneActs)
        }
        defer { try? file.close() }
        guard let head = try? file.read(upToCount: 100), head.count == 100, head.starts(with: Data("SQLite format 3\0".utf8)) else {
            // An empty file is a store whose making was cut off before its first commit reached the file.
            return
        }
        let version = head[60..<64].reduce(0) { $0 << 8 | Int($1) }
        if version > newest { throw StoreError.schemaTooNew(found: version, known: newest) }
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
