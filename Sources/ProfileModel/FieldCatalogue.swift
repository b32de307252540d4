/// All fields that a node knows: the catalogue of `schema/fields.tsv` and those that people defined.
public struct FieldCatalogue: Sendable {
    /// In the order of the catalogue, then of definition.
    public private(set) var fields: [Field]
    private var byName: [String: Int] = [:]
    private var byID: [FieldID: Int] = [:]
    private var byTitle: [String: Int] = [:]

    public init(_ fields: [Field]) {
        self.fields = []
        for field in fields { add(field) }
    }

    /// The catalogue that this version ships.
    public static let standard: FieldCatalogue = {
        guard let text = EmbeddedFile.text("fields.tsv") else { preconditionFailure("the field catalogue is embedded") }
        let lines = text.utf8.split(separator: UInt8(ascii: "\n")).map { Substring($0) }
        return FieldCatalogue(lines.filter { !$0.hasPrefix("#") && !$0.hasPrefix("id\t") }.map { line in
            guard let field = Field(line: line) else { preconditionFailure("schema/fields.tsv: \(line)") }
            return field
        })
    }()

    /// Adds a field, or replaces the one with its id.
    public mutating func add(_ field: Field) {
        let index: Int
        if let known = byID[field.id] {
            fields[known] = field
            index = known
        } else {
            fields.append(field)
            index = fields.count - 1
        }
        byID[field.id] = index
        byName[field.name] = index
        for title in [field.name, field.labelEnglish, field.labelChinese] + field.aliases {
            let title = FieldCatalogue.folded(title)
            if byTitle[title] == nil { byTitle[title] = index }
        }
    }

    public subscript(id: FieldID) -> Field? { byID[id].map { fields[$0] } }

    /// The field with this exact name.
    public subscript(name: String) -> Field? { byName[name].map { fields[$0] } }

    /// The field that a column title means: a name, a label of either language or an alias, whatever its case, width,
    /// spaces, hyphens and underscores.
    public func field(titled title: String) -> Field? { byTitle[FieldCatalogue.folded(title)].map { fields[$0] } }

    /// The field that a column title means in a table of this kind: 公司名称 names an organization, and is the employer of
    /// a person.
    public func field(titled title: String, of kind: RowKind) -> Field? {
        field(titled: kind.name + ":" + title) ?? field(titled: title)
    }

    public var names: [String] { fields.map(\.name) }

    private static func folded(_ title: String) -> String {
        var folded = String.UnicodeScalarView()
        for scalar in title.unicodeScalars {
            let isFullWidth = (0xFF01...0xFF5E).contains(scalar.value)
            let narrow = isFullWidth ? Unicode.Scalar(scalar.value - 0xFEE0)! : scalar
            if !" _-\t\u{3000}\u{FEFF}".unicodeScalars.contains(narrow) { folded.append(narrow) }
        }
        return String(folded).lowercased()
    }
}

extension Field {
    /// Reads a line of `schema/fields.tsv`; its header names the columns.
    init?(line: Substring) {
        let parts = line.utf8.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false).map { String(Substring($0)) }
        guard parts.count == 13, let number = UInt64(parts[0]), let type = FieldType(rawValue: parts[2]),
            let sensitivity = Sensitivity(rawValue: parts[8]), let policy = SurvivorshipPolicy(rawValue: parts[9]) else { return nil }
        let kinds: Set<RowKind> = switch parts[4] {
        case "person": [.person]
        case "organization": [.organization]
        default: [.person, .organization]
        }
        let ruleTexts = parts[10].split(separator: " ")
        let rules = ruleTexts.compactMap { FieldRule(text: String($0)) }
        guard rules.count == ruleTexts.count else { return nil }
        self.init(
            id: FieldID(rawValue: number), name: parts[1], type: type, isSet: parts[3] == "set", kinds: kinds,
            labelEnglish: parts[5], labelChinese: parts[6], aliases: parts[7].split(separator: ";").map(String.init),
            sensitivity: sensitivity, policy: policy, rules: rules, hasColumn: parts[11] == "column",
            section: parts[12])
    }
}

extension FieldRule {
    /// Reads `max=200`, `range=0..150`, `choices=male:男:M|female:女:F`, `past` or `upper`.
    init?(text: String) {
        if text == "past" { self = .notInFuture; return }
        if text == "upper" { self = .capitals; return }
        if text == "resident-identity" { self = .residentIdentity; return }
        if text == "credit-code" { self = .creditCode; return }
        let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { return nil }
        switch parts[0] {
        case "max":
            guard let number = Int(parts[1]) else { return nil }
            self = .maximumLength(number)
        case "range":
            let bounds = parts[1].split(separator: ".").compactMap { Int64($0) }
            guard bounds.count == 2 else { return nil }
            self = .range(bounds[0], bounds[1])
        case "choices":
            self = .choices(parts[1].split(separator: "|").map { choice in
                let names = choice.split(separator: ":").map(String.init)
                return Choice(name: names[0], labels: Array(names.dropFirst()))
            })
        default: return nil
        }
    }
}
