/// A JSON document (RFC 8259) as it was written: numbers keep their digits, so that ids of 64 bits and amounts stay exact.
public enum JSON: Hashable, Sendable {
    case null
    case boolean(Bool)
    /// The number's own text.
    case number(String)
    case string(String)
    case array([JSON])
    case object([String: JSON])

    /// The member of an object; `.null` where there is none or this is no object.
    public subscript(name: String) -> JSON {
        if case .object(let members) = self { return members[name] ?? .null }
        return .null
    }

    /// The value at a path of names divided by points, such as `address.city`; a number picks from an array.
    public func value(at path: String) -> JSON {
        if path.isEmpty { return self }
        return path.split(separator: ".").reduce(self) { value, name in
            if case .array(let items) = value, let index = Int(name) { return items.indices.contains(index) ? items[index] : .null }
            return value[String(name)]
        }
    }

    /// Whether there is a member of this name, though it be null.
    public func holds(_ name: String) -> Bool { member(name) != nil }

    /// The member of this name, though it be null; nil where there is none or this is no object.
    func member(_ name: String) -> JSON? {
        if case .object(let members) = self { return members[name] }
        return nil
    }

    /// The items of an array; nil where this is none.
    public var items: [JSON]? {
        if case .array(let items) = self { return items }
        return nil
    }

    /// A string, a number's digits, `true` or `false`; nil for anything else.
    public var text: String? {
        switch self {
        case .string(let text), .number(let text): text
        case .boolean(let flag): flag ? "true" : "false"
        case .null, .array, .object: nil
        }
    }

    /// A whole number; nil for anything else.
    public var integer: Int64? { text.flatMap { Int64($0) } }

    /// Whether this is `true`, or the number 1 that some systems write for it; nil where it is neither yes nor no.
    public var flag: Bool? {
        switch self {
        case .boolean(let flag): flag
        case .number("1"), .string("true"): true
        case .number("0"), .string("false"): false
        default: nil
        }
    }

    /// The document as UTF-8, members in the order of their names.
    public var bytes: [UInt8] {
        var out: [UInt8] = []
        write(to: &out)
        return out
    }

    private func write(to out: inout [UInt8]) {
        switch self {
        case .null: out += "null".utf8
        case .boolean(let flag): out += (flag ? "true" : "false").utf8
        case .number(let text): out += text.utf8
        case .string(let text): JSON.write(text, to: &out)
        case .array(let items):
            out.append(UInt8(ascii: "["))
            for (index, item) in items.enumerated() {
                if index > 0 { out.append(UInt8(ascii: ",")) }
                item.write(to: &out)
            }
            out.append(UInt8(ascii: "]"))
        case .object(let members):
            out.append(UInt8(ascii: "{"))
            for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
                if index > 0 { out.append(UInt8(ascii: ",")) }
                JSON.write(member.key, to: &out)
                out.append(UInt8(ascii: ":"))
                member.value.write(to: &out)
            }
            out.append(UInt8(ascii: "}"))
        }
    }

    private static func write(_ text: String, to out: inout [UInt8]) {
        let digits = Array("0123456789abcdef".utf8)
        out.append(UInt8(ascii: "\""))
        for unit in text.utf8 {
            switch unit {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): out += [UInt8(ascii: "\\"), unit]
            case 0..<0x20: out += Array("\\u00".utf8) + [digits[Int(unit >> 4)], digits[Int(unit & 15)]]
            default: out.append(unit)
            }
        }
        out.append(UInt8(ascii: "\""))
    }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    public init(stringLiteral text: String) { self = .string(text) }
    public init(integerLiteral number: Int64) { self = .number(String(number)) }
    public init(booleanLiteral flag: Bool) { self = .boolean(flag) }
    public init(arrayLiteral items: JSON...) { self = .array(items) }
    public init(dictionaryLiteral members: (String, JSON)...) { self = .object(Dictionary(members) { first, _ in first }) }

    public init(_ number: Int64) { self = .number(String(number)) }
}
