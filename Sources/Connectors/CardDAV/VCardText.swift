#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// Texts as cards write them: escapes, folds and encodings.
enum VCardText {
    static let lineEnd: ArraySlice<UInt8> = [0x0D, 0x0A]
    /// A line has so many bytes at most, without its end (RFC 6350, section 3.2).
    static let lineBytesMaximum = 75

    /// A text without its escapes (RFC 6350, section 3.4); vCard 2.1 has one for semicolons alone.
    static func unescaped(_ bytes: ArraySlice<UInt8>, version: String) -> String {
        guard bytes.contains(UInt8(ascii: "\\")) else { return String(decoding: bytes, as: UTF8.self) }
        var out: [UInt8] = [], index = bytes.startIndex
        while index < bytes.endIndex {
            let byte = bytes[index]
            guard byte == UInt8(ascii: "\\"), index + 1 < bytes.endIndex else { out.append(byte); index += 1; continue }
            let next = bytes[index + 1]
            switch next {
            case UInt8(ascii: ";"): out.append(next)
            case _ where version == "2.1": out += [byte, next]
            case UInt8(ascii: "n"), UInt8(ascii: "N"): out.append(0x0A)
            case UInt8(ascii: "\\"), UInt8(ascii: ","), UInt8(ascii: ":"): out.append(next)
            default: out += [byte, next]
            }
            index += 2
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// A text with escapes; what no line may hold is left out.
    static func escaped(_ text: String, version: String) -> [UInt8] {
        var out: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: ";"): out += [UInt8(ascii: "\\"), byte]
            case 0x0A where version != "2.1": out += Array("\\n".utf8)
            case UInt8(ascii: "\\") where version != "2.1", UInt8(ascii: ",") where version != "2.1": out += [UInt8(ascii: "\\"), byte]
            case 0x09, 0x0A, 0x20...0x7E, 0x80...: out.append(byte)
            default: break
            }
        }
        return out
    }

    /// A text that has its escapes, with one for each line break that an encoding hid; vCard 2.1 encodes the whole line instead.
    static func onOneLine(_ bytes: [UInt8], version: String) -> [UInt8] {
        guard version != "2.1", bytes.contains(0x0A) else { return bytes }
        var out: [UInt8] = [], isEscape = false
        for byte in bytes {
            // A backslash before a break escapes nothing.
            if byte == 0x0A { out += Array((isEscape ? "\\\\n" : "\\n").utf8) } else { out.append(byte) }
            isEscape = byte == UInt8(ascii: "\\") && !isEscape
        }
        return out
    }

    /// An address, which has no escapes; what no line may hold is left out.
    static func plain(_ text: String) -> [UInt8] { text.utf8.filter { $0 >= 0x20 && $0 != 0x7F } }

    /// A content line, folded where no character is cut; what vCard 2.1 cannot hold otherwise as quoted-printable.
    static func line(_ head: [UInt8], _ value: [UInt8], version: String) -> [UInt8] {
        if version == "2.1", value.contains(where: { $0 >= 0x80 || $0 < 0x20 }) {
            return head + Array(";CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:".utf8) + quoted(value)
        }
        return folded(head + [UInt8(ascii: ":")] + value)
    }

    /// A line in pieces that a blank joins, each a whole number of characters.
    static func folded(_ line: [UInt8]) -> [UInt8] {
        if line.count <= lineBytesMaximum { return line }
        var out: [UInt8] = [], start = 0, room = lineBytesMaximum
        while line.count - start > room {
            var end = start + room
            while end > start + 1, line[end] & 0xC0 == 0x80 { end -= 1 }
            out += line[start..<end] + [0x0D, 0x0A, 0x20]
            start = end
            // The blank counts.
            room = lineBytesMaximum - 1
        }
        return out + line[start...]
    }

    /// Bytes of quoted-printable (RFC 2045, section 6.7), without soft breaks and folds; what is none stays as it is.
    static func quotedPrintable(_ bytes: [UInt8]) -> [UInt8] {
        func digit(_ byte: UInt8) -> UInt8? {
            switch byte {
            case 48...57: byte - 48
            case 65...70: byte - 55
            case 97...102: byte - 87
            default: nil
            }
        }
        var out: [UInt8] = [], index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "=") {
                if index + 2 < bytes.count, let high = digit(bytes[index + 1]), let low = digit(bytes[index + 2]) {
                    out.append(high << 4 | low)
                    index += 3
                    continue
                }
                var end = index + 1
                if end < bytes.count, bytes[end] == 0x0D { end += 1 }
                if end < bytes.count, bytes[end] == 0x0A { index = end + 1; continue }
            }
            if let next = VCardLines.afterFold(bytes[...], index) { index = next; continue }
            out.append(bytes[index])
            index += 1
        }
        return out
    }

    private static func quoted(_ bytes: [UInt8]) -> [UInt8] {
        let digits = Array("0123456789ABCDEF".utf8)
        var out: [UInt8] = [], width = 0
        for byte in bytes {
            let isPlain = (0x20...0x7E).contains(byte) && byte != UInt8(ascii: "=")
            if width > 68 { out += Array("=\r\n".utf8); width = 0 }
            // A line that begins with a blank would be taken for a fold.
            if isPlain, byte != 0x20 { out.append(byte); width += 1 } else {
                out += [UInt8(ascii: "="), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
                width += 3
            }
        }
        return out
    }

    /// Bytes of another character set as UTF-8; nil where the set is not known, or they are none of it.
    static func utf8(_ bytes: [UInt8], from charset: String) -> [UInt8]? {
        let known = [
            "gb2312": "GB18030", "gbk": "GB18030", "gb18030": "GB18030", "big5": "BIG5", "iso-8859-1": "ISO-8859-1", "windows-1252": "WINDOWS-1252",
            "iso-8859-15": "ISO-8859-15", "shift_jis": "SHIFT_JIS", "euc-kr": "EUC-KR",
        ]
        guard let name = known[charset] else { return nil }
        let converter = iconv_open("UTF-8", name)
        // It answers -1, not null, when it fails.
        guard Int(bitPattern: converter) != -1 else { return nil }
        defer { iconv_close(converter) }
        var input = bytes.map { CChar(bitPattern: $0) }, output = [CChar](repeating: 0, count: bytes.count * 4 + 16)
        let capacity = output.count
        var inLeft = input.count, outLeft = capacity
        let result = input.withUnsafeMutableBufferPointer { source in
            output.withUnsafeMutableBufferPointer { target in
                var from = source.baseAddress, to = target.baseAddress
                return iconv(converter, &from, &inLeft, &to, &outLeft)
            }
        }
        guard result != -1, inLeft == 0 else { return nil }
        return output[..<(capacity - outLeft)].map { UInt8(bitPattern: $0) }
    }
}
