// A flag that stops a transfer from another thread.

import Synchronization

/// Stops the transfers that it was given to.
///
/// Any thread may cancel at any time, more than once, and so may a signal handler: it only stores one atomic flag.
/// A transfer notices within about one second, sooner while bytes flow. There is no way back: a new piece of work takes
/// a new `Cancellation`.
public final class Cancellation: Sendable {
    private let flag = Atomic<Bool>(false)

    public init() {}

    /// Asks every transfer that holds this object to end with `http.cancelled`.
    public func cancel() {
        flag.store(true, ordering: .releasing)
    }

    /// Whether `cancel()` was called.
    public var isCancelled: Bool {
        flag.load(ordering: .acquiring)
    }
}
