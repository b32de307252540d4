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
    /// The place in this node's history of what the operation did to the record.
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
    /// Keeps what an operation did to a record, for people to look at and for undo.
    public func remember(_ changes: [CellChange], of record: RowID, operation: OperationID, at: Stamp) throws {
        if changes.isEmpty { return }
        let statement = try RawStatement(database, sql: "INSERT INTO history (record, operation, at, changes) VALUES (?, ?, ?, ?)")
        statement.bind(1, id: record)
        statement.bind(2, id: operation)
        statement.bind(3, at.rawValue)
        statement.bind(4, blob: try encoded(changes))
        try statement.run()
        operationLog.noteHistory(database.lastInsertedRowID)
    }

    /// Keeps what a join with a neighbour's row changed here, by operations in the order of the cells.
    func remember(from old: CompactRow, to new: CompactRow, of record: RowID, at: Stamp) throws {
        var operations: [OperationID] = [], changes: [OperationID: [CellChange]] = [:]
        func note(_ change: CellChange) {
            // Nobody tells which operation removed what nothing replaces.
            let operation = change.added?.header.operation ?? UniqueID(high: 0, low: 0)
            if changes[operation] == nil { operations.append(operation) }
            changes[operation, default: []].append(change)
        }
        for (cell, before, after) in CompactRow.differences(from: old, to: new) {
            var replaced = before.filter { !after.contains($0) }
            let added = after.filter { !before.contains($0) }
            if added.isEmpty { note(CellChange(cell: cell, added: nil, replaced: replaced)) }
            for write in added {
                note(CellChange(cell: cell, added: write, replaced: replaced))
                replaced = []
            }
        }
        for operation in operations { try remember(changes[operation]!, of: record, operation: operation, at: at) }
    }

    /// Of each change the field, the element, the write that was added and those that it replaced.
    private func encoded(_ changes: [CellChange]) throws -> [UInt8] {
        var out = RowBytes()
        out.reserveCapacity(64 * changes.count)
        for change in changes {
            out.append(change.cell.field)
            out.append(change.cell.element)
            if let added = change.added {
                try CellsBlob.append(CollectionOfOne(added), to: &out, headers: store.headers, in: database)
            } else {
                out.append(0)
            }
            try CellsBlob.append(change.replaced, to: &out, headers: store.headers, in: database)
        }
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
    /// - Parameters:
    ///   - entry: nothing that came with it or later.
    ///   - limit: of the rows that it changed so many, the latest.
    /// - Complexity: linear in what was written here between the operation's first change and its last, or, with a limit, in what is read.
    public func history(ofOperation operation: OperationID, before entry: HistoryEntry? = nil, limit: Int = -1) throws -> [HistoryEntry] {
        try history(where: """
            operation = ?1 AND ordinal BETWEEN (SELECT history_first FROM operations WHERE ordinal = ?2)
                AND min((SELECT history_last FROM operations WHERE ordinal = ?2), ?3)
            """, [operation.data, firstHeader(of: operation), (entry?.ordinal).map { $0 - 1 } ?? .max], limit: limit)
    }

    /// What this node saw since a moment, oldest first; of more than `limit` the latest.
    public func history(since: Stamp, limit: Int) throws -> [HistoryEntry] {
        let entries = try history(where: "at >= ?", [since.rawValue], limit: limit)
        return limit < 0 ? entries : entries.suffix(limit)
    }

    /// What later operations did to the cell of an entry, oldest first.
    public func history(after entry: HistoryEntry) throws -> [HistoryEntry] {
        try history(where: "record = ? AND ordinal > ?", [entry.record.data, entry.ordinal]).filter { $0.cell == entry.cell }
    }

    /// - Parameter limit: of the rows that match so many, the latest.
    private func history(where condition: String, _ arguments: StatementArguments, limit: Int = -1) throws -> [HistoryEntry] {
        let rows = try Row.fetchAll(
            database, sql: "SELECT * FROM (SELECT * FROM history WHERE \(condition) ORDER BY ordinal DESC LIMIT \(limit)) ORDER BY ordinal",
            arguments: arguments)
        return try rows.flatMap(entries)
    }

    private func entries(_ row: Row) throws -> [HistoryEntry] {
        let record = try row.id("record"), operation = try row.id("operation"), at = Stamp(rawValue: row["at"])
        return try (row.bytes("changes") ?? []).withUnsafeBytes { bytes in
            var reader = RowBytes.Reader(bytes), entries: [HistoryEntry] = []
            while !reader.isAtEnd {
                let cell = CellKey(field: try reader.number(), element: try reader.bytes())
                let added = try CellsBlob.writes(&reader, headers: store.headers, in: database).first
                var entry = HistoryEntry(
                    record: record, cell: cell, operation: operation, at: at, added: added,
                    replaced: try CellsBlob.writes(&reader, headers: store.headers, in: database))
                entry.ordinal = row["ordinal"]
                entries.append(entry)
            }
            return entries
        }
    }
}
