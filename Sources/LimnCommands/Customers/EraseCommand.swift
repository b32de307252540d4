internal import ArgumentParser
internal import Causality
internal import Messages
internal import NodeOperations

/// `limn erase`: takes a customer out of every node for ever.
struct EraseCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "erase", abstract: Catalogue.text("help.erase"), discussion: Catalogue.text("help.erase.discussion"),
            subcommands: [Make.self, Status.self], defaultSubcommand: Make.self)
    }

    /// `limn erase RECORD`: erases it, once its whole id confirms it.
    struct Make: NodeCommand {
        static var configuration: CommandConfiguration {
            CommandConfiguration(commandName: "record", abstract: Catalogue.text("help.erase.record"))
        }

        @Argument(help: .text("help.record")) var record: String

        @Option(help: .text("help.erase.confirm", value: "id"))
        var confirm: String?

        func run(in invocation: Invocation) throws -> CommandOutcome {
            let outcome = try invocation.openNode().erase(record, confirmation: confirm)
            return EraseCommand.outcome(
                outcome.status, operation: outcome.operation,
                talk: [Catalogue.text("say.erased", ["record": outcome.status.id.ending, "count": String(outcome.records)])])
        }
    }

    /// `limn erase status`: on which nodes nothing is left.
    struct Status: NodeCommand {
        static var configuration: CommandConfiguration {
            CommandConfiguration(commandName: "status", abstract: Catalogue.text("help.erase.status"))
        }

        @Argument(help: .text("help.record")) var record: String

        func run(in invocation: Invocation) throws -> CommandOutcome {
            EraseCommand.outcome(try invocation.openNode().erasureStatus(record), operation: nil, talk: [])
        }
    }

    private static func outcome(_ status: ErasureStatus, operation: OperationID?, talk: [String]) -> CommandOutcome {
        let data: JSONValue = [
            "id": JSONValue(id: status.id), "at": JSONValue(milliseconds: status.at.map { $0.rawValue / 1000 }), "author": JSONValue(status.author),
            "acknowledged": JSONValue(status.acknowledged), "pending": JSONValue(status.pending), "operation": JSONValue(id: operation),
        ]
        return CommandOutcome("erase", data: data, talk: talk) { page in
            page.values([
                (label: Catalogue.text("label.record"), value: status.id.description),
                (label: Catalogue.text("label.erase.acknowledged"), value: status.acknowledged.joined(separator: ", ")),
                (label: Catalogue.text("label.erase.pending"), value: status.pending.isEmpty ? "–" : status.pending.joined(separator: ", ")),
            ])
        }
    }
}
