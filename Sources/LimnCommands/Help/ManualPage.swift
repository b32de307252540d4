internal import ArgumentParser
internal import Messages

/// Manual pages in roff with the `man` macros: `limn(1)`, and one for each command with its subcommands.
///
/// They carry no date, so that the same program always makes the same files.
struct ManualPage {
    /// The file's name, such as `limn-import.1`.
    let fileName: String
    let text: String

    /// All pages of a program, that of the program itself first.
    static func all(of root: any LimnRoot.Type) -> [ManualPage] {
        let program = root._commandName
        let commands = root.groups.flatMap(\.commands).map { CommandDescription($0) }
        return [overview(of: root, commands)] + commands.map { page(of: $0, program: program) }
    }

    private static func overview(of root: any LimnRoot.Type, _ commands: [CommandDescription]) -> ManualPage {
        let program = root._commandName
        let description = CommandDescription(root)
        var roff = Roff(title: program)
        roff.section("manual.name")
        roff.text("\(program) - \(description.abstract ?? "")")
        roff.section("manual.synopsis")
        roff.text("\(program) <\(Catalogue.text("label.help-placeholder-command"))>", bold: true)
        roff.section("manual.description")
        roff.text(description.discussion ?? "")
        for group in root.groups {
            roff.subsection(Catalogue.text(group.titleCode))
            for command in group.commands.map({ CommandDescription($0) }) {
                roff.item(program + "-" + command.commandName + "(1)", command.abstract ?? "")
            }
        }
        roff.section("manual.global")
        for argument in CommandDescription(GlobalOptions.self).shownArguments {
            let entry = HelpPage.entry(argument)
            roff.item(entry.label, entry.text)
        }
        roff.item("-h, --help", Catalogue.text("help.global.help"))
        roff.item("--version", Catalogue.text("help.global.version"))
        roff.section("manual.exit")
        for code in ["0", "1", "64", "65", "66", "69", "70", "73", "74", "75", "77", "78", "130"] {
            roff.item(code, Catalogue.text("help.exit.\(code)"))
        }
        roff.section("manual.environment")
        for name in ["LIMN_HOME", "LIMN_LANG", "LIMN_AUTHOR", "LIMN_PAGER", "NO_COLOR"] {
            roff.item(name, Catalogue.text("help.environment.\(name)"))
        }
        roff.section("manual.files")
        roff.item("~/.local/share/limn", Catalogue.text("help.files.home"))
        roff.section("manual.see-also")
        roff.text(commands.map { program + "-" + $0.commandName + "(1)" }.joined(separator: ", "))
        return ManualPage(fileName: program + ".1", text: roff.text)
    }

    private static func page(of command: CommandDescription, program: String) -> ManualPage {
        let title = program + "-" + command.commandName
        var roff = Roff(title: title)
        roff.section("manual.name")
        roff.text("\(title) - \(command.abstract ?? "")")
        roff.section("manual.synopsis")
        for (names, each) in withSubcommands(command, [program]) {
            roff.text(HelpPage.usage(names, each, each.shownArguments), bold: true)
        }
        if let discussion = command.discussion {
            roff.section("manual.description")
            roff.text(discussion)
        }
        roff.section("manual.options")
        for (names, each) in withSubcommands(command, [program]) {
            if names.count > 2 {
                roff.subsection(names.joined(separator: " "))
                roff.text(each.abstract ?? "")
                if let discussion = each.discussion { roff.text(discussion) }
            }
            for argument in each.shownArguments {
                let entry = HelpPage.entry(argument)
                roff.item(entry.label, entry.text)
            }
        }
        roff.text(Catalogue.text("manual.see-global", ["page": program + "(1)"]))
        return ManualPage(fileName: title + ".1", text: roff.text)
    }

    /// A command and everything below it, each with the names that lead to it.
    private static func withSubcommands(
        _ command: CommandDescription, _ parents: [String]
    ) -> [(names: [String], command: CommandDescription)] {
        let names = parents + [command.commandName]
        return [(names, command)] + command.shownSubcommands.flatMap { withSubcommands($0, names) }
    }
}

/// Text with the `man` macros (groff_man(7)).
private struct Roff {
    private(set) var text: String

    init(title: String) {
        text = "'\\\" -*- coding: UTF-8 -*-\n"
        text += ".TH \"\(title.uppercased())\" 1 \"\" \"limn \(LimnProgram.version)\"\n"
        // No hyphenation and no stretched lines: both spoil names of options and Chinese text.
        text += ".nh\n.ad l\n"
    }

    mutating func section(_ code: String) { text += ".SH \"\(Self.escaped(Catalogue.text(code)))\"\n" }
    mutating func subsection(_ title: String) { text += ".SS \"\(Self.escaped(title))\"\n" }

    /// A paragraph for each line.
    mutating func text(_ paragraphs: String, bold: Bool = false) {
        for line in paragraphs.split(separator: "\n") {
            text += ".PP\n" + Self.line(String(line), bold: bold)
        }
    }

    /// A term and its explanation, indented below it.
    mutating func item(_ term: String, _ explanation: String) {
        text += ".TP\n" + Self.line(term, bold: true) + Self.line(explanation.isEmpty ? " " : explanation)
    }

    private static func line(_ line: String, bold: Bool = false) -> String {
        let escaped = escaped(line)
        return (bold ? "\\fB\(escaped)\\fR" : escaped) + "\n"
    }

    /// Escapes what roff would read as a request (backslashes, hyphens that must stay hyphens, dots and quotes that open a
    /// line) and lets lines break between Chinese characters, which roff does not do by itself.
    private static func escaped(_ line: String) -> String {
        var result = ""
        var isAfterWide = false
        for character in line {
            let isWide = DisplayWidth.columns(character) == 2
            if isWide, isAfterWide, !DisplayWidth.closesLine(character) { result += "\\:" }
            isAfterWide = isWide
            switch character {
            case "\\": result += "\\e"
            case "-": result += "\\-"
            case "\"": result += "\\(dq"
            default: result.append(character)
            }
        }
        return result.hasPrefix(".") || result.hasPrefix("'") ? "\\&" + result : result
    }
}
