internal import ArgumentParser
internal import Messages

/// The program's root: what `limn` without a command shows, and the list of all commands.
struct Limn: LimnRoot {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "limn",
            abstract: Catalogue.text("help.limn"),
            discussion: Catalogue.text("help.limn.discussion"),
            version: LimnProgram.version,
            subcommands: groups.flatMap(\.commands))
    }

    static var groups: [CommandSection] {
        [
            CommandSection("help.group.program", [CompletionsCommand.self, ManualCommand.self])
        ]
    }
}
