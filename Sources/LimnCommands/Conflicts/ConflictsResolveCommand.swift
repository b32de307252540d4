internal import ArgumentParser
internal import Causality
internal import Messages
internal import NodeOperations
internal import ProfileModel

extension ConflictsCommand {
    /// `limn conflicts resolve`: decides one conflict, one after the other, or all by a rule.
    struct Resolve: NodeCommand {
        static var configuration: CommandConfiguration {
            CommandConfiguration(
                commandName: "resolve", abstract: Catalogue.text("help.conflicts.resolve"),
                discussion: Catalogue.text("help.conflicts.resolve.discussion"))
        }

        @Argument(help: .text("help.conflicts.key"))
        var key: String?

        @Option(help: .text("help.conflicts.pick", value: "dot"))
        var pick: String?

        @Option(help: .text("help.conflicts.value", value: "value"))
        var value: String?

        @Flag(name: [.customShort("i"), .long], help: .text("help.conflicts.interactive"))
        var interactive = false

        @Flag(help: .text("help.conflicts.all"))
        var all = false

        @Option(help: .text("help.conflicts.field", value: "field"))
        var field: String?

        @Option(help: .text("help.conflicts.policy", value: "policy"), completion: .list(SurvivorshipPolicy.allCases.map(\.rawValue)))
        var policy: String?

        @Option(help: .text("help.conflicts.prefer", value: "source|node"))
        var prefer: String?

        @Flag(help: .text("help.conflicts.dry-run"))
        var dryRun = false

        @Option(help: .text("help.conflicts.message", value: "text"))
        var message: String?

        func run(in invocation: Invocation) throws -> CommandOutcome {
            try check()
            if interactive { return try ResolutionDialogue(invocation: invocation, node: invocation.openNode()).run(field: field) }
            if all {
                let rule = try rule()
                var filter = ConflictFilter()
                filter.field = field
                let outcome = try invocation.openNode().resolveAll(filter, by: rule, isDryRun: dryRun)
                return Self.outcome(outcome, isDryRun: dryRun)
            }
            guard let key else { throw UsageError.missingArgument(name: "KEY") }
            return try Self.outcome(invocation.openNode().resolve(key, decision(), message: message))
        }

        /// - Throws: `usage.exclusive`, `usage.missing-argument` where the options do not go together.
        private func check() throws {
            let ways = [(key != nil, "KEY"), (interactive, "-i"), (all, "--all")].filter(\.0).map(\.1)
            if ways.count > 1 { throw UsageError.exclusive(first: ways[0], second: ways[1]) }
            if ways.isEmpty { throw UsageError.missingArgument(name: "KEY, -i, --all") }
            func refuse(_ options: [(Bool, String)], with way: String) throws {
                if let option = options.first(where: \.0) { throw UsageError.exclusive(first: way, second: option.1) }
            }
            if key == nil { try refuse([(pick != nil, "--pick"), (value != nil, "--value"), (message != nil, "--message")], with: ways[0]) }
            if !all { try refuse([(policy != nil, "--policy"), (prefer != nil, "--prefer"), (dryRun, "--dry-run")], with: ways[0]) }
            if key != nil { try refuse([(field != nil, "--field")], with: ways[0]) }
        }

        private func decision() throws -> Decision {
            switch (pick, value) {
            case (let pick?, nil):
                guard let dot = Dot(pick) else { throw UsageError.invalidValue(value: pick, option: "--pick", choices: "ORIGIN:SEQUENCE") }
                return .pick(dot)
            case (nil, let value?): return .value(value)
            case (nil, nil): throw UsageError.missingArgument(name: "--pick, --value")
            default: throw UsageError.exclusive(first: "--pick", second: "--value")
            }
        }

        private func rule() throws -> ResolutionRule {
            switch (policy, prefer) {
            case (let name?, nil):
                guard let policy = SurvivorshipPolicy(rawValue: name) else {
                    let choices = SurvivorshipPolicy.allCases.map(\.rawValue).joined(separator: ", ")
                    throw UsageError.invalidValue(value: name, option: "--policy", choices: choices)
                }
                return .policy(policy)
            case (nil, let name?): return .prefer(name)
            case (nil, nil): throw UsageError.missingArgument(name: "--policy, --prefer")
            default: throw UsageError.exclusive(first: "--policy", second: "--prefer")
            }
        }

        static func outcome(_ done: ResolveOutcome, isDryRun: Bool = false) -> CommandOutcome {
            outcome(resolved: done.resolved, skipped: done.skipped, operation: done.operation, isDryRun: isDryRun)
        }

        /// What resolving did, as the outcome of a command.
        static func outcome(resolved: Int, skipped: Int, operation: OperationID?, isDryRun: Bool = false) -> CommandOutcome {
            let data: JSONValue = ["resolved": JSONValue(resolved), "skipped": JSONValue(skipped), "operation": JSONValue(id: operation)]
            let said = Catalogue.text(
                isDryRun ? "say.would-resolve" : "say.resolved", ["resolved": String(resolved), "skipped": String(skipped)])
            return CommandOutcome("resolve", data: data, talk: [said] + takeBackLines(operation))
        }
    }
}
