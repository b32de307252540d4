internal import Connectors
internal import Foundation

/// The next page of a pull, which is read on a thread of its own while the one before it is compared and written.
///
/// One page at a time, so what is in memory stays bounded. A system belongs to one thread at a time: nobody else asks it anything from `begin` until
/// the page was taken or `settle` has returned. Whoever begins is one thread.
final class PageAhead: @unchecked Sendable {
    /// Guards what follows, and is signalled when a page has come.
    private let condition = NSCondition()
    private var isUnderWay = false
    private var isLeft = false
    private var outcome: Result<PullPage, any Error>?

    /// Whether nobody waits for the page any more, so that it need not wait for anything either.
    var isUnwanted: Bool { condition.withLock { isLeft } }

    /// Begins to read a page; the one before it was taken.
    func begin(_ read: @escaping () throws -> PullPage) {
        condition.withLock {
            precondition(!isUnderWay && outcome == nil, "one page is read ahead")
            isUnderWay = true
        }
        // What it reads with is handed over: the lock orders its use here after that there.
        nonisolated(unsafe) let read = read
        Thread.detachNewThread { [self] in
            let outcome = Result { try read() }
            condition.withLock {
                self.outcome = outcome
                isUnderWay = false
                condition.broadcast()
            }
        }
    }

    /// Takes the page that was begun, within a time; nil where it has not come.
    ///
    /// - Throws: what reading it threw.
    func take(withinMilliseconds milliseconds: Int) throws -> PullPage? {
        let come = condition.withLock { () -> Result<PullPage, any Error>? in
            let end = Date(timeIntervalSinceNow: Double(milliseconds) / 1_000)
            while isUnderWay, condition.wait(until: end) {}
            defer { outcome = nil }
            return outcome
        }
        return try come?.get()
    }

    /// Waits until no page is under way.
    func settle() {
        condition.withLock { while isUnderWay { condition.wait() } }
    }

    /// Gives up the page that may be under way or wait, and waits until its thread asks nothing more.
    func leave() {
        condition.withLock {
            isLeft = true
            while isUnderWay { condition.wait() }
            (isLeft, outcome) = (false, nil)
        }
    }
}
