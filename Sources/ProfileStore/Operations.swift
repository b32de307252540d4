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

/// What a transaction has logged: operations are listed at its end, when it is known where in the history they stand.
struct OperationLog {
    struct Entry {
        let id: OperationID
        let author: String, command: String
        let message: String?
        let rows: Int
        let isBulk: Bool
    }

    var entries: [Entry] = []
    /// What the transaction has written into the history.
    var history: ClosedRange<Int64>?

    mutating func noteHistory(_ ordinal: Int64) { history = (history?.lowerBound ?? ordinal)...ordinal }
}

extension StoreWriter {
    /// Begins an operation whose id was made just now: nothing is sought that was written under it before.
    package func begin(_ operation: OperationID) { store.headers.begin(operation) }

    /// Lists an operation, or adds to its rows where it commits in several slices.
    public func log(_ id: OperationID, author: String, command: String, message: String? = nil, rows: Int, isBulk: Bool = false) throws {
        operationLog.entries.append(.init(id: id, author: author, command: command, message: message, rows: rows, isBulk: isBulk))
    }

    /// Lists what was logged; called before the transaction commits.
    func settleOperations() throws {
        let log = operationLog
        operationLog = OperationLog()
        for entry in log.entries {
            let insert = try RawStatement(database, sql: """
                INSERT INTO operations (ordinal, id, at, author, command, message, rows, bulk, history_first, history_last)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (ordinal) DO UPDATE SET rows = rows + excluded.rows,
                    history_first = coalesce(history_first, excluded.history_first),
                    history_last = coalesce(excluded.history_last, history_last)
                """)
            insert.bind(1, try firstHeader(of: entry))
            insert.bind(2, id: entry.id)
            insert.bind(3, environment.now().rawValue)
            insert.bind(4, text: entry.author)
            insert.bind(5, text: entry.command)
            if let message = entry.message { insert.bind(6, text: message) }
            insert.bind(7, Int64(entry.rows))
            insert.bind(8, entry.isBulk ? 1 : 0)
            insert.bind(9, log.history?.lowerBound)
            insert.bind(10, log.history?.upperBound)
            try insert.run()
        }
    }

    /// The number of the first header that an operation wrote under; a header of its own where it only took writes away.
    private func firstHeader(of entry: OperationLog.Entry) throws -> Int64 {
        if let known = try store.headers.first(of: entry.id) ?? firstHeader(of: entry.id) { return known }
        let header = Header(stamp: environment.now(), author: entry.author, source: nil, operation: entry.id)
        return try store.headers.ordinal(of: .init(origin: node().origin, header: header), in: database)
    }

    /// Marks an operation as undone by another, or as standing again.
    public func mark(_ operation: OperationID, undoneBy undo: OperationID?) throws {
        try database.execute(sql: "UPDATE operations SET undone_by = ? WHERE ordinal = ?", arguments: [undo?.data, try firstHeader(of: operation)])
    }
}

extension StoreReader {
    /// The operations of this node, newest first.
    public func operations(limit: Int = -1) throws -> [LoggedOperation] {
        try Row.fetchAll(database, sql: "SELECT * FROM operations ORDER BY ordinal DESC LIMIT ?", arguments: [limit]).map(StoreReader.operation)
    }

    /// The operation with this id.
    public func operation(_ id: OperationID) throws -> LoggedOperation? {
        try Row.fetchOne(database, sql: "SELECT * FROM operations WHERE ordinal = ?", arguments: [firstHeader(of: id)]).map(StoreReader.operation)
    }

    /// The number of the first header under which an operation wrote.
    func firstHeader(of operation: OperationID) throws -> Int64? {
        let statement = try RawStatement(database, sql: "SELECT min(ordinal) FROM headers WHERE operation = ?")
        statement.bind(1, id: operation)
        defer { statement.reset() }
        return try statement.step() ? statement.optionalInt64(0) : nil
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
