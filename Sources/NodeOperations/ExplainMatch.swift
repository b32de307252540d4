internal import ProfileStore
internal import RuleLanguage

/// Whether a customer satisfies an expression, and what each of its conditions says.
public struct MatchExplanation: Sendable, Equatable {
    /// One condition in its canonical spelling, whether it holds by itself, and what the customer holds.
    public struct Reason: Sendable, Equatable {
        public let condition: String
        public let holds: Bool
        public let actual: [String]
    }

    public let matches: Bool
    /// In the order in which the expression is read.
    public let because: [Reason]
}

extension Node {
    /// Tells why a customer satisfies an expression or does not.
    ///
    /// - Throws: `store.no-such-record`, `store.ambiguous-record`; the codes of `RuleLanguage`.
    public func explain(_ name: String, _ expression: String) throws -> MatchExplanation {
        try store.read { reader in
            let query = try reader.query(Expression.parse(expression), FieldInput(reader))
            guard let explanation = try reader.explain(query, reader.record(named: name)) else { throw StoreError.noSuchRecord(name) }
            return MatchExplanation(
                matches: explanation.matches,
                because: explanation.because.map {
                    .init(condition: "\(Expression.condition($0.condition))", holds: $0.holds, actual: $0.actual)
                })
        }
    }
}
