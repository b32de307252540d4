/// A value as a cell holds it: it carries its own type, and its canonical bytes are what replicas compare.
///
/// Bytes: one tag, then the payload. Texts are UTF-8 in Unicode normalization form C, made so at entry.
public enum FieldValue: Hashable, Sendable {
    case text(String)
    case integer(Int64)
    /// A decimal number in canonical digits: no sign for zero, no leading zeros, no trailing zeros after the point.
    case decimal(String)
    /// An amount in canonical digits and an ISO 4217 currency: `1000.5 CNY`.
    case money(amount: String, currency: String)
    /// A calendar date, `YYYY-MM-DD` (or `YYYY-MM`, `YYYY` where no more is known).
    case date(String)
    /// An instant in microseconds since 1970-01-01 UTC.
    case time(Int64)
    case boolean(Bool)
    /// A JSON document in the form in which it arrived.
    case json(String)

    /// What stands in the cell of an element that is present.
    public static let present: [UInt8] = FieldValue.boolean(true).bytes

    /// The first byte of each type's canonical form.
    public enum Tag: UInt8, Sendable {
        case text = 1, integer, decimal, money, date, time, boolean, json
    }

    /// The type of the value.
    public var tag: Tag {
        switch self {
        case .text: .text
        case .integer: .integer
        case .decimal: .decimal
        case .money: .money
        case .date: .date
        case .time: .time
        case .boolean: .boolean
        case .json: .json
        }
    }

    /// The canonical bytes.
    public var bytes: [UInt8] {
        switch self {
        case .text(let text), .decimal(let text), .date(let text), .json(let text):
            FieldValue.tagged(tag, text)
        case .money(let amount, let currency):
            FieldValue.tagged(.money, amount + " " + currency)
        case .integer(let number), .time(let number):
            [tag.rawValue] + (0..<8).map { UInt8(truncatingIfNeeded: number >> Int64(56 - 8 * $0)) }
        case .boolean(let flag):
            [Tag.boolean.rawValue, flag ? 1 : 0]
        }
    }

    /// Reads canonical bytes; nil where they are of no type that this version knows.
    public init?(bytes: [UInt8]) {
        guard let first = bytes.first, let tag = Tag(rawValue: first) else { return nil }
        switch tag {
        case .text: self = .text(FieldValue.payload(bytes))
        case .decimal: self = .decimal(FieldValue.payload(bytes))
        case .date: self = .date(FieldValue.payload(bytes))
        case .json: self = .json(FieldValue.payload(bytes))
        case .money:
            let parts = FieldValue.payload(bytes).split(separator: " ")
            guard parts.count == 2 else { return nil }
            self = .money(amount: String(parts[0]), currency: String(parts[1]))
        case .integer, .time:
            guard bytes.count == 9 else { return nil }
            let number = Int64(bitPattern: bytes[1...].reduce(0) { $0 << 8 | UInt64($1) })
            self = tag == .integer ? .integer(number) : .time(number)
        case .boolean:
            guard bytes.count == 2, bytes[1] < 2 else { return nil }
            self = .boolean(bytes[1] == 1)
        }
    }

    /// The canonical bytes of a text.
    public static func bytes(text: String) -> [UInt8] { tagged(.text, text) }

    private static func tagged(_ tag: Tag, _ text: String) -> [UInt8] {
        var text = text
        return text.withUTF8 { utf8 in
            [UInt8](unsafeUninitializedCapacity: utf8.count + 1) { buffer, count in
                buffer[0] = tag.rawValue
                _ = UnsafeMutableBufferPointer(rebasing: buffer[1...]).initialize(from: utf8)
                count = utf8.count + 1
            }
        }
    }

    private static func payload(_ bytes: [UInt8]) -> String { String(decoding: bytes[1...], as: UTF8.self) }

    /// The value as people and scripts read it.
    public var plainText: String {
        switch self {
        case .text(let text), .decimal(let text), .date(let text), .json(let text): text
        case .money(let amount, let currency): amount + " " + currency
        case .integer(let number): String(number)
        case .time(let microseconds): Timestamp.text(microseconds: microseconds)
        case .boolean(let flag): flag ? "true" : "false"
        }
    }

    /// The plain text of canonical bytes; bytes of an unknown type read as hexadecimal.
    public static func plainText(of bytes: [UInt8]) -> String {
        FieldValue(bytes: bytes)?.plainText ?? "0x" + bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}
