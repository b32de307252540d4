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

    init?(_ row: StoredRow, key: HashKey) {
        let member = Member(record: row.id, state: row.state)
        func reading(_ field: FieldID) -> CellReading { CellReading(CellKey(field: field.rawValue), of: [member], key: key) }
        func record(_ field: FieldID) -> RowID? { Affiliation.text(reading(field)).flatMap { UniqueID($0) } }
        guard let person = record(.first), let organization = record(.second) else { return nil }
        (id, self.person, self.organization) = (row.id, person, organization)
        (life, role, title) = (reading(.life), reading(.decisionRole), reading(.title))
        isLiving = row.life == 0 || row.life == 2
        isContested = row.life == 2
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
        let key = try node().key
        return try rowsBetween(.affiliation, naming: record).compactMap { Affiliation($0, key: key) }.sorted { $0.id < $1.id }
    }
}
