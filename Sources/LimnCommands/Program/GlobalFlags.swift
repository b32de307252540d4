internal import ArgumentParser
package import Messages

/// When output has colours.
package enum ColorChoice: String, CaseIterable, Sendable {
    /// On a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`.
    case auto
    case always, never
}

/// The flags that every command takes, before the command's name or anywhere after it.
///
/// The argument parser ties a flag to the place where it is declared. So these are read first and taken out of the
/// arguments, wherever they stand before a `--`; what is left is the command with its own arguments. That is safe because
/// no command declares a flag of the same name, and because the value of an option can start with a dash only when it is
/// joined to its name (`--message=--json`), which leaves it inside one argument.
package struct GlobalFlags: Sendable, Equatable {
    package var home: String?
    package var json = false
    package var language: Language?
    package var author: String?
    package var color = ColorChoice.auto
    package var quiet = false
    package var noInput = false

    /// Takes the global flags out of arguments.
    ///
    /// All flags are read even where one is wrong, so that the error can be told in the form and language asked for.
    ///
    /// - Returns: the flags, the other arguments in their order, and what is wrong with the flags, if anything is.
    package static func scan(_ arguments: [String]) -> (flags: GlobalFlags, rest: [String], error: UsageError?) {
        var flags = GlobalFlags()
        var rest: [String] = []
        var error: UsageError?
        var index = 0
        while index < arguments.count {
            let argument = arguments[index]
            index += 1
            if argument == "--" {
                rest += arguments[(index - 1)...]
                break
            }
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard let name = parts.first, let flag = Name(rawValue: name) else {
                rest.append(argument)
                continue
            }
            var value = parts.count == 2 ? parts[1] : nil
            if flag.takesValue, value == nil, index < arguments.count, !arguments[index].hasPrefix("-") {
                value = arguments[index]
                index += 1
            }
            do throws(UsageError) {
                try flags.set(flag, value)
            } catch let failure {
                error = error ?? failure
            }
        }
        return (flags, rest, error)
    }

    /// The names under which the flags are given.
    enum Name: String, CaseIterable {
        case home = "--home"
        case json = "--json"
        case language = "--lang"
        case author = "--author"
        case color = "--color"
        case quiet = "--quiet"
        case noInput = "--no-input"

        var takesValue: Bool {
            switch self {
            case .home, .language, .author, .color: true
            case .json, .quiet, .noInput: false
            }
        }
    }

    private mutating func set(_ flag: Name, _ value: String?) throws(UsageError) {
        guard flag.takesValue else {
            if let value { throw .valueNotTaken(option: flag.rawValue, value: value) }
            switch flag {
            case .json: json = true
            case .quiet: quiet = true
            default: noInput = true
            }
            return
        }
        guard let value, !value.isEmpty else { throw .missingValue(option: flag.rawValue) }
        switch flag {
        case .home: home = value
        case .author: author = value
        case .language: language = try Self.choice(flag, value)
        default: color = try Self.choice(flag, value)
        }
    }

    private static func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ flag: Name, _ value: String
    ) throws(UsageError) -> Choice {
        guard let choice = Choice(rawValue: value) else {
            let choices = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw .invalidValue(value: value, option: flag.rawValue, choices: choices)
        }
        return choice
    }
}

/// The global flags as the argument parser describes them, for help, manual pages and completions; the values are read
/// by `GlobalFlags.scan(_:)`.
struct GlobalOptions: ParsableArguments {
    @Option(help: .text("help.global.home", value: "dir"), completion: .directory) var home: String?
    @Flag(help: .text("help.global.json")) var json = false
    @Option(help: .text("help.global.lang", value: "en|zh"), completion: .list(["en", "zh"])) var lang: String?
    @Option(help: .text("help.global.author", value: "name")) var author: String?
    @Option(help: .text("help.global.color", value: "when"), completion: .list(ColorChoice.allCases.map(\.rawValue)))
    var color: String?
    @Flag(help: .text("help.global.quiet")) var quiet = false
    @Flag(help: .text("help.global.no-input")) var noInput = false
}

extension ArgumentHelp {
    /// The help of an argument in the reader's language.
    ///
    /// - Parameters:
    ///   - code: its code in the catalogue, such as `help.import.source`.
    ///   - value: what stands for the value in the help, such as `name`; the property's name where it is nil.
    static func text(_ code: String, value: String? = nil) -> ArgumentHelp {
        ArgumentHelp(Catalogue.text(code), valueName: value)
    }
}
