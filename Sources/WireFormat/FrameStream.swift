/// A stream of frames: each with its length before it in four bytes, the lowest first; a length of zero ends the stream.
public enum FrameStream {
    /// The end of a stream; one without it was cut.
    public static let end: [UInt8] = [0, 0, 0, 0]

    /// A frame, or another item, with its length before it.
    public static func item(_ bytes: [UInt8]) -> [UInt8] {
        precondition(!bytes.isEmpty && bytes.count <= Int(UInt32.max), "an item has a length of four bytes")
        var sink = ByteSink()
        sink.append(halfWord: UInt32(bytes.count))
        return sink.bytes + bytes
    }
}

/// Takes a stream apart into its items, however the bytes arrive.
public struct FrameStreamReader {
    private let itemBytesMaximum: Int
    private var waiting: [UInt8] = []
    private var at = 0
    /// Whether the end of the stream was read.
    public private(set) var isAtEnd = false

    public init(limits: FrameLimits = .standard) {
        itemBytesMaximum = limits.frameBytesMaximum + FrameHeader.byteCount
    }

    /// Takes the next bytes of the stream.
    public mutating func append(_ bytes: some Collection<UInt8>) {
        if at > 0 {
            waiting.removeFirst(at)
            at = 0
        }
        waiting.append(contentsOf: bytes)
    }

    /// The next whole item; nil where more bytes are needed or the stream is at its end.
    ///
    /// - Throws: `wire.too-large` for a length over the limit, `wire.garbage` for bytes after the end.
    public mutating func next() throws(WireError) -> [UInt8]? {
        if isAtEnd {
            guard at == waiting.count else { throw .garbage }
            return nil
        }
        guard waiting.count - at >= 4 else { return nil }
        let count = (0..<4).reduce(0) { $0 | Int(waiting[at + $1]) << (8 * $1) }
        guard count <= itemBytesMaximum else { throw .tooLarge }
        guard waiting.count - at - 4 >= count else { return nil }
        at += 4
        if count == 0 {
            isAtEnd = true
            return try next()
        }
        defer { at += count }
        return Array(waiting[at..<at + count])
    }

    /// All items that are whole by now; none where more bytes are needed or the stream is at its end.
    ///
    /// - Throws: as `next`, once the items before have been given.
    public mutating func items() throws(WireError) -> [[UInt8]] {
        var items: [[UInt8]] = []
        do throws(WireError) {
            while let item = try next() { items.append(item) }
        } catch {
            if items.isEmpty { throw error }
        }
        return items
    }
}
