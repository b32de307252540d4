// Why there was no answer.

public import ProfileModel

/// Why an exchange over HTTP has no response.
///
/// - Privacy: parameters hold host, port and libcurl's own words. Paths, queries, header values and bodies stay out.
public enum HTTPError: CodedError {
    /// `http.bad-url`: not an absolute `http` or `https` address as `HTTPRequest.url` asks for.
    case badURL(reason: String)
    /// `http.bad-header`: a name or value that HTTP does not allow, or a field that belongs to the client.
    case badHeader(name: String)
    /// `http.plain-text-refused`: `http://` to a host that is not this machine. Nothing was sent.
    case plainTextRefused(host: String)
    /// `http.unreachable`: no such name, refused, or no connection in time.
    case unreachable(host: String, reason: String)
    /// `http.timed-out`: connected, but too slow or without an answer.
    case timedOut(host: String)
    /// `http.interrupted`: the connection was lost before the answer was whole. The server may have acted.
    case interrupted(host: String, reason: String)
    /// `http.tls`: no secure connection, such as a certificate that is not trusted.
    case tls(host: String, reason: String)
    /// `http.cancelled`: a `Cancellation` stopped it.
    case cancelled(host: String)
    /// `http.too-large`: the answer is above a limit.
    case tooLarge(host: String, limitBytes: Int)
    /// `http.failed`: anything else, in libcurl's words.
    case failed(host: String, reason: String)
    /// A closure of the caller threw: it has the code, parameters and advice of that error, or `http.stopped` where
    /// the error has none.
    case stopped(by: any Error)

    public var code: String {
        switch self {
        case .badURL: "http.bad-url"
        case .badHeader: "http.bad-header"
        case .plainTextRefused: "http.plain-text-refused"
        case .unreachable: "http.unreachable"
        case .timedOut: "http.timed-out"
        case .interrupted: "http.interrupted"
        case .tls: "http.tls"
        case .cancelled: "http.cancelled"
        case .tooLarge: "http.too-large"
        case .failed: "http.failed"
        case .stopped(let cause): (cause as? any CodedError)?.code ?? "http.stopped"
        }
    }

    public var parameters: [String: String] {
        switch self {
        case .badURL(let reason): ["reason": reason]
        case .badHeader(let name): ["name": name]
        case .plainTextRefused(let host), .timedOut(let host), .cancelled(let host): ["host": host]
        case .unreachable(let host, let reason), .interrupted(let host, let reason), .tls(let host, let reason),
            .failed(let host, let reason):
            ["host": host, "reason": reason]
        case .tooLarge(let host, let limitBytes): ["host": host, "limitBytes": String(limitBytes)]
        case .stopped(let cause): (cause as? any CodedError)?.parameters ?? [:]
        }
    }

    public var retry: RetryAdvice {
        switch self {
        case .badURL, .badHeader, .cancelled: .never
        case .unreachable, .timedOut, .interrupted: .afterBackOff
        case .plainTextRefused, .tls, .tooLarge, .failed: .afterSomeoneActs
        case .stopped(let cause): (cause as? any CodedError)?.retry ?? .never
        }
    }
}
