internal import Causality
internal import GRDB
internal import ProfileModel
internal import RuleLanguage

/// A checked expression as conditions of SQL on one unlinked customer row.
///
/// Columns hold what is shown, but not all that is shown: fields without a column, and values that a column cannot hold,
/// stand in a row's blob. So every part has two conditions: `possible` holds of each row that may satisfy it, `certain`
/// of rows that surely do; where both agree, SQL has decided, else the row is read and the interpreter decides.
struct QuerySQL {
    /// Two conditions that are never NULL.
    struct Part {
        let possible: String
        let certain: String

        static let unknown = Part(possible: "1", certain: "0")

        var negated: Part { Part(possible: "NOT \(certain)", certain: "NOT \(possible)") }
    }

    private let fields: QueryFields
    /// What `?1`, `?2`, … stand for.
    private(set) var arguments: [String] = []

    init(_ fields: QueryFields) { self.fields = fields }

    mutating func argument(_ value: String) -> String {
        arguments.append(value)
        return "?\(arguments.count)"
    }

    // MARK: Connectives

    /// How deep brackets and `NOT` may stand: SQLite's parser takes about thirty levels. What is deeper the interpreter
    /// decides.
    private static let levelsMaximum = 20

    mutating func part(_ expression: Expression) -> Part { part(expression, levels: QuerySQL.levelsMaximum) }

    private mutating func part(_ expression: Expression, levels: Int) -> Part {
        switch expression {
        case .condition(let condition): return levels < condition.levels ? .unknown : part(condition)
        case .not(.not(let operand)): return part(operand, levels: levels)
        case .not(let operand):
            if levels < 1 { return .unknown }
            return part(operand, levels: levels - 1).negated
        case .and(let operands): return join(operands, "AND", levels: levels)
        case .or(let operands): return join(operands, "OR", levels: levels)
        }
    }

    private mutating func join(_ operands: [Expression], _ connective: String, levels: Int) -> Part {
        let rest = levels - QuerySQL.levels(operands.count)
        return rest < 0 ? .unknown : join(operands.map { part($0, levels: rest) }, connective)
    }

    private func join(_ parts: [Part], _ connective: String) -> Part {
        Part(
            possible: QuerySQL.balanced(parts.map(\.possible)[...], connective),
            certain: QuerySQL.balanced(parts.map(\.certain)[...], connective))
    }

    /// The levels of brackets in which so many parts are joined.
    static func levels(_ count: Int) -> Int { Int.bitWidth - max(count - 1, 0).leadingZeroBitCount }

    /// Brackets in halves, so that a long list is not deep.
    private static func balanced(_ parts: ArraySlice<String>, _ connective: String) -> String {
        if parts.count == 1 { return parts[parts.startIndex] }
        let middle = parts.startIndex + parts.count / 2
        return "(\(balanced(parts[..<middle], connective)) \(connective) \(balanced(parts[middle...], connective)))"
    }

    // MARK: Conditions

    private mutating func part(_ condition: Condition) -> Part {
        switch fields.meaning(of: condition.subject.fieldName) {
        case .fact(let fact): return part(fact, condition.test)
        case .field(let field):
            let blob = "ifnull(limn_may_hold(cells, \(Int64(bitPattern: field.id.rawValue))), 0)"
            guard let index = RowLayout.customers.index(of: field.id.rawValue) else {
                // Without a column a row holds nothing of the field, unless its blob does.
                let empty = Condition(condition.subject, condition.test).holds(of: []) ? "1" : "0"
                return Part(possible: "(\(empty) OR \(blob))", certain: "(\(empty) AND NOT \(blob))")
            }
            let column = RowLayout.customers.columns[index], name = "\"\(column.name)\""
            if column.isSet { return setPart(name, condition.test, blob: blob) }
            let isHidden = "(\(name) IS NULL AND \(blob))"
            guard let holds = holds(condition.test, column: column, name: name) else { return .unknown }
            return Part(possible: "(\(holds) OR \(isHidden))", certain: "(\(holds) AND NOT \(isHidden))")
        case nil: return .unknown
        }
    }

    /// The condition on a register's column; nil where SQL cannot tell.
    private mutating func holds(_ test: Condition.Test, column: RowLayout.Column, name: String) -> String? {
        if column.tag == .time { return nil }
        if column.tag == .boolean { return text(test, "CASE \(name) WHEN 1 THEN 'true' WHEN 0 THEN 'false' END") }
        return text(test, name)
    }

