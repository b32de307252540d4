/// The boxes of mail that were seen with two different people, as a model publishes them: a filter over stable hashes (Bloom 1970).
///
/// A box that was put in is always found; another one is at times taken for one of them, which costs a link and never makes one. The more
/// boxes there are, the oftener that happens, because the filter has to fit into a row: with 16,000 one in 400, with 65,000 one in six.
public struct SharedBoxes: Codable, Equatable, Sendable {
    /// The bits, 64 to a word; the count is a power of two.
    public internal(set) var words: [UInt64]

    /// 32 KiB.
    static let wordsMaximum = 4_096
    private static let bitsPerBox = 16
    private static let bitsSet = 4

    init(_ boxes: Set<UInt64>) {
        var count = 1
        while count * 64 < boxes.count * Self.bitsPerBox, count < Self.wordsMaximum { count *= 2 }
        words = [UInt64](repeating: 0, count: count)
        for box in boxes { for bit in bits(of: box) { words[bit / 64] |= 1 << UInt64(bit % 64) } }
    }

    /// Takes what a row holds; whether it is sound says the model.
    public init(words: [UInt64]) { self.words = words }

    var isSound: Bool { !words.isEmpty && words.count <= Self.wordsMaximum && words.count & (words.count - 1) == 0 }

    func contains(_ box: UInt64) -> Bool { bits(of: box).allSatisfy { words[$0 / 64] >> UInt64($0 % 64) & 1 == 1 } }

    private func bits(of box: UInt64) -> [Int] {
        let step = StableHash(box).value | 1
        return (0..<UInt64(Self.bitsSet)).map { Int((box &+ $0 &* step) & UInt64(words.count * 64 - 1)) }
    }
}

extension SharedBoxes {
    /// The boxes of a table that two records have whose given names, genders or birth dates contradict each other.
    ///
    /// - Complexity: O(n log n) in the boxes; of a box's records each is compared with the first few.
    init(_ comparator: PairComparator, _ records: UnsafeBufferPointer<RecordFeatures>) {
        var given: [(box: UInt32, record: Int)] = []
        for (index, record) in records.enumerated() {
            for box in [record.emails.0, record.emails.1] where box != 0 { given.append((box, index)) }
        }
        given.sort { ($0.box, $0.record) < ($1.box, $1.record) }
        var shared: Set<UInt64> = [], start = 0
        while start < given.count {
            let end = given[start...].firstIndex { $0.box != given[start].box } ?? given.count
            let first = given[start..<min(end, start + Self.firstRecords)]
            let isShared = given[start..<end].contains { other in
                first.contains { $0.record < other.record && comparator.areTwoPeople(records[$0.record], records[other.record]) }
            }
            if isShared { shared.insert(comparator.hash(comparator.codes, given[start].box)) }
            start = end
        }
        self.init(shared)
    }

    private static let firstRecords = 8
}

extension PairComparator {
    /// Whether what two records of a box say of given name, gender or birth date cannot well be said of one person.
    func areTwoPeople(_ a: RecordFeatures, _ b: RecordFeatures) -> Bool {
        var pattern = AgreementPattern()
        pattern.set(0, NameComparison.levels(a, b, names).given)
        pattern.set(2, DateComparison.level(a.birthDate, b.birthDate))
        if a.gender != 0, b.gender != 0 { pattern.set(3, a.gender == b.gender ? 1 : 2) }
        return pattern.isOfTwoPeople
    }
}

extension AgreementPattern {
    /// Whether given name, birth date or gender of two persons contradict each other. Slips do not.
    var isOfTwoPeople: Bool {
        let given = UInt8(level(0)), birth = UInt8(level(2))
        let differs = given == NameComparison.similar || given == NameComparison.different
            || given == NameComparison.similar + NameComparison.otherScriptGiven || given == NameComparison.different + NameComparison.otherScriptGiven
        return differs || birth == DateComparison.sameYear || birth == DateComparison.different || level(3) == 2
    }
}
