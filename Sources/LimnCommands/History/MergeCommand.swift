internal import ArgumentParser
internal import Causality
internal import Messages
internal import NodeOperations

/// `limn merge`: says that two records are one customer.
struct MergeCommand: NodeCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "merge", abstract: Catalogue.text("help.merge"), discussion: Catalogue.text("help.merge.discussion"))
    }

    @Argument(help: .text("help.record"))
    var first: String

    @Argument(help: .text("help.merge.second"))
    var second: String

    func run(in invocation: Invocation) throws -> CommandOutcome {
        try linkOutcome("merge", invocation.openNode().merge(first, second), said: "say.merged")
    }
}

/// What linking or separating records did, as the outcome of a command.
func linkOutcome(_ schema: String, _ outcome: LinkOutcome, said code: String) -> CommandOutcome {
    let data: JSONValue = [
        "id": JSONValue(id: outcome.id), "members": JSONValue(outcome.members.map(\.description)),
        "operation": JSONValue(id: outcome.operation),
    ]
    let done = outcome.operation == nil
        ? Catalogue.text("say.nothing-changed")
        : Catalogue.text(code, ["id": outcome.id.ending, "count": String(outcome.members.count)])
    return CommandOutcome(schema, data: data, talk: [done] + takeBackLines(outcome.operation)) { page in
        for member in outcome.members { page.line(member.description) }
    }
}
