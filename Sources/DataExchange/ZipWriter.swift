internal import CZlib

/// Writes a zip archive (PKWARE APPNOTE 6.3) as a stream: deflated entries whose sizes follow their data, so that
/// nothing needs to go back.
///
/// Entries carry no time of their own, so that equal contents make equal files.
final class ZipWriter {
    private struct Entry {
        let name: [UInt8]
        let offset: UInt32
        var checksum: UInt32
        var compressed: UInt32
        var uncompressed: UInt32
    }

    private let output: ByteOutput
    private let start: Int64
    private var entries: [Entry] = []
    private var stream: UnsafeMutablePointer<z_stream>?
    private var checksum: uLong = 0
    private var scratch = [UInt8](repeating: 0, count: 65_536)

    /// 1 January 1980, the first day a zip archive can name.
    private static let date: UInt16 = 1 << 5 | 1
    /// Sizes follow the data (bit 3), names are UTF-8 (bit 11).
    private static let flags: UInt16 = 1 << 3 | 1 << 11
    private static let version: UInt16 = 20
    private static let deflated: UInt16 = 8

    init(_ output: ByteOutput) {
        self.output = output
        start = output.bytesWritten
    }

    deinit { endStream() }

    private func endStream() {
        guard let stream else { return }
        deflateEnd(stream)
        stream.deallocate()
        self.stream = nil
    }

    /// Starts an entry.
    func begin(_ name: String) throws(TableError) {
        precondition(stream == nil, "one entry at a time")
        let fresh = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        fresh.initialize(to: z_stream())
        // Raw deflate (negative window bits): a zip archive has its own header and checksum.
        let result = deflateInit2_(
            fresh, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        precondition(result == Z_OK, "zlib could not start: \(result)")
        stream = fresh
        checksum = crc32(0, nil, 0)
        guard let offset = UInt32(exactly: output.bytesWritten - start) else { throw .sheetTooLarge }
        let entry = Entry(name: Array(name.utf8), offset: offset, checksum: 0, compressed: 0, uncompressed: 0)
        entries.append(entry)
        var header = LittleEndianBytes()
        header.append32(0x0403_4B50)
        header.append16(Self.version)
        header.append16(Self.flags)
        header.append16(Self.deflated)
        header.append16(0)
        header.append16(Self.date)
        for _ in 0..<3 { header.append32(0) }
        header.append16(UInt16(entry.name.count))
        header.append16(0)
        header.bytes += entry.name
        try output.write(header.bytes)
    }

    /// Adds bytes to the entry.
    func write(_ bytes: [UInt8]) throws(TableError) {
        checksum = bytes.withUnsafeBufferPointer { crc32(checksum, $0.baseAddress, uInt($0.count)) }
        try deflate(bytes, Z_NO_FLUSH)
    }

    private func deflate(_ bytes: [UInt8], _ flush: Int32) throws(TableError) {
        guard let stream else { preconditionFailure("no entry was started") }
        var input = bytes
        var finished = false
        var consumed = 0
        while !finished {
            var result = Z_OK
            let produced = input.withUnsafeMutableBufferPointer { source in
                scratch.withUnsafeMutableBufferPointer { target in
                    stream.pointee.next_in = source.baseAddress.map { $0 + consumed }
                    stream.pointee.avail_in = uInt(source.count - consumed)
                    stream.pointee.next_out = target.baseAddress
                    stream.pointee.avail_out = uInt(target.count)
                    result = CZlib.deflate(stream, flush)
                    consumed = source.count - Int(stream.pointee.avail_in)
                    return target.count - Int(stream.pointee.avail_out)
                }
            }
            precondition(result != Z_STREAM_ERROR, "zlib lost its state")
            if produced > 0 { try output.write(Array(scratch[..<produced])) }
            finished = flush == Z_FINISH ? result == Z_STREAM_END : produced < scratch.count
        }
    }

    /// Ends the entry.
    ///
    /// - Throws: `exchange.sheet-too-large` beyond 4 GiB, where plain zip ends.
    func end() throws(TableError) {
        try deflate([], Z_FINISH)
        guard let stream, let compressed = UInt32(exactly: stream.pointee.total_out),
            let uncompressed = UInt32(exactly: stream.pointee.total_in)
        else { throw .sheetTooLarge }
        endStream()
        let index = entries.count - 1
        entries[index].checksum = UInt32(checksum)
        entries[index].compressed = compressed
        entries[index].uncompressed = uncompressed
        var descriptor = LittleEndianBytes()
        descriptor.append32(0x0807_4B50)
        descriptor.append32(entries[index].checksum)
        descriptor.append32(compressed)
        descriptor.append32(uncompressed)
        try output.write(descriptor.bytes)
    }

    /// Writes the directory of the entries.
    func finish() throws(TableError) {
        precondition(stream == nil, "the last entry was not ended")
        guard let offset = UInt32(exactly: output.bytesWritten - start) else { throw .sheetTooLarge }
        var directory = LittleEndianBytes()
        for entry in entries {
            directory.append32(0x0201_4B50)
            directory.append16(Self.version)
            directory.append16(Self.version)
            directory.append16(Self.flags)
            directory.append16(Self.deflated)
            directory.append16(0)
            directory.append16(Self.date)
            directory.append32(entry.checksum)
            directory.append32(entry.compressed)
            directory.append32(entry.uncompressed)
            directory.append16(UInt16(entry.name.count))
            for _ in 0..<4 { directory.append16(0) }
            directory.append32(0)
            directory.append32(entry.offset)
            directory.bytes += entry.name
        }
        let size = UInt32(directory.bytes.count)
        directory.append32(0x0605_4B50)
        directory.append32(0)
        directory.append16(UInt16(entries.count))
        directory.append16(UInt16(entries.count))
        directory.append32(size)
        directory.append32(offset)
        directory.append16(0)
        try output.write(directory.bytes)
    }
}

/// Bytes with the least significant first.
private struct LittleEndianBytes {
    var bytes: [UInt8] = []

    mutating func append16(_ value: UInt16) {
        bytes.append(UInt8(truncatingIfNeeded: value))
        bytes.append(UInt8(truncatingIfNeeded: value >> 8))
    }

    mutating func append32(_ value: UInt32) {
        append16(UInt16(truncatingIfNeeded: value))
        append16(UInt16(truncatingIfNeeded: value >> 16))
    }
}
