public import ProfileModel
public import RuleLanguage

/// The names that an expression may use: fields of a catalogue by name or label, and facts of the record itself.
///
/// `kind`, `scope` and `id` are texts; `deleted`, `conflict` and `quarantined` are booleans; `created` and `updated` are the times of the
/// earliest and the latest write that stands, in UTC.
public struct QueryFields: FieldLookup, Sendable {
    public let catalogue: FieldCatalogue

    public init(_ catalogue: FieldCatalogue) { self.catalogue = catalogue }

    /// A fact of a record that is not a field.
    enum Fact: String, CaseIterable {
        case kind, scope, id, deleted, conflict, quarantined, created, updated

        init?(named name: String) {
            switch name {
            case "类型", "种类": self = .kind
            case "已删除": self = .deleted
            case "冲突", "conflicts": self = .conflict
            case "隔离", "quarantine": self = .quarantined
            case "创建时间": self = .created
            case "更新时间": self = .updated
            default: self.init(rawValue: name)
            }
        }

        var comparison: ComparisonClass {
            switch self {
            case .kind, .scope, .id: .text
            case .deleted, .conflict, .quarantined: .boolean
            case .created, .updated: .date
            }
        }
    }

    /// Which customers are in quarantine: those without an industry and without any way to reach them.
    static let quarantine = Expression.and(
        ["industry", "phone", "email", "wechat", "qq", "social_accounts"].map { .condition(Condition(.field(FieldName($0)), .isEmpty)) })

    /// What a canonical name stands for.
    enum Meaning {
        case fact(Fact)
        case field(Field)
    }

    /// The field, or the fact of the row itself, that an expression names.
    public func field(named name: String) -> KnownField? {
        if let field = catalogue[name], field.id != .scope { return QueryFields.known(field) }
        if let fact = Fact(named: name) { return KnownField(fact.rawValue, fact.comparison) }
        return catalogue.field(titled: name).map(QueryFields.known)
    }

    /// Every name and label that an expression may use.
    public var fieldNames: [String] {
        catalogue.names + Fact.allCases.map(\.rawValue) + catalogue.fields.map(\.labelChinese)
    }

    private static func known(_ field: Field) -> KnownField {
        if field.id == .scope { return KnownField(Fact.scope.rawValue, .text) }
        return KnownField(field.id == .tags ? FieldName.tag : field.name, comparison(of: field))
    }

    private static func comparison(of field: Field) -> ComparisonClass {
        if field.isSet { return .set }
        return switch field.type {
        case .text, .phone, .email, .url, .choice, .region, .industry, .code: .text
        case .integer, .decimal, .money: .number
        case .date, .time: .date
        case .boolean: .boolean
        }
    }

    /// What a name of a checked expression stands for.
    func meaning(of name: String) -> Meaning? {
        if name == FieldName.tag { return catalogue[.tags].map(Meaning.field) }
        if let field = catalogue[name], field.id != .scope { return .field(field) }
        return Fact(rawValue: name).map(Meaning.fact)
    }

    /// The field that a name of a checked expression stands for.
    public func catalogueField(named name: String) -> Field? {
        if case .field(let field)? = meaning(of: name) { field } else { nil }
    }
}
