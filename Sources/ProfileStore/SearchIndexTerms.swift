internal import StandardForms

/// A stretch of what was searched for, as the index is asked for it.
struct SearchTerm {
    let run: SearchRun
    /// An expression of FTS5 that every matching row satisfies; each of its texts is one token in quotes.
    let match: String
    /// The same for rows in which the stretch is a whole value: no beginnings of words.
    let wholeMatch: String
    /// Whether every row that satisfies `match` holds the stretch; else the row decides.
    let isExact: Bool

    /// - Parameter continues: whether any token begins with this one and goes on. A beginning of words costs FTS5 ten times
    ///   what the word itself costs, so it is asked for only where there are others.
    init(_ run: SearchRun, continues: (String) throws -> Bool) rethrows {
        self.run = run
        func beginning(_ token: String) throws -> String {
            let token = SearchTerm.cut(token)
            return try continues(token) ? "\"\(token)\" *" : "\"\(token)\""
        }
        let token = SearchTerm.quoted(run.tokens[0])
        switch run.kind {
        case .characters:
            let characters = run.tokens
            let pairs = zip(characters, characters.dropFirst()).map { SearchTerm.quoted($0 + $1) }
            match = try pairs.isEmpty ? beginning(characters[0]) : pairs.joined(separator: " AND ")
            wholeMatch = (pairs + [SearchTerm.quoted(characters[characters.count - 1])]).joined(separator: " AND ")
            isExact = pairs.count < 2
        case .word:
            let parts = SearchTerm.parts(run.tokens[0])
            let whole = try beginning(run.tokens[0])
            match = try parts.map { "\(whole) OR (\(SearchTerm.quoted($0.letters)) AND \(try beginning($0.number)))" } ?? whole
            wholeMatch = parts.map { "\(token) OR (\(SearchTerm.quoted($0.letters)) AND \(SearchTerm.quoted($0.number)))" } ?? token
            isExact = parts == nil && run.tokens[0].utf8.count <= SearchTokens.tokenBytesMaximum
        case .digits:
            let alternatives = SearchTerm.phoneDigits(run.tokens[0]).compactMap(SearchTerm.digits)
            match = ([try beginning(run.tokens[0])] + alternatives).joined(separator: " OR ")
            wholeMatch = ([token] + alternatives).joined(separator: " OR ")
            isExact = alternatives.isEmpty || alternatives.count == 1 && run.tokens[0].utf8.count == SearchTokens.digitsLength
        }
    }

    /// The letters and the number of a word that stands in the index as two tokens.
    private static func parts(_ word: String) -> (letters: String, number: String)? {
        var word = word
        return word.withUTF8 { bytes in
            SearchTokens.number(in: bytes).map { number in
                (String(decoding: bytes[..<number], as: UTF8.self), String(decoding: bytes[number...], as: UTF8.self))
            }
        }
    }

    /// The digits as they were typed, and without the zeros that are dialled before a number proper.
    static func phoneDigits(_ run: String) -> [String] {
        let bare = String(run.drop { $0 == "0" })
        return bare.utf8.count < run.utf8.count && bare.utf8.count >= 6 ? [run, bare] : [run]
    }

    /// The telephone numbers that may hold a run of digits, by the last eight of it; nil where it is too short.
    static func digits(_ run: String) -> String? {
        let digits = Array(run.utf8), length = SearchTokens.digitsLength
        guard digits.count >= length else { return nil }
        let ends = digits.count == length ? [length] : [digits.count, max(digits.count - length, length)]
        let tokens = ends.map { "\"#\(String(decoding: digits[($0 - length)..<$0], as: UTF8.self))\"" }
        return "(\(tokens.joined(separator: " AND ")))"
    }

    /// A token in quotes, cut as tokens are; tokens hold letters and digits alone.
    static func quoted(_ token: String) -> String { "\"\(cut(token))\"" }

    private static func cut(_ token: String) -> String {
        var token = token
        return token.withUTF8 { String(decoding: SearchTokens.cut($0), as: UTF8.self) }
    }

    /// An expression that all of these satisfy.
    static func all(_ matches: [String]) -> String { matches.map { "(\($0))" }.joined(separator: " AND ") }
}

/// What an expression of the rule language needs of the index: every customer that holds such a value is found by it.
enum SearchNecessity {
    /// An expression of FTS5 for rows with this whole value in a field; nil where the index cannot tell.
    static func equal(_ value: String, _ field: SearchedField) -> String? {
        var tokens = SearchTokens()
        var value = value
        value.withUTF8 { tokens.append($0, as: field.role == .name ? .words : field.role) }
        return conjunction(tokens)
    }

    /// The same for rows in which the text stands somewhere in a field: of Chinese characters their pairs, of telephone
    /// numbers digits. Where a word begins and ends is not known.
    static func contained(_ value: String, _ field: SearchedField) -> String? {
        if field.role == .phone {
            return value.utf8.allSatisfy { $0 &- 48 < 10 } ? SearchTerm.digits(value) : nil
        }
        guard field.role != .externalID else { return nil }
        let runs = SearchText.queryTokens(value)
        guard runs.count == 1, runs[0].kind == .characters else { return nil }
        return SearchTerm(runs[0]) { _ in true }.match
    }

    private static func conjunction(_ tokens: SearchTokens) -> String? {
        let words = Set(tokens.text.split(separator: 0x20).map { String(decoding: $0, as: UTF8.self) }).sorted()
        if words.isEmpty { return nil }
        return words.prefix(8).map { "\"\($0)\"" }.joined(separator: " AND ")
    }
}
