/// Writes a spreadsheet of one sheet (ECMA-376, `.xlsx`), row by row: a bold header that stays in view, cells that are
/// text or plain numbers, never formulas.
///
/// Memory is flat: the columns' widths come from the first rows, and each row goes out as it is written. Line breaks in
/// text become LF; characters that XML cannot hold are written as `_xHHHH_`, which Excel reads back.
public final class XLSXWriter {
    private let output: ByteOutput
    private let archive: ZipWriter
    /// What each column's cells begin with, up to the row's number.
    private let cellStarts: [[UInt8]]
    private var rowDigits: [UInt8] = []
    /// The rows not yet written, as XML; the first ones wait until the widths are known.
    private var pending: [UInt8] = []
    private var widths: [Int]
    private var widthsAreWritten = false
    private var row = 1
    private var column = 0
    /// How many cells were cut to `TableLimits.sheetCellUnits`.
    public private(set) var cutCells = 0

    private static let rowsForWidths = 200
    private static let widthRange = 8...60
    private static let pendingBytes = 65_536

    /// Starts a sheet with a header.
    ///
    /// - Precondition: at most `TableLimits.columns` columns, and at least one.
    /// - Throws: `exchange.file-unwritable`.
    public init(_ output: ByteOutput, sheetName: String = "Sheet1", columns: [String]) throws(TableError) {
        precondition(!columns.isEmpty && columns.count <= TableLimits.columns, "a sheet has 1 to 4,096 columns")
        self.output = output
        archive = ZipWriter(output)
        cellStarts = columns.indices.map { Array("<c r=\"\(SheetParts.columnName($0))".utf8) }
        widths = Array(repeating: Self.widthRange.lowerBound, count: columns.count)
        for part in SheetParts.fixed(sheetName: sheetName) {
            try archive.begin(part.name)
            try archive.write(Array(part.text.utf8))
            try archive.end()
        }
        try archive.begin(SheetParts.sheetPath)
        try archive.write(Array(SheetParts.sheetStart.utf8))
        beginRow()
        for name in columns { text(name, style: 1) }
        closeRow()
    }

    /// Adds a text cell.
    public func cell(_ text: String) { self.text(text, style: 0) }

    /// Adds a number cell from a number's decimal notation (`-12.50`, `3e4`); what is no number is added as text.
    ///
    /// Excel keeps 15 digits of a number, so codes and telephone numbers belong in text cells.
    public func number(_ notation: String) {
        var notation = notation
        guard notation.withUTF8({ FormulaGuard.isNumber($0) }) else { return text(notation, style: 0) }
        if notation.utf8.first == UInt8(ascii: "+") { notation.removeFirst() }
        beginCell(style: 0)
        pending += "><v>".utf8
        pending += notation.utf8
        pending += "</v></c>".utf8
        noteWidth(notation.utf8.count)
        column += 1
    }

    /// Leaves a cell empty.
    public func skip() {
        beginRow()
        column += 1
    }

    /// Ends the row.
    ///
    /// - Precondition: the row has no more cells than the header.
    /// - Throws: `exchange.sheet-full` beyond `TableLimits.sheetRows`, `exchange.file-unwritable`.
    public func endRow() throws(TableError) {
        precondition(column <= cellStarts.count, "a row wider than the header")
        if row > TableLimits.sheetRows { throw .sheetFull }
        beginRow()
        closeRow()
        let isReady = widthsAreWritten ? pending.count >= Self.pendingBytes : row > Self.rowsForWidths
        if isReady { try flush() }
    }

    /// Ends the file and its output.
    ///
    /// - Throws: `exchange.file-unwritable`, `exchange.sheet-too-large`.
    public func finish() throws(TableError) {
        precondition(column == 0 && !rowIsOpen, "the last row was not ended")
        try flush()
        try archive.write(Array("</sheetData></worksheet>".utf8))
        try archive.end()
        try archive.finish()
        try output.finish()
    }

    private var rowIsOpen = false

    private func beginRow() {
        if rowIsOpen { return }
        rowIsOpen = true
        rowDigits = Array("\(row)\"".utf8)
        pending += "<row r=\"".utf8
        pending += rowDigits
        pending.append(UInt8(ascii: ">"))
    }

    private func closeRow() {
        pending += "</row>\n".utf8
        rowIsOpen = false
        row += 1
        column = 0
    }

    private func flush() throws(TableError) {
        if !widthsAreWritten {
            widthsAreWritten = true
            var columns = "<cols>"
            for (index, width) in widths.enumerated() {
                columns += "<col min=\"\(index + 1)\" max=\"\(index + 1)\" width=\"\(width + 2)\" customWidth=\"1\"/>"
            }
            try archive.write(Array((columns + "</cols><sheetData>\n").utf8))
        }
        try archive.write(pending)
        pending.removeAll(keepingCapacity: true)
    }

    private func beginCell(style: Int) {
        beginRow()
        precondition(column < cellStarts.count, "a row wider than the header")
        pending += cellStarts[column]
        pending += rowDigits
        if style != 0 { pending += " s=\"\(style)\"".utf8 }
    }

    private func text(_ text: String, style: Int) {
        if text.isEmpty { return skip() }
        beginCell(style: style)
        pending += " t=\"inlineStr\"><is><t xml:space=\"preserve\">".utf8
        var text = text
        if text.utf8.count > TableLimits.sheetCellUnits, text.utf16.count > TableLimits.sheetCellUnits {
            text = SheetParts.cut(text)
            cutCells += 1
        }
        let width = SheetParts.appendEscaped(text, to: &pending)
        pending += "</t></is></c>".utf8
        noteWidth(width)
        column += 1
    }

    private func noteWidth(_ width: Int) {
        if !widthsAreWritten && column < cellStarts.count {
            widths[column] = min(max(widths[column], width), Self.widthRange.upperBound)
        }
    }
}
