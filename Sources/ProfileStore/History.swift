public import Causality
internal import Foundation
internal import GRDB
internal import ProfileModel

/// What this node saw happen to one cell: a write, and the writes that it replaced.
public struct HistoryEntry: Sendable {
    public let record: RowID
    public let cell: CellKey
    public let operation: OperationID
    /// When this node saw it.
    public let at: Stamp
    /// Nil where something was only removed.
    public let added: Write?
    public let replaced: [Write]
    /// Its place in this node's history.
    var ordinal: Int64 = 0

    public init(record: RowID, cell: CellKey, operation: OperationID, at: Stamp, added: Write?, replaced: [Write]) {
        self.record = record
        self.cell = cell
        self.operation = operation
        self.at = at
        self.added = added
        self.replaced = replaced
    }
}

extension StoreWriter {
    /// Keeps what a change did, for people to look at and for undo.
    public func remember(_ change: CellChange, of record: RowID, operation: OperationID, at: Stamp) throws {
        let statement = try RawStatement(
            database, sql: "INSERT INTO history (record, field, element, operation, at, added, replaced) VALUES (?, ?, ?, ?, ?, ?, ?)")
        statement.bind(1, id: record)
        statement.bind(2, Int64(bitPattern: change.cell.field))
        statement.bind(3, blob: change.cell.element)
        statement.bind(4, id: operation)
        statement.bind(5, at.rawValue)
        if let added = change.added { statement.bind(6, blob: try encoded([added])) }
        if !change.replaced.isEmpty { statement.bind(7, blob: try encoded(change.replaced)) }
        try statement.run()
        operationLog.noteHistory(database.lastInsertedRowID)
    }

    /// Keeps what a join with a neighbour's row changed here.
    func remember(from old: CompactRow, to new: CompactRow, of record: RowID, at: Stamp) throws {
        for (cell, before, after) in CompactRow.differences(from: old, to: new) {
            var replaced = before.filter { !after.contains($0) }
            let added = after.filter { !before.contains($0) }
            if added.isEmpty {
                try remember(CellChange(cell: cell, added: nil, replaced: replaced), of: record, operation: UniqueID(high: 0, low: 0), at: at)
            }
            for write in added {
                try remember(CellChange(cell: cell, added: write, replaced: replaced), of: record, operation: write.header.operation, at: at)
                replaced = []
            }
        }
    }

    private func encoded(_ writes: [Write]) throws -> [UInt8] {
        var out = RowBytes()
        try CellsBlob.append(writes, to: &out, headers: store.headers, in: database)
        return out.bytes
    }
}

extension StoreReader {
    /// What this node saw replaced in a record, oldest first.
    public func history(of record: RowID) throws -> [HistoryEntry] {
        try history(where: "record = ?", [record.data])
    }

    /// What an operation of this node did, cell by cell, oldest first.
    ///
    /// - Complexity: linear in what was written here between the operation's first change and its last.
    public func history(ofOperation operation: OperationID) throws -> [HistoryEntry] {
        try history(where: """
            operation = ?1 AND ordinal BETWEEN (SELECT history_first FROM operations WHERE ordinal = ?2)
                AND (SELECT history_last FROM operations WHERE ordinal = ?2)
            """, [operation.data, firstHeader(of: operation)])
    }

    /// What this node saw since a moment, oldest first.
    public func history(since: Stamp, limit: Int) throws -> [HistoryEntry] {
        try history(where: "at >= ?", [since.rawValue], limit: limit)
    }

    /// What happened to the cell of an entry after it, oldest first.
    public func history(after entry: HistoryEntry) throws -> [HistoryEntry] {
        try history(
            where: "record = ? AND ordinal > ? AND field = ? AND element = ?",
            [entry.record.data, entry.ordinal, Int64(bitPattern: entry.cell.field), entry.cell.element.data])
    }

    private func history(where condition: String, _ arguments: StatementArguments, limit: Int = -1) throws -> [HistoryEntry] {
        let rows = try Row.fetchAll(
            database, sql: "SELECT * FROM (SELECT * FROM history WHERE \(condition) ORDER BY ordinal DESC LIMIT \(limit)) ORDER BY ordinal",
            arguments: arguments)
        return try rows.map { row in
            var entry = HistoryEntry(
                record: try row.id("record"),
                cell: CellKey(field: StoreReader.unsigned(row["field"]), element: row.bytes("element") ?? []),
                operation: try row.id("operation"), at: Stamp(rawValue: row["at"]),
                added: try writes(row.bytes("added")).first, replaced: try writes(row.bytes("replaced")))
            entry.ordinal = row["ordinal"]
            return entry
        }
    }

    private func writes(_ blob: [UInt8]?) throws -> [Write] {
        guard let blob else { return [] }
        return try blob.withUnsafeBytes { bytes in
            var reader = RowBytes.Reader(bytes)
            return try CellsBlob.writes(&reader, headers: store.headers, in: database)
        }
    }
}
