internal import ArgumentParser
internal import Causality
internal import Messages
internal import NodeOperations

/// `limn duplicates`: records that may be one customer.
struct DuplicatesCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "duplicates", abstract: Catalogue.text("help.duplicates"), discussion: Catalogue.text("help.duplicates.discussion"),
            subcommands: [DuplicatesFindCommand.self, List.self, Show.self, Accept.self, Reject.self], defaultSubcommand: List.self)
    }

    /// `limn duplicates list`: the pairs that wait for a person.
    struct List: NodeCommand {
        static var configuration: CommandConfiguration {
            CommandConfiguration(commandName: "list", abstract: Catalogue.text("help.duplicates.list"))
        }

        @Option(help: .text("help.duplicates.limit", value: "n"))
        var limit: Int?

        func run(in invocation: Invocation) throws -> CommandOutcome {
            let limit = try limit.map(ChangesCommand.checked)
            let node = try invocation.openNode()
            let list = try DuplicateList(node, limit: limit, namesShown: !invocation.json)
            return CommandOutcome("duplicates", data: .object(list.members), talk: [list.talk], isPaged: true) { list.show(on: &$0) }
        }
    }

    /// `limn duplicates show`: why the two may be one customer, as a picture.
    struct Show: NodeCommand {
        static var configuration: CommandConfiguration {
            CommandConfiguration(commandName: "show", abstract: Catalogue.text("help.duplicates.show"))
        }

        @Argument(help: .text("help.duplicates.key"))
        var key: String

        func run(in invocation: Invocation) throws -> CommandOutcome {
            let node = try invocation.openNode()
            let pair = try node.duplicate(key)
            let names = invocation.json ? [:] : try node.customerNames([pair.a, pair.b])
            return CommandOutcome("duplicate", data: pair.wholeData) { page in
                page.line([pair.a, pair.b].map { "\(names[$0] ?? "–") (\($0.ending))" }.joined(separator: " · "), .bold)
                WeightChart(evidence: pair.evidence).show(on: &page)
                page.line(Catalogue.text(pair.isLinked ? "label.weights-linked" : "label.weights-open"))
            }
        }
    }

    /// `limn duplicates accept`: each pair is one customer.
    struct Accept: NodeCommand {
        static var configuration: CommandConfiguration {
            CommandConfiguration(commandName: "accept", abstract: Catalogue.text("help.duplicates.accept"))
        }

        @Argument(help: .text("help.duplicates.keys"))
        var keys: [String]

        func run(in invocation: Invocation) throws -> CommandOutcome {
            try DuplicatesCommand.outcome(invocation.openNode().decideDuplicates(keys, isSame: true))
        }
    }

    /// `limn duplicates reject`: each pair is two customers.
    struct Reject: NodeCommand {
        static var configuration: CommandConfiguration {
            CommandConfiguration(commandName: "reject", abstract: Catalogue.text("help.duplicates.reject"))
        }

        @Argument(help: .text("help.duplicates.keys"))
        var keys: [String]

        func run(in invocation: Invocation) throws -> CommandOutcome {
            try DuplicatesCommand.outcome(invocation.openNode().decideDuplicates(keys, isSame: false))
        }
    }

    private static func outcome(_ decided: (done: Int, operation: OperationID?)) -> CommandOutcome {
        CommandOutcome(
            "duplicates-done", data: ["done": JSONValue(decided.done), "operation": JSONValue(id: decided.operation)],
            talk: [Catalogue.text("say.duplicates-decided", ["count": String(decided.done)])] + takeBackLines(decided.operation))
    }
}
