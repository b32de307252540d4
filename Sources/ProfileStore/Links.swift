public import Causality
internal import GRDB
public import ProfileModel

extension FieldValue {
    /// What a link's register `same` holds.
    public static let linkYes: [UInt8] = FieldValue.bytes(text: "yes")
    public static let linkNo: [UInt8] = FieldValue.bytes(text: "no")
}

/// A link as it is read: its two records and what is said of them.
struct LinkReading {
    let id: RowID
    let pair: RecordPair
    let reading: CellReading

    /// What counts; nil where nothing is said.
    var verdict: LinkVerdict? { reading.verdict(on: pair, yes: FieldValue.linkYes) }

    /// What people say.
    var people: [Candidate] { reading.candidates.filter(\.write.isPerson) }
}

extension StoreReader {
    /// The id of the link between two records.
    public func linkID(_ pair: RecordPair) throws -> RowID { try naturalID("link", "\(pair.first)|\(pair.second)") }

    /// The links that touch these records, and those that they reach; a link that says nothing, such as a proposal, leads nowhere.
    func linkReadings(around records: some Sequence<RowID>) throws -> [LinkReading] {
        var seen: [RowID: LinkReading] = [:]
        var visited = Set<RowID>(), next = Set(records)
        while let record = next.popFirst() {
            guard visited.insert(record).inserted else { continue }
            for row in try links(of: record) where seen[row.id] == nil {
                guard let link = try linkReading(row), link.verdict != nil else { continue }
                seen[row.id] = link
                next.formUnion([link.pair.first, link.pair.second].filter { !visited.contains($0) })
            }
        }
        return Array(seen.values)
    }

    /// What the links that touch these records, and those that they reach, say.
    func verdicts(around records: some Sequence<RowID>) throws -> [LinkVerdict] {
        try linkReadings(around: records).compactMap(\.verdict)
    }

    /// The link rows that name a record.
    public func links(of record: RowID) throws -> [StoredRow] { try rowsBetween(.link, naming: record) }

    /// The rows of a kind between two customers that name a record, first those that name it first.
    func rowsBetween(_ kind: RowKind, naming record: RowID) throws -> [StoredRow] {
        guard try mayHold(kind) else { return [] }
        return try ["owner", "other"].flatMap { column in
            try rows(.items, where: "\(column) = ?1 AND kind = ?2") {
                $0.bind(1, id: record)
                $0.bind(2, Int64(bitPattern: kind.rawValue))
            }
        }
    }

    /// A link row as it is read; nil where it names no records.
    func linkReading(_ row: StoredRow) throws -> LinkReading? { try linkReading(row.state, id: row.id) }

    func linkReading(_ state: RowState, id: RowID) throws -> LinkReading? {
        func record(_ field: FieldID) -> RowID? {
            (state.cells[CellKey(field: field.rawValue)]?.last?.value).flatMap { UniqueID(FieldValue.plainText(of: $0)) }
        }
        guard let first = record(.first), let second = record(.second) else { return nil }
        let reading = CellReading(
            CellKey(field: FieldID.same.rawValue), of: [Member(record: id, state: state)], key: try node().key)
        return LinkReading(id: id, pair: RecordPair(first, second), reading: reading)
    }

    /// What one link says; nil where it says nothing.
    public func verdict(_ row: StoredRow) throws -> LinkVerdict? { try linkReading(row)?.verdict }

    func partition(around records: RowID...) throws -> ProfilePartition { ProfilePartition(try verdicts(around: records)) }

    /// The records of a profile by what links say, present here or not, in order.
    public func linkedMembers(of record: RowID) throws -> [RowID] { try partition(around: record)[record] }
}

extension StoreReader {
    /// What all links around these records say.
    public func verdicts(aroundMembers records: [RowID]) throws -> [LinkVerdict] { try verdicts(around: records) }
}
