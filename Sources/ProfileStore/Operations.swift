public import Causality
internal import GRDB
internal import NodeEnvironment

/// All that one command did on this node.
public struct LoggedOperation: Sendable {
    public let id: OperationID
    public let at: Stamp
    public let author: String
    /// The command as it was given, without customers' data.
    public let command: String
    public let message: String?
    /// How many rows it changed.
    public let rows: Int
    /// Whether rows that it made are not in the history one by one.
    public let isBulk: Bool
    public let undoneBy: OperationID?
}

extension StoreWriter {
    /// Lists an operation, or adds to its rows where it commits in several slices.
    public func log(_ id: OperationID, author: String, command: String, message: String? = nil, rows: Int, isBulk: Bool = false) throws {
        try database.run(
            """
                INSERT INTO operations (id, at, author, command, message, rows, bulk) VALUES (?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET rows = rows + excluded.rows
                """,
            [id.data, environment.now().rawValue, author, command, message, rows, isBulk])
    }

    /// Marks an operation as undone by another, or as standing again.
    public func mark(_ operation: OperationID, undoneBy undo: OperationID?) throws {
        try database.execute(sql: "UPDATE operations SET undone_by = ? WHERE id = ?", arguments: [undo?.data, operation.data])
    }
}

extension StoreReader {
    /// The operations of this node, newest first.
    public func operations(limit: Int = -1) throws -> [LoggedOperation] {
        try Row.fetchAll(database, sql: "SELECT * FROM operations ORDER BY ordinal DESC LIMIT ?", arguments: [limit]).map(StoreReader.operation)
    }

    /// The operation with this id.
    public func operation(_ id: OperationID) throws -> LoggedOperation? {
        try Row.fetchOne(database, sql: "SELECT * FROM operations WHERE id = ?", arguments: [id.data]).map(StoreReader.operation)
    }

    private static func operation(_ row: Row) throws -> LoggedOperation {
        LoggedOperation(
            id: try row.id("id"), at: Stamp(rawValue: row["at"]), author: row["author"], command: row["command"],
            message: row["message"], rows: row["rows"], isBulk: row["bulk"],
            undoneBy: try row.optionalID("undone_by"))
    }

    /// The operations that an undo reversed.
    public func operations(undoneBy undo: OperationID) throws -> [OperationID] {
        try Row.fetchAll(database, sql: "SELECT id FROM operations WHERE undone_by = ?", arguments: [undo.data]).map { try $0.id("id") }
    }

    /// The rows whose cells hold writes of an operation: found by their base, or by a look into every exception.
    ///
    /// - Complexity: linear in the store; for operations whose rows are not in the history.
    public func rows(writtenBy operation: OperationID) throws -> [RowID] {
        let numbers = try Int64.fetchAll(database, sql: "SELECT ordinal FROM headers WHERE operation = ?", arguments: [operation.data])
        guard !numbers.isEmpty else { return [] }
        let list = numbers.map(String.init).joined(separator: ", ")
        var found: [RowID] = []
        for layout in [RowLayout.customers, RowLayout.items] {
            try forEachRow(layout, where: "base_header IN (\(list)) OR cells IS NOT NULL") { row in
                let holds = row.compact.base?.header.operation == operation
                    || row.compact.exceptions.contains { $0.writes.contains { $0.header.operation == operation } }
                if holds { found.append(row.id) }
            }
        }
        return found
    }
}
