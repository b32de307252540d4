internal import Foundation
internal import Messages
internal import NodeOperations
internal import ProfileModel
internal import Synchronization

/// Cleans by schedule, from a thread of its own, while a node serves.
final class ScheduledCleaner: Sendable {
    private let isOver = Atomic<Bool>(false)
    private static let pausesBetween = 200

    /// - Parameter say: is told of every run.
    init(_ node: Node, _ interruption: Interruption, say: @escaping @Sendable (String) -> Void) {
        let language = Language.current
        Thread.detachNewThread { [self] in
            Language.$current.withValue(language) {
                var lastFailure: String?
                while !isOver.load(ordering: .relaxed), !interruption.isRequested {
                    do {
                        for run in try node.runDueCleaning() { say(ScheduledCleaner.text(run)) }
                        lastFailure = nil
                    } catch {
                        // Tried again in ten seconds, and said once.
                        let failure = (error as? any CodedError).map { Catalogue.text($0.code, $0.parameters) } ?? "\(error)"
                        if failure != lastFailure { say(failure) }
                        lastFailure = failure
                    }
                    for _ in 0..<Self.pausesBetween where !isOver.load(ordering: .relaxed) && !interruption.isRequested { InterruptionWatch.pause() }
                }
            }
        }
    }

    private static func text(_ run: ScheduledRun) -> String {
        guard let outcome = run.outcome else { return Catalogue.text("say.schedule-stopped", ["name": run.schedule, "code": run.error?.code ?? ""]) }
        return Catalogue.text("say.schedule-ran", [
            "name": run.schedule, "filled": ProgressLine.grouped(outcome.filled.values.reduce(0, +)),
            "flagged": ProgressLine.grouped(outcome.flagged.values.reduce(0, +)),
        ])
    }

    /// Ends the thread after the run that is under way.
    func end() { isOver.store(true, ordering: .relaxed) }
}
