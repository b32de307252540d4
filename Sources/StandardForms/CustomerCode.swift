public import ProfileModel

/// How customers' codes are made: letters, digits and signs as they stand, and parts in braces that a customer fills.
///
///     {short}        the short name, or the name without place and legal form: 华信软件
///     {initials}     the initials of that in capitals, of Han characters those of their pinyin: HXRJ
///     {pinyin}       the name in pinyin: zhangwei
///     {phone:4}      the last digits of the first telephone number
///     {year}         the year in which the customer became one
///     {number:3}     digits that follow from the record's id
///     {id:5}         letters and digits that follow from the record's id (Crockford's base 32)
///
/// `:N` is how many characters a part has at most; `{number}` and `{id}` have exactly so many. A pattern whose `{id}` and
/// `{number}` tell fewer than `distinctBits` apart gets `-{id:5}` at its end, so that nodes that do not hear of each other make
/// different codes for different customers, and the same code for the same one.
public struct CustomerCode: Hashable, Sendable {
    /// What a code is made of.
    public struct Facts: Sendable {
        public var kind: RowKind
        public var name: String
        public var shortName: String?
        /// In the standard form of telephone numbers.
        public var phone: String?
        public var year: Int?
        /// A hash of the record's id; its halves must not depend on each other.
        public var digest: (high: UInt64, low: UInt64)

        public init(kind: RowKind, name: String, shortName: String? = nil, phone: String? = nil, year: Int? = nil, digest: (high: UInt64, low: UInt64)) {
            self.kind = kind
            self.name = name
            self.shortName = shortName
            self.phone = phone
            self.year = year
            self.digest = digest
        }
    }

    enum Part: Hashable, Sendable {
        case literal(String)
        case short(Int), initials(Int), pinyin(Int), phone(Int), year, number(Int), id(Int)
    }

    let parts: [Part]

    /// How many bits of the record's id a code must tell apart: with 24 two of a million customers whose codes are otherwise alike by
    /// chance share one in 17 million pairs.
    public static let distinctBits = 24
    /// The longest code, in characters.
    public static let lengthMaximum = 64
    private static let defaultID = 5
    /// How many further letters of its id tell a customer from others at most.
    public static let longerMaximum = 8

    /// Codes of persons: zhangwei8000-K7Q2M.
    public static let person = CustomerCode(parts: [.pinyin(24), .phone(4)])
    /// Codes of organizations: 华信软件HXRJ-K7Q2M.
    public static let organization = CustomerCode(parts: [.short(16), .initials(8)])

    private init(parts: [Part]) {
        let bits = parts.reduce(0.0) { bits, part in
            switch part {
            case .number(let count): bits + 3.3 * Double(count)
            case .id(let count): bits + 5 * Double(count)
            default: bits
            }
        }
        self.parts = bits < Double(CustomerCode.distinctBits) ? parts + [.literal("-"), .id(CustomerCode.defaultID)] : parts
    }

    /// Reads a pattern.
    ///
    /// - Throws: `codes.empty`, `codes.unclosed`, `codes.unknown-part`, `codes.bad-count`, `codes.bad-character`, `codes.too-long`.
    public init(pattern: String) throws(CodePatternProblem) {
        var parts: [Part] = [], rest = Substring(pattern)
        while let first = rest.first {
            guard first == "{" else {
                guard CustomerCode.isAllowed(first) else { throw CodePatternProblem("codes.bad-character", ["character": String(first)]) }
                if case .literal(let text)? = parts.last { parts[parts.count - 1] = .literal(text + String(first)) } else { parts.append(.literal(String(first))) }
                rest.removeFirst()
                continue
            }
            guard let end = rest.firstIndex(of: "}") else { throw CodePatternProblem("codes.unclosed", ["pattern": String(rest.prefix(20))]) }
            parts.append(try Part(rest[rest.index(after: rest.startIndex)..<end]))
            rest = rest[rest.index(after: end)...]
        }
        if parts.isEmpty { throw CodePatternProblem("codes.empty") }
        self.init(parts: parts)
        let longest = self.parts.reduce(0) { $0 + $1.longest }
        if longest + CustomerCode.longerMaximum > CustomerCode.lengthMaximum {
            throw CodePatternProblem("codes.too-long", ["length": String(longest), "limit": String(CustomerCode.lengthMaximum - CustomerCode.longerMaximum)])
        }
    }

    /// What may stand in a code beside its parts: no colon, which divides a source from its id where a record is named.
    private static func isAllowed(_ character: Character) -> Bool {
        guard character.unicodeScalars.count == 1, let scalar = character.unicodeScalars.first else { return false }
        return scalar.isASCII ? character.isLetter || character.isNumber || "-_./#".contains(character) : scalar.properties.isIdeographic
    }

