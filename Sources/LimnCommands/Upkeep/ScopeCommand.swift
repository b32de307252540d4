internal import ArgumentParser
internal import Causality
internal import Messages
internal import NodeOperations
internal import ProfileStore

/// `limn scope`: the territories of the rows that this node holds.
struct ScopeCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "scope", abstract: Catalogue.text("help.scope"), subcommands: [List.self, Enter.self, Leave.self],
            defaultSubcommand: List.self)
    }

    /// `limn scope list`: each with how much it holds.
    struct List: NodeCommand {
        static var configuration: CommandConfiguration {
            CommandConfiguration(commandName: "list", abstract: Catalogue.text("help.scope.list"))
        }

        func run(in invocation: Invocation) throws -> CommandOutcome {
            let scopes = try invocation.openNode().heldScopes()
            return CommandOutcome("scopes", data: ["scopes": .array(scopes.map(\.data))]) { page in
                var table = TextTable([
                    .init(Catalogue.text("label.scope"), shrinks: false), .init(Catalogue.text("label.customers"), .right, shrinks: false),
                    .init(Catalogue.text("label.digest")),
                ])
                for scope in scopes { table.add([scope.name, ProgressLine.grouped(scope.customers), scope.digest.description]) }
                page.table(table)
            }
        }
    }

    /// `limn scope enter`: holds further scopes.
    struct Enter: NodeCommand {
        static var configuration: CommandConfiguration {
            CommandConfiguration(commandName: "enter", abstract: Catalogue.text("help.scope.enter"))
        }

        @Argument(help: .text("help.scope.scopes", value: "scope")) var scopes: [String]

        func run(in invocation: Invocation) throws -> CommandOutcome {
            let node = try invocation.openNode()
            return try ScopeCommand.outcome(node.enter(scopes: scopes), node, talk: [Catalogue.text("say.scope-entered")])
        }
    }

    /// `limn scope leave`: holds scopes no longer.
    struct Leave: NodeCommand {
        static var configuration: CommandConfiguration {
            CommandConfiguration(
                commandName: "leave", abstract: Catalogue.text("help.scope.leave"), discussion: Catalogue.text("help.scope.leave.discussion"))
        }

        @Argument(help: .text("help.scope.scopes", value: "scope")) var scopes: [String]

        func run(in invocation: Invocation) throws -> CommandOutcome {
            let node = try invocation.openNode()
            return try ScopeCommand.outcome(node.leave(scopes: scopes), node, talk: [])
        }
    }

    private static func outcome(_ outcome: ScopesOutcome, _ node: Node, talk: [String]) throws -> CommandOutcome {
        let waiting = outcome.waiting.filter { $0.customers > 0 }
        let lines = waiting.map { Catalogue.text("say.scope-waiting", ["count": String($0.customers), "scope": $0.scope]) }
        let data: JSONValue = [
            "held": JSONValue(outcome.held), "scopes": .array(try node.heldScopes().map(\.data)),
            "waiting": .array(waiting.map { ["scope": .string($0.scope), "customers": JSONValue($0.customers)] }),
        ]
        return CommandOutcome("scopes", data: data, talk: talk + lines) {
            $0.line(Catalogue.text("say.scope-held", ["scopes": outcome.held.joined(separator: ", ")]))
        }
    }
}

extension ScopeCount {
    fileprivate var data: JSONValue {
        ["scope": .string(name), "customers": JSONValue(customers), "digest": JSONValue(id: digest)]
    }
}
