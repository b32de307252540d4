internal import ArgumentParser
internal import Causality
internal import Messages
internal import NodeOperations

/// `limn delete`: deletes a customer; what others edit meanwhile becomes a conflict.
struct DeleteCommand: NodeCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "delete", abstract: Catalogue.text("help.delete"), discussion: Catalogue.text("help.delete.discussion"))
    }

    @Argument(help: .text("help.record")) var record: String

    func run(in invocation: Invocation) throws -> CommandOutcome {
        let outcome = try invocation.openNode().delete(record)
        let line = Catalogue.text("say.deleted", ["record": outcome.id.ending])
        return CommandOutcome(
            "delete", data: ["id": JSONValue(id: outcome.id), "operation": JSONValue(id: outcome.operation)],
            talk: ShownText.talk(line, outcome.operation))
    }
}
