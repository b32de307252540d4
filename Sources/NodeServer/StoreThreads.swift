internal import NIOPosix
internal import Synchronization

/// The threads on which the store is used: it blocks, and the threads that serve connections must not.
final class StoreThreads: Sendable {
    private let pool: NIOThreadPool
    private let isEnding = Mutex(false)

    init(count: Int) {
        pool = NIOThreadPool(numberOfThreads: count)
        pool.start()
    }

    /// Whether the threads wait for the end of what they have begun; long work then stops between two slices.
    var isStopping: Bool { isEnding.withLock { $0 } }

    /// Runs work on one of the threads, after what came before it.
    ///
    /// - Throws: what the work throws; `server.stopping` where the threads ended before its turn.
    func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        do {
            return try await pool.runIfActive(work)
        } catch is CancellationError {
            throw ServerError.stopping
        } catch is NIOThreadPoolError.ThreadPoolInactive {
            throw ServerError.stopping
        }
    }

    /// Runs work for which nobody waits, unless the threads end before its turn.
    func begin(_ work: @escaping @Sendable () -> Void) {
        pool.submit { state in
            if case .active = state { work() }
        }
    }

    /// Ends the threads once the work that they have begun is done.
    func stop() async {
        isEnding.withLock { $0 = true }
        // It fails only where the threads have ended already.
        try? await pool.shutdownGracefully()
    }
}

/// A value that goes from thread to thread and is used by one at a time, each use after the end of the one before.
final class Handover<Value>: @unchecked Sendable {
    let value: Value

    init(_ value: Value) { self.value = value }
}
