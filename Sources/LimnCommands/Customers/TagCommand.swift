internal import ArgumentParser
internal import Causality
internal import Messages
internal import NodeOperations

/// `limn tag`: puts tags on a customer by hand, and takes them off.
struct TagCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "tag", abstract: Catalogue.text("help.tag"), subcommands: [TagAddCommand.self, TagRemoveCommand.self])
    }
}

struct TagAddCommand: NodeCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "add", abstract: Catalogue.text("help.tag.add"))
    }

    @Argument(help: .text("help.record")) var record: String
    @Argument(help: .text("help.tag.tags", value: "tag")) var tags: [String]

    func run(in invocation: Invocation) throws -> CommandOutcome { try TagChange(verb: .add).run(record, tags, invocation) }
}

struct TagRemoveCommand: NodeCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "remove", abstract: Catalogue.text("help.tag.remove"))
    }

    @Argument(help: .text("help.record")) var record: String
    @Argument(help: .text("help.tag.tags", value: "tag")) var tags: [String]

    func run(in invocation: Invocation) throws -> CommandOutcome { try TagChange(verb: .remove).run(record, tags, invocation) }
}

/// What both commands do.
private struct TagChange {
    let verb: Assignment.Verb

    func run(_ record: String, _ tags: [String], _ invocation: Invocation) throws -> CommandOutcome {
        let node = try invocation.openNode()
        let outcome = try node.edit(record, tags.map { Assignment(field: "tags", verb: verb, text: $0) })
        let profile = try node.show(record, events: 0)
        return CommandOutcome(
            "tag",
            data: ["id": JSONValue(id: profile.id), "tags": JSONValue(profile.tags), "operation": JSONValue(id: outcome.operation)],
            talk: ShownText.talk(Catalogue.text("say.tagged", ["record": profile.id.ending]), outcome.operation)
        ) { $0.line(ShownText.list(profile.tags)) }
    }
}
