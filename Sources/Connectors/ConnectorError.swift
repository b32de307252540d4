public import ProfileModel

/// Why a system outside could not be read or written.
///
/// - Privacy: parameters hold names of systems, objects and fields, ids, statuses and codes; never a value, a token or a body.
public struct ConnectorError: CodedError, Equatable {
    public let code: String
    public let parameters: [String: String]
    public let retry: RetryAdvice

    public init(_ code: String, _ parameters: [String: String] = [:], retry: RetryAdvice = .never) {
        self.code = code
        self.parameters = parameters
        self.retry = retry
    }

    /// `crm.unauthorized`: the system does not take the token.
    static let unauthorized = ConnectorError("crm.unauthorized", retry: .afterSomeoneActs)

    /// `crm.suspended`: a quota is spent; `until` is in microseconds since 1970, where the system said it.
    static func suspended(until: Int64?) -> ConnectorError {
        ConnectorError("crm.suspended", ["until": until.map(Timestamp.text(microseconds:)) ?? "?"], retry: .afterBackOff)
    }

    /// `crm.reply-lost`: the system may have acted, and did not say so.
    static let replyLost = ConnectorError("crm.reply-lost", retry: .afterBackOff)

    /// `crm.unreadable-answer`: what came is not what the system's interface promises.
    static func unreadable(_ what: String) -> ConnectorError {
        ConnectorError("crm.unreadable-answer", ["what": what], retry: .afterSomeoneActs)
    }

    /// `crm.refused`: a request that is not about one record was refused.
    static func refused(_ rejection: Rejection) -> ConnectorError {
        ConnectorError("crm.refused", ["code": rejection.code], retry: .afterSomeoneActs)
    }

    /// When a spent quota is whole again, where the error says it.
    public var suspendedUntil: Int64? {
        code == "crm.suspended" ? parameters["until"].flatMap(Timestamp.microseconds) : nil
    }
}
