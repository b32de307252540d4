public import Causality
internal import GRDB
public import ProfileModel

/// That a person belongs to an organization: a row that names both, and belongs to both as a link does.
///
/// Its register `life` says that it is so: living, or ended; where nothing is said there, it never was. `decision_role` and `title`
/// are the person's in that organization.
public struct Affiliation: Sendable {
    /// The row's id.
    public let id: RowID
    public let person: RowID
    public let organization: RowID
    /// What is said of whether it is so.
    public let life: CellReading
    public let role: CellReading
    public let title: CellReading
    /// Whether it has not ended, or that is contested.
    public let isLiving: Bool
    /// Whether one has ended it while another wrote in it.
    public let isContested: Bool

    /// A register as it is shown.
    public static func text(_ reading: CellReading) -> String? { reading.latest?.write.value.map { FieldValue.plainText(of: $0) } }

    private static let lifeCell = CellKey(field: FieldID.life.rawValue)

    /// 0 living, 1 ended, 2 contested, 3 never said.
    static func life(of state: RowState, id: RowID, key: HashKey) -> Int64 {
        let member = Member(record: id, state: state)
        if CellReading(lifeCell, of: [member], key: key).candidates.allSatisfy({ $0.write.value == nil }) { return 3 }
        return switch Life(of: member, cell: lifeCell, key: key) {
        case .living: 0
        case .deleted: 1
        case .conflict: 2
        }
    }

    init?(_ row: StoredRow, key: HashKey) { self.init(row.id, row.state, life: row.life, key: key) }

    /// - Parameter life: as the static `life` tells it.
    fileprivate init?(_ id: RowID, _ state: RowState, life: Int64, key: HashKey) {
        let member = Member(record: id, state: state)
        func reading(_ field: FieldID) -> CellReading { CellReading(CellKey(field: field.rawValue), of: [member], key: key) }
        func record(_ field: FieldID) -> RowID? { Affiliation.text(reading(field)).flatMap { UniqueID($0) } }
        guard let person = record(.first), let organization = record(.second) else { return nil }
        (self.id, self.person, self.organization) = (id, person, organization)
        (self.life, role, title) = (reading(.life), reading(.decisionRole), reading(.title))
        isLiving = life == 0 || life == 2
        isContested = life == 2
    }

    /// The registers that people and systems may say differently.
    public static let contestable: [FieldID] = [.life, .decisionRole, .title]

    /// The registers in which several things are said, with what kind of contest it is; none of what has ended.
    public var contested: [(field: FieldID, kind: ContestKind)] {
        if !isLiving { return [] }
        let texts = [(FieldID.decisionRole, role), (.title, title)].compactMap { field, reading in ContestKind(reading).map { (field, $0) } }
        return (isContested ? [(.life, .deleteEdit)] : []) + texts
    }
}

extension StoreReader {
    /// The id of the row that says that a person belongs to an organization.
    public func affiliationID(of person: RowID, in organization: RowID) throws -> RowID {
        try naturalID("affiliation", "\(person)|\(organization)")
    }

    /// What a row says of a person and an organization; nil where there is none.
    public func affiliation(_ id: RowID) throws -> Affiliation? {
        guard let row = try row(id, like: .affiliation), row.kind == .affiliation else { return nil }
        return Affiliation(row, key: try node().key)
    }

    /// What is said of a record's organizations, or of its people, ended ones too, in the order of their rows' ids.
    public func affiliations(of record: RowID) throws -> [Affiliation] {
        guard try mayHold(.affiliation) else { return [] }
        let key = try node().key
        return try rowsBetween(.affiliation, naming: record).compactMap { Affiliation($0, key: key) }.sorted { $0.id < $1.id }
    }

    /// The candidates of a contest about whether an affiliation has ended: what is said of that, and the writes that no end saw.
    public func lifeCandidates(ofAffiliation id: RowID) throws -> [(cell: CellKey, candidate: Candidate)] {
        guard let row = try row(id, like: .affiliation) else { return [] }
        let life = CellKey(field: FieldID.life.rawValue), state = row.state
        let reading = CellReading(life, of: [Member(record: id, state: state)], key: try node().key)
        let ends = reading.candidates.map(\.write).filter { $0.value == Life.deletedValue }
        return reading.candidates.map { (life, $0) }
            + Life.unseenWrites(of: state, cell: life, deletes: ends).map { ($0.cell, Candidate(record: id, write: $0.write)) }
    }
}

extension StoreWriter {
    /// Brings the list of conflicts in line with an affiliation's row.
    ///
    /// - Parameter life: as the row's derived column holds it.
    func settleAffiliation(_ compact: CompactRow, id: RowID, life: Int64) throws {
        try database.run("DELETE FROM contested WHERE profile = ?", [id.data])
        // What a plain cell holds is not contested.
        guard !compact.exceptions.isEmpty, let affiliation = Affiliation(id, compact.expanded, life: life, key: try node().key) else { return }
        for (field, kind) in affiliation.contested {
            try database.execute(
                sql: "INSERT INTO contested (profile, field, kind) VALUES (?, ?, ?)",
                arguments: [id.data, Int64(bitPattern: field.rawValue), kind.rawValue])
        }
    }
}
