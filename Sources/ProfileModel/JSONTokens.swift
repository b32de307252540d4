/// What a JSON text is made of, so that a reader's memory is bounded before it reads.
public enum JSONTokens {
    /// How many values and names a JSON text has, and a few more at most; any number where it is no JSON.
    ///
    /// A reader may keep dozens of bytes for a value that takes two in the text.
    /// - Complexity: linear in the bytes.
    public static func count(in bytes: [UInt8]) -> Int {
        var count = 1, isInText = false, isEscaped = false
        for byte in bytes {
            if isInText {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isInText = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isInText = true
            case UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "{"): count += 1
            default: break
            }
        }
        return count
    }
}
