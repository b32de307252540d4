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
            "lives": .array(lives.map { life in
                [
                    "origin": JSONValue(id: life.origin), "began": JSONValue(at: life.began), "reason": .string(life.reason),
                    "machine": .string(life.machine), "path": .string(life.path),
                ]
            }),
        ]
        return CommandOutcome("identity", data: data, talk: talk) { page in
            page.values([
                (Catalogue.text("label.node"), own.name), (Catalogue.text("label.origin"), own.origin.description),
                (Catalogue.text("label.deployment"), own.deployment.description)
            ])
            page.heading(Catalogue.text("label.lives"))
            var table = TextTable([
                .init(Catalogue.text("label.began"), shrinks: false), .init(Catalogue.text("label.origin"), shrinks: false),
                .init(Catalogue.text("label.reason")), .init(Catalogue.text("label.machine")), .init(Catalogue.text("label.path")),
            ])
            for life in lives { table.add([TimeText.local(life.began), life.origin.description, life.reasonTitle, life.machine, life.path]) }
            page.table(table)
        }
    }
}

extension StoreLife {
    /// Why the life began, in the reader's language.
    var reasonTitle: String { Reason(rawValue: reason).map { Catalogue.text("label.life-reason.\($0.rawValue)") } ?? reason }

    /// What is said when the life began without being asked for.
    func announcement(_ before: StoreLife?) -> String {
        let parameters = [
            "origin": origin.description, "machine": machine, "path": path, "machineBefore": before?.machine ?? "?", "pathBefore": before?.path ?? "?",
        ]
        return Catalogue.text(reason == Reason.moved.rawValue ? "say.life-moved" : "say.life-copied", parameters)
    }
}
