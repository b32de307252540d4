// What is asked of a server.

/// One header field (RFC 9110, section 5).
public struct HTTPHeader: Sendable, Equatable {
    /// The field's name, compared without regard to case.
    public var name: String
    /// The field's value, without the blanks around it.
    public var value: String

    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// One request to an HTTP server.
public struct HTTPRequest {
    /// The method (RFC 9110, section 9, RFC 5789, RFC 4918 and RFC 3253).
    public enum Method: String, Sendable {
        case get = "GET"
        case head = "HEAD"
        case post = "POST"
        case put = "PUT"
        case patch = "PATCH"
        case propfind = "PROPFIND"
        case report = "REPORT"
        case delete = "DELETE"
    }

    /// What is sent after the head.
    public enum Body {
        case none
        case bytes([UInt8])
        /// Pieces from a closure that is called until it returns `nil`; memory holds one piece at a time.
        ///
        /// With `length` the body is sent with that `Content-Length`, and a source that gives fewer or more bytes ends
        /// the transfer with `http.failed`. Without it the body is sent in chunks. What the closure throws ends the
        /// transfer and comes out of `send` as `HTTPError.stopped`.
        case stream(length: Int? = nil, next: () throws -> [UInt8]?)
    }

    public var method: Method
    /// An absolute `http` or `https` address in ASCII, percent-encoded, without user name and password.
    public var url: String
    /// Further header fields. `Content-Length`, `Transfer-Encoding` and `Expect` belong to the client.
    public var headers: [HTTPHeader]
    /// The body; `get` and `head` have none.
    public var body: Body

    public init(_ method: Method, _ url: String, headers: [HTTPHeader] = [], body: Body = .none) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }
}
