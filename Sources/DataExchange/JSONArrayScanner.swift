/// Reads the objects of one JSON array, which may spread over any number of lines.
///
/// An element ends where its brackets are balanced, so that a wrong one costs no other. Where a line breaks inside a
/// string, which JSON forbids, the element is rejected and reading resumes at the next line that starts with `{`.
final class JSONArrayScanner {
    private enum Place {
        case beforeArray, beforeFirst, beforeElement, afterElement, lost, closed, ended
    }

    private let window: RowWindow
    private let cells: RowCells
    private let reader: JSONRowReader
    private var place = Place.beforeArray
    private var line = 1
    private var lastWasCarriageReturn = false
    private var consumed = 0

    init(_ window: RowWindow, _ cells: RowCells, _ reader: JSONRowReader) {
        self.window = window
        self.cells = cells
        self.reader = reader
    }

    /// Reads the next object into the cells.
    func next() throws(TableError) -> DelimitedScanner.Result {
        window.advance(by: consumed)
        consumed = 0
        while true {
            guard let byte = try nextByte() else {
                defer { place = .ended }
                if place == .closed || place == .ended || place == .lost { return .end }
                return .rejected(RejectedRow(line: line, lastLine: line, reason: TableError.jsonUnterminated, raw: ""))
            }
            switch (place, byte) {
            case (.beforeArray, Byte.openBracket):
                step(to: .beforeFirst)
            case (.beforeFirst, Byte.closeBracket), (.afterElement, Byte.closeBracket),
                (.beforeElement, Byte.closeBracket):
                step(to: .closed)
            case (.afterElement, Byte.comma):
                step(to: .beforeElement)
            case (.lost, Byte.openBrace), (.beforeFirst, _), (.beforeElement, _):
                return try element()
            case (.lost, Byte.comma):
                step(to: .lost)
            case (.lost, _):
                try skipLine()
            case (.ended, _):
                return .end
            case (.beforeArray, _), (.afterElement, _), (.closed, _):
                return try stray()
            }
        }
    }

    private func step(to next: Place) {
        window.advance(by: 1)
        place = next
    }

    /// Skips white space and looks at the byte behind it.
    private func nextByte() throws(TableError) -> UInt8? {
        while true {
            guard try window.hasText() else { return nil }
            let byte = window.row[0]
            guard JSONScan.isSpace(byte) else { return byte }
            countLine(byte)
            window.advance(by: 1)
        }
    }

    private func countLine(_ byte: UInt8) {
        if byte == Byte.carriageReturn || (byte == Byte.lineFeed && !lastWasCarriageReturn) { line += 1 }
        lastWasCarriageReturn = byte == Byte.carriageReturn
    }

    private func skipLine() throws(TableError) {
        while try window.hasText() {
            if window.row[0] == Byte.lineFeed || window.row[0] == Byte.carriageReturn { return }
            window.advance(by: 1)
        }
    }

    /// Rejects the rest of a line that stands where a comma or the end should.
    private func stray() throws(TableError) -> DelimitedScanner.Result {
        let start = line
        let wasClosed = place == .closed
        var kept: [UInt8] = []
        while try window.hasText() {
            let byte = window.row[0]
            if byte == Byte.lineFeed || byte == Byte.carriageReturn { break }
            if kept.count < TableLimits.rawTextBytes { kept.append(byte) }
            window.advance(by: 1)
        }
        place = wasClosed ? .ended : .lost
        let raw = kept.withUnsafeBufferPointer { RejectedRow.text($0) }
        return .rejected(RejectedRow(line: start, lastLine: start, reason: TableError.jsonInvalid(offset: 1), raw: raw))
    }

    /// Reads one element to the end of its brackets.
    private func element() throws(TableError) -> DelimitedScanner.Result {
        let startLine = line
        var extent = JSONExtent()
        var rawPrefix: String?
        var counted = 0
        while !extent.advance(window.row, window.count) {
            countLines(from: counted, to: extent.position)
            counted = extent.position
            if rawPrefix == nil && window.count > TableLimits.rowBytes { rawPrefix = text(window.count) }
            if rawPrefix != nil {
                window.advance(by: window.count)
                extent.position = 0
                counted = 0
            }
            if try window.extend() { continue }
            place = .ended
            consumed = window.count
            return .rejected(
                RejectedRow(
                    line: startLine, lastLine: line, reason: TableError.jsonUnterminated, raw: rawPrefix ?? text(window.count)))
        }
        countLines(from: counted, to: extent.position)
        consumed = extent.position
        place = extent.isBroken ? .lost : .afterElement
        cells.line = startLine
        cells.lastLine = line
        cells.length = extent.position
        let fault: TableError? =
            rawPrefix != nil || extent.position > TableLimits.rowBytes
            ? .rowTooLarge : reader.read(window.row, from: 0, to: extent.position)
        guard let fault else { return .row }
        let raw = rawPrefix ?? text(extent.position)
        return .rejected(RejectedRow(line: startLine, lastLine: line, reason: fault, raw: raw))
    }

    private func countLines(from start: Int, to end: Int) {
        for index in start..<end { countLine(window.row[index]) }
    }

    private func text(_ length: Int) -> String {
        RejectedRow.text(UnsafeBufferPointer(start: window.row, count: length))
    }
}

/// Finds where a JSON value ends by its brackets and quotes alone, a chunk at a time.
struct JSONExtent {
    private var depth = 0
    private var inString = false
    private var escaped = false
    /// How far has been read.
    var position = 0
    /// A line broke inside a string: the value ends before the line break.
    private(set) var isBroken = false

    /// Reads on; returns true when the value has ended, false when more bytes are needed.
    mutating func advance(_ base: UnsafeMutablePointer<UInt8>, _ count: Int) -> Bool {
        while position < count {
            let byte = base[position]
            if inString {
                if byte == Byte.lineFeed || byte == Byte.carriageReturn {
                    isBroken = true
                    return true
                }
                position += 1
                if escaped {
                    escaped = false
                } else if byte == Byte.backslash {
                    escaped = true
                } else if byte == Byte.quote {
                    inString = false
                    if depth == 0 { return true }
                }
                continue
            }
            switch byte {
            case Byte.quote:
                inString = true
            case Byte.openBrace, Byte.openBracket:
                depth += 1
            case Byte.closeBrace, Byte.closeBracket:
                if depth == 0 { return true }
                depth -= 1
                if depth == 0 {
                    position += 1
                    return true
                }
            case Byte.comma where depth == 0:
                return true
            default:
                if depth == 0 && JSONScan.isSpace(byte) { return true }
            }
            position += 1
        }
        return false
    }
}
