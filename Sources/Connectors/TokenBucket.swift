/// How many requests a family of them may send: so many at once, and then one by one as time refills the bucket.
public struct TokenBucket: Sendable {
    /// What a system allows.
    public struct Limit: Sendable, Equatable {
        public let burst: Int
        public let perSecond: Double

        public init(burst: Int, perSecond: Double) {
            self.burst = burst
            self.perSecond = perSecond
        }
    }

    private let limit: Limit
    private var tokens: Double
    private var filledAt: Int64?
    /// Until when the system itself said to wait.
    private var pausedUntil: Int64 = 0

    public init(_ limit: Limit) {
        self.limit = limit
        tokens = Double(limit.burst)
    }

    /// Takes a token; how many microseconds to wait before the request is sent.
    public mutating func take(now: Int64) -> Int64 {
        if let filledAt, now > filledAt { tokens = min(Double(limit.burst), tokens + Double(now - filledAt) / 1_000_000 * limit.perSecond) }
        filledAt = max(now, filledAt ?? now)
        tokens -= 1
        let wait = tokens >= 0 ? 0 : Int64((-tokens / limit.perSecond * 1_000_000).rounded(.up))
        return max(wait, pausedUntil - now, 0)
    }

    /// Sends nothing before a time.
    public mutating func pause(until time: Int64) { pausedUntil = max(pausedUntil, time) }
}
