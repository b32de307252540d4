internal import Causality

/// The 16 bytes before the compressed content.
struct FrameHeader {
    static let byteCount = 16
    static let magic: UInt32 = 0x464e_4d4c  // "LMNF"
    static let version: UInt8 = 1

    let contentCount: Int
    let compressedCount: Int
}

extension ByteSink {
    mutating func append(_ header: FrameHeader) {
        append(halfWord: FrameHeader.magic)
        append(FrameHeader.version)
        append(0)
        append(0)
        append(0)
        append(halfWord: UInt32(header.contentCount))
        append(halfWord: UInt32(header.compressedCount))
    }
}

/// The streams that every frame has, in their order.
struct FrameStreams {
    var ids = ByteSink(), kinds = ByteSink(), flags = ByteSink(), texts = ByteSink(), operations = ByteSink()
    var headers = ByteSink(), origins = ByteSink(), bases = ByteSink(), shapes = ByteSink(), rowShapes = ByteSink()
    var exceptions = ByteSink(), contexts = ByteSink(), scopes = ByteSink(), fingerprints = ByteSink(), references = ByteSink()

    static let count = 15
    /// The feed number and the lengths, beside what the columns' own take.
    static let directoryBytesMaximum = 128

    var all: [ByteSink] {
        [
            ids, kinds, flags, texts, operations, headers, origins, bases, shapes, rowShapes, exceptions, contexts, scopes,
            fingerprints, references,
        ]
    }
}

/// The streams of one field: values of registers, keys of elements, values of elements.
struct FrameColumn {
    let field: UInt64
    var values = ByteSink(), elements = ByteSink(), elementValues = ByteSink()

    var streams: [ByteSink] { [values, elements, elementValues] }

    /// Codes the streams as they stand in a frame.
    mutating func code() {
        values = ColumnCoding.coded(values)
        elements = ColumnCoding.coded(elements)
        elementValues = ColumnCoding.coded(elementValues)
    }
}

/// One cell of a shape: the list of plain cells that many rows share.
struct ShapeCell: Hashable {
    let column: Int
    let isElement: Bool
}

/// Which parts a row has.
struct RowFlags {
    /// The byte of a row that has left: it has a context, and scopes twice.
    static let departed: UInt8 = 128

    let isLean: Bool, hasBase: Bool, leavesOutPlain: Bool, hasExceptions: Bool, hasContext: Bool, hasScopes: Bool
    /// The id is left out: it follows from the row's external id.
    let hasNaturalID: Bool

    init(
        isLean: Bool, hasBase: Bool, leavesOutPlain: Bool, hasExceptions: Bool, hasContext: Bool, hasScopes: Bool,
        hasNaturalID: Bool = false
    ) {
        self.isLean = isLean
        self.hasBase = hasBase
        self.leavesOutPlain = leavesOutPlain
        self.hasExceptions = hasExceptions
        self.hasContext = hasContext
        self.hasScopes = hasScopes
        self.hasNaturalID = hasNaturalID
    }

    init(byte: UInt8) throws(WireError) {
        guard byte < 128 else { throw .garbage }
        self.init(
            isLean: byte & 1 != 0, hasBase: byte & 2 != 0, leavesOutPlain: byte & 4 != 0, hasExceptions: byte & 8 != 0,
            hasContext: byte & 16 != 0, hasScopes: byte & 32 != 0, hasNaturalID: byte & 64 != 0)
        guard isLean ? !hasNaturalID && !(leavesOutPlain && hasBase) : !leavesOutPlain else { throw .garbage }
    }

    var byte: UInt8 {
        (isLean ? 1 : 0) | (hasBase ? 2 : 0) | (leavesOutPlain ? 4 : 0) | (hasExceptions ? 8 : 0) | (hasContext ? 16 : 0)
            | (hasScopes ? 32 : 0) | (hasNaturalID ? 64 : 0)
    }
}

/// Which parts a write has.
enum WriteFlags {
    static let value: UInt8 = 1, overrules: UInt8 = 2, seen: UInt8 = 4, original: UInt8 = 8
    /// Nothing but the dot: the receiver holds the rest.
    static let held: UInt8 = 16
    /// Some of what it overrules is named by the places of the cell's other writes.
    static let names: UInt8 = 32
    /// Not even the dot: it is the one of the receiver's base.
    static let heldBase: UInt8 = 64

    static func byte(of write: Write) -> UInt8 {
        (write.value == nil ? 0 : value) | (write.overrules.isEmpty ? 0 : overrules) | (write.seen == nil ? 0 : seen)
            | (write.original == nil ? 0 : original)
    }

    static func areKnown(_ flags: UInt8) -> Bool {
        flags <= held || flags == heldBase || flags & ~(15 | names) == 0 && flags & overrules != 0
    }
}
