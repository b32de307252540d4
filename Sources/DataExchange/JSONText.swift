/// Writes JSON strings (RFC 8259).
public enum JSONText {
    /// Appends a string with its quotes.
    public static func append(_ string: String, to bytes: inout [UInt8]) {
        var string = string
        string.withUTF8 { append($0, to: &bytes) }
    }

    /// Appends a string, given as well-formed UTF-8, with its quotes.
    ///
    /// - Complexity: linear; stretches that need no escape are copied whole.
    public static func append(_ string: UnsafeBufferPointer<UInt8>, to bytes: inout [UInt8]) {
        bytes.append(Byte.quote)
        var copied = 0
        for index in string.indices {
            let byte = string[index]
            if byte >= Byte.space && byte != Byte.quote && byte != Byte.backslash { continue }
            bytes.append(contentsOf: string[copied..<index])
            copied = index + 1
            bytes.append(Byte.backslash)
            switch byte {
            case Byte.quote, Byte.backslash: bytes.append(byte)
            case Byte.lineFeed: bytes.append(UInt8(ascii: "n"))
            case Byte.carriageReturn: bytes.append(UInt8(ascii: "r"))
            case Byte.tab: bytes.append(UInt8(ascii: "t"))
            default: bytes += "u00".utf8 + [hexDigit(byte >> 4), hexDigit(byte & 15)]
            }
        }
        bytes.append(contentsOf: string[copied...])
        bytes.append(Byte.quote)
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x61 + value - 10 }
}
