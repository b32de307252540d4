/// A stretch of a query in one script.
public struct SearchRun: Hashable, Sendable {
    /// What a stretch is made of.
    public enum Kind: Hashable, Sendable {
        /// Letters, perhaps with digits; it may also be pinyin or initials.
        case word
        /// Characters of which each is a token: a phrase.
        case characters
        /// Digits alone, at least part of a telephone number perhaps.
        case digits
    }

    public let kind: Kind
    /// One token, or of characters one or more in order, as `SearchText.appendTokens` writes them.
    public let tokens: [String]
    /// The number of the stretch between white space to which it belongs: runs with the same number followed each other
    /// without a space, as in A公司.
    public let part: Int

    public init(kind: Kind, tokens: [String], part: Int) {
        self.kind = kind
        self.tokens = tokens
        self.part = part
    }
}

extension SearchText {
    /// Divides a query as texts are divided. A query that is a telephone number, however written, is one run of digits.
    public static func queryTokens(_ query: String) -> [SearchRun] {
        if let digits = phoneDigits(of: query) { return [SearchRun(kind: .digits, tokens: [digits], part: 0)] }
        var runs: [SearchRun] = []
        for (part, text) in query.split(whereSeparator: \.isWhitespace).enumerated() {
            var text = String(text), tokens: [UInt8] = []
            text.withUTF8 { appendTokens(of: $0, to: &tokens) }
            var characters: [String] = []
            func endCharacters() {
                if !characters.isEmpty { runs.append(SearchRun(kind: .characters, tokens: characters, part: part)) }
                characters = []
            }
            for token in tokens.split(separator: 0x20) {
                let word = String(decoding: token, as: UTF8.self)
                if word.unicodeScalars.count == 1, word.unicodeScalars.allSatisfy({ standsAlone($0.value) }) {
                    characters.append(word)
                } else {
                    endCharacters()
                    runs.append(SearchRun(kind: token.allSatisfy(\.isDigit) ? .digits : .word, tokens: [word], part: part))
                }
            }
            endCharacters()
        }
        return runs
    }

    /// The digits of a query that holds nothing but at least five of them, perhaps a plus sign in front, and the marks
    /// with which telephone numbers are grouped.
    private static func phoneDigits(of query: String) -> String? {
        var digits = String.UnicodeScalarView()
        for scalar in query.unicodeScalars {
            let narrow = Unicode.Scalar(NarrowText.narrow(scalar.value)) ?? scalar
            switch narrow {
            case "0"..."9": digits.append(narrow)
            case " ", "-", "(", ")", ".", "\u{3000}", "\u{A0}": break
            case "+": if !digits.isEmpty { return nil }
            default: return nil
            }
        }
        return digits.count >= 5 ? String(digits) : nil
    }
}
