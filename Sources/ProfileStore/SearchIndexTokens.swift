internal import Causality
internal import GRDB
internal import ProfileModel
internal import StandardForms

/// A field that free text is searched in, and how.
struct SearchedField: Sendable {
    enum Role: Sendable {
        /// By words, Chinese characters, pinyin and initials.
        case name
        /// By words and Chinese characters.
        case words
        /// By words, without the source before the first colon.
        case externalID
        /// By any four digits in a row.
        case phone
    }

    let id: FieldID
    let name: String
    let role: Role
    let isSet: Bool
    let hasColumn: Bool

    static let all: [SearchedField] = {
        let roles: [(String, Role)] = [
            ("name", .name), ("phone", .phone), ("short_name", .name), ("english_name", .name), ("nickname", .name),
            ("former_names", .name), ("given_name", .name), ("family_name", .name), ("company", .name), ("contact_person", .name),
            ("legal_representative", .name), ("email", .words), ("wechat", .words), ("qq", .words), ("code", .words),
            ("credit_code", .words), ("external_ids", .externalID),
        ]
        return roles.map { name, role in
            guard let field = FieldCatalogue.standard[name] else { preconditionFailure("\(name) is in the catalogue") }
            return SearchedField(id: field.id, name: name, role: role, isSet: field.isSet, hasColumn: field.hasColumn)
        }
    }()

    static let byID = Dictionary(uniqueKeysWithValues: all.map { ($0.id.rawValue, $0) })
    static let columns = all.filter(\.hasColumn)
    static let isSearched = Set(byID.keys)
}

extension StoredRow {
    /// Whether all that is searched of this row stands alike in another state of it, so that the index need not change.
    func isSearched(as new: CompactRow, life newLife: Int64) -> Bool {
        let isSearchable = [life, newLife].map { $0 == 0 || $0 == 2 }
        guard isSearchable[0] == isSearchable[1] else { return false }
        let isSearched = SearchedField.isSearched
        func searched(_ exception: CompactRow.Exception) -> Bool { isSearched.contains(exception.key.field) }
        guard compact.exceptions.lazy.filter(searched).elementsEqual(new.exceptions.lazy.filter(searched)) else { return false }
        return compact.plain.withUnsafeCells { old in
            new.plain.withUnsafeCells { new in
                var next = 0
                for index in 0..<old.count where isSearched.contains(old[index].field) {
                    while next < new.count, !isSearched.contains(new[next].field) { next += 1 }
                    guard next < new.count, old[index].holdsSame(as: new[next]) else { return false }
                    next += 1
                }
                while next < new.count, !isSearched.contains(new[next].field) { next += 1 }
                return next == new.count
            }
        }
    }
}

/// Reads what is searched of customer rows: the columns, and what else stands in a row's blob, values that are not shown
/// at present among them, so that a customer is found by everything that is said of it.
final class SearchedRows {
    private let statement: RawStatement
    private let fields = SearchedField.columns
    private let byID = SearchedField.byID
    private let headers: HeaderTable
    private let database: Database

    init(_ reader: StoreReader) throws {
        database = reader.database
        headers = reader.store.headers
        let columns = SearchedField.columns.map { "\"\($0.name)\"" }.joined(separator: ", ")
        statement = try RawStatement(database, sql: "SELECT life, cells, \(columns) FROM customer_rows WHERE ordinal = ?")
    }

    /// Whether the row with this ordinal lives, so that it is searched; passes each of its values to `body` if so.
    func forEachValue(of ordinal: Int64, _ body: (SearchedField, UnsafeBufferPointer<UInt8>) -> Void) throws -> Bool {
        statement.bind(1, ordinal)
        defer { statement.reset() }
        guard try statement.step() else { return false }
        let life = statement.int64(0)
        guard life == 0 || life == 2 else { return false }
        for (index, field) in fields.enumerated() {
            let bytes = statement.bytes(Int32(index + 2)).assumingMemoryBound(to: UInt8.self)
            guard !bytes.isEmpty else { continue }
            if !field.isSet || !bytes.contains(UInt8(ascii: "\n")) {
                body(field, bytes)
                continue
            }
            for line in bytes.split(separator: UInt8(ascii: "\n")) { body(field, UnsafeBufferPointer(rebasing: line)) }
        }
        if !statement.isNull(1) {
            let blob = try CellsBlob(statement.bytes(1), headers: headers, in: database)
            forEachValue(of: blob, body)
        }
        return true
    }

    private func forEachValue(of blob: CellsBlob, _ body: (SearchedField, UnsafeBufferPointer<UInt8>) -> Void) {
        func pass(_ field: SearchedField, _ tagged: [UInt8]) {
            guard tagged.count > 1, tagged[0] == FieldValue.Tag.text.rawValue else { return }
            tagged.withUnsafeBufferPointer { body(field, UnsafeBufferPointer(rebasing: $0[1...])) }
        }
        for cell in blob.plain {
            guard let field = byID[cell.key.field] else { continue }
            pass(field, field.isSet ? cell.key.element : cell.value)
        }
        for exception in blob.exceptions {
            guard let field = byID[exception.key.field] else { continue }
            let values = Set(exception.writes.compactMap(\.value))
            if field.isSet {
                if !values.isEmpty { pass(field, exception.key.element) }
            } else {
                for value in values { pass(field, value) }
            }
        }
    }
}

