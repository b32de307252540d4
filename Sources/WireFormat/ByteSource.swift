/// Bytes that are read one after the other, each length checked before it is believed.
///
/// It points into memory that somebody else keeps alive.
struct ByteSource {
    private let start: UnsafeRawPointer
    private var at = 0
    let count: Int

    init(_ bytes: UnsafeRawBufferPointer) {
        // An empty buffer may have no address; none is read from it.
        start = bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 1)!
        count = bytes.count
    }

    var left: Int { count - at }

    @inline(__always)
    mutating func byte() throws(WireError) -> UInt8 {
        guard at < count else { throw .garbage }
        defer { at += 1 }
        return start.load(fromByteOffset: at, as: UInt8.self)
    }

    /// Reads what `ByteSink.append(varint:)` wrote; only the shortest form of a number is accepted.
    @inline(__always)
    mutating func varint() throws(WireError) -> UInt64 {
        let first = try byte()
        if first < 0x80 { return UInt64(first) }
        var value = UInt64(first & 0x7f), shift: UInt64 = 7
        while true {
            let next = try byte()
            guard shift < 63 || next < 2 else { throw .garbage }
            value |= UInt64(next & 0x7f) << shift
            if next < 0x80 {
                guard next != 0 else { throw .garbage }
                return value
            }
            shift += 7
        }
    }

    /// Reads a number that must be below a bound, such as an index into a dictionary.
    @inline(__always)
    mutating func index(below bound: Int) throws(WireError) -> Int {
        let value = try varint()
        guard value < UInt64(bound) else { throw .garbage }
        return Int(value)
    }

    @inline(__always)
    mutating func difference(from other: UInt64) throws(WireError) -> UInt64 {
        let value = try varint()
        return other &+ (value >> 1 ^ (0 &- (value & 1)))
    }

    mutating func word() throws(WireError) -> UInt64 {
        guard left >= 8 else { throw .garbage }
        defer { at += 8 }
        return UInt64(littleEndian: start.loadUnaligned(fromByteOffset: at, as: UInt64.self))
    }

    mutating func halfWord() throws(WireError) -> UInt32 {
        guard left >= 4 else { throw .garbage }
        defer { at += 4 }
        return UInt32(littleEndian: start.loadUnaligned(fromByteOffset: at, as: UInt32.self))
    }

    /// Reads the next bytes without copying them.
    @inline(__always)
    mutating func bytes(_ count: Int) throws(WireError) -> UnsafeRawBufferPointer {
        guard count <= left else { throw .garbage }
        defer { at += count }
        return UnsafeRawBufferPointer(start: start + at, count: count)
    }

    /// Reads a number of bytes and then the bytes.
    @inline(__always)
    mutating func counted() throws(WireError) -> UnsafeRawBufferPointer {
        let count = try varint()
        guard count <= UInt64(left) else { throw .garbage }
        return try bytes(Int(count))
    }

    /// Reads a counted text, which must be UTF-8: a repaired one would be another text.
    mutating func text() throws(WireError) -> String {
        guard let text = String(validating: try counted(), as: UTF8.self) else { throw .garbage }
        return text
    }
}
