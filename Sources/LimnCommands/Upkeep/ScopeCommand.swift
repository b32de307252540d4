internal import ArgumentParser
internal import Causality
internal import Messages
internal import NodeOperations
internal import ProfileStore

/// `limn scope`: the territories of the rows that this node holds.
struct ScopeCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "scope", abstract: Catalogue.text("help.scope"), subcommands: [List.self], defaultSubcommand: List.self)
    }

    /// `limn scope list`: each with how much it holds.
    struct List: NodeCommand {
        static var configuration: CommandConfiguration {
            CommandConfiguration(commandName: "list", abstract: Catalogue.text("help.scope.list"))
        }

        func run(in invocation: Invocation) throws -> CommandOutcome {
            let scopes = try invocation.openNode().store.read { try $0.scopes() }
            let data = scopes.map { scope -> JSONValue in
                ["scope": .string(scope.name), "customers": JSONValue(scope.customers), "digest": JSONValue(id: scope.digest)]
            }
            return CommandOutcome("scopes", data: ["scopes": .array(data)]) { page in
                var table = TextTable([
                    .init(Catalogue.text("label.scope"), shrinks: false), .init(Catalogue.text("label.customers"), .right, shrinks: false),
                    .init(Catalogue.text("label.digest")),
                ])
                for scope in scopes { table.add([scope.name, ProgressLine.grouped(scope.customers), scope.digest.description]) }
                page.table(table)
            }
        }
    }
}
