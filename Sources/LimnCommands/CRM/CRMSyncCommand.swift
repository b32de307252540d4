internal import ArgumentParser
internal import Messages
internal import NodeOperations
internal import ProfileModel

extension CRMCommand {
    /// `limn crm sync`: reads and writes.
    struct Sync: NodeCommand {
        static var configuration: CommandConfiguration {
            CommandConfiguration(commandName: "sync", abstract: Catalogue.text("help.crm.sync"), discussion: Catalogue.text("help.crm.sync.discussion"))
        }

        @OptionGroup var round: RoundOptions

        func run(in invocation: Invocation) throws -> CommandOutcome {
            try round.run("crm-sync", invocation) { node, name, options in try node.syncConnector(name, options: options) }
        }
    }

    /// `limn crm pull`: reads.
    struct Pull: NodeCommand {
        static var configuration: CommandConfiguration {
            CommandConfiguration(commandName: "pull", abstract: Catalogue.text("help.crm.pull"))
        }

        @OptionGroup var round: RoundOptions

        func run(in invocation: Invocation) throws -> CommandOutcome {
            try round.run("crm-pull", invocation) { node, name, options in try node.pullConnector(name, options: options) }
        }
    }

    /// `limn crm push`: writes.
    struct Push: NodeCommand {
        static var configuration: CommandConfiguration {
            CommandConfiguration(commandName: "push", abstract: Catalogue.text("help.crm.push"), discussion: Catalogue.text("help.crm.push.discussion"))
        }

        @OptionGroup var round: RoundOptions

        func run(in invocation: Invocation) throws -> CommandOutcome {
            try round.run("crm-push", invocation) { node, name, options in try node.pushConnector(name, options: options) }
        }
    }

    /// What all rounds with systems are told.
    struct RoundOptions: ParsableArguments {
        @Argument(help: .text("help.crm.names"))
        var names: [String] = []

        @Flag(help: .text("help.crm.full"))
        var full = false

        @Flag(help: .text("help.crm.accept-deletes"))
        var acceptDeletes = false

        @Option(help: .text("help.sync.ca-file", value: "file"), completion: .file())
        var caFile: String?

        func run(
            _ schema: String, _ invocation: Invocation, _ round: (Node, String, ConnectorOptions) throws -> ConnectorCounts
        ) throws -> CommandOutcome {
            let node = try invocation.openNode()
            let names = try node.connectors(named: names).map(\.name)
            let progress = invocation.progress(Catalogue.text("label.crm-progress"))
            defer { progress.finish() }
            var options = ConnectorOptions()
            options.reconciles = full
            options.acceptsDeletes = acceptDeletes
            options.certificateAuthorityFile = caFile
            options.progress = { progress.advance(to: $0.read + $0.made + $0.written) }
            let rounds = node.rounds(names) { try round(node, $0, options) }
            progress.finish()
            try invocation.interruption.check()
            if rounds.count == 1, let error = rounds[0].error { throw error }
            for failed in rounds where failed.error != nil {
                try invocation.say(Catalogue.text("say.crm-failed", ["name": failed.name, "reason": failed.reason]))
            }
            let failure = rounds.compactMap(\.error).first.map { Catalogue.exitCode(($0 as? any CodedError)?.code ?? "general.internal") }
            let talk = rounds.contains { $0.counts.refused > 0 } ? [Catalogue.text("say.crm-refused")] : []
            return CommandOutcome(schema, data: ["connectors": .array(rounds.map(\.data))], talk: talk, exitCode: failure ?? 0) { page in
                var table = TextTable([
                    .init(Catalogue.text("label.name"), shrinks: false), .init(Catalogue.text("label.crm-read"), .right, shrinks: false),
                    .init(Catalogue.text("label.crm-created"), .right, shrinks: false), .init(Catalogue.text("label.crm-updated"), .right, shrinks: false),
                    .init(Catalogue.text("label.crm-gone"), .right, shrinks: false), .init(Catalogue.text("label.crm-made"), .right, shrinks: false),
                    .init(Catalogue.text("label.crm-written"), .right, shrinks: false), .init(Catalogue.text("label.crm-refused"), .right, shrinks: false),
                ])
                for round in rounds {
                    let counts = round.counts
                    table.add([round.name] + [counts.read, counts.created, counts.updated, counts.gone, counts.made, counts.written, counts.refused].map(ProgressLine.grouped))
                }
                page.table(table)
            }
        }
    }
}

extension ConnectorRound {
    fileprivate var reason: String {
        guard let error = error as? any CodedError else { return error.map { "\($0)" } ?? "" }
        return Catalogue.text(error.code, error.parameters)
    }

    fileprivate var data: JSONValue {
        [
            "name": .string(name), "state": .string(error == nil ? "ok" : "failed"), "read": JSONValue(counts.read), "created": JSONValue(counts.created),
            "updated": JSONValue(counts.updated), "unchanged": JSONValue(counts.unchanged), "gone": JSONValue(counts.gone),
            "flagged": JSONValue(counts.flagged), "left": JSONValue(counts.left), "made": JSONValue(counts.made), "written": JSONValue(counts.written),
            "refused": JSONValue(counts.refused), "rewritten": JSONValue(counts.rewritten), "requests": JSONValue(counts.requests),
            "error": error == nil ? .null : ["code": .string((error as? any CodedError)?.code ?? "general.internal"), "message": .string(reason)],
        ]
    }
}
