internal import ArgumentParser
internal import Causality
internal import Messages
internal import NodeOperations
internal import ProfileStore

/// `limn log`: what commands did on this node.
struct LogCommand: NodeCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "log", abstract: Catalogue.text("help.log"), discussion: Catalogue.text("help.log.discussion"))
    }

    @Option(help: .text("help.log.limit", value: "n"))
    var limit = 100

    func run(in invocation: Invocation) throws -> CommandOutcome {
        let operations = try invocation.openNode().operations(limit: ChangesCommand.checked(limit))
        let data = operations.map { operation -> JSONValue in
            [
                "id": JSONValue(id: operation.id), "at": JSONValue(at: operation.at), "author": .string(operation.author),
                "command": .string(operation.command), "rows": JSONValue(operation.rows), "message": JSONValue(operation.message),
                "undoneBy": JSONValue(id: operation.undoneBy),
            ]
        }
        return CommandOutcome("log", data: ["operations": .array(data)], isPaged: true) { page in
            var table = TextTable([
                .init(Catalogue.text("label.operation"), shrinks: false), .init(Catalogue.text("label.when"), shrinks: false),
                .init(Catalogue.text("label.who")), .init(Catalogue.text("label.rows"), .right, shrinks: false),
                .init(Catalogue.text("label.command")), .init(Catalogue.text("label.message")),
            ])
            for operation in operations {
                let undone = operation.undoneBy.map { Catalogue.text("label.undone-by", ["operation": $0.ending]) }
                table.add([
                    .init(operation.id.ending), .init(TimeText.local(operation.at)), .init(operation.author), .init(String(operation.rows)),
                    .init(operation.command, undone == nil ? .plain : .faint),
                    .init([operation.message, undone].compactMap(\.self).joined(separator: " · ")),
                ])
            }
            page.table(table)
        }
    }
}
