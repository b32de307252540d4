internal import ArgumentParser
internal import Causality
internal import Messages
internal import NodeOperations

/// `limn restore`: takes a customer's deletion back.
struct RestoreCommand: NodeCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "restore", abstract: Catalogue.text("help.restore"), discussion: Catalogue.text("help.restore.discussion"))
    }

    @Argument(help: .text("help.record")) var record: String

    func run(in invocation: Invocation) throws -> CommandOutcome {
        let outcome = try invocation.openNode().restore(record)
        let line = Catalogue.text("say.restored", ["record": outcome.id.ending])
        return CommandOutcome(
            "restore", data: ["id": JSONValue(id: outcome.id), "operation": JSONValue(id: outcome.operation)],
            talk: ShownText.talk(line, outcome.operation))
    }
}
