public import ProfileModel

/// Why an operation was refused.
public struct NodeError: CodedError, Equatable {
    public let code: String
    public let parameters: [String: String]
    public let retry: RetryAdvice

    public init(_ code: String, _ parameters: [String: String] = [:], retry: RetryAdvice = .never) {
        self.code = code
        self.parameters = parameters
        self.retry = retry
    }

    /// No field has this name.
    static func unknownField(_ name: String, nearest: String?) -> NodeError {
        NodeError(nearest == nil ? "node.unknown-field" : "node.unknown-field-near", ["field": name, "nearest": nearest ?? ""])
    }

    /// A value does not satisfy its field; `reason` is the code of a standard form.
    static func badValue(field: String, reason: String) -> NodeError {
        NodeError("node.bad-value", ["field": field, "reason": reason])
    }

    /// The record is deleted, and must be restored before it is changed.
    static func deleted(_ record: String) -> NodeError { NodeError("node.deleted", ["record": record]) }
}
