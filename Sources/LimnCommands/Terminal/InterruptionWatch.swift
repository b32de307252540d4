internal import Foundation
internal import Synchronization

/// Does something, from a thread of its own, once the program is asked to stop: for work that cannot look at the flag itself.
final class InterruptionWatch: Sendable {
    private let isOver = Atomic<Bool>(false)
    private static let intervalMicroseconds: UInt32 = 50_000

    init(_ interruption: Interruption, then stop: @escaping @Sendable () -> Void) {
        Thread.detachNewThread { [self] in
            while !isOver.load(ordering: .relaxed) {
                if interruption.isRequested { return stop() }
                Self.pause()
            }
        }
    }

    /// Waits for as long as a request to stop may go unnoticed.
    static func pause() { usleep(intervalMicroseconds) }

    /// Ends the thread; nothing is done from then on, unless it has begun.
    func end() { isOver.store(true, ordering: .relaxed) }
}
