internal import Causality
internal import Foundation
internal import GRDB
internal import ProfileModel

extension UniqueID {
    /// The sixteen bytes as the database binds them.
    var data: Data { Data(bytes) }
}

extension FieldID {
    /// Whether a value of the field names a customer in `FIELD:VALUE`.
    var isReference: Bool {
        guard let name = FieldCatalogue.standard[self]?.name else { return false }
        return name == "phone" || name == "email" || name == "code"
    }
}

extension [UInt8] {
    /// The bytes as the database binds them.
    var data: Data { Data(self) }
}

extension Database {
    /// Runs a statement that the connection keeps for the next time: for what every write does.
    func run(_ sql: String, _ arguments: StatementArguments = []) throws {
        try cachedStatement(sql: sql).execute(arguments: arguments)
    }

    /// Runs `body` in a transaction that may write from its beginning; it is undone where anything is thrown.
    ///
    /// GRDB's own would compile its first and its last statement anew each time.
    func inWriteTransaction(_ body: () throws -> Void) throws {
        try run("BEGIN IMMEDIATE")
        do {
            try body()
            try run("COMMIT")
        } catch {
            if isInsideTransaction { try? run("ROLLBACK") }
            throw error
        }
    }

    /// The first row of a query that the connection keeps for the next time.
    func first(_ sql: String, _ arguments: StatementArguments = []) throws -> Row? {
        try Row.fetchOne(cachedStatement(sql: sql), arguments: arguments)
    }

    /// All rows of a query that the connection keeps for the next time.
    func all(_ sql: String, _ arguments: StatementArguments = []) throws -> [Row] {
        try Row.fetchAll(cachedStatement(sql: sql), arguments: arguments)
    }

    /// Whether a query that the connection keeps for the next time finds anything.
    func holds(_ sql: String, _ numbers: [Int64] = []) throws -> Bool {
        let statement = try RawStatement(self, sql: sql)
        defer { statement.reset() }
        for (index, number) in numbers.enumerated() { statement.bind(Int32(index + 1), number) }
        return try statement.step()
    }
}

extension Row {
    /// A column's bytes.
    func bytes(_ column: String) -> [UInt8]? { (self[column] as Data?).map { [UInt8]($0) } }

    /// A column's sixteen bytes as an id.
    func id(_ column: String) throws -> UniqueID {
        guard let id = try optionalID(column) else { throw RowBytes.damaged(column) }
        return id
    }

    func optionalID(_ column: String) throws -> UniqueID? {
        guard let bytes = bytes(column) else { return nil }
        guard let id = UniqueID(bytes: bytes) else { throw RowBytes.damaged(column) }
        return id
    }
}