/// What stands in the index for a value: tokens with single spaces between them.
///
/// - A word is its first 16 bytes, in lower case: what is longer is decided on the row. Letters with a number after them,
///   as in e-mail addresses, are two tokens: else every customer would add a word of its own to those that begin with a
///   common name, and a search for the name would visit them all.
/// - A run of Chinese characters is its pairs of neighbours and its last character: any substring of two or more is pairs,
///   and one character is the beginning of a pair or of the last. Half as many terms to visit as with characters alone,
///   and no positions to keep.
/// - A telephone number is every four digits in a row, marked `#`: so any run of four digits or more is found, from
///   10,000 terms that all customers share, at about two bytes each. Tokens for every suffix would be distinct for every
///   customer and cost four times the space.
struct SearchTokens {
    static let tokenBytesMaximum = 16
    static let digitsMark = UInt8(ascii: "#")
    /// The length of the digit runs that stand in the index.
    static let digitsLength = 4

    private(set) var text: [UInt8] = []
    private var words: [UInt8] = []

    mutating func removeAll() { text.removeAll(keepingCapacity: true) }

    /// Appends the tokens of one value.
    mutating func append(_ value: UnsafeBufferPointer<UInt8>, as role: SearchedField.Role) {
        switch role {
        case .phone:
            appendDigits(of: value)
            return
        case .externalID:
            let start = value.firstIndex(of: UInt8(ascii: ":")).map { $0 + 1 } ?? 0
            appendWords(of: UnsafeBufferPointer(rebasing: value[start...]))
        case .words: appendWords(of: value)
        case .name:
            appendWords(of: value)
            words.removeAll(keepingCapacity: true)
            PinyinKeys.appendKeys(of: value, to: &words)
            if !words.isEmpty { appendCut() }
        }
    }

    private mutating func appendWords(of value: UnsafeBufferPointer<UInt8>) {
        words.removeAll(keepingCapacity: true)
        SearchText.appendTokens(of: value, to: &words)
        appendCut()
    }

    /// Appends `words`, cut to the length of tokens, characters that stand alone in pairs.
    private mutating func appendCut() {
        words.withUnsafeBufferPointer { words in
            var start = 0
            while start < words.count {
                var end = start
                while end < words.count, words[end] != 0x20 { end += 1 }
                if !text.isEmpty { text.append(0x20) }
                let token = UnsafeBufferPointer(rebasing: words[start..<end])
                if words[start] < 0xE3 || !SearchTokens.standsAlone(token) {
                    if let number = SearchTokens.number(in: token) {
                        text.append(contentsOf: SearchTokens.cut(UnsafeBufferPointer(rebasing: token[..<number])))
                        text.append(0x20)
                        text.append(contentsOf: SearchTokens.cut(UnsafeBufferPointer(rebasing: token[number...])))
                    } else {
                        text.append(contentsOf: SearchTokens.cut(token))
                    }
                } else {
                    text.append(contentsOf: token)
                    var next = end + 1
                    while next < words.count, words[next] != 0x20 { next += 1 }
                    if end + 1 < words.count {
                        let neighbour = UnsafeBufferPointer(rebasing: words[(end + 1)..<next])
                        if SearchTokens.standsAlone(neighbour) { text.append(contentsOf: neighbour) }
                    }
                }
                start = end + 1
            }
        }
    }

    private mutating func appendDigits(of value: UnsafeBufferPointer<UInt8>) {
        var window: UInt32 = 0, count = 0
        for unit in value {
            // What follows the number proper is an extension.
            if unit == UInt8(ascii: ";") { break }
            guard unit &- 48 < 10 else { continue }
            window = window << 8 | UInt32(unit)
            count += 1
            if count < SearchTokens.digitsLength { continue }
            if !text.isEmpty { text.append(0x20) }
            text.append(SearchTokens.digitsMark)
            for shift in stride(from: 24, through: 0, by: -8) { text.append(UInt8(truncatingIfNeeded: window >> UInt32(shift))) }
        }
    }

    /// Where the number begins in a token of two or more ASCII letters and then digits; nil where it is no such token.
    static func number(in token: UnsafeBufferPointer<UInt8>) -> Int? {
        guard let last = token.last, last &- 48 < 10 else { return nil }
        var index = 0
        while token[index] &- 97 < 26 { index += 1 }
        if index < 2 { return nil }
        for unit in token[index...] where unit &- 48 >= 10 { return nil }
        return index
    }

    /// The beginning of a token, which ends between two characters.
    static func cut(_ token: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
        guard token.count > tokenBytesMaximum else { return token }
        var end = tokenBytesMaximum
        while token[end] & 0xC0 == 0x80 { end -= 1 }
        return UnsafeBufferPointer(rebasing: token[..<end])
    }

    /// Whether a token is a single character as scripts without spaces have them.
    static func standsAlone(_ token: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let first = token.first, first >= 0xE3 else { return false }
        return token.count == (first >= 0xF0 ? 4 : 3)
    }
}
