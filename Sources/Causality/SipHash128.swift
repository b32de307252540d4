/// 128 bits of a hash, ordered and summed as one number.
public struct Digest128: Hashable, Comparable, Sendable {
    public var high: UInt64
    public var low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    public static let zero = Digest128(high: 0, low: 0)

    public static func < (a: Digest128, b: Digest128) -> Bool { a.high != b.high ? a.high < b.high : a.low < b.low }

    /// The sum modulo 2^128: commutative and associative, so that a set of rows has one sum in any order.
    public static func &+ (a: Digest128, b: Digest128) -> Digest128 {
        let (low, carry) = a.low.addingReportingOverflow(b.low)
        return Digest128(high: a.high &+ b.high &+ (carry ? 1 : 0), low: low)
    }

    /// The difference modulo 2^128.
    public static func &- (a: Digest128, b: Digest128) -> Digest128 {
        let (low, borrow) = a.low.subtractingReportingOverflow(b.low)
        return Digest128(high: a.high &- b.high &- (borrow ? 1 : 0), low: low)
    }
}

extension Digest128: CustomStringConvertible {
    /// 32 lower-case hexadecimal digits.
    public var description: String { "\(Origin(rawValue: high))\(Origin(rawValue: low))" }
}

/// A key of the keyed hash: 128 bits, one for each deployment.
public struct HashKey: Hashable, Sendable {
    public let first: UInt64
    public let second: UInt64

    public init(first: UInt64, second: UInt64) {
        self.first = first
        self.second = second
    }
}

/// SipHash-2-4 with a 128-bit result, fed piece by piece.
///
/// A keyed hash: without the key nobody finds colliding inputs. It makes natural ids, names sources' statements and sums
/// states. Source: Aumasson, Bernstein, "SipHash: a fast short-input PRF" (2012), and the reference's 128-bit variant.
public struct SipHash128: Sendable {
    private var v0: UInt64, v1: UInt64, v2: UInt64, v3: UInt64
    private var tail: UInt64 = 0
    private var tailCount: UInt64 = 0
    private var count: UInt64 = 0

    public init(key: HashKey) {
        v0 = key.first ^ 0x736f_6d65_7073_6575
        v1 = key.second ^ 0x646f_7261_6e64_6f6d ^ 0xee
        v2 = key.first ^ 0x6c79_6765_6e65_7261
        v3 = key.second ^ 0x7465_6462_7974_6573
    }

    @inline(__always)
    private mutating func round() {
        v0 = v0 &+ v1; v1 = v1 << 13 | v1 >> 51; v1 ^= v0; v0 = v0 << 32 | v0 >> 32
        v2 = v2 &+ v3; v3 = v3 << 16 | v3 >> 48; v3 ^= v2
        v0 = v0 &+ v3; v3 = v3 << 21 | v3 >> 43; v3 ^= v0
        v2 = v2 &+ v1; v1 = v1 << 17 | v1 >> 47; v1 ^= v2; v2 = v2 << 32 | v2 >> 32
    }

    @inline(__always)
    private mutating func compress(_ word: UInt64) {
        v3 ^= word
        round(); round()
        v0 ^= word
    }

    /// Feeds eight bytes, least significant first.
    @inline(__always)
    public mutating func update(_ word: UInt64) {
        count &+= 8
        if tailCount == 0 {
            compress(word)
        } else {
            compress(tail | word << (8 * tailCount))
            tail = word >> (64 - 8 * tailCount)
        }
    }

    /// Feeds bytes; their number is not fed with them.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        var at = 0
        while at + 8 <= bytes.count {
            update(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self)))
            at += 8
        }
        let left = UInt64(bytes.count - at)
        if left == 0 { return }
        let word = SipHash128.word(bytes, from: at)
        count &+= left
        tail |= word << (8 * tailCount)
        tailCount += left
        if tailCount >= 8 {
            compress(tail)
            tailCount -= 8
            tail = tailCount == 0 ? 0 : word >> (8 * (left - tailCount))
        }
    }

    /// The last bytes, fewer than eight, least significant first.
    @inline(__always)
    private static func word(_ bytes: UnsafeRawBufferPointer, from start: Int) -> UInt64 {
        var word: UInt64 = 0, at = start
        if bytes.count - at >= 4 {
            word = UInt64(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt32.self)))
            at += 4
        }
        while at < bytes.count {
            word |= UInt64(bytes[at]) << UInt64(8 * (at - start))
            at += 1
        }
        return word
    }

    /// Feeds the number of bytes and then the bytes, so that neighbouring texts cannot be shifted into one another.
    public mutating func update(_ bytes: [UInt8]) {
        update(UInt64(bytes.count))
        bytes.withUnsafeBytes { update($0) }
    }

    /// Feeds a text as the number of its UTF-8 bytes and the bytes.
    public mutating func update(_ text: String) {
        var text = text
        text.withUTF8 {
            update(UInt64($0.count))
            update(UnsafeRawBufferPointer($0))
        }
    }

    /// The hash of all that was fed: the reference's sixteen bytes as one number, least significant byte first.
    public consuming func finalize() -> Digest128 {
        compress(tail | (count & 0xff) << 56)
        v2 ^= 0xee
        round(); round(); round(); round()
        let low = v0 ^ v1 ^ v2 ^ v3
        v1 ^= 0xdd
        round(); round(); round(); round()
        return Digest128(high: v0 ^ v1 ^ v2 ^ v3, low: low)
    }
}
