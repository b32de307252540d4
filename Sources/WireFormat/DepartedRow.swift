public import Causality

/// What those who hold a scope that a row has left are told of it: where it is, and which writes are held there.
///
/// Whoever holds no write of the row beyond the context may let go of it.
public struct DepartedRow: Hashable, Sendable {
    public let context: CausalContext
    /// Where the row is: one scope for a customer, at most two for a link; sorted, not empty.
    public let scopes: [String]
    /// The scopes that it has left; sorted, not empty.
    public let scopesLeft: [String]

    public init(context: CausalContext, scopes: [String], scopesLeft: [String]) {
        self.context = context
        self.scopes = scopes
        self.scopesLeft = scopesLeft
    }
}
