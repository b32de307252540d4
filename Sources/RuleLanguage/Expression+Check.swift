/// How a field's values are compared.
public enum ComparisonClass: String, CaseIterable, Sendable {
    /// By the bytes of UTF-8, the ASCII letters A to Z equal to a to z.
    case text
    /// By exact decimal value.
    case number
    /// As ISO 8601 texts: `2024-01-15`, in order of time. A year alone is before every day in it.
    case date
    /// For equality only; the values are `true` and `false`.
    case boolean
    /// Several texts; a condition holds where one of them satisfies it, `!=` where none is equal.
    case set
}

/// A field as an expression sees it.
public struct KnownField: Equatable, Sendable {
    /// The canonical name, whatever label it was asked for by.
    public let name: String
    public let comparison: ComparisonClass

    public init(_ name: String, _ comparison: ComparisonClass) {
        self.name = name
        self.comparison = comparison
    }
}

/// Knows the fields of this node: the catalogue's and the custom ones, by name or label.
public protocol FieldLookup {
    /// The field with this name or label; nil where there is none.
    func field(named name: String) -> KnownField?
    /// All names and labels to suggest from.
    var fieldNames: [String] { get }
}

extension Expression {
    /// Makes field names canonical and gives every value the type of its field, or refuses the expression.
    ///
    /// Afterwards values of text and set fields are texts (`phone = 13800138000` compares what was typed), those of
    /// number fields numbers, of date fields dates (`2024`, `2024-01`, `2024-01-15` or `2024-01-15T08:00:00Z`), of boolean
    /// fields the texts `true` and `false` (from true, yes, 是; false, no, 否). `contains` on a date compares texts. The
    /// set of tags is known without the lookup.
    ///
    /// The canonical text of a checked tree gives an equal tree when it is parsed and checked again.
    ///
    /// - Throws: `rules.unknown-field`, `rules.operator-not-for-field` (order on sets and booleans, `contains` on numbers
    ///   and booleans), `rules.not-a-number`, `rules.bad-date`, `rules.not-a-boolean`, `rules.empty-value` (`""` is equal
    ///   to nothing: ask `is empty`).
    public func check(against lookup: some FieldLookup) throws(RuleError) -> Expression {
        switch self {
        case .condition(let condition): .condition(try condition.check(against: lookup))
        case .not(let operand): .not(try operand.check(against: lookup))
        case .and(let operands): .and(try operands.map { (each) throws(RuleError) in try each.check(against: lookup) })
        case .or(let operands): .or(try operands.map { (each) throws(RuleError) in try each.check(against: lookup) })
        }
    }
}

extension Condition {
    fileprivate func check(against lookup: some FieldLookup) throws(RuleError) -> Condition {
        switch subject {
        case .field(let written):
            let known = try written.resolve(by: lookup)
            let field = FieldName(known.name, column: written.column)
            let checked: Test
            switch test {
            case .compare(let comparison, let literal):
                guard known.comparison.allows(comparison) else {
                    throw RuleError(
                        .operatorNotForField, column: written.column,
                        [
                            "field": known.name, "operator": comparison.rawValue,
                            "class": known.comparison.rawValue,
                        ])
                }
                let comparisonClass = comparison == .contains ? .text : known.comparison
                checked = .compare(comparison, try literal.typed(as: comparisonClass, field: known.name))
            case .isIn(let literals):
                checked = .isIn(
                    try literals.map { (literal) throws(RuleError) in
                        try literal.typed(as: known.comparison, field: known.name)
                    })
            case .isEmpty, .isNotEmpty: checked = test
            }
            return Condition(.field(field), checked)
        }
    }
}

extension FieldName {
    fileprivate func resolve(by lookup: some FieldLookup) throws(RuleError) -> KnownField {
        if name == Self.tag { return KnownField(Self.tag, .set) }
        if let known = lookup.field(named: name) { return known }
        let nearest = NearestName.find(name, in: lookup.fieldNames + [Self.tag])
        throw RuleError(.unknownField, column: column, nearest.map { ["field": name, "nearest": $0] } ?? ["field": name])
    }
}

extension ComparisonClass {
    fileprivate func allows(_ comparison: Comparison) -> Bool {
        switch (comparison, self) {
        case (.equal, _), (.notEqual, _): true
        case (.contains, _): self != .number && self != .boolean
        default: self != .set && self != .boolean
        }
    }
}

extension Literal {
    fileprivate func typed(as comparison: ComparisonClass, field: String) throws(RuleError) -> Literal {
        func failure(_ reason: RuleError.Reason) -> RuleError {
            RuleError(reason, column: column, ["field": field, "near": String(written.prefix(16))])
        }
        if written.isEmpty { throw failure(.emptyValue) }
        switch comparison {
        case .text, .set: return Literal(text: written, column: column)
        case .number:
            guard let number = Literal(number: written, column: column) else { throw failure(.notANumber) }
            return number
        case .date:
            guard let date = Literal(date: written, column: column) else { throw failure(.badDate) }
            return date
        case .boolean:
            switch written.asciiLowercased {
            case "true", "yes", "是": return Literal(text: "true", column: column)
            case "false", "no", "否": return Literal(text: "false", column: column)
            default: throw failure(.notABoolean)
            }
        }
    }
}
