internal import Synchronization

/// How many messages of systems outside are looked at: so many at once, and then one by one as time goes on. More of them say no more.
final class HookPace: Sendable {
    private struct State {
        var tokens: Double
        var filledAt = ContinuousClock.now
    }

    private let burst: Double, perSecond: Double
    private let state: Mutex<State>

    init(burst: Int, perSecond: Int) {
        (self.burst, self.perSecond) = (Double(burst), Double(perSecond))
        state = Mutex(State(tokens: Double(burst)))
    }

    /// Whether another may be looked at.
    func take() -> Bool {
        state.withLock { state in
            let now = ContinuousClock.now
            state.tokens = min(burst, state.tokens + (now - state.filledAt) / .seconds(1) * perSecond)
            state.filledAt = now
            guard state.tokens >= 1 else { return false }
            state.tokens -= 1
            return true
        }
    }
}
