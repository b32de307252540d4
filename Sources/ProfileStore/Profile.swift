public import Causality
public import ProfileModel

/// One customer as it is read: the union of the records that links call the same.
public struct Profile: Sendable {
    /// The records, in the order of their ids; the first names the profile where links reach it.
    public let members: [StoredRow]
    /// Whether each record lives, in the order of `members`.
    public let lives: [Life]
    /// The members that lend the profile their cells: all that are not deleted.
    private let lenders: [Member]
    private let key: HashKey
    private let order: SourceOrder

    init(_ members: [StoredRow], reader: StoreReader) throws {
        self.members = members
        key = try reader.node().key
        order = try reader.sourceOrder()
        let states = members.map { Member(record: $0.id, state: $0.state) }
        let key = key
        lives = states.map { Life(of: $0, cell: CellKey(field: FieldID.life.rawValue), key: key) }
        lenders = zip(states, lives).filter { $0.1 != .deleted }.map(\.0)
    }

    /// The id of the profile: its smallest member's, or its record's own.
    public var id: RowID { members[0].profile ?? members[0].id }

    /// A person unless every record says organization.
    public var kind: RowKind { members.map(\.kind).min() ?? .person }

    public var isDeleted: Bool { lenders.isEmpty }

    /// Whether the records that live say nothing but where they are: all else was undone.
    var isVacant: Bool { !isDeleted && zip(members, lives).allSatisfy { $0.0.life == 3 || $0.1 == .deleted } }

    /// How one register or element reads.
    public func reading(_ cell: CellKey) -> CellReading { CellReading(cell, of: lenders, key: key) }

    /// The candidate that a cell shows by a policy.
    public func shown(_ reading: CellReading, by policy: SurvivorshipPolicy) -> Candidate? { reading.shown(by: policy, order: order) }

    /// The cells that hold anything, in the order of their keys.
    public var cells: [CellKey] { Set(lenders.flatMap { $0.state.cells.keys }).sorted() }

    /// The shown value of a register.
    public func value(_ field: Field) -> FieldValue? {
        shown(reading(CellKey(field: field.id.rawValue)), by: field.policy)?.write.value.flatMap(FieldValue.init(bytes:))
    }

    /// The elements of a set that are present, with how each reads.
    public func elements(_ field: FieldID) -> [(element: FieldValue, reading: CellReading)] {
        cells.filter { $0.field == field.rawValue && !$0.element.isEmpty }.compactMap { cell in
            let reading = reading(cell)
            guard reading.isPresent, let value = FieldValue(bytes: cell.element) else { return nil }
            return (value, reading)
        }
    }

    /// The scope of the profile's naming record.
    public var scope: String {
        reading(CellKey(field: FieldID.scope.rawValue)).latest?.write.value.map { FieldValue.plainText(of: $0) } ?? StoreWriter.rootScope
    }

    /// The fields in which several things are said, with what kind of contest it is.
    public var contested: [(field: FieldID, kind: ContestKind)] {
        var out: [(field: FieldID, kind: ContestKind)] = []
        if lives.contains(.conflict) { out.append((.life, .deleteEdit)) }
        for cell in cells where cell.element.isEmpty && cell.field != FieldID.life.rawValue {
            if let kind = ContestKind(reading(cell)) { out.append((FieldID(rawValue: cell.field), kind)) }
        }
        return out
    }

    /// The candidates of a delete-edit conflict: the surviving deletes and restores, and the writes that no delete saw.
    public var lifeCandidates: [(cell: CellKey, candidate: Candidate)] {
        let life = CellKey(field: FieldID.life.rawValue)
        return zip(members, lives).filter { $0.1 == .conflict }.flatMap { row, _ in
            let state = row.state
            let reading = CellReading(life, of: [Member(record: row.id, state: state)], key: key)
            let deletes = reading.candidates.map(\.write).filter { $0.value == Life.deletedValue }
            return reading.candidates.map { (life, $0) }
                + Life.unseenWrites(of: state, cell: life, deletes: deletes).map { ($0.cell, Candidate(record: row.id, write: $0.write)) }
        }
    }
}

