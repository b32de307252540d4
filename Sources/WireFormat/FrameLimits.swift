public import Causality

/// The limits of a frame; both ends check them.
public struct FrameLimits: Hashable, Sendable {
    /// Rows in a frame.
    public var rowsMaximum: Int
    /// Bytes of a frame's content before compression.
    public var bytesMaximum: Int
    /// Bytes of a single row, as `CompactRow.wireSizeBytes` counts them.
    public var rowBytesMaximum: Int
    /// Cells, writes, headers, entries of contexts and other parts in a frame: what bounds the decoder's memory.
    public var partsMaximum: Int

    public init(rowsMaximum: Int, bytesMaximum: Int, rowBytesMaximum: Int, partsMaximum: Int) {
        self.rowsMaximum = rowsMaximum
        self.bytesMaximum = bytesMaximum
        self.rowBytesMaximum = rowBytesMaximum
        self.partsMaximum = partsMaximum
    }

    /// 2,048 rows, 1 MiB, 512 KiB a row, 65,536 parts: a decoder needs at most 6 MiB beside eight times the content.
    public static let standard = FrameLimits(
        rowsMaximum: 2048, bytesMaximum: 1 << 20, rowBytesMaximum: 512 << 10, partsMaximum: 65_536)

    /// The bytes that a whole frame may take: content that does not compress, and what surrounds it.
    public var frameBytesMaximum: Int { bytesMaximum + bytesMaximum / 128 + 1024 }
}

/// What a row may take of a frame: never less than what it does take.
struct FrameShare {
    var bytes = 64
    var parts = 2

    /// - Parameters:
    ///   - isNewShape: whether no row before it had the same plain cells.
    ///   - isKnown: whether the frame has a column for the field already.
    init(_ row: CompactRow, isNewShape: Bool = true, isKnown: (UInt64) -> Bool = { _ in false }) {
        if let base = row.base { add(header: base.header, dots: 1) }
        add(plain: row.plain, isNewShape: isNewShape, isKnown: isKnown)
        var field: UInt64?
        for exception in row.exceptions {
            add(key: exception.key, after: &field, isKnown: isKnown)
            for write in exception.writes { add(write) }
        }
        add(context: row.contextBeyond)
        for scope in row.scopesLeft { add(text: scope) }
    }

    init(_ row: LeanRow, isNewShape: Bool, isKnown: (UInt64) -> Bool) {
        if let base = row.base { add(header: base.header, dots: 1) }
        if let plain = row.plain { add(plain: plain, isNewShape: isNewShape, isKnown: isKnown) }
        var field: UInt64?
        for exception in row.exceptions {
            add(key: exception.key, after: &field, isKnown: isKnown)
            for write in exception.writes {
                switch write {
                case .held, .heldBase: bytes += 24; parts += 2
                case .whole(let write), .naming(let write, _): add(write)
                }
            }
        }
        add(context: row.contextBeyond)
        for scope in row.scopesLeft { add(text: scope) }
    }

    init(_ row: DepartedRow) {
        add(context: row.context)
        for scope in row.scopes + row.scopesLeft { add(text: scope) }
    }

    private mutating func add(plain: PlainCells, isNewShape: Bool, isKnown: (UInt64) -> Bool) {
        bytes += 8 * plain.count + plain.byteCount
        parts += plain.count
        guard isNewShape else { return }
        bytes += 4 * plain.count
        parts += plain.count
        var field: UInt64?
        for index in plain.indices { add(field: plain.field(at: index), after: &field, isKnown: isKnown) }
    }

    private mutating func add(key: CellKey, after field: inout UInt64?, isKnown: (UInt64) -> Bool) {
        bytes += 12 + key.element.count
        parts += 1
        add(field: key.field, after: &field, isKnown: isKnown)
    }

    private mutating func add(field: UInt64, after last: inout UInt64?, isKnown: (UInt64) -> Bool) {
        if field == last || isKnown(field) { return }
        last = field
        bytes += 32
        parts += 1
    }

    private mutating func add(text: String) {
        bytes += 8 + text.utf8.count
        parts += 2
    }

    private mutating func add(header: Header, dots: Int) {
        bytes += 48 + header.author.utf8.count + (header.source?.utf8.count ?? 0) + dots * 24
        parts += 5
    }

    private mutating func add(_ write: Write) {
        add(header: write.header, dots: 1 + write.overrules.count + (write.original == nil ? 0 : 1))
        bytes += 8 + (write.value?.count ?? 0)
        parts += 2 + 2 * write.overrules.count
        if let seen = write.seen { add(context: seen) }
    }

    private mutating func add(context: CausalContext) {
        bytes += 24 * context.entries.count
        parts += 2 * context.entries.count
    }
}

extension CompactRow {
    /// The size of a row as the limit of 512 KiB counts it: checked where a row is written, so that every row can travel.
    ///
    /// - Complexity: linear in the cells.
    public var wireSizeBytes: Int {
        let share = FrameShare(self)
        return max(share.bytes, share.parts * 8)
    }
}
