/// A 128-bit identifier of a row or an operation (RFC 9562: version 7 by time, version 8 by hash).
///
/// Ordered by its bytes, so that version 7 identifiers sort by the time of their making.
public struct UniqueID: Hashable, Comparable, Sendable {
    public let high: UInt64
    public let low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    public static func < (a: UniqueID, b: UniqueID) -> Bool {
        a.high != b.high ? a.high < b.high : a.low < b.low
    }
}

/// The identifier of a row: the same on every replica.
public typealias RowID = UniqueID

/// The identifier of all that one command did.
public typealias OperationID = UniqueID

extension UniqueID {
    /// A version 7 identifier: the Unix time in milliseconds, then 74 random bits.
    public static func version7(unixMilliseconds: Int64, random: (UInt64, UInt64)) -> UniqueID {
        let time = UInt64(truncatingIfNeeded: unixMilliseconds) & 0xffff_ffff_ffff
        return UniqueID(high: time << 16 | 0x7000 | random.0 & 0x0fff, low: 0x8000_0000_0000_0000 | random.1 >> 2)
    }

    /// A version 8 identifier from a hash: the version and variant bits are set, the rest is the hash's.
    public static func version8(hash: Digest128) -> UniqueID {
        UniqueID(high: hash.high & ~0xf000 | 0x8000, low: hash.low & ~(0xc000 << 48) | 0x8000 << 48)
    }
}

extension UniqueID: CustomStringConvertible, LosslessStringConvertible {
    /// 32 lower-case hexadecimal digits in the groups of RFC 9562.
    public var description: String {
        String(unsafeUninitializedCapacity: 36) { buffer in
            var at = 0
            for index in 0..<16 {
                if index == 4 || index == 6 || index == 8 || index == 10 {
                    buffer[at] = UInt8(ascii: "-")
                    at += 1
                }
                let byte = byte(at: index)
                buffer[at] = hexadecimalDigit(byte >> 4)
                buffer[at + 1] = hexadecimalDigit(byte & 15)
                at += 2
            }
            return at
        }
    }

    /// Reads 32 hexadecimal digits, with or without hyphens.
    public init?(_ text: String) {
        var words: (UInt64, UInt64) = (0, 0)
        var digits = 0
        for unit in text.utf8 where unit != UInt8(ascii: "-") {
            guard digits < 32, let digit = hexadecimalValue(unit) else { return nil }
            if digits < 16 { words.0 = words.0 << 4 | digit } else { words.1 = words.1 << 4 | digit }
            digits += 1
        }
        guard digits == 32 else { return nil }
        self.init(high: words.0, low: words.1)
    }

    @inline(__always)
    private func byte(at index: Int) -> UInt8 {
        UInt8(truncatingIfNeeded: (index < 8 ? high : low) >> UInt64(56 - 8 * (index & 7)))
    }

    /// The sixteen bytes, most significant first.
    public var bytes: [UInt8] { withBytes { Array($0) } }

    /// Passes the sixteen bytes, most significant first, without an array of them.
    public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try withUnsafeBytes(of: (high.bigEndian, low.bigEndian), body)
    }

    /// Reads sixteen bytes in place, most significant first.
    public init?(bytes: UnsafeRawBufferPointer) {
        guard bytes.count == 16 else { return nil }
        self.init(
            high: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
            low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
    }

    /// Reads sixteen bytes, most significant first.
    public init?(bytes: [UInt8]) {
        guard let id = bytes.withUnsafeBytes({ UniqueID(bytes: $0) }) else { return nil }
        self = id
    }
}

@inline(__always)
func hexadecimalDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
}

func hexadecimalValue(_ unit: UInt8) -> UInt64? {
    switch unit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(unit - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(unit - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(unit - UInt8(ascii: "A") + 10)
    default: nil
    }
}
