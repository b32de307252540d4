/// An encoding that a table may be written in.
public enum TextEncoding: String, Sendable, CaseIterable {
    case utf8 = "utf-8"
    case utf16LittleEndian = "utf-16le"
    case utf16BigEndian = "utf-16be"
    /// UTF-16 whose byte order is told by a byte order mark, or else found from the text.
    case utf16 = "utf-16"
    /// The Chinese national standard; GBK and GB2312 are parts of it.
    case gb18030

    /// The encoding that people call by this name: case, hyphens and underscores do not matter, and `gbk`, `gb2312`
    /// and `cp936` are GB18030.
    ///
    /// - Throws: `exchange.encoding-unknown`.
    public init(named name: String) throws(TableError) {
        switch name.lowercased().filter({ $0 != "-" && $0 != "_" }) {
        case "utf8", "utf8sig": self = .utf8
        case "utf16": self = .utf16
        case "utf16le": self = .utf16LittleEndian
        case "utf16be": self = .utf16BigEndian
        case "gb18030", "gbk", "gb2312", "cp936": self = .gb18030
        default: throw .encodingUnknown(name)
        }
    }

    /// The byte order mark of this encoding.
    var byteOrderMark: [UInt8] {
        switch self {
        case .utf8: [0xEF, 0xBB, 0xBF]
        case .utf16LittleEndian: [0xFF, 0xFE]
        case .utf16BigEndian: [0xFE, 0xFF]
        case .utf16: []
        case .gb18030: [0x84, 0x31, 0x95, 0x33]
        }
    }
}

extension TextEncoding {
    /// Finds the encoding of a text from its first bytes: a byte order mark decides; then UTF-16 by its zero bytes;
    /// then GB18030 where the bytes are worse UTF-8 than GB18030; else UTF-8.
    ///
    /// A text in UTF-8 with a few broken rows stays UTF-8, so that those rows alone are rejected.
    static func sniffed(_ head: UnsafeBufferPointer<UInt8>, whole: Bool) -> TextEncoding {
        for encoding in [TextEncoding.utf8, .utf16LittleEndian, .utf16BigEndian, .gb18030]
        where head.starts(with: encoding.byteOrderMark) { return encoding }
        if let order = sniffedByteOrder(head) { return order }
        let asUTF8 = UTF8Check.tally(head, whole: whole)
        guard asUTF8.broken > asUTF8.multibyte else { return .utf8 }
        return brokenAsGB18030(head, whole: whole) < asUTF8.broken ? .gb18030 : .utf8
    }

    /// The byte order of UTF-16 without a mark: most zero bytes stand on one side of the two-byte units.
    static func sniffedByteOrder(_ head: UnsafeBufferPointer<UInt8>) -> TextEncoding? {
        var zeros = (even: 0, odd: 0)
        var high = false
        for index in head.indices {
            if head[index] == 0 {
                if index & 1 == 0 { zeros.even += 1 } else { zeros.odd += 1 }
            }
            if head[index] >= 0x80 { high = true }
        }
        let units = head.count / 2
        // A text of ASCII alone has a zero in every unit; a Chinese one has them in delimiters, digits and line breaks.
        let needed = max(4, high ? units / 10 : units * 2 / 5)
        if zeros.odd >= needed && zeros.even * 4 <= zeros.odd { return .utf16LittleEndian }
        if zeros.even >= needed && zeros.odd * 4 <= zeros.even { return .utf16BigEndian }
        return nil
    }

    /// How many byte sequences are not GB18030 (one, two or four bytes).
    private static func brokenAsGB18030(_ head: UnsafeBufferPointer<UInt8>, whole: Bool) -> Int {
        var broken = 0
        var index = 0
        while index < head.count {
            let lead = head[index]
            if lead < 0x80 {
                index += 1
                continue
            }
            guard index + 1 < head.count else { return broken + (whole ? 1 : 0) }
            let second = head[index + 1]
            if lead == 0x80 || lead == 0xFF {
                broken += 1
                index += 1
            } else if (0x40...0x7E).contains(second) || (0x80...0xFE).contains(second) {
                index += 2
            } else if (0x30...0x39).contains(second) {
                guard index + 3 < head.count else { return broken + (whole ? 1 : 0) }
                let valid = (0x81...0xFE).contains(head[index + 2]) && (0x30...0x39).contains(head[index + 3])
                if !valid { broken += 1 }
                index += valid ? 4 : 1
            } else {
                broken += 1
                index += 1
            }
        }
        return broken
    }
}
