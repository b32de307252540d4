/// Reads CSV rows one by one (RFC 4180), leniently where no meaning is at stake: lines end with LF, CRLF or CR,
/// blank lines are skipped, and a quote inside an unquoted cell is text.
///
/// Where the quoting of a row of several lines is broken, only the row's first line is rejected and reading
/// resumes at its second: an unclosed quote costs one row, not all the rows it seems to hold. A line is read twice at
/// most for this, because a quote that opens a cell on a line in between would have closed the first one. Where the
/// second line is no longer in memory and the input cannot go back, reading resumes at the next line.
final class DelimitedScanner {
    private let window: RowWindow
    private let cells: RowCells
    private let delimiter: UInt8
    /// How many cells each row must have; nil before the header is read.
    var width: Int?
    private var line = 1
    /// The length of the row given out last, with its line break.
    private var consumed = 0
    /// The row before ended with a CR at the end of what was read: an LF here belongs to it.
    private var mayHaveLineFeed = false
    private let classes: UnsafeMutablePointer<UInt8>

    enum Result {
        case row
        case rejected(RejectedRow)
        case end
    }

    init(_ window: RowWindow, _ cells: RowCells, delimiter: UInt8) {
        self.window = window
        self.cells = cells
        self.delimiter = delimiter
        classes = .allocate(capacity: 256)
        classes.initialize(repeating: 0, count: 256)
        // Bit 0: ends a stretch of unquoted text. Bit 1: ends a stretch of quoted text.
        for byte in [Byte.lineFeed, Byte.carriageReturn, Byte.nul] { classes[Int(byte)] = 3 }
        classes[Int(Byte.quote)] = 2
        classes[Int(delimiter)] = 1
    }

    deinit { classes.deallocate() }

    /// Reads the next row into the cells.
    func next() throws(TableError) -> Result {
        while true {
            window.advance(by: consumed)
            consumed = 0
            guard try window.hasText() else { return .end }
            if mayHaveLineFeed {
                mayHaveLineFeed = false
                if window.row[0] == Byte.lineFeed {
                    consumed = 1
                    continue
                }
            }
            var scan = RowScan(classes: classes, delimiter: delimiter, cells: cells)
            let startLine = line
            while !scan.advance(window.row, window.count) {
                if !(try more(&scan)) {
                    scan.endOfInput()
                    break
                }
            }
            if scan.ending == .blank {
                finish(scan)
                continue
            }
            if scan.ending == .brokenQuote || scan.ending == .unclosedQuote {
                return .rejected(try recover(scan, startLine: startLine))
            }
            finish(scan)
            cells.line = startLine
            cells.lastLine = startLine + scan.lineBreaks
            if let fault = fault(scan) {
                let raw = scan.rawPrefix ?? RejectedRow.text(UnsafeBufferPointer(start: window.row, count: scan.length))
                return .rejected(RejectedRow(line: startLine, lastLine: cells.lastLine, reason: fault, raw: raw))
            }
            cells.length = scan.length
            cells.columnCount = scan.cellCount
            if scan.hasEscapes { unescape(scan.cellCount) }
            return .row
        }
    }

    /// Reads on behind the row at hand; drops what there is of it once it is beyond the limits.
    private func more(_ scan: inout RowScan) throws(TableError) -> Bool {
        scan.checkLimits(window.row)
        if scan.isDropped {
            window.advance(by: window.count)
            scan.position = 0
        }
        return try window.extend()
    }

    private func finish(_ scan: RowScan) {
        consumed = scan.position
        line += scan.lineBreaks + 1
        mayHaveLineFeed = scan.endedWithCarriageReturn
    }

    private func fault(_ scan: RowScan) -> TableError? {
        if let fault = scan.fault { return fault }
        if scan.hasNul { return .nulByte }
        if !UTF8Check.isValid(window.row, scan.length) { return .encodingInvalid }
        if let width, scan.cellCount != width { return .rowWidth(expected: width, found: scan.cellCount) }
        return nil
    }

    /// Goes to the line behind the first line of a row whose quoting is broken.
    private func recover(_ scan: RowScan, startLine: Int) throws(TableError) -> RejectedRow {
        let reason: TableError =
            scan.ending == .brokenQuote
            ? .quoteBroken(position: scan.cellCount + 1) : .quoteUnterminated(position: scan.cellCount + 1)
        let text = UnsafeBufferPointer(start: window.row, count: scan.position)
        let base = window.rowOffset - Int64(scan.droppedBytes)
        if let firstLine = scan.firstLineLength {
            let kept = min(text.count, firstLine)
            let raw = scan.rawPrefix ?? RejectedRow.text(.init(rebasing: text[..<kept].trimmingLineBreak))
            if window.goBack(to: base + Int64(firstLine)) {
                line = startLine + 1
                return RejectedRow(line: startLine, lastLine: startLine, reason: reason, raw: raw)
            }
        }
        var rest = scan
        rest.ending = nil
        rest.isSkippingLine = true
        var raw = scan.rawPrefix
        while !rest.advance(window.row, window.count) {
            if raw == nil && window.count >= TableLimits.rawTextBytes {
                raw = RejectedRow.text(UnsafeBufferPointer(start: window.row, count: window.count))
            }
            if raw != nil {
                window.advance(by: window.count)
                rest.position = 0
            }
            if !(try window.extend()) {
                rest.endOfInput()
                break
            }
        }
        finish(rest)
        let shown = raw ?? RejectedRow.text(UnsafeBufferPointer(start: window.row, count: rest.length))
        return RejectedRow(line: startLine, lastLine: line - 1, reason: reason, raw: shown)
    }

    /// Halves the doubled quotes of the cells that have any.
    private func unescape(_ count: Int) {
        cells.beginScratch()
        for column in 0..<count where cells.ends[column] & RowCells.inScratch != 0 {
            cells.ends[column] &= ~RowCells.inScratch
            let source = cells.bytes(column)
            let target = cells.reserveScratch(source.count)
            var written = 0
            var index = 0
            while index < source.count {
                target[written] = source[index]
                written += 1
                index += source[index] == Byte.quote ? 2 : 1
            }
            (cells.starts[column], cells.ends[column]) = cells.commitScratch(written)
        }
    }
}

extension Slice<UnsafeBufferPointer<UInt8>> {
    fileprivate var trimmingLineBreak: Self {
        var rest = self
        while let last = rest.last, last == Byte.lineFeed || last == Byte.carriageReturn { rest = rest.dropLast() }
        return rest
    }
}

/// The bytes that tables are made of.
enum Byte {
    static let nul: UInt8 = 0
    static let tab: UInt8 = 9
    static let lineFeed: UInt8 = 10
    static let carriageReturn: UInt8 = 13
    static let space: UInt8 = 32
    static let quote: UInt8 = 34
    static let comma: UInt8 = 44
    static let semicolon: UInt8 = 59
    static let openBracket: UInt8 = 91
    static let backslash: UInt8 = 92
    static let closeBracket: UInt8 = 93
    static let openBrace: UInt8 = 123
    static let closeBrace: UInt8 = 125
}
