extension Expression: CustomStringConvertible {
    /// The canonical text: one blank between words, ASCII signs, English keywords, texts in double quotes, brackets only
    /// where the grouping needs them. A parsed tree's text parses to an equal tree.
    public var description: String {
        switch self {
        case .condition(let condition): condition.description
        case .not(let operand):
            switch operand {
            case .and, .or: "not (\(operand))"
            case .condition, .not: "not \(operand)"
            }
        case .and(let operands): Self.join(operands, by: " and ") { $0.isConnective }
        case .or(let operands): Self.join(operands, by: " or ") { if case .or = $0 { true } else { false } }
        }
    }

    private var isConnective: Bool {
        switch self {
        case .and, .or: true
        case .condition, .not: false
        }
    }

    private static func join(
        _ operands: [Expression], by connective: String, inBrackets: (Expression) -> Bool
    ) -> String {
        precondition(operands.count >= 2, "and and or have two operands or more")
        return operands.map { inBrackets($0) ? "(\($0))" : $0.description }.joined(separator: connective)
    }
}

extension Condition: CustomStringConvertible {
    /// The condition's canonical text; an equality of the set of tags is written `tag("…")`.
    public var description: String {
        let subject = subject.description
        switch test {
        case .compare(.equal, let value) where subject == FieldName.tag: return "tag(\(value))"
        case .compare(let comparison, let value): return "\(subject) \(comparison.rawValue) \(value)"
        case .isIn(let values): return "\(subject) in (\(values.map(\.description).joined(separator: ", ")))"
        case .isEmpty: return "\(subject) is empty"
        case .isNotEmpty: return "\(subject) is not empty"
        }
    }
}

extension Subject: CustomStringConvertible {
    /// The subject's canonical text, in backticks where it is no plain name.
    public var description: String {
        switch self {
        case .field(let field): field.description
        }
    }
}

extension FieldName: CustomStringConvertible {
    /// The name, in backticks where it is a keyword or no plain name.
    public var description: String {
        let word = Token(kind: .word, text: name, offset: 0)
        return word.namesField && !name.hasFullWidthForms ? name : name.quoted(by: "`")
    }
}

extension Literal: CustomStringConvertible {
    /// A text in double quotes; a number or date as written.
    public var description: String { kind == .text ? written.quoted(by: "\"") : written }
}

extension String {
    /// Whether reading the text as a bare word would change it.
    fileprivate var hasFullWidthForms: Bool { unicodeScalars.contains { (0xFF01...0xFF5E).contains($0.value) } }

    /// The text between two quotes, with escapes where the reader needs them, or where a control character would show.
    fileprivate func quoted(by quote: Unicode.Scalar) -> String {
        var quoted = String.UnicodeScalarView([quote])
        for scalar in unicodeScalars {
            switch scalar {
            case "\\", "\"", "＂", "`", "｀": quoted.append(contentsOf: ["\\", scalar])
            case "\n": quoted.append(contentsOf: "\\n".unicodeScalars)
            case "\r": quoted.append(contentsOf: "\\r".unicodeScalars)
            case "\t": quoted.append(contentsOf: "\\t".unicodeScalars)
            default:
                if scalar.properties.generalCategory == .control {
                    quoted.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
                } else {
                    quoted.append(scalar)
                }
            }
        }
        quoted.append(quote)
        return String(quoted)
    }
}
