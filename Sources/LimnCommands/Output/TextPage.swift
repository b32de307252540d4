/// How a text is shown where colours are on.
package enum TextStyle: Sendable {
    case plain, bold, faint, red, green, yellow, cyan

    /// The text between the control sequences of the style (ECMA-48, SGR), or as it is where colours are off.
    func applied(to text: String, color: Bool) -> String {
        guard color, let number = sequenceNumber else { return text }
        return "\u{1B}[\(number)m\(text)\u{1B}[0m"
    }

    private var sequenceNumber: Int? {
        switch self {
        case .plain: nil
        case .bold: 1
        case .faint: 2
        case .red: 31
        case .green: 32
        case .yellow: 33
        case .cyan: 36
        }
    }
}

/// What a command shows to people: lines, labelled values and tables, made for the width and colours at hand.
///
/// Whatever is written here is made harmless for terminals first (`String.printable(keepingLineBreaks:)`).
package struct TextPage: Sendable {
    /// The columns of the terminal; nil where the page goes into a file or a pipe, where nothing is cut or wrapped.
    package let columns: Int?
    /// Whether styles show.
    package let color: Bool
    /// The page so far; every line ends in a line feed.
    package private(set) var text = ""

    package init(columns: Int?, color: Bool) {
        self.columns = columns
        self.color = color
    }

    /// Appends a line.
    package mutating func line(_ line: String = "", _ style: TextStyle = .plain) {
        text += style.applied(to: line.printable(keepingLineBreaks: true), color: color)
        text += "\n"
    }

    /// Appends a line that opens with a word in a style of its own, such as `error:`; fullwidth punctuation at the end of
    /// the word takes no space after it.
    package mutating func line(_ word: String, _ style: TextStyle, then rest: String) {
        text += style.applied(to: word.printable(), color: color)
        if word.utf8.last.map({ $0 < 0x80 }) ?? false { text += " " }
        line(rest)
    }

    /// Appends a heading, after an empty line unless it opens the page.
    package mutating func heading(_ title: String) {
        if !text.isEmpty { line() }
        line(title, .bold)
    }

    /// Appends a table.
    package mutating func table(_ table: TextTable) {
        for line in table.lines(limit: columns, color: color) {
            text += line
            text += "\n"
        }
    }

    /// Appends one line for each label and its value, with the values below one another; so are the lines of a value that has several.
    package mutating func values(_ values: [(label: String, value: String)]) {
        let width = values.map { DisplayWidth.columns($0.label) }.max() ?? 0
        for (label, value) in values {
            text += TextStyle.faint.applied(to: label.printable(), color: color)
            text += String(repeating: " ", count: width - DisplayWidth.columns(label) + 2)
            let lines = value.printable(keepingLineBreaks: true).split(separator: "\n", omittingEmptySubsequences: false)
            text += lines.joined(separator: "\n" + String(repeating: " ", count: width + 2))
            text += "\n"
        }
    }

    /// Appends text of the program's own making as it is.
    mutating func verbatim(_ part: String) { text += part }
}
