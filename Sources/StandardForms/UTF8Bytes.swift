/// Borrowed UTF-8, which need not be valid.
typealias UTF8Bytes = UnsafeBufferPointer<UInt8>

extension UnsafeBufferPointer<UInt8> {
    /// The bytes without ASCII white space at both ends.
    func trimmingWhiteSpace() -> UTF8Bytes {
        var low = 0, high = count
        while low < high, self[low].isWhiteSpace { low += 1 }
        while high > low, self[high - 1].isWhiteSpace { high -= 1 }
        return UTF8Bytes(rebasing: self[low..<high])
    }

    var isASCII: Bool {
        var all: UInt8 = 0
        for unit in self { all |= unit }
        return all < 0x80
    }

    /// Decodes the scalar at `index` and moves past it; nil where the bytes are not valid UTF-8 (Unicode, table 3-7).
    func scalar(at index: inout Int) -> UInt32? {
        let first = self[index]
        if first < 0x80 {
            index += 1
            return UInt32(first)
        }
        let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2
        guard (0xC2...0xF4).contains(first), index + length <= count else { return nil }
        var value = UInt32(first) & (0x7F >> UInt32(length))
        for offset in 1..<length {
            let unit = self[index + offset]
            guard unit & 0xC0 == 0x80 else { return nil }
            value = value << 6 | UInt32(unit & 0x3F)
        }
        guard value >= (length == 3 ? 0x800 : length == 4 ? 0x1_0000 : 0x80), !(0xD800...0xDFFF).contains(value),
            value <= 0x10_FFFF else { return nil }
        index += length
        return value
    }
}

extension UInt8 {
    var isWhiteSpace: Bool { self == 0x20 || self &- 9 < 5 }
    var isDigit: Bool { self &- 48 < 10 }
    var isLetter: Bool { (self | 0x20) &- 97 < 26 }
    /// Of an ASCII byte.
    var lowercased: UInt8 { self &- 65 < 26 ? self | 0x20 : self }
    var uppercased: UInt8 { self &- 97 < 26 ? self & 0xDF : self }
}

extension [UInt8] {
    /// Appends a scalar as UTF-8.
    mutating func append(scalar value: UInt32) {
        switch value {
        case ..<0x80: append(UInt8(value))
        case ..<0x800:
            append(UInt8(0xC0 | value >> 6))
            append(UInt8(0x80 | value & 0x3F))
        case ..<0x1_0000:
            append(UInt8(0xE0 | value >> 12))
            append(UInt8(0x80 | value >> 6 & 0x3F))
            append(UInt8(0x80 | value & 0x3F))
        default:
            append(UInt8(0xF0 | value >> 18))
            append(UInt8(0x80 | value >> 12 & 0x3F))
            append(UInt8(0x80 | value >> 6 & 0x3F))
            append(UInt8(0x80 | value & 0x3F))
        }
    }
}

/// A place in borrowed bytes, from which words and digits are taken.
struct ByteReader {
    let bytes: UTF8Bytes
    var index = 0

    init(_ bytes: UTF8Bytes) { self.bytes = bytes }

    var isAtEnd: Bool { index == bytes.count }

    /// The byte that comes next; 0 at the end.
    var next: UInt8 { index < bytes.count ? bytes[index] : 0 }

    mutating func skipSpaces() { while next.isWhiteSpace { index += 1 } }

    /// Takes a word whose ASCII letters may be of either case; `word` is in lower case.
    mutating func take(_ word: StaticString) -> Bool {
        let length = word.utf8CodeUnitCount
        guard index + length <= bytes.count else { return false }
        for offset in 0..<length where bytes[index + offset].lowercased != word.utf8Start[offset] { return false }
        index += length
        return true
    }

    mutating func take(anyOf words: [StaticString]) -> Bool {
        for word in words where take(word) { return true }
        return false
    }

    /// Takes up to `limit` digits; nil where there is none. `count` of them were taken.
    mutating func digits(atMost limit: Int) -> (value: Int64, count: Int)? {
        var value: Int64 = 0, count = 0
        while count < limit, next.isDigit {
            value = value * 10 + Int64(next - 48)
            index += 1
            count += 1
        }
        return count == 0 ? nil : (value, count)
    }
}
