internal import ArgumentParser
internal import Messages

/// `limn completions`: the script with which a shell completes commands and options.
struct CompletionsCommand: NodeCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "completions", abstract: Catalogue.text("help.completions"),
            discussion: Catalogue.text("help.completions.discussion"))
    }

    enum Shell: String, CaseIterable, ExpressibleByArgument {
        case bash, zsh, fish
    }

    @Argument(help: .text("help.completions.shell"))
    var shell: Shell

    func run(in invocation: Invocation) throws -> CommandOutcome {
        let name = shell.rawValue
        guard let shell = CompletionShell(rawValue: name) else { throw UsageError.other(message: name) }
        let script = CompletionTree.script(for: invocation.root, shell: shell)
        return CommandOutcome("completions", data: ["shell": .string(name), "script": .string(script)]) {
            $0.verbatim(script + "\n")
        }
    }
}
