internal import ArgumentParser
internal import Causality
internal import Messages
internal import NodeOperations
internal import ProfileStore

/// `limn backup`: copies of the whole node in one file.
struct BackupCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "backup", abstract: Catalogue.text("help.backup"), discussion: Catalogue.text("help.backup.discussion"),
            subcommands: [Make.self, Verify.self, Restore.self], defaultSubcommand: Make.self)
    }

    /// `limn backup FILE`: copies the node as it stands at one moment.
    struct Make: NodeCommand {
        static var configuration: CommandConfiguration {
            CommandConfiguration(commandName: "make", abstract: Catalogue.text("help.backup.make"))
        }

        @Argument(help: .text("help.backup.file"), completion: .file())
        var file: String

        func run(in invocation: Invocation) throws -> CommandOutcome {
            let contents = try invocation.openNode().store.backUp(to: file)
            return BackupCommand.outcome(contents, file, talk: [Catalogue.text("say.backed-up", ["path": file])])
        }
    }

    /// `limn backup verify`: reads a backup whole.
    struct Verify: NodeCommand {
        static var configuration: CommandConfiguration {
            CommandConfiguration(commandName: "verify", abstract: Catalogue.text("help.backup.verify"))
        }

        @Argument(help: .text("help.backup.file"), completion: .file())
        var file: String

        func run(in invocation: Invocation) throws -> CommandOutcome {
            let contents = try ProfileStore.contents(ofBackup: file)
            let said = contents.isSound ? "say.backup-sound" : "say.backup-unsound"
            return BackupCommand.outcome(contents, file, talk: [Catalogue.text(said, ["path": file])], exitCode: contents.isSound ? 0 : 1)
        }
    }

    /// `limn backup restore`: puts a backup in the place of the node.
    struct Restore: NodeCommand {
        static var configuration: CommandConfiguration {
            CommandConfiguration(
                commandName: "restore", abstract: Catalogue.text("help.backup.restore"),
                discussion: Catalogue.text("help.backup.restore.discussion"))
        }

        @Argument(help: .text("help.backup.file"), completion: .file())
        var file: String

        func run(in invocation: Invocation) throws -> CommandOutcome {
            let home = try invocation.home()
            let contents = try ProfileStore.contents(ofBackup: file)
            let restored = try Node.restore(file, to: home, author: invocation.author, environment: invocation.nodeEnvironment)
            var talk = [Catalogue.text("say.backup-restored", ["home": home, "origin": restored.origin.description])]
            if let aside = restored.aside { talk.append(Catalogue.text("say.restored-aside", ["path": aside])) }
            return BackupCommand.outcome(contents, file, origin: restored.origin, aside: restored.aside, talk: talk)
        }
    }

    private static func outcome(
        _ contents: BackupContents, _ file: String, origin: Origin? = nil, aside: String? = nil, talk: [String], exitCode: Int32 = 0
    ) -> CommandOutcome {
        let origin = origin ?? contents.origin
        let data: JSONValue = [
            "customers": JSONValue(contents.counts.customers), "events": JSONValue(contents.counts.events),
            "digest": JSONValue(id: contents.counts.digest), "origin": JSONValue(id: origin), "sound": .bool(contents.isSound),
            "file": .string(file), "aside": JSONValue(aside),
        ]
        return CommandOutcome("backup", data: data, talk: talk, exitCode: exitCode) { page in
            page.values([
                (Catalogue.text("label.customers"), ProgressLine.grouped(contents.counts.customers)),
                (Catalogue.text("label.events"), ProgressLine.grouped(contents.counts.events)),
                (Catalogue.text("label.digest"), contents.counts.digest.description), (Catalogue.text("label.origin"), origin.description),
            ])
        }
    }
}
