// How long an exchange may take and how large its answer may be.

/// The limits of one exchange.
public struct HTTPLimits: Sendable {
    /// Time to resolve the name, connect and finish the TLS handshake; above it the error is `http.unreachable`.
    public var connectTimeoutMilliseconds = 10_000
    /// Time for the whole exchange, `nil` for no limit; above it the error is `http.timed-out`.
    public var totalTimeoutMilliseconds: Int?
    /// An exchange slower than this for `stallTimeoutSeconds` ends with `http.timed-out`. Waiting for the first byte
    /// counts too.
    public var leastBytesPerSecond = 1
    /// How long an exchange may be too slow; 0 means for ever.
    public var stallTimeoutSeconds = 60
    /// Size of the response's head, with interim responses and trailers; above it the error is `http.too-large`. One
    /// line is never longer than libcurl's own limit of 100 KiB.
    public var headerBytes = 64 << 10
    /// Size of a decoded body that is collected in memory; above it the error is `http.too-large`.
    public var collectedBodyBytes = 16 << 20
    /// Size of a decoded body that goes to a closure; above it the error is `http.too-large`.
    public var streamedBodyBytes = 1 << 40

    public init() {}
}
