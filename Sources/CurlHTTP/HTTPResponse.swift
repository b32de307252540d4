// What a server answered.

/// The answer to one request, whatever its status: a status such as 404 is an answer, not an error.
public struct HTTPResponse: Sendable {
    /// The final status code; interim ones (1xx) are passed over.
    public let status: Int
    /// The header fields in the order they came, without trailers.
    public let headers: [HTTPHeader]
    /// The decoded body; empty where it went to the closure given to `send`.
    public let body: [UInt8]
    public let metrics: HTTPMetrics

    /// Whether the status is 2xx.
    public var isSuccess: Bool { (200..<300).contains(status) }

    /// Returns the first value of the named field, whatever the case of its name.
    ///
    /// - Complexity: O(number of fields).
    public func header(_ name: String) -> String? {
        let wanted = name.lowercased()
        return headers.first { $0.name.lowercased() == wanted }?.value
    }
}

/// What one exchange cost.
///
/// Bodies count as they travelled (compressed). The overhead of TLS and of the chunks of a response is not in it.
public struct HTTPMetrics: Sendable, Equatable {
    /// Request line, header fields and body.
    public let bytesSent: Int
    /// Status lines, header fields and body.
    public let bytesReceived: Int
    /// From the call to the last byte, with name resolution and connecting.
    public let milliseconds: Int
}
