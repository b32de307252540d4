/// An error that a person can act on: a stable code and what it speaks of. The text is made from the catalogue of
/// messages at the edge, in the reader's language.
///
/// - Privacy: parameters hold field names, ids, line numbers and paths, never a customer's data.
public protocol CodedError: Error, Sendable {
    /// A stable name such as `store.schema-too-new`; the catalogue of messages has an entry for each.
    var code: String { get }
    /// What the message's `{placeholders}` stand for.
    var parameters: [String: String] { get }
    /// Whether trying again can help.
    var retry: RetryAdvice { get }
}

extension CodedError {
    public var parameters: [String: String] { [:] }
    public var retry: RetryAdvice { .never }
}

/// Whether and when the same call may succeed.
public enum RetryAdvice: String, Sendable {
    case never, afterBackOff, afterSomeoneActs
}
