internal import Foundation

/// The oracle's own reading of canonical bytes: a tag, then UTF-8, or a number of eight bytes.
enum OracleText {
    private static let text: UInt8 = 1, integer: UInt8 = 2

    static func bytes(_ value: String) -> [UInt8] { [text] + Array(value.utf8) }

    static func text(_ bytes: [UInt8]) -> String {
        if bytes.first == integer { return String(number(bytes)) }
        if bytes.first ?? 0 > 8 { return "0x" + bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
        return String(decoding: bytes.dropFirst(), as: UTF8.self)
    }

    private static func number(_ bytes: [UInt8]) -> Int64 { bytes.dropFirst().reduce(0) { $0 << 8 | Int64($1) } }

    /// The order of two values of one type.
    static func isLess(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        a.first == integer ? number(a) < number(b) : a.lexicographicallyPrecedes(b)
    }

    /// The members of a JSON object.
    static func members(_ text: String) -> [String: Any] {
        (try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]) ?? [:]
    }
}
