/// Bytes as text in Crockford's base 32, lower case, without padding: five bits a character, the highest first.
enum Base32 {
    private static let digits = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

    /// - Parameter bytes: a multiple of five of them.
    static func text(of bytes: [UInt8]) -> String {
        precondition(bytes.count % 5 == 0, "five bytes are eight digits")
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count / 5 * 8)
        var bits: UInt64 = 0
        for (index, byte) in bytes.enumerated() {
            bits = bits << 8 | UInt64(byte)
            guard index % 5 == 4 else { continue }
            for shift in stride(from: 35, through: 0, by: -5) { text.append(digits[Int(bits >> UInt64(shift) & 31)]) }
            bits = 0
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes of a text; nil where it is not a multiple of eight lower-case digits.
    static func bytes(of text: some Collection<UInt8>) -> [UInt8]? {
        guard text.count % 8 == 0 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 8 * 5)
        var bits: UInt64 = 0
        for (index, unit) in text.enumerated() {
            guard let digit = digits.firstIndex(of: unit) else { return nil }
            bits = bits << 5 | UInt64(digit)
            guard index % 8 == 7 else { continue }
            for shift in stride(from: 32, through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: bits >> UInt64(shift))) }
            bits = 0
        }
        return bytes
    }
}
