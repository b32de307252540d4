internal import Foundation
internal import Synchronization

/// Whether the person or the system has asked the program to stop.
///
/// The first SIGINT or SIGTERM only raises a flag, which long work looks at between its steps, so that what was
/// acknowledged is on disk and nothing is half done. The second ends the process at once.
package final class Interruption: Sendable {
    /// The one that signals of this process raise.
    package static let process = Interruption()

    private let received = Atomic<Int32>(0)

    package init() {}

    /// The signal that arrived, 0 while none has.
    package var signal: Int32 { received.load(ordering: .relaxed) }
    /// Whether work should stop at its next safe point.
    package var isRequested: Bool { signal != 0 }

    /// Raises the flag as the signal does.
    package func request(_ signal: Int32 = SIGINT) { received.store(signal, ordering: .relaxed) }

    /// Stops at a safe point: throws where the flag is raised.
    ///
    /// - Throws: `InputFailure.interrupted`.
    package func check() throws {
        if isRequested { throw InputFailure.interrupted }
    }

    /// Makes SIGINT and SIGTERM raise the flag of `process`, and writing to a closed pipe an error rather than a signal.
    ///
    /// A mask that was inherited does not keep them out: a program that started this one may have blocked them.
    static func handleSignals() {
        Foundation.signal(SIGPIPE, SIG_IGN)
        var mask = sigset_t()
        sigemptyset(&mask)
        sigaddset(&mask, SIGINT)
        sigaddset(&mask, SIGTERM)
        pthread_sigmask(SIG_UNBLOCK, &mask, nil)
        _ = process.signal
        for number in [SIGINT, SIGTERM] {
            var action = sigaction()
            // No SA_RESTART: a read that waits for an answer returns. SA_RESETHAND: the next signal has its usual effect.
            action.sa_flags = Int32(truncatingIfNeeded: SA_RESETHAND)
            #if os(Linux)
            action.__sigaction_handler.sa_handler = { Interruption.process.request($0) }
            #else
            action.__sigaction_u.__sa_handler = { Interruption.process.request($0) }
            #endif
            sigaction(number, &action, nil)
        }
    }
}
