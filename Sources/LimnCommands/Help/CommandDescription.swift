internal import ArgumentParser
internal import Foundation

/// A command as the argument parser describes it, in the parser's interchange form (ToolInfo, version 0).
struct CommandDescription: Decodable {
    let commandName: String
    let abstract: String?
    let discussion: String?
    let subcommands: [CommandDescription]?
    private let arguments: [ArgumentDescription]?

    /// The arguments that are shown, without the parser's own flags for help and version.
    var shownArguments: [ArgumentDescription] {
        (arguments ?? []).filter { $0.shouldDisplay && !["help", "version"].contains($0.preferredName?.name) }
    }

    /// The subcommands without the parser's own `help`.
    var shownSubcommands: [CommandDescription] {
        (subcommands ?? []).filter { $0.commandName != "help" }
    }

    /// Describes a command or a group of arguments, texts in the reader's language.
    init(_ type: any ParsableArguments.Type) {
        struct Tool: Decodable { let command: CommandDescription }
        guard let tool = try? JSONDecoder().decode(Tool.self, from: Data(type._dumpHelp().utf8)) else {
            preconditionFailure("the argument parser describes \(type) in a form that is not known here")
        }
        self = tool.command
    }
}

/// An argument as the argument parser describes it.
struct ArgumentDescription: Decodable {
    struct Name: Decodable {
        let kind: String
        let name: String
        /// The name as it is typed.
        var typed: String { (kind == "long" ? "--" : "-") + name }
    }

    let kind: String
    let shouldDisplay: Bool
    let isOptional: Bool
    let isRepeating: Bool
    let names: [Name]?
    let preferredName: Name?
    let valueName: String?
    let defaultValue: String?
    let allValues: [String]?
    let abstract: String?

    var isPositional: Bool { kind == "positional" }
    private var placeholder: String { "<\(valueName ?? "value")>" }

    /// All names with the value, as a list of options shows them: `-m, --message <text>`.
    var label: String {
        if isPositional { return placeholder }
        let typed = (names ?? []).sorted { $0.name.count < $1.name.count }.map(\.typed).joined(separator: ", ")
        return kind == "option" ? "\(typed) \(placeholder)" : typed
    }

    /// The argument in a line of usage: `[--scope <scope> ...]`.
    var synopsis: String {
        var text = isPositional ? placeholder : preferredName?.typed ?? ""
        if kind == "option" { text += " " + placeholder }
        if isRepeating { text += " ..." }
        return isOptional ? "[\(text)]" : text
    }

    /// What `limn help --json` says of the argument.
    var data: JSONValue {
        [
            "kind": .string(kind), "names": JSONValue((names ?? []).map(\.typed)), "value": JSONValue(valueName),
            "optional": .bool(isOptional), "repeating": .bool(isRepeating), "values": JSONValue(allValues ?? []),
            "default": JSONValue(defaultValue), "help": JSONValue(abstract),
        ]
    }
}
