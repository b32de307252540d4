/// The id under which one life of one store writes: 64 random bits.
public struct Origin: RawRepresentable, Hashable, Comparable, Sendable {
    public let rawValue: UInt64

    public init(rawValue: UInt64) { self.rawValue = rawValue }

    public static func < (a: Origin, b: Origin) -> Bool { a.rawValue < b.rawValue }
}

extension Origin: CustomStringConvertible, LosslessStringConvertible {
    /// Sixteen lower-case hexadecimal digits.
    public var description: String {
        let digits = String(rawValue, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }

    /// Reads at most sixteen hexadecimal digits, without a sign.
    public init?(_ text: String) {
        guard text.utf8.count <= 16, text.utf8.allSatisfy({ hexadecimalValue($0) != nil }), let value = UInt64(text, radix: 16) else {
            return nil
        }
        self.init(rawValue: value)
    }
}

/// One write, named: the origin that made it and its place in that origin's sequence, from 1.
///
/// Source: Almeida, Shoker, Baquero, "Delta state replicated data types" (2018), where a dot is an event identifier.
public struct Dot: Hashable, Comparable, Sendable {
    public let origin: Origin
    public let sequence: UInt64

    public init(origin: Origin, sequence: UInt64) {
        self.origin = origin
        self.sequence = sequence
    }

    public static func < (a: Dot, b: Dot) -> Bool {
        a.origin != b.origin ? a.origin < b.origin : a.sequence < b.sequence
    }
}

extension Dot: CustomStringConvertible, LosslessStringConvertible {
    /// `ORIGIN:SEQUENCE`, as the command line prints it.
    public var description: String { "\(origin):\(sequence)" }

    public init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let origin = Origin(String(parts[0])), parts[1].first != "+", let sequence = UInt64(parts[1]),
            sequence > 0
        else { return nil }
        self.init(origin: origin, sequence: sequence)
    }
}