    /// The code of a customer; nil where nothing that the pattern names beside the id is known of it.
    ///
    /// - Parameter longer: so many further letters of the id at the end, where the code without them is another customer's.
    public func code(for facts: Facts, longer: Int = 0) -> String? {
        let words = facts.shortName.flatMap { $0.isEmpty ? nil : $0 } ?? (facts.kind == .organization ? CompanyName(facts.name).core : PersonName(facts.name).name)
        let core = words.isEmpty ? facts.name : words
        var code = "", isNamed = false, isAsked = false, number = facts.digest.high, id = facts.digest.low
        for part in parts {
            switch part {
            case .literal(let text): code += text
            case .number(let count):
                for _ in 0..<count {
                    code += String(number % 10)
                    number /= 10
                }
            case .id(let count):
                for _ in 0..<count {
                    code.append(CustomerCode.letters[Int(id & 31)])
                    id >>= 5
                }
            case .short, .initials, .pinyin, .phone, .year:
                isAsked = true
                let text = part.text(facts, core: core)
                if !text.isEmpty { isNamed = true }
                code += text
            }
        }
        for _ in 0..<longer {
            code.append(CustomerCode.letters[Int(id & 31)])
            id >>= 5
        }
        return isNamed || !isAsked ? code : nil
    }

    /// Crockford's base 32, without I, L, O and U.
    private static let letters = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
}

extension CustomerCode.Part {
    init(_ text: Substring) throws(CodePatternProblem) {
        let pieces = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(pieces.first ?? "")
        var count: Int?
        if pieces.count == 2 {
            guard let number = Int(pieces[1]), number > 0, pieces[1].allSatisfy(\.isNumber) else {
                throw CodePatternProblem("codes.bad-count", ["part": name, "limit": String(CustomerCode.Part.limit(name))])
            }
            count = number
        }
        switch name {
        case "short": self = .short(count ?? 16)
        case "initials": self = .initials(count ?? 8)
        case "pinyin": self = .pinyin(count ?? 24)
        case "phone": self = .phone(count ?? 4)
        case "year" where count == nil: self = .year
        case "number": self = .number(count ?? 3)
        case "id": self = .id(count ?? 5)
        default: throw CodePatternProblem("codes.unknown-part", ["part": name])
        }
        if let count, count > CustomerCode.Part.limit(name) {
            throw CodePatternProblem("codes.bad-count", ["part": name, "limit": String(CustomerCode.Part.limit(name))])
        }
    }

    /// What a part may ask for at most: of an id what 64 bits hold.
    private static func limit(_ name: String) -> Int {
        switch name {
        case "number": 18
        case "id": 12
        case "phone": 11
        default: 32
        }
    }

    var longest: Int {
        switch self {
        case .literal(let text): text.count
        case .short(let count), .initials(let count), .pinyin(let count), .phone(let count), .number(let count), .id(let count): count
        case .year: 4
        }
    }

    func text(_ facts: CustomerCode.Facts, core: String) -> String {
        switch self {
        case .short(let count): String(core.filter { $0.isLetter || $0.isNumber }.prefix(count))
        case .initials(let count): String(CustomerCode.Part.initials(core).prefix(count))
        case .pinyin(let count): String(CustomerCode.Part.pinyin(core).prefix(count))
        case .phone(let count): String((facts.phone ?? "").prefix { $0 != ";" }.filter { $0.isASCII && $0.isNumber }.suffix(count))
        case .year: facts.year.map { String($0) } ?? ""
        case .literal, .number, .id: ""
        }
    }

    /// Each Han character's pinyin, and other letters and digits as they are.
    private static func syllables(_ name: String) -> [(text: String, isHan: Bool)] {
        let characters = name.unicodeScalars.filter { $0.properties.isIdeographic }
        var readings = Pinyin.syllables(of: name)[...]
        // A character without a reading leaves no place for the others to be told by.
        guard readings.count == characters.count else { return readings.map { ($0.first ?? "", true) } }
        return name.unicodeScalars.compactMap { scalar in
            if scalar.properties.isIdeographic { return (readings.removeFirst().first ?? "", true) }
            return (String(scalar), false)
        }
    }

    private static func pinyin(_ name: String) -> String {
        syllables(name).map(\.text).joined().lowercased().filter { $0.isASCII && ($0.isLetter || $0.isNumber) }
    }

    private static func initials(_ name: String) -> String {
        var initials = "", isInWord = false
        let hasHan = name.unicodeScalars.contains { $0.properties.isIdeographic }
        let words = name.split { !$0.isLetter && !$0.isNumber }
        // Of one word in Latin letters its beginning tells more than its first letter: TECH.
        if !hasHan, words.count == 1 { return String(words[0].uppercased().filter(\.isASCII).prefix(4)) }
        for (text, isHan) in syllables(name) {
            let isWord = text.first.map { $0.isASCII && ($0.isLetter || $0.isNumber) } ?? false
            if isHan || isWord && !isInWord { initials += text.prefix(1).uppercased() }
            isInWord = isWord && !isHan
        }
        return initials.filter(\.isASCII)
    }
}

/// Why a pattern of codes is none.
public struct CodePatternProblem: CodedError, Hashable {
    public let code: String
    public let parameters: [String: String]

    init(_ code: String, _ parameters: [String: String] = [:]) {
        self.code = code
        self.parameters = parameters
    }
}
