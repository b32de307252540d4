extension Expression {
    /// Whether a customer satisfies a checked expression, given the texts that each field holds.
    ///
    /// There are two truth values. A field without values (no texts, or empty ones only) fails every condition but `!=`
    /// and `is empty`; so `not revenue > 5` holds where the revenue is not known. A text that cannot be read as a
    /// number is different from every number, and neither less nor greater. `and` and `or` ask for no more fields than
    /// they need.
    ///
    /// - Parameter values: the texts of the field with this canonical name: none, one, or a set's elements; `true` or
    ///   `false` of a boolean field. An error that it throws is passed on.
    /// - Complexity: linear in the number of conditions; `contains` takes at most the product of the two lengths.
    public func evaluate(_ values: (_ field: String) throws -> [String]) rethrows -> Bool {
        switch self {
        case .condition(let condition): condition.holds(of: try values(condition.subject.fieldName))
        case .not(let operand): try !operand.evaluate(values)
        case .and(let operands): try operands.allSatisfy { try $0.evaluate(values) }
        case .or(let operands): try operands.contains { try $0.evaluate(values) }
        }
    }

    /// Whether a customer satisfies a checked expression, and what each of its conditions says, in reading order.
    ///
    /// - Privacy: the result holds the customer's values.
    public func explain(_ values: (_ field: String) throws -> [String]) rethrows -> Explanation {
        var because: [Explanation.Leaf] = []
        for condition in conditions {
            let actual = try values(condition.subject.fieldName)
            because.append(Explanation.Leaf(condition: condition, holds: condition.holds(of: actual), actual: actual))
        }
        return Explanation(matches: try evaluate(values), because: because)
    }

    /// All conditions, in reading order.
    public var conditions: [Condition] {
        switch self {
        case .condition(let condition): [condition]
        case .not(let operand): operand.conditions
        case .and(let operands), .or(let operands): operands.flatMap(\.conditions)
        }
    }
}

/// Why a customer matches an expression or does not.
public struct Explanation: Equatable, Sendable {
    /// One condition, whether it holds by itself, and what the field held.
    public struct Leaf: Equatable, Sendable {
        public let condition: Condition
        public let holds: Bool
        public let actual: [String]
    }

    public let matches: Bool
    public let because: [Leaf]
}

extension Subject {
    /// The field whose values the subject needs.
    public var fieldName: String {
        switch self {
        case .field(let field): field.name
        }
    }
}

extension Condition {
    /// Whether the condition holds of a field's texts; see `Expression.evaluate`.
    public func holds(of values: [String]) -> Bool {
        let values = values.filter { !$0.isEmpty }
        switch test {
        case .isEmpty: return values.isEmpty
        case .isNotEmpty: return !values.isEmpty
        case .compare(.notEqual, let literal): return !values.contains { literal.satisfies(.equal, by: $0) }
        case .compare(let comparison, let literal):
            return values.contains { literal.satisfies(comparison, by: $0) }
        case .isIn(let literals):
            return values.contains { value in literals.contains { $0.satisfies(.equal, by: value) } }
        }
    }
}

extension Literal {
    /// Whether `value comparison self` holds.
    fileprivate func satisfies(_ comparison: Comparison, by value: String) -> Bool {
        if comparison == .contains { return value.asciiLowercased.utf8.holds(written.asciiLowercased.utf8) }
        let isLess: Bool
        let isGreater: Bool
        switch kind {
        case .number:
            guard let number = DecimalText.canonical(value) else { return false }
            isLess = DecimalText.isLess(number, self.value)
            isGreater = DecimalText.isLess(self.value, number)
        case .text, .date:
            let (one, other) = (value.asciiLowercased.utf8, self.value.asciiLowercased.utf8)
            isLess = one.lexicographicallyPrecedes(other)
            isGreater = other.lexicographicallyPrecedes(one)
        }
        return switch comparison {
        case .equal: !isLess && !isGreater
        case .notEqual: isLess || isGreater
        case .less: isLess
        case .lessOrEqual: !isGreater
        case .greater: isGreater
        case .greaterOrEqual: !isLess
        case .contains: preconditionFailure("contains is decided above")
        }
    }
}

extension String.UTF8View {
    /// Whether the bytes of another text stand in a row somewhere in these.
    fileprivate func holds(_ part: String.UTF8View) -> Bool {
        let (bytes, wanted) = (Array(self), Array(part))
        guard let first = wanted.first else { return true }
        guard bytes.count >= wanted.count else { return false }
        return (0...(bytes.count - wanted.count)).contains { start in
            bytes[start] == first && bytes[start..<(start + wanted.count)].elementsEqual(wanted)
        }
    }
}
