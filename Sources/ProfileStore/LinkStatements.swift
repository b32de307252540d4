public import Causality
internal import GRDB
public import ProfileModel

/// All that one link row says.
public struct LinkStatement: Sendable {
    /// The link's row.
    public let id: RowID
    public let pair: RecordPair
    /// What counts of what is said; nil where nothing is: the linker only proposes.
    public let verdict: LinkVerdict?
    /// When a person last spoke of the two; nil where none has.
    public let decidedAt: Stamp?
    /// Why the linker takes them for one customer: a JSON document; nil where it gave no reason, or took it back.
    public let evidence: String?
}

extension StoreReader {
    /// All links of the store, in the order of their making here.
    ///
    /// - Complexity: linear in the links.
    public func linkStatements() throws -> [LinkStatement] {
        try items(.link).compactMap { try linkStatement($0) }
    }

    /// The links of records, and of all that links say to be one with them.
    ///
    /// - Complexity: linear in what is returned.
    public func linkStatements(reaching records: some Sequence<RowID>) throws -> [LinkStatement] {
        var found: [RowID: LinkStatement] = [:], waiting = Array(records), seen = Set(waiting)
        while let record = waiting.popLast() {
            for column in ["owner", "other"] {
                let links = try rows(.items, where: "\(column) = ?1 AND kind = ?2") {
                    $0.bind(1, blob: record.bytes)
                    $0.bind(2, Int64(bitPattern: RowKind.link.rawValue))
                }
                for row in links where found[row.id] == nil {
                    guard let statement = try linkStatement(row) else { continue }
                    found[row.id] = statement
                    guard statement.verdict?.isSame == true else { continue }
                    for next in [statement.pair.first, statement.pair.second] where seen.insert(next).inserted { waiting.append(next) }
                }
            }
        }
        return found.values.sorted { $0.id < $1.id }
    }

    /// On how many of the links that changed after a feed number people have decided.
    ///
    /// - Complexity: linear in what changed.
    public func decidedLinkCount(changedAfter feed: UInt64) throws -> Int {
        try rows(.items, where: "feed > ?1 AND kind = ?2") {
            $0.bind(1, Int64(bitPattern: feed))
            $0.bind(2, Int64(bitPattern: RowKind.link.rawValue))
        }.count { try linkStatement($0)?.decidedAt != nil }
    }

    /// What a link row says; nil where it names no records.
    public func linkStatement(_ row: StoredRow) throws -> LinkStatement? { try linkStatement(row.state, id: row.id) }

    func linkStatement(_ state: RowState, id: RowID) throws -> LinkStatement? {
        guard let link = try linkReading(state, id: id) else { return nil }
        let reading = CellReading(CellKey(field: FieldID.content.rawValue), of: [Member(record: id, state: state)], key: try node().key)
        return LinkStatement(
            id: id, pair: link.pair, verdict: link.verdict,
            decidedAt: link.people.map(\.write.header.stamp).max(),
            evidence: reading.latest?.write.value.map { FieldValue.plainText(of: $0) })
    }

    /// Whether a customer is here and not deleted.
    public func isLiving(_ record: RowID) throws -> Bool {
        guard let row = try row(record, like: .person) else { return false }
        return row.life == 0 || row.life == 2
    }

    /// The living customers of a kind behind a record, in the order of their ids.
    ///
    /// - Returns: at most `limit` rows; fewer at the end.
    public func livingCustomers(_ kind: RowKind, after last: RowID?, limit: Int) throws -> [StoredRow] {
        try rows(.customers, where: "id > ?1 AND kind = ?2 AND life IN (0, 2) ORDER BY id LIMIT ?3") {
            $0.bind(1, blob: last?.bytes ?? [])
            $0.bind(2, Int64(bitPattern: kind.rawValue))
            $0.bind(3, Int64(limit))
        }
    }

    /// The living customers of a kind that have this number of an authority, in the order of their ids; at most `limit`.
    ///
    /// - Parameter field: one whose column is indexed: `national_id` or `credit_code`.
    public func livingCustomers(_ kind: RowKind, with number: String, in field: String, limit: Int) throws -> [RowID] {
        try Row.fetchAll(
            database, sql: "SELECT id FROM customer_rows WHERE \"\(field)\" = ? AND kind = ? AND life IN (0, 2) ORDER BY id LIMIT ?",
            arguments: [number, Int64(bitPattern: kind.rawValue), limit]).map { try $0.id("id") }
    }

    /// How many living records of a kind there are.
    public func livingCustomerCount(_ kind: RowKind) throws -> Int {
        try Int.fetchOne(
            database, sql: "SELECT count(*) FROM customer_rows WHERE kind = ? AND life IN (0, 2)",
            arguments: [Int64(bitPattern: kind.rawValue)]) ?? 0
    }
}
