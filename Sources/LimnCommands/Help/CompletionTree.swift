internal import ArgumentParser

/// The commands as completion scripts should know them: each with the global flags beside its own arguments.
///
/// The program takes global flags out of the arguments before the parser sees them, so the commands do not declare them;
/// these wrappers do, and exist for the generator of scripts alone. They are static because the parser describes types;
/// `root` says which program the types belong to.
enum CompletionTree {
    @TaskLocal static var root: any LimnRoot.Type = Limn.self

    /// The script with which a shell completes a program's arguments.
    static func script(for root: any LimnRoot.Type, shell: CompletionShell) -> String {
        $root.withValue(root) { Root.completionScript(for: shell) }
    }

    struct Root: ParsableCommand {
        static var configuration: CommandConfiguration {
            CommandConfiguration(
                commandName: root._commandName, version: LimnProgram.version,
                subcommands: root.configuration.subcommands.map(wrapped))
        }

        @OptionGroup var global: GlobalOptions
    }

    struct Wrapped<Command: ParsableCommand>: ParsableCommand {
        static var configuration: CommandConfiguration {
            let own = Command.configuration
            return CommandConfiguration(
                commandName: Command._commandName, abstract: own.abstract, shouldDisplay: own.shouldDisplay,
                subcommands: own.subcommands.map(wrapped), defaultSubcommand: own.defaultSubcommand.map(wrapped),
                aliases: own.aliases)
        }

        @OptionGroup var own: Command
        @OptionGroup var global: GlobalOptions
    }

    private static func wrapped(_ command: any ParsableCommand.Type) -> any ParsableCommand.Type {
        func open<Command: ParsableCommand>(_ type: Command.Type) -> any ParsableCommand.Type { Wrapped<Command>.self }
        return open(command)
    }
}
