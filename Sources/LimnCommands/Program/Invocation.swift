internal import Foundation
package import Messages
internal import ProfileModel

/// The three standard streams of one run.
package struct StandardStreams: Sendable {
    package var input: any InputSource
    package var output: any OutputSink
    package var error: any OutputSink

    package init(input: any InputSource, output: any OutputSink, error: any OutputSink) {
        self.input = input
        self.output = output
        self.error = error
    }

    /// The streams of this process.
    static var process: StandardStreams {
        StandardStreams(
            input: DescriptorSource(descriptor: 0), output: DescriptorSink(descriptor: 1),
            error: DescriptorSink(descriptor: 2, isImmediate: true))
    }
}

/// Everything that one run of a command is given besides its own arguments.
package struct Invocation: Sendable {
    /// The global flags as they were given.
    package let flags: GlobalFlags
    package let language: Language
    package let environment: [String: String]
    package let streams: StandardStreams
    /// Long work looks here between its steps.
    package let interruption: Interruption
    /// The program's root command, which completions and manual pages describe.
    let root: any LimnRoot.Type

    /// Whether output is one JSON document.
    package var json: Bool { flags.json }

    /// The directory of the node's store: `--home`, `LIMN_HOME`, `$XDG_DATA_HOME/limn`, `~/.local/share/limn`.
    ///
    /// A relative `XDG_DATA_HOME` is ignored, as the XDG Base Directory Specification asks.
    ///
    /// - Throws: `general.no-home` where none of the variables is set.
    package func home() throws -> String {
        if let home = flags.home { return home }
        if let home = environment["LIMN_HOME"], !home.isEmpty { return home }
        if let data = environment["XDG_DATA_HOME"], data.hasPrefix("/") { return data + "/limn" }
        guard let user = environment["HOME"], !user.isEmpty else { throw EnvironmentFailure.noHome }
        return user + "/.local/share/limn"
    }

    /// The author named for this run: `--author`, then `LIMN_AUTHOR`; nil leaves it to the node.
    package var author: String? {
        if let author = flags.author { return author }
        return environment["LIMN_AUTHOR"].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The name of the system's user, the last resort for an author.
    package var systemUser: String {
        for variable in ["USER", "LOGNAME"] {
            if let name = environment[variable], !name.isEmpty { return name }
        }
        guard let entry = getpwuid(getuid()) else { return String(getuid()) }
        return String(cString: entry.pointee.pw_name)
    }

    /// Whether standard output shows colours.
    package var hasColor: Bool { hasColor(streams.output) }

    /// An empty page as wide as the terminal.
    package func page() -> TextPage {
        TextPage(columns: columns, color: hasColor)
    }

    /// The columns of the terminal that standard output is; nil where it is none.
    package var columns: Int? {
        guard streams.output.isTerminal else { return nil }
        return environment["COLUMNS"].flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil } ?? streams.output.size?.columns ?? 80
    }

    /// Questions to the person at the terminal.
    package var prompt: Prompt {
        Prompt(input: streams.input, output: streams.error, isAllowed: !flags.noInput && !flags.json)
    }

    /// A progress line for long work; nothing shows where nobody watches, and under `--quiet` and `--json`.
    package func progress(_ title: String) -> ProgressLine {
        ProgressLine(title, on: flags.quiet || flags.json ? nil : streams.error)
    }

    /// Says something on standard error that is not data; silent under `--quiet` and `--json`.
    ///
    /// - Throws: `OutputFailure`.
    package func say(_ line: String) throws {
        guard !flags.quiet, !flags.json else { return }
        try streams.error.write(line.printable(keepingLineBreaks: true) + "\n")
    }

    /// Prints one JSON document on a line of standard output, at once, for commands that print a stream of them.
    ///
    /// - Throws: `OutputFailure`.
    package func emit(schema: String, _ data: JSONValue) throws {
        try streams.output.write(Self.document(schema: schema, data))
        try streams.output.flush()
    }

    static func document(schema: String, _ data: JSONValue) -> [UInt8] {
        let document: JSONValue = ["schema": .string("limn.\(schema)/1"), "data": data]
        return document.encoded() + [UInt8(ascii: "\n")]
    }

    func hasColor(_ sink: any OutputSink) -> Bool {
        switch flags.color {
        case .always: true
        case .never: false
        case .auto: sink.isTerminal && environment["NO_COLOR", default: ""].isEmpty && environment["TERM"] != "dumb"
        }
    }
}

/// A setting of the environment that the program needs and does not find.
enum EnvironmentFailure: CodedError {
    case noHome

    var code: String { "general.no-home" }
}
