/// Bytes that are written one after the other.
struct ByteSink {
    private(set) var bytes: [UInt8] = []

    var count: Int { bytes.count }

    @inline(__always)
    mutating func append(_ byte: UInt8) { bytes.append(byte) }

    /// Writes seven bits a byte, the lowest first (LEB128).
    @inline(__always)
    mutating func append(varint value: UInt64) {
        var value = value
        while value >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: value) | 0x80)
            value >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: value))
    }

    @inline(__always)
    mutating func append(varint value: Int) { append(varint: UInt64(value)) }

    /// Writes the wrapping difference to another number, small where the two are near.
    @inline(__always)
    mutating func append(difference value: UInt64, from other: UInt64) {
        let difference = Int64(bitPattern: value &- other)
        append(varint: UInt64(bitPattern: difference << 1 ^ difference >> 63))
    }

    /// Writes eight bytes, the lowest first.
    mutating func append(word: UInt64) {
        withUnsafeBytes(of: word.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// Writes four bytes, the lowest first.
    mutating func append(halfWord: UInt32) {
        withUnsafeBytes(of: halfWord.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// Writes the number of bytes and the bytes.
    @inline(__always)
    mutating func append(counted other: [UInt8]) {
        append(varint: other.count)
        bytes.append(contentsOf: other)
    }

    @inline(__always)
    mutating func append(counted other: UnsafeRawBufferPointer) {
        append(varint: other.count)
        bytes.append(contentsOf: other)
    }

    mutating func append(counted text: String) {
        append(varint: text.utf8.count)
        bytes.append(contentsOf: text.utf8)
    }

    mutating func append(_ other: ByteSink) { bytes.append(contentsOf: other.bytes) }

    mutating func append(_ other: UnsafeRawBufferPointer) { bytes.append(contentsOf: other) }

    mutating func append(_ other: ArraySlice<UInt8>) { bytes.append(contentsOf: other) }

    mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }
}
