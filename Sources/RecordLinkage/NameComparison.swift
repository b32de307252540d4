/// Compares the parts of people's names, whatever script each is in.
enum NameComparison {
    static let same: UInt8 = 1
    /// Homophones, Han beside its pinyin, Bill beside William.
    static let sameReading: UInt8 = 2
    /// A slip, or readings that dialects do not tell apart.
    static let close: UInt8 = 3
    /// One is an initial or a part of the other.
    static let part: UInt8 = 4
    static let similar: UInt8 = 5
    static let different: UInt8 = 6
    /// Given name and surname stand in each other's place.
    static let exchanged: UInt8 = 7
    /// The same, and one of them is spelled otherwise or in another script.
    static let exchangedClose: UInt8 = 8

    /// Where one name is written in Latin letters and the other is not, a slip hardly shows and another script is no slip: levels from
    /// `sameReading` to `different` stand this much higher among such pairs, and names that fit crosswise have a level of their own.
    static let otherScriptGiven: UInt8 = 7, otherScriptFamily: UInt8 = 5
    static let exchangedOtherScript: UInt8 = 14

    /// The Jaro–Winkler similarities that Winkler's tables call close and possible.
    private static let closeness = 0.92, likeness = 0.8

    /// The levels of given names and surnames. Where the names fit crosswise only, the given name's level says so for both, and the
    /// surname is silent.
    static func levels(_ a: RecordFeatures, _ b: RecordFeatures, _ names: TextView) -> (given: UInt8, family: UInt8) {
        var (given, family) = levelsInAnyScript(a, b, names)
        if given == exchangedClose, areInOtherScripts(a.given, b.family, names) {
            given = exchangedOtherScript
        } else if given > same, given <= different, areInOtherScripts(a.given, b.given, names) {
            given += otherScriptGiven
        }
        if family > same, areInOtherScripts(a.family, b.family, names) { family += otherScriptFamily }
        return (given, family)
    }

    private static func areInOtherScripts(_ a: UInt32, _ b: UInt32, _ names: TextView) -> Bool {
        (names.script(a) == .latin) != (names.script(b) == .latin)
    }

    private static func levelsInAnyScript(_ a: RecordFeatures, _ b: RecordFeatures, _ names: TextView) -> (given: UInt8, family: UInt8) {
        let given = level(a.given, b.given, names), family = level(a.family, b.family, names)
        let fits = given > 0 && given <= close || family > 0 && family <= close
        if fits || a.given == 0 || a.family == 0 || b.given == 0 || b.family == 0 { return (given, family) }
        let crossed = level(a.given, b.family, names), back = level(a.family, b.given, names)
        if crossed == same, back == same { return (exchanged, 0) }
        return crossed <= close && back <= close ? (exchangedClose, 0) : (given, family)
    }

    @inline(__always)
    static func level(_ a: UInt32, _ b: UInt32, _ names: TextView) -> UInt8 {
        if a == 0 || b == 0 { return 0 }
        return a == b ? same : levelOfDifferent(a, b, names)
    }

    private static func levelOfDifferent(_ a: UInt32, _ b: UInt32, _ names: TextView) -> UInt8 {
        let isLatin = names.script(a) == .latin && names.script(b) == .latin
        if names.readingHash(a) == names.readingHash(b) { return sameReading }
        if isLatin || names.script(a) != names.script(b) { return lettersLevel(names.reading(a), names.reading(b)) }
        return hanLevel(a, b, names)
    }

    private static func lettersLevel(_ a: Units, _ b: Units) -> UInt8 {
        let short = a.count <= b.count ? a : b, long = a.count <= b.count ? b : a
        if short.count == 1 { return short[0] == long[0] ? part : different }
        if long.count >= 4 || isExchangeOfThree(a, b), editDistance(a, b, limit: 1) <= 1 { return close }
        if short.count >= 3, long.starts(with: short) { return part }
        let similarity = jaroWinkler(a, b)
        if similarity >= closeness { return close }
        if similarity >= likeness || long.count >= 6 && editDistance(a, b, limit: 2) <= 2 { return similar }
        return different
    }

    /// Three letters of which one differs are mostly another name; two that changed places are a slip.
    private static func isExchangeOfThree(_ a: Units, _ b: Units) -> Bool {
        a.count == 3 && b.count == 3 && a[0] &+ a[1] &+ a[2] == b[0] &+ b[1] &+ b[2]
    }

    private static func hanLevel(_ a: UInt32, _ b: UInt32, _ names: TextView) -> UInt8 {
        let one = names.text(a), other = names.text(b)
        if one.count == 2, other.count == 2, one[0] == other[1], one[1] == other[0] { return close }
        let count = min(one.count, other.count)
        if one.count == other.count, haveLikeReadings(names.reading(a), names.reading(b)) { return close }
        if one.count != other.count, one.suffix(count).elementsEqual(other.suffix(count)) || one.starts(with: other.prefix(count)) { return part }
        for index in 0..<count where one.count > 1 && one.count == other.count && one[index] == other[index] { return similar }
        return different
    }

    /// Whether readings differ only in what many speakers do not tell apart: zh/z, ch/c, sh/s, n/l, h/f, ng/n.
    private static func haveLikeReadings(_ a: Units, _ b: Units) -> Bool {
        var first = 0, second = 0
        while first < a.count || second < b.count {
            let unit = first < a.count ? plain(a[first]) : 0, other = second < b.count ? plain(b[second]) : 0
            if unit == other {
                first += 1
                second += 1
            } else if first > 0, first < a.count, isSilent(a[first - 1], a[first]) {
                first += 1
            } else if second > 0, second < b.count, isSilent(b[second - 1], b[second]) {
                second += 1
            } else {
                return false
            }
        }
        return true
    }

    /// l as n, f as h.
    private static func plain(_ unit: UInt16) -> UInt16 { unit == 0x6C ? 0x6E : unit == 0x66 ? 0x68 : unit }

    /// The h of zh, ch, sh and the g of ng.
    private static func isSilent(_ before: UInt16, _ unit: UInt16) -> Bool {
        unit == 0x68 && (before == 0x7A || before == 0x63 || before == 0x73) || unit == 0x67 && before == 0x6E
    }
}
