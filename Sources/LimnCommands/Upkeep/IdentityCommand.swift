internal import ArgumentParser
internal import Causality
internal import Messages
internal import NodeOperations
internal import ProfileStore

/// `limn identity`: under which origin this node writes.
struct IdentityCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "identity", abstract: Catalogue.text("help.identity"), discussion: Catalogue.text("help.identity.discussion"),
            subcommands: [Show.self, Renew.self], defaultSubcommand: Show.self)
    }

    /// `limn identity show`: what this node is.
    struct Show: NodeCommand {
        static var configuration: CommandConfiguration {
            CommandConfiguration(commandName: "show", abstract: Catalogue.text("help.identity.show"))
        }

        func run(in invocation: Invocation) throws -> CommandOutcome {
            try IdentityCommand.outcome(invocation.openNode(), talk: [])
        }
    }

    /// `limn identity renew`: begins a new life of the store.
    struct Renew: NodeCommand {
        static var configuration: CommandConfiguration {
            CommandConfiguration(
                commandName: "renew", abstract: Catalogue.text("help.identity.renew"),
                discussion: Catalogue.text("help.identity.renew.discussion"))
        }

        func run(in invocation: Invocation) throws -> CommandOutcome {
            let node = try invocation.openNode()
            let origin = try node.renewIdentity()
            return try IdentityCommand.outcome(node, talk: [Catalogue.text("say.identity-renewed", ["origin": origin.description])])
        }
    }

    private static func outcome(_ node: Node, talk: [String]) throws -> CommandOutcome {
        let (own, lives) = try node.store.read { (try $0.node(), try $0.lives()) }
        let data: JSONValue = [
            "origin": JSONValue(id: own.origin), "node": .string(own.name), "id": JSONValue(id: own.id), "deployment": JSONValue(id: own.deployment),
            "lives": .array(lives.map { ["origin": JSONValue(id: $0.origin), "began": JSONValue(at: $0.began), "reason": .string($0.reason)] }),
        ]
        return CommandOutcome("identity", data: data, talk: talk) { page in
            page.values([
                (Catalogue.text("label.node"), own.name), (Catalogue.text("label.origin"), own.origin.description),
                (Catalogue.text("label.deployment"), own.deployment.description), (Catalogue.text("label.lives"), String(lives.count)),
            ])
        }
    }
}
