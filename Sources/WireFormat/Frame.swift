public import Causality

/// What a frame carries.
public struct Frame: Hashable, Sendable {
    public let rows: [WireRow]
    /// The sender's feed number that the frame covers; 0 where it leaves the receiver's cursor alone.
    public let through: UInt64

    public init(rows: [WireRow], through: UInt64) {
        self.rows = rows
        self.through = through
    }

    /// Reads a frame, taking nothing in it on trust.
    ///
    /// - Throws: `wire.truncated`, `wire.garbage`, `wire.too-large`, `wire.newer-format`, `wire.bad-hash`.
    /// - Complexity: linear in the content; memory at most the limits'.
    public static func read(_ bytes: [UInt8], hashKey: HashKey, limits: FrameLimits = .standard) throws(WireError) -> Frame {
        try FrameReader(hashKey: hashKey, limits: limits).read(bytes)
    }
}

/// Reads frames, one after the other, with one decompressor.
public final class FrameReader {
    private let hashKey: HashKey
    private let limits: FrameLimits
    private let decompressor = Decompressor()

    /// - Parameter hashKey: the deployment's, from which natural ids follow.
    public init(hashKey: HashKey, limits: FrameLimits = .standard) {
        self.hashKey = hashKey
        self.limits = limits
    }

    /// Reads one frame; see `Frame.read`.
    public func read(_ bytes: [UInt8]) throws(WireError) -> Frame {
        try bytes.withUnsafeBytes { buffer in
            Result { () throws(WireError) -> Frame in try read(buffer) }
        }.get()
    }

    private func read(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> Frame {
        guard bytes.count >= FrameHeader.byteCount else { throw .truncated }
        var source = ByteSource(bytes)
        guard try source.halfWord() == FrameHeader.magic else { throw .garbage }
        guard try source.byte() == FrameHeader.version, try source.byte() == 0 else { throw .newerFormat }
        guard try source.byte() == 0, try source.byte() == 0 else { throw .garbage }
        let contentCount = Int(try source.halfWord()), compressedCount = Int(try source.halfWord())
        guard contentCount <= limits.bytesMaximum, compressedCount <= limits.frameBytesMaximum else { throw .tooLarge }
        guard source.left >= compressedCount else { throw .truncated }
        guard source.left == compressedCount else { throw .garbage }
        let compressed = try source.bytes(compressedCount)
        let content = UnsafeMutableRawBufferPointer.allocate(byteCount: contentCount, alignment: 8)
        defer { content.deallocate() }
        try decompressor.decompress(compressed, into: content)
        var decoder = try FrameContentDecoder(UnsafeRawBufferPointer(content), hashKey: hashKey, limits: limits)
        return try decoder.frame()
    }
}
