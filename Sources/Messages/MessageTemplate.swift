/// Texts with placeholders: `{name}` for a parameter, `{count?row|rows}` for a word that depends on a count.
public enum MessageTemplate {
    /// Replaces the placeholders of a text; one whose parameter is absent stays as it is written.
    ///
    /// What a parameter holds is never searched for placeholders.
    public static func fill(_ template: String, _ parameters: [String: String]) -> String {
        guard template.utf8.contains(UInt8(ascii: "{")) else { return template }
        var result = ""
        forEachPart(template) { part in
            switch part {
            case .text(let text): result += text
            case .placeholder(let whole, let name, let words):
                guard let value = parameters[name] else {
                    result += whole
                    return
                }
                if let words {
                    result += value == "1" ? words.one : words.other
                } else {
                    result += value
                }
            }
        }
        return result
    }

    /// The names of the parameters that a text speaks of.
    public static func placeholders(_ template: String) -> Set<String> {
        var names: Set<String> = []
        forEachPart(template) { part in
            if case .placeholder(_, let name, _) = part { names.insert(name) }
        }
        return names
    }

    private enum Part {
        case text(Substring)
        case placeholder(whole: Substring, name: String, words: (one: Substring, other: Substring)?)
    }

    private static func forEachPart(_ template: String, _ body: (Part) -> Void) {
        var rest = template[...]
        while let brace = rest.firstIndex(of: "{") {
            if brace > rest.startIndex { body(.text(rest[..<brace])) }
            guard let close = rest[brace...].firstIndex(of: "}"),
                let part = placeholder(rest[brace...close])
            else {
                body(.text("{"))
                rest = rest[rest.index(after: brace)...]
                continue
            }
            body(part)
            rest = rest[rest.index(after: close)...]
        }
        if !rest.isEmpty { body(.text(rest)) }
    }

    /// Reads `{name}` or `{name?one|other}`; nil where the braces hold anything else.
    private static func placeholder(_ whole: Substring) -> Part? {
        let inner = whole.dropFirst().dropLast()
        let pieces = inner.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let name = pieces[0]
        let isName = { (character: Character) in
            character.isASCII && (character.isLetter || character.isNumber || character == "-" || character == "_")
        }
        guard !name.isEmpty, name.allSatisfy(isName) else { return nil }
        guard pieces.count == 2 else { return .placeholder(whole: whole, name: String(name), words: nil) }
        let words = pieces[1].split(separator: "|", maxSplits: 1, omittingEmptySubsequences: false)
        guard words.count == 2 else { return nil }
        return .placeholder(whole: whole, name: String(name), words: (words[0], words[1]))
    }
}
