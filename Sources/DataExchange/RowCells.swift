/// Where the cells of the row at hand stand: by column, as ranges of bytes in the window or in a scratch buffer that
/// holds what had to be unescaped. One is made per reader and filled again for each row.
final class RowCells {
    let window: RowWindow
    let starts: UnsafeMutablePointer<UInt32>
    let ends: UnsafeMutablePointer<UInt32>
    let kinds: UnsafeMutablePointer<CellKind>
    private(set) var scratch: UnsafeMutablePointer<UInt8>
    private var scratchCapacity = 4_096
    private(set) var scratchCount = 0
    /// The lines the row starts and ends on, and the length of its text without the line break.
    var line = 0
    var lastLine = 0
    var length = 0
    var columnCount = 0

    /// Set on an end whose cell stands in the scratch buffer.
    static let inScratch: UInt32 = 1 << 31

    init(_ window: RowWindow) {
        self.window = window
        let capacity = TableLimits.columns
        starts = .allocate(capacity: capacity)
        ends = .allocate(capacity: capacity)
        kinds = .allocate(capacity: capacity)
        starts.initialize(repeating: 0, count: capacity)
        ends.initialize(repeating: 0, count: capacity)
        kinds.initialize(repeating: .absent, count: capacity)
        scratch = .allocate(capacity: scratchCapacity)
    }

    deinit {
        starts.deallocate()
        ends.deallocate()
        kinds.deallocate()
        scratch.deallocate()
    }

    /// The bytes of a cell in the window, or in the scratch buffer.
    func bytes(_ column: Int) -> UnsafeBufferPointer<UInt8> {
        precondition(column >= 0 && column < TableLimits.columns, "no such column")
        let start = Int(starts[column])
        let end = ends[column]
        let source = end & Self.inScratch == 0 ? UnsafePointer(window.row) : UnsafePointer(scratch)
        return UnsafeBufferPointer(start: source + start, count: Int(end & ~Self.inScratch) - start)
    }

    func beginScratch() { scratchCount = 0 }

    /// Makes room in the scratch buffer and returns where to write.
    func reserveScratch(_ count: Int) -> UnsafeMutablePointer<UInt8> {
        if scratchCapacity - scratchCount < count {
            let larger = max(scratchCapacity * 2, scratchCount + count)
            let grown = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
            grown.update(from: scratch, count: scratchCount)
            scratch.deallocate()
            scratch = grown
            scratchCapacity = larger
        }
        return scratch + scratchCount
    }

    /// Takes what was written behind the scratch buffer's end, and returns the range it stands in.
    func commitScratch(_ count: Int) -> (start: UInt32, end: UInt32) {
        let start = UInt32(scratchCount)
        scratchCount += count
        return (start, UInt32(scratchCount) | Self.inScratch)
    }
}

/// What a cell holds.
public enum CellKind: UInt8, Sendable {
    /// The row says nothing about the column (JSON only).
    case absent
    /// Text; every cell of CSV is text, also an empty one and `\N`.
    case text
    /// A number in JSON's notation.
    case number
    /// `true` or `false`.
    case boolean
    /// JSON's `null`: an explicit clear.
    case null
    /// A JSON array of texts, numbers and booleans; `TableRow.list(_:)` reads it.
    case list
    /// Any other JSON value, as its JSON text.
    case json
}
