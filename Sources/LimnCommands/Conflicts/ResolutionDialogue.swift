internal import Causality
internal import Messages
internal import NodeOperations
internal import ProfileModel

/// Conflicts put to a person one after the other.
struct ResolutionDialogue {
    let invocation: Invocation
    let node: Node

    private enum Answer {
        case decide(Decision)
        case skip, quit, undo
    }

    /// Asks until no conflict is left or the person has had enough; each answer is an operation of its own.
    ///
    /// - Throws: `general.input-needed` where nobody can be asked.
    func run(field: String?) throws -> CommandOutcome {
        var filter = ConflictFilter()
        filter.field = field
        let conflicts = try node.conflicts(filter).conflicts
        var decided: [(index: Int, operation: OperationID?)] = []
        var index = 0
        while index < conflicts.count {
            guard let conflict = try? node.conflict(conflicts[index].key) else {
                index += 1
                continue
            }
            switch try ask(conflict, "\(index + 1)/\(conflicts.count)", hasAsked: index > 0 || !decided.isEmpty) {
            case .quit:
                return outcome(decided, left: conflicts.count - decided.count)
            case .skip: index += 1
            case .undo:
                guard let last = decided.popLast() else {
                    try invocation.say(Catalogue.text("say.nothing-to-undo"))
                    continue
                }
                if let operation = last.operation { _ = try node.undo(operation) }
                index = last.index
            case .decide(let decision):
                do {
                    decided.append((index, try node.resolve(conflict.key, decision).operation))
                    index += 1
                } catch let error as any CodedError {
                    // A value that the field does not take: said, and asked again.
                    try invocation.say(Catalogue.text(error.code, error.parameters))
                }
            }
        }
        return outcome(decided, left: conflicts.count - decided.count)
    }

    private func ask(_ conflict: Conflict, _ place: String, hasAsked: Bool) throws -> Answer {
        var page = TextPage(columns: invocation.columns, color: invocation.hasColor(invocation.streams.error))
        page.heading("[\(place)] \(conflict.name ?? conflict.record.description) · \(fieldTitle(conflict.field)) · \(conflict.kindTitle)")
        var table = TextTable([.init("", .right, shrinks: false), .init(""), .init(""), .init("", shrinks: false)])
        for (number, candidate) in conflict.candidates.enumerated() {
            let isShown = conflict.candidatesShownFirst.shown?.dot == candidate.dot
            table.add([
                .init(String(number + 1)), .init(conflict.saying(of: candidate), isShown ? .green : .yellow), .init(candidate.speaker),
                .init(TimeText.local(candidate.at)),
            ])
        }
        page.table(table)
        try invocation.streams.error.write(page.text)
        do {
            return try answer(conflict)
        } catch InputFailure.nobodyToAsk where hasAsked {
            // The end of input after an answer: the person has left.
            return .quit
        }
    }

    private func answer(_ conflict: Conflict) throws -> Answer {
        let instead = "KEY --pick, KEY --value, --all"
        let question = Catalogue.text("ask.resolution", ["last": String(conflict.candidates.count)])
        while true {
            let text = try invocation.prompt.ask(question, default: "s", instead: instead).lowercased()
            switch text {
            case "s": return .skip
            case "q": return .quit
            case "u": return .undo
            case "v":
                return .decide(.value(try invocation.prompt.ask(Catalogue.text("ask.resolution-value"), instead: instead)))
            default:
                if let number = Int(text), conflict.candidates.indices.contains(number - 1) {
                    return .decide(.pick(conflict.candidates[number - 1].dot))
                }
                try invocation.streams.error.write(Catalogue.text("say.answer-resolution", ["last": String(conflict.candidates.count)]) + "\n")
            }
        }
    }

    private func outcome(_ decided: [(index: Int, operation: OperationID?)], left: Int) -> CommandOutcome {
        ConflictsCommand.Resolve.outcome(resolved: decided.count, skipped: left, operation: decided.last?.operation)
    }
}
