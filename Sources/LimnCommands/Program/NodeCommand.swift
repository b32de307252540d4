package import ArgumentParser

/// A command of the program: arguments in, an outcome out. It prints nothing itself, except where it streams.
///
/// Arguments that need a check beyond their type are checked in `run(in:)`, not in the parser's `validate()`: what is
/// thrown there loses its code.
package protocol NodeCommand: ParsableCommand {
    /// Does the command's work.
    ///
    /// - Throws: any `CodedError`; it becomes a message, a hint and an exit code from the catalogue.
    func run(in invocation: Invocation) throws -> CommandOutcome
}

/// What a command found or did: data for programs, text for people, and the exit code.
package struct CommandOutcome: Sendable {
    /// The name in the document's `schema`, such as `import` in `limn.import/1`.
    package var schema: String
    /// What `--json` carries in `data`.
    package var data: JSONValue
    /// Writes what people read on standard output; runs only where text is wanted.
    package var text: @Sendable (inout TextPage) -> Void
    /// What was done and how to take it back: lines for standard error, left out under `--quiet` and `--json`.
    package var talk: [String] = []
    /// 0 for done, 1 for a finding; `sync` and `import --strict` know others.
    package var exitCode: Int32 = 0
    /// Whether a terminal shows the text through the pager.
    package var isPaged = false
    /// Whether the command has already printed all it has to say.
    package var isStreamed = false

    package init(
        _ schema: String, data: JSONValue, talk: [String] = [], exitCode: Int32 = 0, isPaged: Bool = false,
        text: @escaping @Sendable (inout TextPage) -> Void = { _ in }
    ) {
        self.schema = schema
        self.data = data
        self.text = text
        self.talk = talk
        self.exitCode = exitCode
        self.isPaged = isPaged
    }

    /// The outcome of a command that wrote to the streams itself.
    package static func streamed(exitCode: Int32 = 0) -> CommandOutcome {
        var outcome = CommandOutcome("stream", data: .null, exitCode: exitCode)
        outcome.isStreamed = true
        return outcome
    }
}

/// A root command: the name of the program and its commands in groups.
package protocol LimnRoot: ParsableCommand {
    /// The commands in the order of the overview, each group under a heading from the catalogue.
    static var groups: [CommandSection] { get }
}

/// Commands that the overview lists together.
package struct CommandSection: Sendable {
    /// The heading's code in the catalogue, such as `help.group.customers`.
    package var titleCode: String
    package var commands: [any ParsableCommand.Type]

    package init(_ titleCode: String, _ commands: [any ParsableCommand.Type]) {
        self.titleCode = titleCode
        self.commands = commands
    }
}
