internal import Synchronization

/// How many messages of systems outside are looked at: of each system so many at once, and then one by one as time goes on. More of them say
/// no more. Names of no system share one allowance, so that whoever makes up names silences nobody.
final class HookPace: Sendable {
    private struct Bucket {
        var tokens: Double
        var filledAt = ContinuousClock.now
    }

    private struct State {
        /// The allowances; that of names of no system under nil.
        var buckets: [String?: Bucket] = [:]
        var known: Set<String> = []
        var knownAt: ContinuousClock.Instant?
    }

    /// How long it is believed that a name is none of a system: whoever makes up names has the store asked so often.
    private static let memory = Duration.seconds(1)

    private let burst: Double, perSecond: Double
    private let state = Mutex(State())

    init(burst: Int, perSecond: Int) { (self.burst, self.perSecond) = (Double(burst), Double(perSecond)) }

    /// Whether it has to be found out again which systems there are, before it can be said whether a name is one of them.
    func mustAsk(about name: String) -> Bool {
        state.withLock { state in
            if state.known.contains(name) { return false }
            let now = ContinuousClock.now
            if let at = state.knownAt, now - at < HookPace.memory { return false }
            state.knownAt = now
            return true
        }
    }

    /// Which systems there are.
    func note(_ names: Set<String>) {
        state.withLock { state in
            state.known = names
            state.buckets = state.buckets.filter { $0.key.map(names.contains) ?? true }
        }
    }

    /// Whether another message to a name may be looked at.
    func take(_ name: String) -> Bool {
        state.withLock { state in
            let now = ContinuousClock.now, key = state.known.contains(name) ? name : nil
            var bucket = state.buckets[key] ?? Bucket(tokens: burst)
            bucket.tokens = min(burst, bucket.tokens + (now - bucket.filledAt) / .seconds(1) * perSecond)
            bucket.filledAt = now
            let isAllowed = bucket.tokens >= 1
            if isAllowed { bucket.tokens -= 1 }
            state.buckets[key] = bucket
            return isAllowed
        }
    }
}
