internal import Causality
internal import GRDB
internal import ProfileModel
internal import RuleLanguage

/// The texts of one customer as an expression reads them: of its living records, or of all where none lives.
struct QueryValues {
    private let fields: QueryFields
    private let profile: Profile
    private let reader: StoreReader
    private let members: [Member]
    private let key: HashKey

    init(_ profile: Profile, _ fields: QueryFields, _ reader: StoreReader) throws {
        self.profile = profile
        self.fields = fields
        self.reader = reader
        key = try reader.node().key
        let living = zip(profile.members, profile.lives).filter { $0.1 != .deleted }.map(\.0)
        members = (living.isEmpty ? profile.members : living).map { Member(record: $0.id, state: $0.state) }
    }

    /// The texts of the field with this canonical name.
    func texts(_ name: String) throws -> [String] {
        switch fields.meaning(of: name) {
        case .field(let field): field.isSet ? elements(field) : register(field)
        case .fact(let fact): try texts(fact)
        case nil: []
        }
    }

    private func reading(_ cell: CellKey) -> CellReading { CellReading(cell, of: members, key: key) }

    private func register(_ field: Field) -> [String] {
        guard let bytes = profile.shown(reading(CellKey(field: field.id.rawValue)), by: field.policy)?.write.value else { return [] }
        return [QueryValues.text(bytes)]
    }

    private func elements(_ field: Field) -> [String] {
        let cells = Set(members.flatMap { $0.state.cells.keys.filter { $0.field == field.id.rawValue && !$0.element.isEmpty } })
        return cells.sorted().filter { reading($0).isPresent }.map { QueryValues.text($0.element) }
    }

    /// A value as it is compared: of an amount the number, without its currency.
    static func text(_ bytes: [UInt8]) -> String {
        if case .money(let amount, _)? = FieldValue(bytes: bytes) { return amount }
        return FieldValue.plainText(of: bytes)
    }

    private func texts(_ fact: QueryFields.Fact) throws -> [String] {
        switch fact {
        case .kind: return [profile.kind.name]
        case .id: return [profile.id.description]
        case .deleted: return [profile.isDeleted ? "true" : "false"]
        case .scope:
            let value = reading(CellKey(field: FieldID.scope.rawValue)).latest?.write.value
            return [value.map { FieldValue.plainText(of: $0) } ?? StoreWriter.rootScope]
        case .conflict:
            let isContested = try Bool.fetchOne(
                reader.database, sql: "SELECT EXISTS (SELECT 1 FROM contested WHERE profile = ? AND kind < 4)", arguments: [profile.id.data])
            return [isContested == true ? "true" : "false"]
        case .quarantined: return [try QueryFields.quarantine.evaluate { try texts($0) } ? "true" : "false"]
        case .created, .updated:
            let stamps = members.flatMap { $0.state.cells.values.flatMap { $0.map(\.header.stamp.rawValue) } }
            guard let stamp = fact == .created ? stamps.min() : stamps.max() else { return [] }
            return [Timestamp.text(microseconds: stamp)]
        }
    }
}
