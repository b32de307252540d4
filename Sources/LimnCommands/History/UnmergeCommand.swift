internal import ArgumentParser
internal import Messages
internal import NodeOperations

/// `limn unmerge`: takes a record out of a customer, or dissolves it.
struct UnmergeCommand: NodeCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "unmerge", abstract: Catalogue.text("help.unmerge"), discussion: Catalogue.text("help.unmerge.discussion"))
    }

    @Argument(help: .text("help.record"))
    var record: String

    @Flag(help: .text("help.unmerge.all"))
    var all = false

    func run(in invocation: Invocation) throws -> CommandOutcome {
        try linkOutcome("unmerge", invocation.openNode().unmerge(record, dissolving: all), said: "say.unmerged")
    }
}
