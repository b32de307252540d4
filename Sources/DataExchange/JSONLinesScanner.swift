#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// Reads JSONL: a JSON object on each line; blank lines are skipped.
final class JSONLinesScanner {
    private let window: RowWindow
    private let cells: RowCells
    private let reader: JSONRowReader
    private var line = 0
    private var consumed = 0

    init(_ window: RowWindow, _ cells: RowCells, _ reader: JSONRowReader) {
        self.window = window
        self.cells = cells
        self.reader = reader
    }

    /// Reads the next object into the cells.
    func next() throws(TableError) -> DelimitedScanner.Result {
        while true {
            window.advance(by: consumed)
            consumed = 0
            guard try window.hasText() else { return .end }
            line += 1
            var rawPrefix: String?
            let length = try lineLength(&rawPrefix)
            if let rawPrefix {
                return .rejected(RejectedRow(line: line, lastLine: line, reason: TableError.rowTooLarge, raw: rawPrefix))
            }
            let row = window.row
            var start = 0
            var end = length
            while start < end, JSONScan.isSpace(row[start]) { start += 1 }
            while end > start, JSONScan.isSpace(row[end - 1]) { end -= 1 }
            if start == end { continue }
            cells.line = line
            cells.lastLine = line
            cells.length = end
            if let fault = reader.read(row, from: start, to: end) {
                let raw = RejectedRow.text(UnsafeBufferPointer(start: row + start, count: end - start))
                return .rejected(RejectedRow(line: line, lastLine: line, reason: fault, raw: raw))
            }
            return .row
        }
    }

    /// Finds the end of the line; one that is too long to hold is dropped while it is read, and its start kept.
    private func lineLength(_ rawPrefix: inout String?) throws(TableError) -> Int {
        var searched = 0
        while true {
            if let found = memchr(window.row + searched, Int32(Byte.lineFeed), window.count - searched) {
                let length = UnsafeRawPointer(found) - UnsafeRawPointer(window.row)
                consumed = length + 1
                if rawPrefix == nil && length > TableLimits.rowBytes { rawPrefix = text(length) }
                return length
            }
            if rawPrefix == nil && window.count > TableLimits.rowBytes { rawPrefix = text(window.count) }
            if rawPrefix != nil { window.advance(by: window.count) }
            searched = window.count
            if !(try window.extend()) {
                consumed = window.count
                return window.count
            }
        }
    }

    private func text(_ length: Int) -> String {
        RejectedRow.text(UnsafeBufferPointer(start: window.row, count: length))
    }
}
