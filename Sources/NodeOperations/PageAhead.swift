internal import Causality
internal import Connectors
internal import Foundation

/// The next pages of a pull, which are read on a thread of their own while the ones before them are compared and written.
///
/// Two pages at most, so what is in memory stays bounded: with one, whoever reads would wait while several are written at once. A system belongs to
/// one thread at a time: nobody else asks it anything from `begin` until a page was taken that no other follows, or `settle` has returned. Whoever
/// begins and takes is one thread.
final class PageAhead: @unchecked Sendable {
    /// So many pages wait to be taken at most.
    static let pagesMaximum = 2

    /// A page, when it came, what its records say, and whether the one behind it is begun.
    struct Page {
        let page: PullPage
        let time: Stamp
        /// Nil where more has to be asked first.
        let readings: [RemoteReading]?
        let isFollowed: Bool
    }

    /// Guards what follows, and is signalled when a page has come or was taken.
    private let condition = NSCondition()
    /// Whether the thread asks the system, or is about to.
    private var isUnderWay = false
    /// Whether the thread waits until a page is taken, and asks nothing before that.
    private var isHeld = false
    private var isLeft = false
    private var pages: [Result<Page, any Error>] = []

    /// Whether nobody waits for pages any more, so that they need not wait for anything either.
    var isUnwanted: Bool { condition.withLock { isLeft } }

    /// Begins to read pages; all before them were taken.
    ///
    /// - Parameters:
    ///   - reading: what a page's records say; nil where the page behind it may not be asked for before it was taken.
    ///   - ask: asks for the page behind a cursor.
    func begin(
        from cursor: PullCursor, reading: @escaping (PullPage) -> [RemoteReading]?, _ ask: @escaping (PullCursor) throws -> (PullPage, at: Stamp)
    ) {
        condition.withLock {
            precondition(!isUnderWay && !isHeld && pages.isEmpty, "one thread reads ahead")
            isUnderWay = true
        }
        // What they ask and read with is handed over: the lock orders its use here after that there.
        nonisolated(unsafe) let (ask, reading) = (ask, reading)
        Thread.detachNewThread { [self] in
            var cursor: PullCursor? = cursor
            while let place = cursor {
                let outcome = Result { () -> Page in
                    let (page, time) = try ask(place), readings = reading(page)
                    return Page(page: page, time: time, readings: readings, isFollowed: page.hasMore && page.next != place && readings != nil)
                }
                cursor = hasRoom(behind: outcome) ? (try? outcome.get())?.page.next : nil
            }
        }
    }

    /// Gives a page to whoever takes it, and waits for room for the one behind it; whether that is to be read.
    private func hasRoom(behind outcome: Result<Page, any Error>) -> Bool {
        condition.withLock {
            let isFollowed = (try? outcome.get())?.isFollowed ?? false
            pages.append(outcome)
            isHeld = isFollowed && pages.count >= PageAhead.pagesMaximum
            isUnderWay = isFollowed && !isHeld
            condition.broadcast()
            while isHeld, !isLeft { condition.wait() }
            if isLeft { (isUnderWay, isHeld) = (false, false) }
            condition.broadcast()
            return isUnderWay
        }
    }

    /// Takes the next page, within a time; nil where it has not come.
    ///
    /// - Throws: what reading it threw.
    func take(withinMilliseconds milliseconds: Int) throws -> Page? {
        let come = condition.withLock { () -> Result<Page, any Error>? in
            let end = Date(timeIntervalSinceNow: Double(milliseconds) / 1_000)
            while pages.isEmpty, isUnderWay, condition.wait(until: end) {}
            if pages.isEmpty { return nil }
            if isHeld {
                (isUnderWay, isHeld) = (true, false)
                condition.broadcast()
            }
            return pages.removeFirst()
        }
        return try come?.get()
    }

    /// Waits until nothing is asked; nothing is before a page is taken.
    func settle() {
        condition.withLock { while isUnderWay { condition.wait() } }
    }

    /// Gives up the pages that may be under way or wait, and waits until their thread asks nothing more.
    func leave() {
        condition.withLock {
            isLeft = true
            condition.broadcast()
            while isUnderWay || isHeld { condition.wait() }
            (isLeft, pages) = (false, [])
        }
    }
}
