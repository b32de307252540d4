public import ProfileModel

/// Why a server cannot serve, or refuses a request.
public struct ServerError: CodedError, Equatable {
    public let code: String
    public let parameters: [String: String]
    public let retry: RetryAdvice

    private init(_ code: String, _ parameters: [String: String] = [:], retry: RetryAdvice = .afterSomeoneActs) {
        self.code = code
        self.parameters = parameters
        self.retry = retry
    }

    // MARK: Listening

    /// The text is not HOST:PORT.
    static func badAddress(_ address: String) -> ServerError { ServerError("server.bad-address", ["address": address], retry: .never) }
    /// Another program listens there.
    static func portInUse(_ port: Int) -> ServerError { ServerError("server.port-in-use", ["port": String(port)]) }
    /// The user may not listen there, as below port 1024.
    static func portNotAllowed(_ port: Int) -> ServerError { ServerError("server.port-not-allowed", ["port": String(port)]) }
    /// This machine has no such address.
    static func addressUnavailable(_ host: String) -> ServerError { ServerError("server.address-unavailable", ["host": host]) }
    /// Other machines could connect, and read and change everything on the way.
    static func plainTextRefused(_ host: String) -> ServerError { ServerError("server.plain-text-refused", ["host": host]) }

    // MARK: Requests

    /// The request has no `Authorization: Bearer` field.
    static let tokenMissing = ServerError("server.token-missing")
    /// Nobody admits this token.
    static let tokenUnknown = ServerError("server.token-unknown")
    /// The token was for joining once, and was used.
    static let tokenUsed = ServerError("server.token-used")
    /// There is nothing at this path.
    static let notFound = ServerError("server.not-found")
    /// The path is not for this method.
    static let wrongMethod = ServerError("server.wrong-method")
    /// A request's body is over its limit.
    static func tooLarge(limitBytes: Int) -> ServerError { ServerError("server.too-large", ["limitBytes": String(limitBytes)]) }
    /// A request's body comes too slowly.
    static let tooSlow = ServerError("server.too-slow", retry: .afterBackOff)
    /// As many requests as allowed are under way.
    static let busy = ServerError("server.busy", retry: .afterBackOff)
    /// Nothing proves who sent a message to `/hooks/NAME`.
    static let hookUnverified = ServerError("hook.unverified")
    /// A message to `/hooks/NAME` is not of its system's form.
    static let hookUnreadable = ServerError("hook.unreadable", retry: .never)
    /// More messages come to `/hooks` than are taken.
    static let tooManyHooks = ServerError("hook.too-many", retry: .afterBackOff)
    /// The server ends.
    static let stopping = ServerError("server.stopping", retry: .afterBackOff)
}
