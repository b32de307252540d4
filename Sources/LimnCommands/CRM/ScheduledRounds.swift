internal import Foundation
internal import Messages
internal import NodeOperations
internal import ProfileModel
internal import Synchronization

/// Makes rounds with systems outside while a node serves: by schedule, and where a system told of something. Each runs in a thread of its
/// own, so that one that is slow does not hold up the others.
final class ScheduledRounds: Sendable {
    private struct State {
        /// Systems with which a round is under way.
        var running: Set<String> = []
        /// What was said of each last.
        var failures: [String: String] = [:]
    }

    private let node: Node
    private let certificateAuthorityFile: String?
    private let language = Language.current
    private let say: @Sendable (String) -> Void
    private let isOver: OverFlag
    private let state = Mutex(State())
    private static let pausesBetween = 20, roundsMaximum = 4, pausesAtEnd = 100

    private final class OverFlag: Sendable { let flag = Atomic<Bool>(false) }

    /// - Parameter say: is told of every round that changed something or failed; the same failure is said once.
    init(_ node: Node, _ interruption: Interruption, certificateAuthorityFile: String?, say: @escaping @Sendable (String) -> Void) {
        let isOver = OverFlag()
        self.isOver = isOver
        self.node = Node(
            store: node.store, author: node.author, isCancelled: { isOver.flag.load(ordering: .relaxed) || interruption.isRequested })
        self.certificateAuthorityFile = certificateAuthorityFile
        self.say = say
        begin { $0.watch() }
    }

    /// Ends it, and waits a moment for rounds under way: they stop at the next request.
    func end() {
        isOver.flag.store(true, ordering: .relaxed)
        for _ in 0..<Self.pausesAtEnd where state.withLock({ !$0.running.isEmpty }) { InterruptionWatch.pause() }
    }

    private func begin(_ work: @escaping @Sendable (ScheduledRounds) -> Void) {
        Thread.detachNewThread { [self] in Language.$current.withValue(language) { work(self) } }
    }

    private func watch() {
        while !node.isCancelled() {
            do {
                for due in try node.dueRounds() where take(due.name) { begin { $0.make(due) } }
                tell("", nil)
            } catch {
                tell("", error)
            }
            for _ in 0..<Self.pausesBetween where !node.isCancelled() { InterruptionWatch.pause() }
        }
    }

    private func take(_ name: String) -> Bool {
        state.withLock { $0.running.count < Self.roundsMaximum && $0.running.insert(name).inserted }
    }

    private func make(_ due: DueRound) {
        defer { state.withLock { _ = $0.running.remove(due.name) } }
        var options = ConnectorOptions()
        options.certificateAuthorityFile = certificateAuthorityFile
        do {
            guard let round = try node.make(due, options: options) else { return }
            tell(due.name, round.error)
            let counts = round.counts, here = counts.created + counts.updated + counts.gone, there = counts.made + counts.written
            if here + there > 0 {
                say(Catalogue.text("say.crm-round", [
                    "name": due.name, "here": ProgressLine.grouped(here), "there": ProgressLine.grouped(there),
                ]))
            }
        } catch {
            tell(due.name, error)
        }
    }

    private func tell(_ name: String, _ error: (any Error)?) {
        let failure = error.map { error in (error as? any CodedError).map { Catalogue.text($0.code, $0.parameters) } ?? "\(error)" }
        let isNew = state.withLock { state in
            defer { state.failures[name] = failure }
            return failure != nil && state.failures[name] != failure
        }
        guard isNew, let failure else { return }
        say(name.isEmpty ? failure : Catalogue.text("say.crm-failed", ["name": name, "reason": failure]))
    }
}
