/// A word, text, sign or the end, with the offset of its first Unicode scalar.
struct Token: Equatable {
    enum Kind: Equatable {
        /// A run of characters without quotes; full-width forms are folded to ASCII.
        case word
        /// A text in quotes, escapes resolved.
        case text
        /// A field name in backticks, escapes resolved.
        case name
        case comparison(Comparison)
        case openBracket, closeBracket, comma, end
    }

    var kind: Kind
    var text: String
    var offset: Int

    var keyword: Keyword? { kind == .word ? Keyword(word: text) : nil }

    /// Whether a value of a condition can begin and end here.
    var isValue: Bool { kind == .word || kind == .text }

    /// Whether this is one of the names of the set of tags.
    var isTagName: Bool { kind == .word && FieldName.namesOfTags.contains(text.asciiLowercased) }
}

/// Words with a meaning of their own where a value cannot stand.
enum Keyword {
    case and, or, not, isIn, isNotIn, contains, notContains, copula, empty, isEmpty, isNotEmpty

    init?(word: String) {
        switch word.asciiLowercased {
        case "and", "且", "并且": self = .and
        case "or", "或", "或者": self = .or
        case "not", "非": self = .not
        case "in", "属于": self = .isIn
        case "不属于": self = .isNotIn
        case "contains", "包含": self = .contains
        case "不包含": self = .notContains
        case "is": self = .copula
        case "empty": self = .empty
        case "为空": self = .isEmpty
        case "不为空": self = .isNotEmpty
        default: return nil
        }
    }
}

/// Cuts a text into tokens.
struct Lexer {
    /// What was read: tokens that finish with an `end`, and why reading stopped early, if it did.
    struct Reading {
        var tokens: [Token] = []
        var failure: RuleError?
    }

    private let source: SourceText
    private var offset = 0

    private init(source: SourceText) { self.source = source }

    static func read(_ source: SourceText) -> Reading {
        var lexer = Lexer(source: source)
        var reading = Reading()
        do throws(RuleError) {
            while let token = try lexer.next() { reading.tokens.append(token) }
        } catch {
            reading.failure = error
        }
        reading.tokens.append(Token(kind: .end, text: "", offset: source.scalars.count))
        return reading
    }

    private mutating func next() throws(RuleError) -> Token? {
        while let scalar = folded(offset), isSpace(scalar) { offset += 1 }
        guard let scalar = folded(offset) else { return nil }
        let start = offset
        if let (comparison, length) = comparison(at: offset) {
            offset += length
            return Token(kind: .comparison(comparison), text: comparison.rawValue, offset: start)
        }
        switch scalar {
        case "(": return sign(.openBracket)
        case ")": return sign(.closeBracket)
        case ",": return sign(.comma)
        case "`": return Token(kind: .name, text: try quoted(until: "`｀"), offset: start)
        default: break
        }
        if let closing = closingQuotes(of: source.scalars[offset]) {
            return Token(kind: .text, text: try quoted(until: closing), offset: start)
        }
        var word = String.UnicodeScalarView()
        while let scalar = folded(offset), !endsWord(scalar) {
            word.append(scalar)
            offset += 1
        }
        return Token(kind: .word, text: String(word), offset: start)
    }

    private mutating func sign(_ kind: Token.Kind) -> Token {
        offset += 1
        return Token(kind: kind, text: "", offset: offset - 1)
    }

    /// The scalar at an offset, with full-width ASCII, the ideographic comma and odd spaces folded.
    private func folded(_ offset: Int) -> Unicode.Scalar? {
        guard offset < source.scalars.count else { return nil }
        let scalar = source.scalars[offset]
        switch scalar.value {
        case 0xFF01...0xFF5E: return Unicode.Scalar(scalar.value - 0xFEE0)
        case 0x3001: return ","
        case 0x3000, 0xFEFF, 0x200B: return " "
        default: return scalar
        }
    }

    private func isSpace(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isWhitespace }

    private func comparison(at offset: Int) -> (Comparison, length: Int)? {
        guard let first = folded(offset) else { return nil }
        switch (first, folded(offset + 1)) {
        case ("=", "="): return (.equal, 2)
        case ("=", _): return (.equal, 1)
        case ("!", "="), ("<", ">"): return (.notEqual, 2)
        case ("≠", _): return (.notEqual, 1)
        case ("<", "="): return (.lessOrEqual, 2)
        case ("≤", _), ("≦", _): return (.lessOrEqual, 1)
        case ("<", _): return (.less, 1)
        case (">", "="): return (.greaterOrEqual, 2)
        case ("≥", _), ("≧", _): return (.greaterOrEqual, 1)
        case (">", _): return (.greater, 1)
        case ("~", _): return (.contains, 1)
        default: return nil
        }
    }

    /// Single quotes are letters within a word, as in `O'Brien`; all other quotes end it.
    private func endsWord(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "(", ")", ",", "`", "\"", "“", "”", "「", "『": true
        default: isSpace(scalar) || comparison(at: offset) != nil
        }
    }

    private func closingQuotes(of opening: Unicode.Scalar) -> String? {
        switch opening {
        case "\"", "＂": "\"＂"
        case "'", "＇": "'＇"
        case "“", "”": "“”"
        case "‘", "’": "‘’"
        case "「": "」"
        case "『": "』"
        default: nil
        }
    }

    /// Reads what stands between quotes, from the opening one at the offset past the closing one.
    private mutating func quoted(until closing: String) throws(RuleError) -> String {
        let start = offset
        var text = String.UnicodeScalarView()
        offset += 1
        while offset < source.scalars.count {
            let scalar = source.scalars[offset]
            if closing.unicodeScalars.contains(scalar) {
                offset += 1
                return String(text)
            }
            text.append(scalar == "\\" ? try escaped() : scalar)
            offset += 1
        }
        throw source.error(.textNotClosed, at: start, expected: String(closing.unicodeScalars.first!))
    }

    /// The scalar that the escape at the offset stands for; leaves the offset on the escape's last scalar.
    private mutating func escaped() throws(RuleError) -> Unicode.Scalar {
        let start = offset
        offset += 1
        guard offset < source.scalars.count else { throw source.error(.textNotClosed, at: start, expected: "\"") }
        let scalar = source.scalars[offset]
        switch scalar {
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "\\", "`", "＂", "＇", "｀": return scalar
        case "u":
            let digits = source.scalars[(offset + 1)...].prefix(10)
            guard digits.first == "{", let close = digits.firstIndex(of: "}"),
                let value = hexadecimal(digits[(offset + 2)..<close]), let result = Unicode.Scalar(value)
            else { break }
            offset = close
            return result
        default:
            if closingQuotes(of: scalar) != nil || scalar == "」" || scalar == "』" { return scalar }
        }
        throw source.error(.badEscape, at: start, expected: #"\n \r \t \\ \" \u{4E0A}"#)
    }

    private func hexadecimal(_ digits: ArraySlice<Unicode.Scalar>) -> UInt32? {
        guard !digits.isEmpty, digits.allSatisfy(\.properties.isASCIIHexDigit) else { return nil }
        return digits.reduce(0) { sum, digit in
            let value = digit.value
            return sum << 4 | (value <= 0x39 ? value - 0x30 : (value | 0x20) - 0x61 + 10)
        }
    }
}

extension String {
    /// The text with the letters A to Z, and no others, made small.
    var asciiLowercased: String { String(decoding: utf8.map(\.asciiLowercased), as: UTF8.self) }
}

extension UInt8 {
    var asciiLowercased: UInt8 { (0x41...0x5A).contains(self) ? self | 0x20 : self }
}
