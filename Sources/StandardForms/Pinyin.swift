/// The toneless reading of Han characters in Hanyu Pinyin (ISO 7098), with `v` for ü as people type it.
public enum Pinyin {
    /// The readings of each Han character of a name, most common first; other characters are left out. Where the name
    /// begins with a surname, the surname's reading comes first: 单雄信 is `shan`, and `dan` after it.
    ///
    /// - Complexity: linear; the table is parsed at first use.
    public static func syllables(of name: String) -> [[String]] {
        let table = PinyinTable.shared
        let scalars = name.unicodeScalars.map(\.value).filter(table.hasReading)
        return table.readings(ofName: scalars).map { readings in
            readings.map { String(decoding: table.syllables[$0], as: UTF8.self) }
        }
    }
}

/// The keys under which a text with Han characters is found by pinyin and by initials.
///
/// From each character of a run of Han characters, the joined pinyin of up to eight characters and their initials: 张伟
/// has `zhangwei`, `wei`, `zw`, `w`. A search compares prefixes. Characters with several readings give several keys, of
/// at most eight variants a run; ü gives `v` and `u`. Spaces and middle dots between Han characters do not end a run.
public enum PinyinKeys {
    static let longestKey = 8
    static let mostVariants = 8

    /// The keys of a text, each once.
    public static func keys(of text: String) -> (full: [String], initials: [String]) {
        var text = text
        var full: [[UInt8]] = [], initials: [[UInt8]] = []
        text.withUTF8 { bytes in
            forEachKey(of: bytes) { key, isInitials in
                if isInitials { initials.append(key) } else { full.append(key) }
            }
        }
        return (distinct(full), distinct(initials))
    }

    /// Appends the keys of a text, pinyin and initials, divided by single spaces, also from what `output` holds already;
    /// returns at once where there is no Han character.
    public static func appendKeys(of utf8: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]) {
        forEachKey(of: utf8) { key, _ in
            if !output.isEmpty, output.last != 0x20 { output.append(0x20) }
            output.append(contentsOf: key)
        }
    }

    private static func distinct(_ keys: [[UInt8]]) -> [String] {
        var seen: Set<[UInt8]> = []
        return keys.filter { seen.insert($0).inserted }.map { String(decoding: $0, as: UTF8.self) }
    }

    private static func forEachKey(of bytes: UTF8Bytes, _ body: (_ key: [UInt8], _ isInitials: Bool) -> Void) {
        guard bytes.contains(where: { $0 >= 0xE3 }) else { return }
        let table = PinyinTable.shared
        var run: [UInt32] = [], index = 0
        while index < bytes.count {
            guard let scalar = bytes.scalar(at: &index) else {
                index += 1
                continue
            }
            if table.hasReading(scalar) {
                run.append(scalar)
            } else if !isJoint(scalar), !run.isEmpty {
                forEachKey(ofRun: run, table, body)
                run.removeAll(keepingCapacity: true)
            }
        }
        if !run.isEmpty { forEachKey(ofRun: run, table, body) }
    }

    private static func isJoint(_ scalar: UInt32) -> Bool {
        scalar == 0x20 || scalar == 0x3000 || scalar == 0xB7 || scalar == 0x2022 || scalar == 0x30FB
    }

    private static func forEachKey(
        ofRun run: [UInt32], _ table: PinyinTable, _ body: (_ key: [UInt8], _ isInitials: Bool) -> Void
    ) {
        let variants = variants(of: table.readings(ofName: run).map { spellings(of: $0, table) })
        for start in run.indices {
            let end = min(start + longestKey, run.count)
            var seenFull: [[UInt8]] = [], seenInitials: [[UInt8]] = []
            for variant in variants {
                var full: [UInt8] = [], initials: [UInt8] = []
                for syllable in variant[start..<end] {
                    full.append(contentsOf: syllable)
                    initials.append(syllable[0])
                }
                if !seenFull.contains(full) {
                    seenFull.append(full)
                    body(full, false)
                }
                if !seenInitials.contains(initials) {
                    seenInitials.append(initials)
                    body(initials, true)
                }
            }
        }
    }

    /// The ways to type one character: its readings, and each with ü also as u.
    private static func spellings(of readings: [Int], _ table: PinyinTable) -> [[UInt8]] {
        var spellings: [[UInt8]] = []
        for reading in readings {
            let syllable = table.syllables[reading]
            if !spellings.contains(syllable) { spellings.append(syllable) }
            if let place = syllable.firstIndex(of: 0x76) {
                var other = syllable
                other[place] = 0x75
                if !spellings.contains(other) { spellings.append(other) }
            }
        }
        return spellings
    }

    /// Chooses a spelling for every character in every way, as long as there are not too many; later characters with
    /// several spellings then keep their first.
    private static func variants(of spellings: [[[UInt8]]]) -> [[[UInt8]]] {
        var variants: [[[UInt8]]] = [[]]
        for choices in spellings {
            let used = choices.prefix(max(1, mostVariants / variants.count))
            variants = used.count == 1
                ? variants.map { $0 + used } : variants.flatMap { variant in used.map { variant + [$0] } }
        }
        return variants
    }
}
