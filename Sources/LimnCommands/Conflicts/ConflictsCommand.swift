internal import ArgumentParser
internal import Messages

/// `limn conflicts`: what several people, or a person and a source, say differently.
struct ConflictsCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "conflicts", abstract: Catalogue.text("help.conflicts"), discussion: Catalogue.text("help.conflicts.discussion"),
            subcommands: [List.self, Show.self, Resolve.self, Export.self, Apply.self], defaultSubcommand: List.self)
    }
}
