import ProfileModel

/// The readings of Han characters, from `schema/pinyin.tsv`: parsed at first use, in about a millisecond.
struct PinyinTable: Sendable {
    /// Every syllable, in ASCII.
    private(set) var syllables: [[UInt8]] = []
    /// The most common reading of each character from U+3000: its syllable's number plus one, 0 where there is none.
    private var first = [UInt16](repeating: 0, count: 0xA000 - 0x3000)
    private var further: [UInt32: [Int]] = [:]
    private var surnames: [UInt32: Int] = [:]
    private var doubleSurnames: [UInt64: (Int, Int)] = [:]

    static let shared: PinyinTable = {
        guard let bytes = EmbeddedFile.bytes("pinyin.tsv") else { preconditionFailure("the pinyin table is embedded") }
        return PinyinTable(bytes)
    }()

    init(_ bytes: UTF8Bytes) {
        var numbers: [[UInt8]: Int] = [:]
        for line in bytes.split(separator: 0x0A) where line.first != 0x23 {
            guard let tab = line.firstIndex(of: 0x09), let mark = line.first else { continue }
            let name = UTF8Bytes(rebasing: line[..<tab]), rest = UTF8Bytes(rebasing: line[(tab + 1)...])
            if mark == 0x3D {
                addSurname(UTF8Bytes(rebasing: name[1...]), rest, &numbers)
            } else if mark == 0x2B {
                let number = number(of: UTF8Bytes(rebasing: name[1...]), &numbers)
                PinyinTable.forEachScalar(of: rest) { further[$0, default: []].append(number) }
            } else {
                let number = UInt16(number(of: name, &numbers) + 1)
                PinyinTable.forEachScalar(of: rest) { first[Int($0) - 0x3000] = number }
            }
        }
    }

    private mutating func addSurname(_ name: UTF8Bytes, _ reading: UTF8Bytes, _ numbers: inout [[UInt8]: Int]) {
        var scalars: [UInt32] = []
        PinyinTable.forEachScalar(of: name) { scalars.append($0) }
        let readings = reading.split(separator: 0x20).map { number(of: UTF8Bytes(rebasing: $0), &numbers) }
        if scalars.count == 1, readings.count == 1 {
            surnames[scalars[0]] = readings[0]
        } else if scalars.count == 2, readings.count == 2 {
            doubleSurnames[UInt64(scalars[0]) << 32 | UInt64(scalars[1])] = (readings[0], readings[1])
        } else {
            preconditionFailure("schema/pinyin.tsv: a surname has a reading for each of its one or two characters")
        }
    }

    private mutating func number(of syllable: UTF8Bytes, _ numbers: inout [[UInt8]: Int]) -> Int {
        let syllable = Array(syllable)
        if let known = numbers[syllable] { return known }
        syllables.append(syllable)
        numbers[syllable] = syllables.count - 1
        return syllables.count - 1
    }

    private static func forEachScalar(of bytes: UTF8Bytes, _ body: (UInt32) -> Void) {
        var index = 0
        while index < bytes.count {
            guard let scalar = bytes.scalar(at: &index) else { preconditionFailure("schema/pinyin.tsv is UTF-8") }
            body(scalar)
        }
    }

    /// Whether a character has a reading.
    func hasReading(_ scalar: UInt32) -> Bool { (0x3000..<0xA000).contains(scalar) && first[Int(scalar) - 0x3000] > 0 }

    /// The numbers of a character's syllables, the most common one first.
    func readings(of scalar: UInt32) -> [Int] {
        guard hasReading(scalar) else { return [] }
        return [Int(first[Int(scalar) - 0x3000]) - 1] + (further[scalar] ?? [])
    }

    /// The readings of each character of a run; at its beginning a surname's reading comes first.
    func readings(ofName scalars: [UInt32]) -> [[Int]] {
        var readings = scalars.map { self.readings(of: $0) }
        if scalars.count > 1, let double = doubleSurnames[UInt64(scalars[0]) << 32 | UInt64(scalars[1])] {
            readings[0] = [double.0] + readings[0].filter { $0 != double.0 }
            readings[1] = [double.1] + readings[1].filter { $0 != double.1 }
        } else if let scalar = scalars.first, let surname = surnames[scalar] {
            readings[0] = [surname] + readings[0].filter { $0 != surname }
        }
        return readings
    }
}
