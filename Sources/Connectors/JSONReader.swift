extension JSON {
    /// Objects and arrays within one another, at most.
    static let depthMaximum = 64

    /// Reads a whole document; nil where the bytes are no JSON in UTF-8, or deeper than 64 levels. Of a name that stands twice
    /// the last counts.
    ///
    /// - Parameter valuesMaximum: a document of more values and names is not read: each may take dozens of bytes, and two in the text.
    /// - Complexity: linear in the bytes.
    public init?(_ bytes: [UInt8], valuesMaximum: Int = .max) {
        guard let places = JSONPlaces(bytes, valuesMaximum: valuesMaximum) else { return nil }
        self = places.root.value
    }
}

/// Finds the values of a JSON text in one pass, and refuses what the standard does not allow.
struct JSONReader {
    let bytes: UnsafeBufferPointer<UInt8>
    /// What was found, in the order of the text.
    private(set) var marks: [JSONPlaces.Mark] = []
    private var index = 0
    /// So many values and names are still read.
    private var valuesLeft: Int

    init(bytes: UnsafeBufferPointer<UInt8>, valuesLeft: Int) {
        self.bytes = bytes
        self.valuesLeft = valuesLeft
        marks.reserveCapacity(min(bytes.count / 16, valuesLeft) + 1)
    }

    private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

    /// Whether the text is one whole document.
    mutating func readDocument() -> Bool {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { index = 3 }
        guard bytes.count <= JSONPlaces.bytesMaximum, readValue(depth: 0) else { return false }
        skipBlanks()
        return index == bytes.count
    }

    private mutating func skipBlanks() {
        while let unit = next, unit == 0x20 || unit == 0x0A || unit == 0x0D || unit == 0x09 { index += 1 }
    }

    private mutating func take(_ unit: Unicode.Scalar) -> Bool {
        guard next == UInt8(unit.value) else { return false }
        index += 1
        return true
    }

    private mutating func take(word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        guard index + count <= bytes.count, (0..<count).allSatisfy({ bytes[index + $0] == word.utf8Start[$0] }) else { return false }
        index += count
        return true
    }

    private mutating func readValue(depth: Int) -> Bool {
        guard depth < JSON.depthMaximum, valuesLeft > 0 else { return false }
        valuesLeft -= 1
        skipBlanks()
        switch next {
        case UInt8(ascii: "{"): return readObject(depth: depth)
        case UInt8(ascii: "["): return readArray(depth: depth)
        case UInt8(ascii: "\""): return readString()
        case UInt8(ascii: "t"): return readWord("true", .yes)
        case UInt8(ascii: "f"): return readWord("false", .no)
        case UInt8(ascii: "n"): return readWord("null", .null)
        default: return readNumber()
        }
    }

    private mutating func readWord(_ word: StaticString, _ kind: JSONPlaces.Mark.Kind) -> Bool {
        let start = index
        guard take(word: word) else { return false }
        mark(kind, start..<index)
        return true
    }

    private mutating func mark(_ kind: JSONPlaces.Mark.Kind, _ range: Range<Int>) {
        marks.append(.init(start: UInt32(range.lowerBound), end: UInt32(range.upperBound), behind: UInt32(marks.count + 1), kind: kind))
    }

    private mutating func readObject(depth: Int) -> Bool {
        let place = open(.object)
        skipBlanks()
        if take("}") { return close(place) }
        while true {
            skipBlanks()
            guard next == UInt8(ascii: "\""), readString() else { return false }
            valuesLeft -= 1
            skipBlanks()
            guard take(":"), readValue(depth: depth + 1) else { return false }
            skipBlanks()
            if take("}") { return close(place) }
            guard take(",") else { return false }
        }
    }

    private mutating func readArray(depth: Int) -> Bool {
        let place = open(.array)
        skipBlanks()
        if take("]") { return close(place) }
        while true {
            guard readValue(depth: depth + 1) else { return false }
            skipBlanks()
            if take("]") { return close(place) }
            guard take(",") else { return false }
        }
    }

