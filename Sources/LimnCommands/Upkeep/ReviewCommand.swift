internal import ArgumentParser
internal import Causality
internal import Messages
internal import NodeOperations

/// `limn review`: values that a person should look at.
struct ReviewCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "review", abstract: Catalogue.text("help.review"), discussion: Catalogue.text("help.review.discussion"),
            subcommands: [List.self, Accept.self, Reject.self, Fix.self], defaultSubcommand: List.self)
    }

    /// `limn review list`: what waits.
    struct List: NodeCommand {
        static var configuration: CommandConfiguration {
            CommandConfiguration(commandName: "list", abstract: Catalogue.text("help.review.list"))
        }

        func run(in invocation: Invocation) throws -> CommandOutcome {
            let node = try invocation.openNode()
            let items = try node.reviewItems()
            let names = invocation.json ? [:] : try node.customerNames(items.map(\.record))
            let data = items.map { item -> JSONValue in
                [
                    "key": .string(item.key), "record": JSONValue(id: item.record), "field": .string(item.field), "raw": .string(item.raw),
                    "proposed": JSONValue(item.proposed), "reason": .string(item.reason), "source": JSONValue(item.source),
                ]
            }
            let talk = items.isEmpty ? "say.no-review" : "say.review-next"
            return CommandOutcome("review", data: ["items": .array(data)], talk: [Catalogue.text(talk)], isPaged: true) { page in
                if !items.isEmpty { page.table(Self.table(items, names)) }
            }
        }

        private static func table(_ items: [ReviewItem], _ names: [RowID: String]) -> TextTable {
            var table = TextTable([
                .init(Catalogue.text("label.key"), shrinks: false), .init(Catalogue.text("label.customer")), .init(Catalogue.text("label.field")),
                .init(Catalogue.text("label.raw")), .init(Catalogue.text("label.proposed")), .init(Catalogue.text("label.reason")),
            ])
            for item in items {
                let isKnown = Catalogue.embedded.block(item.reason) != nil
                let reason = isKnown ? Catalogue.text(item.reason, ["field": fieldTitle(item.field), "value": item.raw]) : item.reason
                table.add([item.key, names[item.record] ?? item.record.ending, fieldTitle(item.field), item.raw, item.proposed ?? "–", reason])
            }
            return table
        }
    }

    /// `limn review accept`: what was proposed goes into the field.
    struct Accept: NodeCommand {
        static var configuration: CommandConfiguration {
            CommandConfiguration(commandName: "accept", abstract: Catalogue.text("help.review.accept"))
        }

        @Argument(help: .text("help.review.keys"))
        var keys: [String] = []

        @OptionGroup var selection: Selection

        func run(in invocation: Invocation) throws -> CommandOutcome {
            try selection.decide(keys, accepting: true, in: invocation)
        }
    }

    /// `limn review reject`: the value is left out for good.
    struct Reject: NodeCommand {
        static var configuration: CommandConfiguration {
            CommandConfiguration(commandName: "reject", abstract: Catalogue.text("help.review.reject"))
        }

        @Argument(help: .text("help.review.keys"))
        var keys: [String] = []

        @OptionGroup var selection: Selection

        func run(in invocation: Invocation) throws -> CommandOutcome {
            try selection.decide(keys, accepting: false, in: invocation)
        }
    }

    /// `limn review fix`: another value goes into the field.
    struct Fix: NodeCommand {
        static var configuration: CommandConfiguration {
            CommandConfiguration(commandName: "fix", abstract: Catalogue.text("help.review.fix"))
        }

        @Argument(help: .text("help.review.key"))
        var key: String

        @Argument(help: .text("help.review.value"))
        var value: String

        func run(in invocation: Invocation) throws -> CommandOutcome {
            try ReviewCommand.outcome(invocation.openNode().decide([key], .fix(value)))
        }
    }

    /// Which items a decision is about: those that are named, or all that a rule matches.
    struct Selection: ParsableArguments {
        @Option(help: .text("help.review.field", value: "field")) var field: String?
        @Option(help: .text("help.review.reason", value: "reason")) var reason: String?
        @Option(help: .text("help.review.source", value: "source")) var source: String?
        @Flag(help: .text("help.review.all")) var all = false
        @Flag(help: .text("help.review.dry-run")) var dryRun = false

        private var isRule: Bool { all || field != nil || reason != nil || source != nil }

        func decide(_ keys: [String], accepting: Bool, in invocation: Invocation) throws -> CommandOutcome {
            guard isRule else {
                if keys.isEmpty { throw UsageError.missingArgument(name: "KEY, --field, --reason, --source, --all") }
                if dryRun { throw UsageError.exclusive(first: "KEY", second: "--dry-run") }
                return try ReviewCommand.outcome(invocation.openNode().decide(keys, accepting ? .accept : .reject))
            }
            if !keys.isEmpty { throw UsageError.unexpectedArguments(keys.joined(separator: " ")) }
            let outcome = try invocation.openNode().decide(
                ReviewFilter(field: field, reason: reason, source: source), accepting: accepting, isDryRun: dryRun)
            let talk = [Catalogue.text(
                dryRun ? "say.would-review" : "say.reviewed-by-rule",
                ["matched": String(outcome.matched), "count": String(outcome.done), "skipped": String(outcome.skipped)])]
            return CommandOutcome(
                "review-done",
                data: [
                    "done": JSONValue(outcome.done), "matched": JSONValue(outcome.matched), "skipped": JSONValue(outcome.skipped),
                    "operation": JSONValue(id: outcome.operation),
                ],
                talk: talk + takeBackLines(outcome.operation))
        }
    }

    fileprivate static func outcome(_ decided: (done: Int, operation: OperationID?)) -> CommandOutcome {
        CommandOutcome(
            "review-done", data: ["done": JSONValue(decided.done), "operation": JSONValue(id: decided.operation)],
            talk: [Catalogue.text("say.reviewed", ["count": String(decided.done)])] + takeBackLines(decided.operation))
    }
}
