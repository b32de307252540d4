internal import ArgumentParser
internal import Messages

/// The help of one command: usage, what it is for, arguments, options, subcommands.
struct HelpPage {
    private let names: [String]
    private let description: CommandDescription
    private let global: CommandDescription
    /// Commands by group on the root's page, in one group elsewhere.
    private let sections: [(title: String, commands: [CommandDescription])]

    init(path: CommandPath, root: any LimnRoot.Type) {
        names = path.names
        global = CommandDescription(GlobalOptions.self)
        description = CommandDescription(path.command)
        if path.commands.count == 1 {
            sections = root.groups.map { section in
                (Catalogue.text(section.titleCode), section.commands.map { CommandDescription($0) })
            }
        } else {
            sections = [(Catalogue.text("label.help-commands"), description.shownSubcommands)]
        }
    }

    /// What `limn help --json` carries.
    var data: JSONValue {
        let commands: [JSONValue] = sections.flatMap { section in
            section.commands.map {
                ["name": .string($0.commandName), "help": JSONValue($0.abstract), "group": .string(section.title)]
            }
        }
        return [
            "command": .string(names.joined(separator: " ")), "help": JSONValue(description.abstract),
            "discussion": JSONValue(description.discussion),
            "arguments": .array(ownArguments.map(\.data)), "commands": .array(commands),
            "global": .array(global.shownArguments.map(\.data)),
        ]
    }

    /// Writes the page for people.
    func render(into page: inout TextPage) {
        let columns = min(page.columns ?? 80, 100)
        page.line(Catalogue.text("label.help-usage", ["usage": Self.usage(names, description, ownArguments)]))
        for part in [description.abstract, description.discussion] {
            guard let part, !part.isEmpty else { continue }
            page.line()
            DisplayWidth.wrapped(part, to: columns).forEach { page.line($0) }
        }
        list(ownArguments.filter(\.isPositional).map(Self.entry), under: "label.help-arguments", &page, columns)
        list(ownArguments.filter { !$0.isPositional }.map(Self.entry), under: "label.help-options", &page, columns)
        for section in sections {
            entries(section.commands.map { ($0.commandName, $0.abstract ?? "") }, titled: section.title, &page, columns)
        }
        var flags = global.shownArguments.map(Self.entry)
        flags.append(("-h, --help", Catalogue.text("help.global.help")))
        if names.count == 1 { flags.append(("--version", Catalogue.text("help.global.version"))) }
        list(flags, under: "label.help-global", &page, columns)
        if names.count == 1 {
            page.line()
            page.line(Catalogue.text("help.limn.more"))
        }
    }

    /// The command's own arguments: the root declares only the global flags.
    private var ownArguments: [ArgumentDescription] { names.count == 1 ? [] : description.shownArguments }

    /// The line of usage of a command: with each of its options where there are few and they fit.
    static func usage(_ names: [String], _ command: CommandDescription, _ arguments: [ArgumentDescription]) -> String {
        let named = arguments.filter { !$0.isPositional }
        func line(_ shown: [ArgumentDescription]) -> String {
            var parts = [names.joined(separator: " ")]
            parts += arguments.filter(\.isPositional).map(\.synopsis) + shown.map(\.synopsis)
            if shown.count < named.count { parts.append("[\(Catalogue.text("label.help-placeholder-options"))]") }
            if !command.shownSubcommands.isEmpty { parts.append("<\(Catalogue.text("label.help-placeholder-command"))>") }
            return parts.joined(separator: " ")
        }
        let whole = line(named)
        return named.count > 6 || DisplayWidth.columns(whole) > 72 ? line(named.filter { !$0.isOptional }) : whole
    }

    /// An argument and what it is for, with its possible values and its default.
    static func entry(_ argument: ArgumentDescription) -> (label: String, text: String) {
        var text = argument.abstract ?? ""
        if let values = argument.allValues, !values.isEmpty {
            text += " " + Catalogue.text("label.help-values", ["values": values.joined(separator: ", ")])
        }
        if let value = argument.defaultValue {
            text += " " + Catalogue.text("label.help-default", ["value": value])
        }
        return (argument.label, text)
    }

    private func list(_ entries: [(String, String)], under code: String, _ page: inout TextPage, _ columns: Int) {
        self.entries(entries, titled: Catalogue.text(code), &page, columns)
    }

    private func entries(_ entries: [(String, String)], titled title: String, _ page: inout TextPage, _ columns: Int) {
        guard !entries.isEmpty else { return }
        page.heading(title)
        let indent = 26
        for (label, text) in entries {
            let lines = DisplayWidth.wrapped(text, to: columns - indent)
            let start = "  " + label
            var rest = lines[...]
            if DisplayWidth.columns(start) + 2 <= indent {
                let padding = String(repeating: " ", count: indent - DisplayWidth.columns(start))
                page.line(lines[0].isEmpty ? start : start + padding + lines[0])
                rest = lines.dropFirst()
            } else {
                page.line(start)
            }
            for line in rest where !line.isEmpty { page.line(String(repeating: " ", count: indent) + line) }
        }
    }
}