extension CompactRow {
    /// Whether several things may be said in a cell of a record that no link reaches.
    var mayBeContestedAlone: Bool { !exceptions.isEmpty && (exceptions.contains(where: \.mayBeContested) || hasLifeTold) }

    /// Whether the record has been deleted or restored.
    private var hasLifeTold: Bool {
        let life = FieldID.life.rawValue
        return plain.value(of: life) != nil || exceptions.contains { $0.key.field == life }
    }

    /// The same of a record that no link reaches: what a plain cell holds is not contested. Nil where the record has been
    /// deleted or restored.
    func contestedAlone(as record: RowID, key: HashKey) -> [(field: FieldID, kind: ContestKind)]? {
        if hasLifeTold { return nil }
        return exceptions.compactMap { exception in
            guard exception.mayBeContested else { return nil }
            let reading = CellReading(writes: exception.writes.map { Candidate(record: record, write: $0) }, key: key)
            return ContestKind(reading).map { (FieldID(rawValue: exception.key.field), $0) }
        }
    }

    /// Whether the cells of a field hold the same writes in another state of the row.
    func holdsSame(in field: UInt64, as other: CompactRow) -> Bool {
        guard exceptions.lazy.filter({ $0.key.field == field }).elementsEqual(other.exceptions.lazy.filter { $0.key.field == field })
        else { return false }
        return plain.withUnsafeCells { own in
            other.plain.withUnsafeCells { other in
                var next = 0
                for index in 0..<own.count where own[index].field == field {
                    while next < other.count, other[next].field != field { next += 1 }
                    guard next < other.count, own[index].holdsSame(as: other[next]) else { return false }
                    next += 1
                }
                return !(next..<other.count).contains { other[$0].field == field }
            }
        }
    }
}

extension CompactRow.Exception {
    /// Whether it is a register with several writes.
    fileprivate var mayBeContested: Bool { key.element.isEmpty && writes.count > 1 }
}

/// What is at odds in a cell.
public enum ContestKind: Int64, Sendable, CaseIterable {
    /// People against people.
    case field = 1
    /// A person against a source, a CRM among them.
    case source = 2
    case deleteEdit = 3
    /// Sources alone: decided by the field's policy, and counted.
    case disagreement = 4
    /// People against people on whether two records are one; its place is the link's row.
    case link = 5

    init?(_ reading: CellReading) {
        if reading.isDisagreement { self = .disagreement; return }
        guard reading.isConflict else { return nil }
        let people = Set(reading.candidates.filter(\.write.isPerson).map(\.write.value))
        self = people.count > 1 ? .field : .source
    }

    /// The name that scripts read; a link is a field, `same`, in which people differ.
    public var name: String {
        switch self {
        case .field, .link: "field"
        case .source: "source"
        case .deleteEdit: "delete-edit"
        case .disagreement: "disagreement"
        }
    }
}

extension StoreReader {
    /// The profile that a record belongs to; nil where there is no such customer here.
    public func profile(of record: RowID) throws -> Profile? {
        let members = try members(with: record)
        return members.isEmpty ? nil : try Profile(members, reader: self)
    }

    /// The records of the profile that a record belongs to, in the order of their ids; none where there is no such customer here.
    public func members(with record: RowID) throws -> [StoredRow] {
        if let row = try row(record, like: .person), row.profile == nil { return [row] }
        return try members(ofProfile: profileID(of: record))
    }

    /// The id of the profile that a record belongs to.
    public func profileID(of record: RowID) throws -> RowID {
        let statement = try RawStatement(database, sql: "SELECT profile FROM customer_rows WHERE id = ?")
        statement.bind(1, id: record)
        defer { statement.reset() }
        guard try statement.step(), !statement.isNull(0) else { return record }
        return try StoreReader.id(statement.bytes(0))
    }

    func members(ofProfile profile: RowID) throws -> [StoredRow] {
        let linked = try rows(.customers, where: "profile = ? ORDER BY id") { $0.bind(1, id: profile) }
        if !linked.isEmpty { return linked }
        return try rows(.customers, where: "id = ?") { $0.bind(1, id: profile) }
    }
}
