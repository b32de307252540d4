internal import Causality
internal import ProfileModel
internal import StandardForms

/// Why a customer was found: a code of the catalogue of texts, and what its placeholders stand for.
///
/// - Privacy: parameters hold the customer's values; they are for the person who searched.
public struct FindReason: Hashable, Sendable {
    /// `found.by-text`, `found.by-pinyin`, `found.by-initials`, `found.by-digits`, `found.by-id` or `found.by-condition`.
    public let code: String
    /// `field` and `value`; of `found.by-condition` `condition`; of `found.by-id` `value`.
    public let parameters: [String: String]

    init(_ code: String, _ parameters: [String: String]) {
        self.code = code
        self.parameters = parameters
    }

    /// A customer that satisfies an expression, for one of its conditions.
    static func condition(_ text: String) -> FindReason { FindReason("found.by-condition", ["condition": text]) }
}

/// What is searched of one row, to decide and to say what of a query stands in it.
struct SearchEvidence {
    private struct Value {
        let field: SearchedField
        let text: String
        /// The tokens with a space before and after each.
        let tokens: [UInt8]

        /// Whether a token begins with a number, or has letters before it and ends in one that does.
        func holds(number: [UInt8]) -> Bool {
            tokens.split(separator: 0x20).contains { token in
                if token.starts(with: number) { return true }
                return token.withUnsafeBufferPointer { bytes in
                    SearchTokens.number(in: bytes).map { bytes[$0...].starts(with: number) } ?? false
                }
            }
        }
    }

    private var values: [Value] = []

    /// Reads a row; nil where it is not searched.
    init?(_ ordinal: Int64, in rows: SearchedRows) throws {
        var values: [Value] = []
        let lives = try rows.forEachValue(of: ordinal) { field, bytes in
            var tokens: [UInt8] = [0x20]
            if field.role == .phone {
                tokens.append(contentsOf: bytes.prefix { $0 != UInt8(ascii: ";") }.filter { $0 &- 48 < 10 })
            } else {
                SearchText.appendTokens(of: bytes, to: &tokens)
            }
            tokens.append(0x20)
            values.append(Value(field: field, text: String(decoding: bytes, as: UTF8.self), tokens: tokens))
        }
        guard lives else { return nil }
        let order = Dictionary(uniqueKeysWithValues: SearchedField.all.enumerated().map { ($1.id, $0) })
        self.values = values.sorted { (order[$0.field.id] ?? 0) < (order[$1.field.id] ?? 0) }
    }

    /// Why a stretch is found here; nil where it is not.
    func reason(_ run: SearchRun) -> FindReason? {
        let needle: [UInt8] = switch run.kind {
        case .characters: Array(" \(run.tokens.joined(separator: " ")) ".utf8)
        case .word, .digits: Array(" \(run.tokens[0])".utf8)
        }
        for value in values where value.field.role != .phone && value.tokens.holds(needle) { return found("text", value) }
        switch run.kind {
        case .characters: return nil
        case .digits:
            let digits = Array(run.tokens[0].utf8)
            if let value = phone(run.tokens[0]) { return found("digits", value) }
            return values.first { $0.field.role != .phone && $0.holds(number: digits) }.map { found("text", $0) }
        case .word: return pinyin(run.tokens[0])
        }
    }

    private func found(_ how: String, _ value: Value) -> FindReason {
        FindReason("found.by-\(how)", ["field": value.field.name, "value": value.text])
    }

    /// The telephone number that holds these digits; zeros dialled before the number proper need not stand in it.
    private func phone(_ digits: String) -> Value? {
        guard digits.utf8.count >= SearchTokens.digitsLength else { return nil }
        for digits in SearchTerm.phoneDigits(digits) {
            let digits = Array(digits.utf8)
            if let value = values.first(where: { $0.field.role == .phone && $0.tokens.holds(digits) }) { return value }
        }
        return nil
    }

    private func pinyin(_ word: String) -> FindReason? {
        var initials: FindReason?
        for value in values where value.field.role == .name && value.text.utf8.contains(where: { $0 >= 0xE3 }) {
            let keys = PinyinKeys.keys(of: value.text)
            if keys.full.contains(where: { $0.utf8.starts(with: word.utf8) }) { return found("pinyin", value) }
            if initials == nil, keys.initials.contains(where: { $0.utf8.starts(with: word.utf8) }) { initials = found("initials", value) }
        }
        return initials
    }

    /// 1 where a word of pinyin is the surname of a name of at most four characters, 2 where such a name begins with it.
    func nameTier(_ word: String) -> Int? {
        func typed(_ syllable: String) -> String { syllable.replacing("v", with: "u") }
        for value in values where value.field.name == "name" && value.text.utf8.contains(where: { $0 >= 0xE3 }) {
            let syllables = Pinyin.syllables(of: value.text)
            guard (2...4).contains(syllables.count), syllables.count == value.text.unicodeScalars.count, let surname = syllables[0].first else { continue }
            if typed(surname) == typed(word) { return 1 }
            if typed(syllables.compactMap(\.first).joined()).hasPrefix(typed(word)) { return 2 }
        }
        return nil
    }

    /// Whether one value is all that was searched for, in characters, in digits or in pinyin.
    func isWhole(_ runs: [SearchRun]) -> Bool {
        let whole = Array(" \(runs.flatMap(\.tokens).joined(separator: " ")) ".utf8)
        if values.contains(where: { $0.tokens == whole }) { return true }
        if runs.count == 1, runs[0].kind == .digits {
            let digits = runs[0].tokens[0], bare = String(digits.drop { $0 == "0" })
            return values.contains { $0.field.role == .phone && $0.tokens == Array(" 86\(bare) ".utf8) }
        }
        guard runs.allSatisfy({ $0.kind == .word }) else { return false }
        let word = runs.map { $0.tokens[0] }.joined()
        return values.contains { value in
            value.field.role == .name && value.text.utf8.contains { $0 >= 0xE3 } && PinyinKeys.keys(of: value.text).full.first == word
        }
    }
}

extension [UInt8] {
    /// Whether these bytes stand in a row somewhere.
    func holds(_ part: [UInt8]) -> Bool {
        guard let first = part.first else { return true }
        guard count >= part.count else { return false }
        return withUnsafeBufferPointer { bytes in
            part.withUnsafeBufferPointer { part in
                for start in 0...(bytes.count - part.count) where bytes[start] == first {
                    var offset = 1
                    while offset < part.count, bytes[start + offset] == part[offset] { offset += 1 }
                    if offset == part.count { return true }
                }
                return false
            }
        }
    }
}
