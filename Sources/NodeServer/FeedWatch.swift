internal import ProfileStore
internal import ServiceLifecycle
internal import Synchronization

/// Lets requests wait until the store's feed moves on, whichever process moves it.
///
/// One check of the store serves all who wait, and there is none where nobody waits. Waiting holds neither a thread nor a
/// transaction.
final class FeedWatch: Service {
    private struct Waiter {
        let head: UInt64
        let deadline: ContinuousClock.Instant
        let continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var waiters: [Waiter] = []
        var isChecking = false
        var isStopping = false
    }

    private let watch: StoreWatch
    private let threads: StoreThreads
    private let interval: Duration
    private let state = Mutex(State())

    init(store: ProfileStore, threads: StoreThreads, intervalMilliseconds: Int) {
        watch = StoreWatch(store)
        self.threads = threads
        interval = .milliseconds(intervalMilliseconds)
    }

    /// Whether nobody may wait any more.
    var isStopping: Bool { state.withLock { $0.isStopping } }

    /// Returns once the feed is beyond a number, at the deadline, or when the server stops; the caller looks which it was.
    func change(after head: UInt64, until deadline: ContinuousClock.Instant) async {
        await withCheckedContinuation { continuation in
            let (isRefused, isFirst) = state.withLock { state in
                if state.isStopping { return (true, false) }
                state.waiters.append(Waiter(head: head, deadline: deadline, continuation: continuation))
                defer { state.isChecking = true }
                return (false, !state.isChecking)
            }
            if isRefused { continuation.resume() }
            if isFirst { Task { await check() } }
        }
    }

    /// Checks the store again and again as long as somebody waits.
    private func check() async {
        while true {
            // It is cancelled by nobody.
            try? await Task.sleep(for: interval)
            let isNeeded = state.withLock { state in
                if state.waiters.isEmpty { state.isChecking = false }
                return state.isChecking
            }
            guard isNeeded else { return }
            // Where the store cannot be read, those who wait find out why.
            let head = try? await threads.run { [watch] in try watch.feedHead() }
            let now = ContinuousClock.now
            wake { $0.head < head ?? .max || $0.deadline <= now }
        }
    }

    private func wake(where isDone: (Waiter) -> Bool) {
        let done = state.withLock { state in
            let done = state.waiters.filter(isDone)
            if !done.isEmpty { state.waiters.removeAll(where: isDone) }
            return done
        }
        for waiter in done { waiter.continuation.resume() }
    }

    /// Ends all waiting when the server is told to stop, before it waits for requests under way.
    func run() async throws {
        // It throws only where the server failed, which ends waiting too.
        try? await gracefulShutdown()
        state.withLock { $0.isStopping = true }
        wake { _ in true }
    }
}

/// Counts for each caller its requests that wait.
final class WaitingSeats: Sendable {
    private let taken = Mutex<[String: Int]>([:])
    private let maximum: Int

    /// - Parameter maximum: for one caller.
    init(maximum: Int) { self.maximum = maximum }

    /// A seat that is given back when nobody holds it any more; nil where the caller has as many as it may.
    func take(_ name: String) -> Seat? {
        let isTaken = taken.withLock { taken in
            guard taken[name, default: 0] < maximum else { return false }
            taken[name, default: 0] += 1
            return true
        }
        return isTaken ? Seat(name, of: self) : nil
    }

    /// A caller's place among those who wait.
    final class Seat: Sendable {
        private let name: String
        private let seats: WaitingSeats

        fileprivate init(_ name: String, of seats: WaitingSeats) {
            self.name = name
            self.seats = seats
        }

        deinit {
            seats.taken.withLock { taken in
                let left = taken[name, default: 1] - 1
                taken[name] = left > 0 ? left : nil
            }
        }
    }
}
