/// How the values of one stream of a column stand in a frame: the stream's first byte.
///
/// Only the values decide which one is taken, so that equal columns are equal bytes.
enum ColumnCoding: UInt8 {
    /// Each value as a number of bytes and the bytes.
    case counted = 0
    /// The distinct values counted, then for each value which of them it is: regions, stages, tags.
    case dictionary = 1
    /// For each value a byte that says how much of the one before it repeats, then what follows, counted: numbers in
    /// sequence, addresses with a common beginning.
    case front = 2

    /// Values fewer than these stay as they are.
    private static let valuesMinimum = 8

    /// Codes a stream of counted values; the result is at most a byte longer.
    ///
    /// - Complexity: linear in the bytes.
    static func coded(_ stream: ByteSink) -> ByteSink {
        if stream.count == 0 { return stream }
        return stream.bytes.withUnsafeBytes { bytes in
            let values = CountedValues(bytes)
            if values.count >= valuesMinimum {
                if let coded = dictionary(values) { return coded }
                if let coded = front(values) { return coded }
            }
            var out = ByteSink()
            out.append(ColumnCoding.counted.rawValue)
            out.append(stream)
            return out
        }
    }

    /// - Returns: nil where values seldom repeat, or nothing is saved.
    private static func dictionary(_ values: CountedValues) -> ByteSink? {
        let entriesMaximum = values.count / 4
        var entries: [Int] = [], places = [Int32](repeating: -1, count: 4 * entriesMaximum.nextPowerOfTwo), indices = ByteSink()
        var entryBytes = 0
        for at in 0..<values.count {
            var place = values.hash(at) & (places.count - 1)
            while places[place] >= 0, !values.areEqual(entries[Int(places[place])], at) { place = (place + 1) & (places.count - 1) }
            if places[place] < 0 {
                if entries.count == entriesMaximum { return nil }
                places[place] = Int32(entries.count)
                entryBytes += values.stored(at).count
                entries.append(at)
            }
            indices.append(varint: Int(places[place]))
        }
        guard entryBytes + indices.count + 3 <= values.byteCount else { return nil }
        var out = ByteSink()
        out.append(ColumnCoding.dictionary.rawValue)
        out.append(varint: entries.count)
        for entry in entries { out.append(values.stored(entry)) }
        out.append(indices)
        return out
    }

    /// - Returns: nil where less than a quarter of the bytes repeats what stands before.
    private static func front(_ values: CountedValues) -> ByteSink? {
        var shared = [UInt8](repeating: 0, count: values.count), saved = 0
        for at in 1..<values.count {
            let count = values.sharedPrefix(at - 1, at, maximum: Int(UInt8.max))
            shared[at] = UInt8(count)
            saved += count
        }
        guard saved * 4 >= values.byteCount, saved >= values.count + 3 else { return nil }
        var out = ByteSink()
        out.append(ColumnCoding.front.rawValue)
        out.append(varint: values.count)
        out.append(shared[...])
        for at in 0..<values.count {
            let rest = values[at].dropFirst(Int(shared[at]))
            out.append(varint: rest.count)
            out.append(UnsafeRawBufferPointer(rebasing: rest))
        }
        return out
    }
}

/// The values of a stream as it was written: a number of bytes and the bytes each.
private struct CountedValues {
    private let bytes: UnsafeRawBufferPointer
    /// Where each value's number begins, where its bytes begin, and where they end.
    private var places: [(number: Int, start: Int, end: Int)] = []

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
        var at = 0
        while at < bytes.count {
            let number = at
            var count = 0, shift = 0
            while bytes[at] >= 0x80 {
                count |= Int(bytes[at] & 0x7f) << shift
                shift += 7
                at += 1
            }
            count |= Int(bytes[at]) << shift
            at += 1
            places.append((number, at, at + count))
            at += count
        }
    }

    var count: Int { places.count }
    var byteCount: Int { bytes.count }

    subscript(_ index: Int) -> Slice<UnsafeRawBufferPointer> { bytes[places[index].start..<places[index].end] }

    /// The value with its number.
    func stored(_ index: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes[places[index].number..<places[index].end])
    }

    func areEqual(_ a: Int, _ b: Int) -> Bool {
        let a = stored(a), b = stored(b)
        return a.count == b.count && a.elementsEqual(b)
    }

    /// FNV-1a, which places an entry in the dictionary of one frame.
    func hash(_ index: Int) -> Int {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in self[index] { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        return Int(truncatingIfNeeded: (hash ^ hash >> 29) & 0x7fff_ffff)
    }

    func sharedPrefix(_ a: Int, _ b: Int, maximum: Int) -> Int {
        let a = places[a].start..<places[a].end, b = places[b].start..<places[b].end
        let most = min(a.count, b.count, maximum)
        var count = 0
        while count < most, bytes[a.lowerBound + count] == bytes[b.lowerBound + count] { count += 1 }
        return count
    }
}

extension Int {
    /// The least power of two that is not below this number.
    fileprivate var nextPowerOfTwo: Int { self <= 1 ? 1 : 1 << (Int.bitWidth - (self - 1).leadingZeroBitCount) }
}

/// The values of a coded stream, read one after the other; it points into memory that somebody else keeps alive.
struct ValueSource {
    private let coding: ColumnCoding
    private var source: ByteSource
    private var shared: ByteSource
    private var entries: [UnsafeRawBufferPointer] = []
    /// The value before, of which the next may repeat the beginning.
    private var last: [UInt8] = []

    /// - Parameter partsLeft: lessened by the entries of a dictionary.
    init(_ stream: ByteSource, partsLeft: inout Int) throws(WireError) {
        var source = stream
        shared = ByteSource(UnsafeRawBufferPointer(start: nil, count: 0))
        guard source.left > 0 else {
            coding = .counted
            self.source = source
            return
        }
        guard let coding = ColumnCoding(rawValue: try source.byte()), source.left > 0 else { throw .garbage }
        self.coding = coding
        switch coding {
        case .counted: break
        case .dictionary:
            let count = try source.varint()
            guard count <= UInt64(partsLeft) else { throw .tooLarge }
            partsLeft -= Int(count)
            entries.reserveCapacity(Int(count))
            for _ in 0..<count { entries.append(try source.counted()) }
        case .front:
            shared = ByteSource(try source.bytes(source.index(below: source.left + 1)))
        }
        self.source = source
    }

    /// The bytes that are still to be read.
    var left: Int { source.left + shared.left }

    /// Reads the next value and appends it.
    ///
    /// - Parameter bytesLeft: lessened by the value's length: what repeats may not exceed a frame's limit either.
    @inline(__always)
    mutating func appendNext(to output: inout [UInt8], bytesLeft: inout Int) throws(WireError) {
        let start = output.count
        switch coding {
        case .counted: try append(source.counted(), to: &output, bytesLeft: bytesLeft)
        case .dictionary: try append(entries[source.index(below: entries.count)], to: &output, bytesLeft: bytesLeft)
        case .front:
            let count = Int(try shared.byte())
            guard count <= last.count else { throw .garbage }
            last.removeSubrange(count...)
            try append(source.counted(), to: &last, bytesLeft: bytesLeft - count)
            guard last.count <= bytesLeft else { throw .tooLarge }
            output.append(contentsOf: last)
        }
        bytesLeft -= output.count - start
    }

    @inline(__always)
    private func append(_ bytes: UnsafeRawBufferPointer, to output: inout [UInt8], bytesLeft: Int) throws(WireError) {
        guard bytes.count <= bytesLeft else { throw .tooLarge }
        output.append(contentsOf: bytes)
    }
}
