/// Tells whether bytes are well-formed UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF.
enum UTF8Check {
    /// Whether all of the bytes are well-formed.
    ///
    /// - Complexity: linear; eight bytes at a step where they are ASCII.
    static func isValid(_ base: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        let raw = UnsafeRawPointer(base)
        var index = 0
        while index < count {
            while index &+ 8 <= count {
                let word = raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                if word & 0x8080_8080_8080_8080 != 0 { break }
                index &+= 8
            }
            while index < count, base[index] < 0x80 { index &+= 1 }
            while index < count, base[index] >= 0x80 {
                let length = sequenceLength(base + index, count &- index)
                if length <= 0 { return false }
                index &+= length
            }
        }
        return true
    }

    /// The length of the well-formed sequence of two to four bytes at a place; 0 where there is none, -1 where it is
    /// cut off by the end of the bytes.
    static func sequenceLength(_ base: UnsafePointer<UInt8>, _ count: Int) -> Int {
        let lead = base[0]
        let length: Int
        var lowest: UInt8 = 0x80
        var highest: UInt8 = 0xBF
        switch lead {
        case 0xC2...0xDF: length = 2
        case 0xE0:
            length = 3
            lowest = 0xA0
        case 0xED:
            length = 3
            highest = 0x9F
        case 0xE1...0xEF: length = 3
        case 0xF0:
            length = 4
            lowest = 0x90
        case 0xF1...0xF3: length = 4
        case 0xF4:
            length = 4
            highest = 0x8F
        default: return 0
        }
        if count < 2 { return -1 }
        if base[1] < lowest || base[1] > highest { return 0 }
        var index = 2
        while index < length {
            if index >= count { return -1 }
            if base[index] & 0xC0 != 0x80 { return 0 }
            index &+= 1
        }
        return length
    }

    /// Counts the sequences of several bytes that are well-formed and the bytes that belong to none; a sequence cut off
    /// at the end counts as broken only where `whole` says that nothing follows.
    static func tally(_ bytes: UnsafeBufferPointer<UInt8>, whole: Bool) -> (multibyte: Int, broken: Int) {
        var multibyte = 0
        var broken = 0
        var index = 0
        guard let base = bytes.baseAddress else { return (0, 0) }
        while index < bytes.count {
            if base[index] < 0x80 {
                index += 1
                continue
            }
            let length = sequenceLength(base + index, bytes.count - index)
            if length > 0 {
                multibyte += 1
                index += length
            } else if length < 0 && !whole {
                break
            } else {
                broken += 1
                index += 1
            }
        }
        return (multibyte, broken)
    }
}
