internal import Synchronization

/// Counts the requests under way.
final class RequestSlots: Sendable {
    private let free: Mutex<Int>

    init(count: Int) { free = Mutex(count) }

    /// A place that is given back when nobody holds it any more; nil where none is free.
    func take() -> Slot? {
        let isTaken = free.withLock { free in
            guard free > 0 else { return false }
            free -= 1
            return true
        }
        return isTaken ? Slot(of: self) : nil
    }

    /// A place among the requests under way.
    final class Slot: Sendable {
        private let slots: RequestSlots

        fileprivate init(of slots: RequestSlots) { self.slots = slots }

        deinit { slots.free.withLock { $0 += 1 } }
    }
}
