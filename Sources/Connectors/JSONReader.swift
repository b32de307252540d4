extension JSON {
    /// Objects and arrays within one another, at most.
    static let depthMaximum = 64

    /// Reads a whole document; nil where the bytes are no JSON in UTF-8, or deeper than 64 levels. Of a name that stands twice
    /// the last counts.
    ///
    /// - Parameter valuesMaximum: a document of more values and names is not read: each may take dozens of bytes, and two in the text.
    /// - Complexity: linear in the bytes.
    public init?(_ bytes: [UInt8], valuesMaximum: Int = .max) {
        let read: JSON? = bytes.withUnsafeBufferPointer { buffer in
            var reader = JSONReader(bytes: buffer, valuesLeft: valuesMaximum)
            return reader.document()
        }
        guard let read else { return nil }
        self = read
    }
}

/// Reads JSON in one pass and refuses what the standard does not allow.
private struct JSONReader {
    let bytes: UnsafeBufferPointer<UInt8>
    private var index = 0
    /// So many values and names are still read.
    private var valuesLeft: Int
    /// How many members the last object of each depth had: records of a page are of one size.
    private var memberCounts = [Int](repeating: 0, count: JSON.depthMaximum)
    /// By depth and place the name that stood there last, and where its text begins: records of a page have the same names in one order.
    private var names = [[(start: Int, count: Int, text: String)]](repeating: [], count: JSON.depthMaximum)

    init(bytes: UnsafeBufferPointer<UInt8>, valuesLeft: Int) {
        self.bytes = bytes
        self.valuesLeft = valuesLeft
    }

    private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

    mutating func document() -> JSON? {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { index = 3 }
        guard let value = value(depth: 0) else { return nil }
        skipBlanks()
        return index == bytes.count ? value : nil
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

    private mutating func value(depth: Int) -> JSON? {
        guard depth < JSON.depthMaximum, valuesLeft > 0 else { return nil }
        valuesLeft -= 1
        skipBlanks()
        switch next {
        case UInt8(ascii: "{"): return object(depth: depth)
        case UInt8(ascii: "["): return array(depth: depth)
        case UInt8(ascii: "\""): return string().map(JSON.string)
        case UInt8(ascii: "t"): return take(word: "true") ? .boolean(true) : nil
        case UInt8(ascii: "f"): return take(word: "false") ? .boolean(false) : nil
        case UInt8(ascii: "n"): return take(word: "null") ? .null : nil
        default: return number()
        }
    }

    private mutating func object(depth: Int) -> JSON? {
        index += 1
        var members: [String: JSON] = [:]
        skipBlanks()
        if take("}") { return .object(members) }
        members.reserveCapacity(memberCounts[depth])
        var place = 0
        while true {
            skipBlanks()
            guard next == UInt8(ascii: "\""), let name = name(depth: depth, place: place) else { return nil }
            place += 1
            valuesLeft -= 1
            skipBlanks()
            guard take(":"), let value = value(depth: depth + 1) else { return nil }
            members[name] = value
            skipBlanks()
            if take("}") {
                memberCounts[depth] = min(members.count, JSONReader.reservedMaximum)
                return .object(members)
            }
            guard take(",") else { return nil }
        }
    }

    /// A member's name, which is made once where it stands at the same place of one object after the other.
    private mutating func name(depth: Int, place: Int) -> String? {
        let start = index + 1
        if place < names[depth].count {
            let known = names[depth][place], end = start + known.count
            if end < bytes.count, bytes[end] == UInt8(ascii: "\""), bytes[start..<end].elementsEqual(bytes[known.start..<known.start + known.count]) {
                index = end + 1
                return known.text
            }
        }
        guard let text = string() else { return nil }
        // One with escapes is not what its bytes say.
        if place < JSONReader.reservedMaximum, text.utf8.count == index - start - 1 {
            let name = (start: start, count: text.utf8.count, text: text)
            if place < names[depth].count { names[depth][place] = name } else if place == names[depth].count { names[depth].append(name) }
        }
        return text
    }

    private mutating func array(depth: Int) -> JSON? {
        index += 1
        var items: [JSON] = []
        skipBlanks()
        if take("]") { return .array(items) }
        while true {
            guard let value = value(depth: depth + 1) else { return nil }
            items.append(value)
            skipBlanks()
            if take("]") { return .array(items) }
            guard take(",") else { return nil }
        }
    }

    private mutating func number() -> JSON? {
        let start = index
        _ = take("-")
        if !take("0") { guard digits() else { return nil } }
        if take(".") { guard digits() else { return nil } }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            guard digits() else { return nil }
        }
        return .number(String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<index]), as: UTF8.self))
    }

    private mutating func digits() -> Bool {
        let start = index
        while let unit = next, (48...57).contains(unit) { index += 1 }
        return index > start
    }

    /// So many members are made room for before they are read: one wide object does not have all others of its depth take its room.
    private static let reservedMaximum = 64

    private mutating func string() -> String? {
        index += 1
        let start = index
        // Most texts have no escapes, and are taken whole.
        while let unit = next, unit != UInt8(ascii: "\""), unit != UInt8(ascii: "\\"), unit >= 0x20 { index += 1 }
        let whole = UnsafeBufferPointer(rebasing: bytes[start..<index])
        if next == UInt8(ascii: "\"") {
            index += 1
            return JSONReader.text(whole)
        }
        var text = Array(whole)
        while let unit = next {
            index += 1
            if unit == UInt8(ascii: "\"") { return text.withUnsafeBufferPointer(JSONReader.text) }
            guard unit >= 0x20 else { return nil }
            guard unit == UInt8(ascii: "\\") else { text.append(unit); continue }
            guard let escape = next else { return nil }
            index += 1
            switch escape {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(escape)
            case UInt8(ascii: "b"): text.append(8)
            case UInt8(ascii: "f"): text.append(12)
            case UInt8(ascii: "n"): text.append(10)
            case UInt8(ascii: "r"): text.append(13)
            case UInt8(ascii: "t"): text.append(9)
            case UInt8(ascii: "u"):
                guard let scalar = escapedScalar() else { return nil }
                text += Array(String(Character(scalar)).utf8)
            default: return nil
            }
        }
        return nil
    }

    /// Bytes as a text; nil where they are no UTF-8: what had to be repaired is not what was given.
    private static func text(_ bytes: UnsafeBufferPointer<UInt8>) -> String? {
        let text = String(decoding: bytes, as: UTF8.self)
        return bytes.reduce(0, |) < 0x80 || text.utf8.elementsEqual(bytes) ? text : nil
    }

    private mutating func hexadecimal() -> UInt32? {
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
    private mutating func escapedScalar() -> Unicode.Scalar? {
        guard let first = hexadecimal() else { return nil }
        if let scalar = Unicode.Scalar(first) { return scalar }
        let mark = index
        if first < 0xDC00, take("\\"), take("u"), let second = hexadecimal(), (0xDC00..<0xE000).contains(second) {
            return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
        }
        index = mark
        return "\u{FFFD}"
    }
}
