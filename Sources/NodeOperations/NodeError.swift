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
        NodeError("node.unknown-field", nearest.map { ["field": name, "nearest": $0] } ?? ["field": name])
    }

    /// The record is deleted, and must be restored before it is changed.
    static func deleted(_ record: String) -> NodeError { NodeError("node.deleted", ["record": record]) }
}
