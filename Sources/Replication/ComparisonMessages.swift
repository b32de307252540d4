internal import Causality
internal import WireFormat

/// Opens a comparison, or asks for the rows of buckets that differ. Words follow it: see `peers/protocol.md`.
struct ComparisonRequest: Codable, Equatable {
    enum Step: String, Codable {
        case sums, rows
    }

    var `protocol`: [Int]
    var deployment: String
    var node: String
    var name: String
    var life: String
    /// The life that is asked; absent where the caller does not know it yet.
    var to: String?
    /// Nil for everything.
    var scopes: [String]?
    var step: Step
    var bits: Int
    var groupBits: Int
    /// So many groups may differ before the sums of their buckets are not worth sending.
    var groupsMaximum: Int?

    /// - Throws: `sync.garbage`.
    func checked() throws -> ComparisonRequest {
        guard (0...SumCell.bucketBitsMaximum).contains(bits), (0...bits).contains(groupBits), groupsMaximum ?? 0 >= 0 else {
            throw SyncError.garbage("bits")
        }
        return self
    }
}

/// The answer to either step of a comparison.
struct ComparisonReply: Codable, Equatable {
    var `protocol`: [Int]
    var deployment: String
    var node: String
    var name: String
    var life: String
    /// The feed head before the sums were read.
    var head: UInt64
    /// What was compared: what both hold. Where it is not what the caller asked for, no words follow, and it asks again.
    var scopes: [String]?
    var isEqual: Bool
    /// Whether more groups differ than the caller wants to hear of.
    var isTooMuch: Bool
}

/// Words of eight bytes, the lowest first, in as many items of a stream as they take.
enum WordItems {
    private static let wordsAtOnce = 1 << 16

    static func stream(_ message: some Encodable, _ words: [UInt64]) throws -> [UInt8] {
        var stream = FrameStream.item(try MessageCoder.bytes(message))
        for start in stride(from: 0, to: words.count, by: wordsAtOnce) {
            stream += FrameStream.item(words[start..<min(start + wordsAtOnce, words.count)].flatMap { word in
                (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * UInt64($0))) }
            })
        }
        return stream + FrameStream.end
    }

    /// - Throws: `sync.garbage`.
    static func words(_ bytes: [UInt8]) throws -> [UInt64] {
        guard bytes.count % 8 == 0 else { throw SyncError.garbage("words") }
        return bytes.withUnsafeBytes { buffer in
            (0..<bytes.count / 8).map { UInt64(littleEndian: buffer.loadUnaligned(fromByteOffset: $0 * 8, as: UInt64.self)) }
        }
    }
}

/// Reads a message and the words that follow it, however the bytes arrive.
struct WordItemReader {
    private var stream: FrameStreamReader
    private var left: Int
    private(set) var message: [UInt8]?
    private(set) var words: [UInt64] = []

    init(limits: SyncLimits) {
        stream = FrameStreamReader(limits: limits.frame)
        left = limits.comparisonBytesMaximum
    }

    var isAtEnd: Bool { stream.isAtEnd }

    /// - Throws: `sync.frame-too-large`, `sync.garbage`, `wire.too-large`.
    mutating func append(_ bytes: [UInt8]) throws {
        guard bytes.count <= left else { throw SyncError.frameTooLarge }
        left -= bytes.count
        stream.append(bytes)
        while let item = try stream.next() {
            if message == nil { message = item } else { words += try WordItems.words(item) }
        }
    }
}

/// Takes words from a list, each checked to be there.
struct WordSource {
    private var rest: ArraySlice<UInt64>

    init(_ words: [UInt64]) { rest = words[...] }

    var isAtEnd: Bool { rest.isEmpty }

    /// - Throws: `sync.garbage`.
    mutating func next() throws -> UInt64 {
        guard let word = rest.popFirst() else { throw SyncError.garbage("words") }
        return word
    }

    /// The next words, as many as one of them says.
    mutating func counted(each width: Int = 1) throws -> [UInt64] {
        let count = try next()
        guard count <= UInt64(rest.count / width) else { throw SyncError.garbage("words") }
        return try take(Int(count) * width)
    }

    mutating func take(_ count: Int) throws -> [UInt64] {
        guard count <= rest.count else { throw SyncError.garbage("words") }
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }
}
