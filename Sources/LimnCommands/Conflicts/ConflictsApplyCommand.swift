internal import ArgumentParser
internal import Messages
internal import NodeOperations

extension ConflictsCommand {
    /// `limn conflicts apply`: takes the decisions of a table.
    struct Apply: NodeCommand {
        static var configuration: CommandConfiguration {
            CommandConfiguration(
                commandName: "apply", abstract: Catalogue.text("help.conflicts.apply"),
                discussion: Catalogue.text("help.conflicts.apply.discussion"))
        }

        @Argument(help: .text("help.conflicts.apply.file"), completion: .file())
        var file: String

        func run(in invocation: Invocation) throws -> CommandOutcome {
            try Resolve.outcome(invocation.openNode().applyDecisions(path: file))
        }
    }
}
