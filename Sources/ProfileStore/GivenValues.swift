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
        let header = try store.headers.ordinal(of: .init(origin: nodeOrigin, header: header), in: database)
        // A page holds a customer once, and by one header.
        guard let made = ordinalIfJustMade(record), made > lastGiven || givenPage?.header == header else {
            return try database.run(
                "INSERT OR REPLACE INTO given_values (record, field, element, header, raw) VALUES (?, ?, ?, ?, ?)",
                [record.data, Int64(bitPattern: cell.field), cell.element.data, header, raw])
        }
        if let page = givenPage, made > lastGiven, page.header != header || page.isFull { try settleGiven() }
        if givenPage == nil { givenPage = GivenPage(first: made, header: header) }
        givenPage!.append(raw, in: cell, of: made)
        lastGiven = made
    }

    /// Writes the page that is being filled.
    func settleGiven() throws {
        guard let page = givenPage else { return }
        givenPage = nil
        try write(page)
    }

    private func write(_ page: GivenPage) throws {
        let statement = try RawStatement(database, sql: "INSERT OR REPLACE INTO given_pages (first, header, entries) VALUES (?, ?, ?)")
        statement.bind(1, page.first)
        statement.bind(2, page.header)
        statement.bind(3, blob: page.bytes)
        try statement.run()
    }

    /// Forgets what a customer's values were given as.
    func forgetGiven(of row: StoredRow) throws {
        try database.run("DELETE FROM given_values WHERE record = ?", [row.id.data])
        try settleGiven()
        guard let (first, header, entries) = try givenPage(with: row.ordinal) else { return }
        let others = entries.filter { $0.customer != row.ordinal }
        if others.count == entries.count { return }
        if others.isEmpty { return try database.run("DELETE FROM given_pages WHERE first = ?", [first]) }
        var page = GivenPage(first: first, header: header)
        for entry in others { page.append(entry.raw, in: entry.cell, of: entry.customer) }
        try write(page)
    }
}

extension StoreReader {
    /// What a record's values were given as, where that was otherwise.
    public func given(of record: RowID) throws -> [GivenValue] {
        try givenWhenMade(record) + database.all("""
            SELECT g.field, g.element, g.raw, h.operation FROM given_values AS g JOIN headers AS h ON h.ordinal = g.header
            WHERE g.record = ? ORDER BY g.header, g.field
            """, [record.data]
        ).map { row in
            GivenValue(
                cell: CellKey(field: StoreReader.unsigned(row["field"]), element: row.bytes("element") ?? []), operation: try row.id("operation"),
                raw: row["raw"])
        }
    }

    private func givenWhenMade(_ record: RowID) throws -> [GivenValue] {
        guard let ordinal = try row(record, like: .person)?.ordinal, let (_, header, entries) = try givenPage(with: ordinal) else { return [] }
        let operation = try store.headers.entry(header, in: database).header.operation
        return entries.filter { $0.customer == ordinal }.map { GivenValue(cell: $0.cell, operation: operation, raw: $0.raw) }
    }

    /// The page in which a customer is, where an import made it.
    fileprivate func givenPage(with ordinal: Int64) throws -> (first: Int64, header: Int64, entries: [GivenPage.Entry])? {
        let search = try RawStatement(
            database, sql: "SELECT first, header, entries FROM given_pages WHERE first <= ? ORDER BY first DESC LIMIT 1")
        defer { search.reset() }
        search.bind(1, ordinal)
        guard try search.step() else { return nil }
        let first = search.int64(0)
        return (first, search.int64(1), try GivenPage.entries(search.bytes(2), first: first))
    }
}
