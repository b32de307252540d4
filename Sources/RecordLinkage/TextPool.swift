import StandardForms

/// Distinct texts in their folded form, each with its reading, under small numbers; 0 stands for no text.
///
/// Records hold numbers only: texts that many records share are stored, read out and compared once.
struct TextPool: Sendable {
    /// What the units of a text are.
    enum Script: UInt8, Sendable {
        case latin, han, mixed
    }

    struct Entry: Sendable {
        var start: UInt32
        var count: UInt16
        var readingStart: UInt32
        var readingCount: UInt16
        var script: Script
        /// The stable hash of the reading: the same for homophones, and for Han and the Latin letters of its pinyin.
        var readingHash: UInt64
    }

    /// How Han characters are read.
    enum Reading: Sendable {
        /// A surname at the beginning has its own reading.
        case surname
        case plain
        /// Not at all: the reading is the text.
        case none
    }

    private(set) var entries: [Entry] = [Entry(start: 0, count: 0, readingStart: 0, readingCount: 0, script: .latin, readingHash: 0)]
    private(set) var units: [UInt16] = []
    private var numbers: [ArraySlice<UInt16>: UInt32] = [:]
    private let reading: Reading

    /// More units of a text than these are left out.
    static let longestText = 256

    init(reading: Reading) { self.reading = reading }

    /// The number of a folded text, given if it is new; 0 for an empty one.
    mutating func intern(_ text: [UInt16]) -> UInt32 {
        if text.isEmpty { return 0 }
        let text = text.prefix(TextPool.longestText)
        if let known = numbers[text] { return known }
        let number = UInt32(entries.count)
        numbers[text] = number
        let start = units.count
        units.append(contentsOf: text)
        let han = text.count(where: isHan)
        let script: Script = han == 0 ? .latin : han == text.count ? .han : .mixed
        var readingStart = start, readingCount = text.count
        if han > 0 && reading != .none || reading == .surname && GivenNames.isShort(text) {
            readingStart = units.count
            if han > 0 { appendReading(of: text) } else { units.append(contentsOf: GivenNames.full(text)) }
            readingCount = units.count - readingStart
        }
        if han == 0, reading == .surname, let plain = TextPool.withoutUmlaut(text) {
            readingStart = units.count
            units.append(contentsOf: plain)
            readingCount = plain.count
        }
        var hash = StableHash(1)
        hash.combine(units[readingStart..<(readingStart + readingCount)])
        entries.append(
            Entry(
                start: UInt32(start), count: UInt16(text.count), readingStart: UInt32(readingStart), readingCount: UInt16(readingCount),
                script: script, readingHash: hash.value))
        return number
    }

    /// The pinyin of Han characters without tones, `v` for ü as `u`; other units as they are.
    private mutating func appendReading(of text: ArraySlice<UInt16>) {
        var run: [UInt16] = []
        func syllables(isFirst: Bool) -> [UInt16] {
            let keepsSurname = isFirst && reading == .surname
            // A first character that is no surname keeps those behind it from being read as one.
            let name = String(decoding: keepsSurname ? run : [0x4E00] + run, as: UTF16.self)
            return Pinyin.syllables(of: name).dropFirst(keepsSurname ? 0 : 1).flatMap { readings in
                (readings.first ?? "").utf16.map { $0 == 0x76 ? 0x75 : $0 }
            }
        }
        for (index, unit) in text.enumerated() {
            if isHan(unit) {
                run.append(unit)
                continue
            }
            if !run.isEmpty { units.append(contentsOf: syllables(isFirst: run.count == index)) }
            run.removeAll()
            units.append(unit)
        }
        if !run.isEmpty { units.append(contentsOf: syllables(isFirst: run.count == text.count)) }
    }

    /// Pinyin that begins with lü or nü, which keyboards write with v and passports with yu, with a plain u; nil for anything else.
    private static func withoutUmlaut(_ text: ArraySlice<UInt16>) -> [UInt16]? {
        guard text.count >= 2, let first = text.first, first == 0x6C || first == 0x6E else { return nil }
        let rest = text.dropFirst()
        if rest.first == 0x76 { return [first, 0x75] + rest.dropFirst() }
        return rest.starts(with: [0x79, 0x75]) ? [first, 0x75] + rest.dropFirst(2) : nil
    }

    /// How many numbers are given, 0 counted.
    var count: Int { entries.count }

    func text(_ number: UInt32) -> ArraySlice<UInt16> {
        let entry = entries[Int(number)]
        return units[Int(entry.start)..<Int(entry.start) + Int(entry.count)]
    }

    /// Lets a body read texts in place.
    func withView<Result>(_ body: (TextView) throws -> Result) rethrows -> Result {
        try units.withUnsafeBufferPointer { units in
            try entries.withUnsafeBufferPointer { entries in try body(TextView(units: units, entries: entries)) }
        }
    }
}

/// The texts of a pool in place, valid while the pool stands still.
struct TextView {
    fileprivate(set) var units: UnsafeBufferPointer<UInt16>
    fileprivate(set) var entries: UnsafeBufferPointer<TextPool.Entry>

    @inline(__always)
    func text(_ number: UInt32) -> Units {
        let entry = entries[Int(number)]
        return Units(rebasing: units[Int(entry.start)..<Int(entry.start) + Int(entry.count)])
    }

    @inline(__always)
    func reading(_ number: UInt32) -> Units {
        let entry = entries[Int(number)]
        return Units(rebasing: units[Int(entry.readingStart)..<Int(entry.readingStart) + Int(entry.readingCount)])
    }

    @inline(__always)
    func script(_ number: UInt32) -> TextPool.Script { entries[Int(number)].script }

    @inline(__always)
    func readingHash(_ number: UInt32) -> UInt64 { entries[Int(number)].readingHash }
}
