/// The reading of one CSV row, byte for byte, which can stop at the end of a chunk and go on in the next. No byte is
/// looked at twice.
struct RowScan {
    enum Ending {
        case complete, blank, brokenQuote, unclosedQuote
    }

    private enum State {
        case cellStart, plain, quoted, quoteInQuoted
    }

    private let classes: UnsafeMutablePointer<UInt8>
    private let delimiter: UInt8
    private let starts: UnsafeMutablePointer<UInt32>
    private let ends: UnsafeMutablePointer<UInt32>
    private var state = State.cellStart
    private var cellStart = 0
    private var cellHasEscapes = false
    private var lastWasCarriageReturn = false
    /// How the row ended; nil while it goes on.
    var ending: Ending?
    /// How far the row has been read, from the row's start or from where it was dropped last.
    var position = 0
    /// The length of the row without its line break.
    private(set) var length = 0
    private(set) var cellCount = 0
    /// The line breaks inside the row.
    private(set) var lineBreaks = 0
    private(set) var hasEscapes = false
    private(set) var hasNul = false
    private(set) var endedWithCarriageReturn = false
    /// A limit that the row broke.
    private(set) var fault: TableError?
    /// The text that was kept of a row which is too large to hold.
    private(set) var rawPrefix: String?
    /// The row is too large to hold: it is read to its end, and its text is dropped.
    var isDropped: Bool { rawPrefix != nil }
    /// How much of the row's text has been dropped, in bytes.
    private(set) var droppedBytes = 0
    /// The length of the row's first line with its line break, where a quoted cell goes on in the next line.
    private(set) var firstLineLength: Int?
    /// Only the end of the line is looked for.
    var isSkippingLine = false

    init(classes: UnsafeMutablePointer<UInt8>, delimiter: UInt8, cells: RowCells) {
        self.classes = classes
        self.delimiter = delimiter
        starts = cells.starts
        ends = cells.ends
    }

    /// Reads on; returns true when the row has ended, false when more bytes are needed.
    mutating func advance(_ base: UnsafeMutablePointer<UInt8>, _ count: Int) -> Bool {
        while ending == nil && position < count {
            if isSkippingLine {
                skipLine(base, count)
                continue
            }
            switch state {
            case .cellStart:
                cellHasEscapes = false
                if base[position] == Byte.quote {
                    position += 1
                    state = .quoted
                } else {
                    state = .plain
                }
                cellStart = position
            case .plain:
                readPlain(base, count)
            case .quoted:
                readQuoted(base, count)
            case .quoteInQuoted:
                readAfterQuote(base, count)
            }
        }
        return ending != nil
    }

    private mutating func readPlain(_ base: UnsafeMutablePointer<UInt8>, _ count: Int) {
        var index = position
        let classes = classes
        while index < count, classes[Int(base[index])] & 1 == 0 { index &+= 1 }
        position = index
        if index == count { return }
        switch base[index] {
        case delimiter:
            endCell(at: index)
            position += 1
            state = .cellStart
        case Byte.nul:
            hasNul = true
            position += 1
        default:
            endCell(at: index)
            endRow(base, count, at: index)
        }
    }

    private mutating func readQuoted(_ base: UnsafeMutablePointer<UInt8>, _ count: Int) {
        var index = position
        let classes = classes
        while index < count, classes[Int(base[index])] & 2 == 0 { index &+= 1 }
        if index > position { lastWasCarriageReturn = false }
        position = index
        if index == count { return }
        position += 1
        switch base[index] {
        case Byte.quote:
            state = .quoteInQuoted
            lastWasCarriageReturn = false
        case Byte.nul:
            hasNul = true
            lastWasCarriageReturn = false
        case Byte.lineFeed where lastWasCarriageReturn:
            if lineBreaks == 1 { firstLineLength? += 1 }
            lastWasCarriageReturn = false
        default:
            lastWasCarriageReturn = base[index] == Byte.carriageReturn
            lineBreaks += 1
            if firstLineLength == nil { firstLineLength = droppedBytes + position }
        }
    }

    private mutating func readAfterQuote(_ base: UnsafeMutablePointer<UInt8>, _ count: Int) {
        switch base[position] {
        case Byte.quote:
            cellHasEscapes = true
            position += 1
            state = .quoted
        case delimiter:
            endCell(at: position - 1)
            position += 1
            state = .cellStart
        case Byte.lineFeed, Byte.carriageReturn:
            endCell(at: position - 1)
            endRow(base, count, at: position)
        default:
            ending = .brokenQuote
        }
    }

    private mutating func skipLine(_ base: UnsafeMutablePointer<UInt8>, _ count: Int) {
        var index = position
        while index < count, base[index] != Byte.lineFeed, base[index] != Byte.carriageReturn { index &+= 1 }
        position = index
        if index < count { endRow(base, count, at: index) }
    }

    private mutating func endCell(at end: Int) {
        if isDropped { return }
        if end - cellStart > TableLimits.cellBytes && fault == nil { fault = .cellTooLarge(position: cellCount + 1) }
        if cellCount < TableLimits.columns {
            starts[cellCount] = UInt32(truncatingIfNeeded: cellStart)
            ends[cellCount] = UInt32(truncatingIfNeeded: end) | (cellHasEscapes ? RowCells.inScratch : 0)
            hasEscapes = hasEscapes || cellHasEscapes
        } else if fault == nil {
            fault = .tooManyColumns
        }
        cellCount += 1
    }

    private mutating func endRow(_ base: UnsafeMutablePointer<UInt8>, _ count: Int, at index: Int) {
        length = index
        position = index + 1
        if base[index] == Byte.carriageReturn {
            if position == count {
                endedWithCarriageReturn = true
            } else if base[position] == Byte.lineFeed {
                position += 1
            }
        }
        if length > TableLimits.rowBytes && fault == nil { fault = .rowTooLarge }
        ending = index == 0 && !isDropped ? .blank : .complete
    }

    /// Ends the row where the input ends.
    mutating func endOfInput() {
        length = position
        ending = .complete
        if isSkippingLine { return }
        switch state {
        case .cellStart, .plain:
            if state == .cellStart { cellStart = position }
            endCell(at: position)
        case .quoteInQuoted: endCell(at: position - 1)
        case .quoted: ending = .unclosedQuote
        }
    }

    /// Notes that the row has become too large to hold, and what its text begins with.
    mutating func checkLimits(_ base: UnsafeMutablePointer<UInt8>) {
        if !isDropped {
            let cellIsLarge = position - cellStart > TableLimits.cellBytes + 1 && state != .cellStart
            if !cellIsLarge && position <= TableLimits.rowBytes { return }
            if fault == nil { fault = cellIsLarge ? .cellTooLarge(position: cellCount + 1) : .rowTooLarge }
            rawPrefix = RejectedRow.text(UnsafeBufferPointer(start: base, count: position))
        }
        droppedBytes += position
    }
}
