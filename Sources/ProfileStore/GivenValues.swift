public import Causality
internal import GRDB
internal import ProfileModel

/// A value as a table gave it, where its standard form is written otherwise; kept on the node that imported it.
public struct GivenValue: Sendable {
    public let cell: CellKey
    public let operation: OperationID
    public let raw: String
}

extension StoreWriter {
    /// Keeps what a cell was given as.
    public func keep(given raw: String, in cell: CellKey, of record: RowID, by header: Header) throws {
        let ordinal = try store.headers.ordinal(of: .init(origin: node().origin, header: header), in: database)
        try database.run(
            "INSERT OR REPLACE INTO given_values (record, field, element, header, raw) VALUES (?, ?, ?, ?, ?)",
            [record.data, Int64(bitPattern: cell.field), cell.element.data, ordinal, raw])
    }

    /// Forgets what a record's values were given as.
    func forgetGiven(of record: RowID) throws { try database.run("DELETE FROM given_values WHERE record = ?", [record.data]) }
}

extension StoreReader {
    /// What a record's values were given as, where that was otherwise.
    public func given(of record: RowID) throws -> [GivenValue] {
        try database.all("""
            SELECT g.field, g.element, g.raw, h.operation FROM given_values AS g JOIN headers AS h ON h.ordinal = g.header
            WHERE g.record = ? ORDER BY g.header, g.field
            """, [record.data]
        ).map { row in
            GivenValue(
                cell: CellKey(field: StoreReader.unsigned(row["field"]), element: row.bytes("element") ?? []), operation: try row.id("operation"),
                raw: row["raw"])
        }
    }
}
