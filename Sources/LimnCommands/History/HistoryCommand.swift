internal import ArgumentParser
internal import Messages
internal import NodeOperations

/// `limn history`: what happened to one customer.
struct HistoryCommand: NodeCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "history", abstract: Catalogue.text("help.history"), discussion: Catalogue.text("help.history.discussion"))
    }

    @Argument(help: .text("help.record"))
    var record: String

    @Option(help: .text("help.history.field", value: "field"))
    var field: String?

    func run(in invocation: Invocation) throws -> CommandOutcome {
        let table = HistoryTable(lines: try invocation.openNode().history(record, field: field))
        return CommandOutcome("history", data: ["entries": table.data], isPaged: true) { table.show(on: &$0) }
    }
}
