import ArgumentParser
import Foundation
import LimnCommands
import Messages
import ProfileModel

/// One run of the program with everything it printed.
struct RunResult {
    let exitCode: Int32
    let output: String
    let error: String

    /// The document on standard output or, where that is empty, on standard error.
    func document() throws -> [String: Any] {
        let text = output.isEmpty ? error : output
        return try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] ?? [:]
    }
}

/// Runs a program in this process on streams in memory.
func run(
    _ arguments: String..., root: any LimnRoot.Type = SampleRoot.self, environment: [String: String] = [:],
    input: CannedSource = CannedSource(), columns: Int? = nil, interruption: Interruption = Interruption()
) -> RunResult {
    let output = CapturedSink(columns: columns)
    let error = CapturedSink(columns: columns)
    let exitCode = LimnProgram.run(
        root, arguments, environment: environment, streams: StandardStreams(input: input, output: output, error: error),
        interruption: interruption)
    return RunResult(exitCode: exitCode, output: output.text, error: error.text)
}

/// Runs `limn` itself.
func limn(_ arguments: String..., environment: [String: String] = [:], columns: Int? = nil) -> RunResult {
    let output = CapturedSink(columns: columns)
    let error = CapturedSink(columns: columns)
    let exitCode = LimnProgram.run(
        arguments, environment: environment,
        streams: StandardStreams(input: CannedSource(), output: output, error: error))
    return RunResult(exitCode: exitCode, output: output.text, error: error.text)
}

/// A small program with commands of every kind, to try the manner of the command line without a store.
struct SampleRoot: LimnRoot {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "limn", abstract: "Sample.", version: "0", subcommands: groups.flatMap(\.commands))
    }

    static var groups: [CommandSection] {
        [CommandSection("help.group.program", [Echo.self, Fail.self, Ask.self, Group.self])]
    }
}

/// Prints what it was given.
struct Echo: NodeCommand {
    @Argument var words: [String] = []
    @Option var message: String?
    @Option var count: Int = 1
    @Flag var loud = false

    func run(in invocation: Invocation) throws -> CommandOutcome {
        let home = try invocation.home()
        let seen: [(String, String)] = [
            ("words", words.joined(separator: " ")), ("message", message ?? "-"), ("home", home),
            ("author", invocation.author ?? "-"), ("language", invocation.language.rawValue),
        ]
        let data = JSONValue.object(
            seen.map { JSONValue.Member($0.0, .string($0.1)) } + [JSONValue.Member("absent", .null)])
        return CommandOutcome("echo", data: data, talk: ["Said."], exitCode: loud ? 1 : 0) { page in
            page.values(seen.map { (label: $0.0, value: $0.1) })
        }
    }
}

/// Fails in the way that its argument names.
struct Fail: NodeCommand {
    struct Unknown: Error {}
    struct Coded: CodedError {
        let code: String
        var parameters: [String: String] { ["path": "a.csv", "reason": "full"] }
    }

    @Argument var code: String

    func run(in invocation: Invocation) throws -> CommandOutcome {
        if code == "unknown" { throw Unknown() }
        if code == "interrupted" { try invocation.interruption.check() }
        try invocation.streams.error.flush()
        throw Coded(code: code)
    }
}

/// Asks a question of each kind.
struct Ask: NodeCommand {
    func run(in invocation: Invocation) throws -> CommandOutcome {
        let name = try invocation.prompt.ask("Name", instead: "--name")
        let isSure = try invocation.prompt.confirm("Sure?", instead: "--yes")
        let choice = try invocation.prompt.pick("Which", ["one", "two", "three"], instead: "--pick")
        return CommandOutcome(
            "ask", data: ["name": .string(name), "sure": .bool(isSure), "choice": JSONValue(choice)]
        ) { $0.line("\(name) \(isSure) \(choice ?? -1)") }
    }
}

/// Commands below a command, with and without one that is meant where none is named.
struct Group: ParsableCommand {
    static var configuration: CommandConfiguration { CommandConfiguration(subcommands: [Inner.self, Echo.self, Defaulting.self]) }

    struct Inner: NodeCommand {
        func run(in invocation: Invocation) throws -> CommandOutcome {
            CommandOutcome("inner", data: ["done": true]) { $0.line("inner") }
        }
    }

    struct Defaulting: ParsableCommand {
        static var configuration: CommandConfiguration {
            CommandConfiguration(subcommands: [List.self], defaultSubcommand: List.self)
        }

        struct List: NodeCommand {
            @Option var field: String?
            func run(in invocation: Invocation) throws -> CommandOutcome {
                CommandOutcome("list", data: ["field": JSONValue(field)]) { $0.line("list") }
            }
        }
    }
}