    /// The condition on an expression that gives one text, or nothing as NULL or an empty text.
    private mutating func text(_ test: Condition.Test, _ value: String) -> String {
        switch test {
        case .isEmpty: return "(ifnull(\(value), '') = '')"
        case .isNotEmpty: return "(ifnull(\(value), '') <> '')"
        case .isIn(let literals):
            let parts = literals.map { text(.compare(.equal, $0), value) }
            return QuerySQL.balanced(parts[...], "OR")
        case .compare(.notEqual, let literal): return "NOT \(text(.compare(.equal, literal), value))"
        case .compare(.contains, let literal):
            return "ifnull(instr(lower(\(value)), \(argument(literal.written.asciiLowercase))) > 0, 0)"
        case .compare(let comparison, let literal):
            let sign = comparison.rawValue, other = argument(literal.value)
            if literal.kind == .number { return "ifnull(limn_order(\(value), \(other)) \(sign) 0, 0)" }
            let holds = "ifnull(\(value) \(sign) \(other) COLLATE NOCASE, 0)"
            return comparison == .less || comparison == .lessOrEqual ? "(\(holds) AND \(value) <> '')" : holds
        }
    }

    /// The condition on a set's column, an element a line; elements that are no line stand in the blob.
    private mutating func setPart(_ name: String, _ test: Condition.Test, blob: String) -> Part {
        switch test {
        case .isNotEmpty: return Part(possible: "(ifnull(\(name), '') <> '' OR \(blob))", certain: "(ifnull(\(name), '') <> '')")
        case .isEmpty:
            return Part(possible: "(ifnull(\(name), '') = '')", certain: "(ifnull(\(name), '') = '' AND NOT \(blob))")
        case .compare(.notEqual, let literal):
            return setPart(name, .compare(.equal, literal), blob: blob).negated
        case .isIn(let literals): return join(literals.map { setPart(name, .compare(.equal, $0), blob: blob) }, "OR")
        case .compare(let comparison, let literal):
            if literal.value.contains("\n") { return Part(possible: blob, certain: "0") }
            let wanted = argument(literal.value.asciiLowercase)
            let holds = comparison == .contains
                ? "ifnull(instr(lower(\(name)), \(wanted)) > 0, 0)"
                : "ifnull(instr(char(10) || lower(\(name)) || char(10), char(10) || \(wanted) || char(10)) > 0, 0)"
            return Part(possible: "(\(holds) OR \(blob))", certain: holds)
        }
    }

    private mutating func part(_ fact: QueryFields.Fact, _ test: Condition.Test) -> Part {
        func decided(_ condition: String) -> Part { Part(possible: condition, certain: condition) }
        switch fact {
        case .kind: return decided(text(test, "CASE kind WHEN 1 THEN 'person' WHEN 2 THEN 'organization' END"))
        case .scope: return decided(text(test, "(SELECT name FROM scopes WHERE ordinal = customer_rows.scope)"))
        case .deleted: return decided(text(test, "CASE life WHEN 1 THEN 'true' ELSE 'false' END"))
        case .conflict:
            let contested = "EXISTS (SELECT 1 FROM contested WHERE profile = customer_rows.id AND kind < 4)"
            return decided(text(test, "CASE \(contested) WHEN 1 THEN 'true' ELSE 'false' END"))
        case .quarantined:
            let subject = Subject.field(FieldName(fact.rawValue)), quarantine = part(QueryFields.quarantine, levels: QuerySQL.levelsMaximum)
            switch (Condition(subject, test).holds(of: ["true"]), Condition(subject, test).holds(of: ["false"])) {
            case (true, true): return decided("1")
            case (true, false): return quarantine
            case (false, true): return quarantine.negated
            case (false, false): return decided("0")
            }
        case .id:
            guard case .compare(let comparison, let literal) = test, comparison == .equal || comparison == .notEqual else { return .unknown }
            let digits = (UniqueID(literal.value).map { [$0.description] } ?? []).first { $0 == literal.value.asciiLowercase }
            let holds = digits.map { "(id = x'\($0.filter { $0 != "-" })')" } ?? "0"
            return decided(comparison == .equal ? holds : "NOT \(holds)")
        case .created, .updated:
            let base = "limn_time((SELECT stamp FROM headers WHERE ordinal = base_header))"
            let holds = text(test, base)
            return Part(possible: "(\(holds) OR cells IS NOT NULL)", certain: "(\(holds) AND cells IS NULL)")
        }
    }
}

extension Condition {
    /// The levels of brackets that a list of values takes.
    fileprivate var levels: Int {
        if case .isIn(let literals) = test { QuerySQL.levels(literals.count) } else { 0 }
    }
}

extension String {
    /// The text with the letters A to Z, and no others, made small, as SQLite's `lower` does.
    fileprivate var asciiLowercase: String {
        String(decoding: utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
    }
}