    /// Begins what holds others; its index.
    private mutating func open(_ kind: JSONPlaces.Mark.Kind) -> Int {
        mark(kind, index..<index)
        index += 1
        return marks.count - 1
    }

    private mutating func close(_ place: Int) -> Bool {
        marks[place].end = UInt32(index)
        marks[place].behind = UInt32(marks.count)
        return true
    }

    private mutating func readNumber() -> Bool {
        let start = index
        _ = take("-")
        if !take("0") { guard digits() else { return false } }
        if take(".") { guard digits() else { return false } }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            guard digits() else { return false }
        }
        mark(.number, start..<index)
        return true
    }

    private mutating func digits() -> Bool {
        let start = index
        while let unit = next, (48...57).contains(unit) { index += 1 }
        return index > start
    }

    private mutating func readString() -> Bool {
        index += 1
        let start = index
        var seen: UInt8 = 0
        // Most texts have no escapes, and are taken whole.
        while let unit = next, unit != UInt8(ascii: "\""), unit != UInt8(ascii: "\\"), unit >= 0x20 {
            seen |= unit
            index += 1
        }
        guard let unit = next, unit >= 0x20 else { return false }
        if unit == UInt8(ascii: "\"") {
            // What would have to be repaired is not what was given.
            if seen >= 0x80, String(validating: UnsafeBufferPointer(rebasing: bytes[start..<index]), as: UTF8.self) == nil { return false }
            mark(.string, start..<index)
            index += 1
            return true
        }
        index = start
        guard JSONReader.unescaped(bytes, &index) != nil else { return false }
        mark(.escaped, start..<index - 1)
        return true
    }

    /// The text that begins at an index, which moves behind its closing mark; nil where it does not end, or is no text.
    static func unescaped(_ bytes: UnsafeBufferPointer<UInt8>, _ index: inout Int) -> String? {
        var text: [UInt8] = []
        while index < bytes.count {
            let unit = bytes[index]
            index += 1
            if unit == UInt8(ascii: "\"") { return String(validating: text, as: UTF8.self) }
            guard unit >= 0x20 else { return nil }
            guard unit == UInt8(ascii: "\\") else { text.append(unit); continue }
            guard index < bytes.count else { return nil }
            let escape = bytes[index]
            index += 1
            switch escape {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(escape)
            case UInt8(ascii: "b"): text.append(8)
            case UInt8(ascii: "f"): text.append(12)
            case UInt8(ascii: "n"): text.append(10)
            case UInt8(ascii: "r"): text.append(13)
            case UInt8(ascii: "t"): text.append(9)
            case UInt8(ascii: "u"):
                guard let scalar = escapedScalar(bytes, &index) else { return nil }
                text += Array(String(Character(scalar)).utf8)
            default: return nil
            }
        }
        return nil
    }

    private static func hexadecimal(_ bytes: UnsafeBufferPointer<UInt8>, _ index: inout Int) -> UInt32? {
        guard index + 4 <= bytes.count else { return nil }
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = Character(Unicode.Scalar(bytes[index])).hexDigitValue else { return nil }
            value = value << 4 | UInt32(digit)
            index += 1
        }
        return value
    }

    /// What stands after `\u`; half of a pair alone reads as U+FFFD, as some systems cut texts in the middle.
    private static func escapedScalar(_ bytes: UnsafeBufferPointer<UInt8>, _ index: inout Int) -> Unicode.Scalar? {
        guard let first = hexadecimal(bytes, &index) else { return nil }
        if let scalar = Unicode.Scalar(first) { return scalar }
        let mark = index
        if first < 0xDC00, index + 2 <= bytes.count, bytes[index] == UInt8(ascii: "\\"), bytes[index + 1] == UInt8(ascii: "u") {
            index += 2
            if let second = hexadecimal(bytes, &index), (0xDC00..<0xE000).contains(second) {
                return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
            }
        }
        index = mark
        return "\u{FFFD}"
    }
}
