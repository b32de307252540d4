internal import ArgumentParser
internal import Messages
internal import NodeOperations

/// `limn note`: writes down a visit, a call or feedback, and what is to be done next.
struct NoteCommand: NodeCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "note", abstract: Catalogue.text("help.note"), discussion: Catalogue.text("help.note.discussion"))
    }

    enum NoteType: String, CaseIterable, ExpressibleByArgument {
        case visit, call, feedback
    }

    @Argument(help: .text("help.record")) var record: String
    @Argument(help: .text("help.note.text")) var text: String?
    @Option(help: .text("help.note.type")) var type = NoteType.visit
    @Option(help: .text("help.note.at", value: "time")) var at: String?
    @Option(parsing: .upToNextOption, help: .text("help.note.next", value: "date-task")) var next: [String] = []

    func run(in invocation: Invocation) throws -> CommandOutcome {
        var text = text, next = next
        // `--next DATE TASK` before the text takes the text along.
        if text == nil, next.count > 2 { text = next.removeLast() }
        guard let text, !text.isEmpty else { throw UsageError.missingArgument(name: "TEXT") }
        if next.count == 1 { throw UsageError.missingArgument(name: "TASK") }
        let task: (due: String, text: String)? = next.isEmpty ? nil : (next[0], next.dropFirst().joined(separator: " "))
        let noted = try invocation.openNode().note(record, text: text, type: type.rawValue, time: at, next: task)
        return CommandOutcome(
            "note",
            data: ["event": JSONValue(id: noted.event), "task": JSONValue(id: noted.task), "operation": JSONValue(id: noted.operation)],
            talk: ShownText.talk(Catalogue.text(noted.task == nil ? "say.noted" : "say.noted-task"), noted.operation))
    }
}
