import ProfileModel

/// An industry of GB/T 4754-2017: a section (A), division (A01), group (A011) or class (A0111).
public struct Industry: Hashable, Sendable {
    public let code: String
    public let name: String

    /// The industry with this code, or of this name: `I65`, `i6513`, `6513`, `软件和信息技术服务业`, `I65 软件和信息技术服务业`; nil for
    /// every other text.
    public init?(_ text: String) {
        guard let found = IndustryTable.shared.industry(text) else { return nil }
        self = found
    }

    /// The industry that people mean by a free text such as 做软件的, as far as words tell; a person should look at it.
    public static func proposal(for text: String) -> Industry? { IndustryTable.shared.proposal(text) }

    /// All industries, in the order of their codes.
    public static var all: [Industry] { IndustryTable.shared.industries }

    init(code: String, name: String) {
        self.code = code
        self.name = name
    }
}

/// The industries of `schema/industries.tsv`, by codes, names and the words that people use for them.
struct IndustryTable: Sendable {
    private(set) var industries: [Industry] = []
    private var byCode: [String: Int] = [:]
    private var byDigits: [String: Int] = [:]
    /// By names without what is written in several ways.
    private var byName: [String: Int] = [:]
    /// The longest first.
    private var words: [(word: String, industry: Int)] = []

    static let shared = IndustryTable()

    private init() {
        TableLines.forEach(in: "industries.tsv") { fields in
            let code = String(fields[0]), name = String(fields[1]), index = industries.count
            industries.append(Industry(code: code, name: name))
            byCode[code] = index
            if code.utf8.count > 2 { byDigits[String(code.dropFirst())] = index }
            // A group of one class bears its name: the wider of two counts.
            let folded = IndustryTable.folded(name)
            if byName[folded] == nil { byName[folded] = index }
            for word in fields[2].split(separator: ";") { words.append((String(word).lowercased(), index)) }
        }
        words.sort { ($0.word.utf8.count, $1.word) > ($1.word.utf8.count, $0.word) }
    }

    /// A name without spaces, signs and the little words between its parts.
    private static func folded(_ name: String) -> String {
        let left: Set<Character> = [" ", "\u{3000}", "、", "，", ",", "/", "及", "和", "与", "业", "类", "（", "）", "(", ")"]
        return String(name.filter { !left.contains($0) })
    }

    func industry(_ text: String) -> Industry? {
        let code = text.prefix { $0.isASCII && ($0.isLetter || $0.isNumber) }
        let rest = text[code.endIndex...].drop { $0 == " " || $0 == "-" || $0 == ":" || $0 == "：" }
        if !code.isEmpty, let known = byCode[code.uppercased()] ?? byDigits[String(code)] {
            // A letter alone before a name is a section; before anything else it is the beginning of a word.
            let isSaid = rest.isEmpty || byName[IndustryTable.folded(String(rest))] != nil || code.utf8.count > 2
            if isSaid { return industries[known] }
        }
        return byName[IndustryTable.folded(text)].map { industries[$0] }
    }

    func proposal(_ text: String) -> Industry? {
        let folded = text.lowercased()
        if let word = words.first(where: { folded.contains($0.word) && IndustryTable.isWord($0.word, in: folded) }) { return industries[word.industry] }
        let name = IndustryTable.folded(text)
        guard name.count > 1 else { return nil }
        let near = byName.filter { $0.key.contains(name) || name.contains($0.key) && $0.key.count > 1 }
        // The name that is nearest in length, then the widest industry.
        return near.min { a, b in
            let lengths = (abs(a.key.count - name.count), abs(b.key.count - name.count))
            return lengths.0 != lengths.1 ? lengths.0 < lengths.1 : industries[a.value].code.count != industries[b.value].code.count
                ? industries[a.value].code.count < industries[b.value].code.count : industries[a.value].code < industries[b.value].code
        }.map { industries[$0.value] }
    }

    /// Whether an ASCII word stands alone, and is not part of another: IT, not credit.
    private static func isWord(_ word: String, in text: String) -> Bool {
        guard word.utf8.allSatisfy({ $0 < 0x80 }), let range = text.firstRange(of: word) else { return true }
        func isLetter(_ character: Character?) -> Bool { character.map { $0.isASCII && $0.isLetter } ?? false }
        let before = range.lowerBound > text.startIndex ? text[text.index(before: range.lowerBound)] : nil
        return !isLetter(before) && !isLetter(range.upperBound < text.endIndex ? text[range.upperBound] : nil)
    }
}
