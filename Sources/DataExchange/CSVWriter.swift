/// Writes CSV (RFC 4180) in UTF-8, cell by cell.
///
/// A row of one empty cell is written as `""`, because a blank line is no row.
public final class CSVWriter {
    /// How a CSV file is written.
    public struct Options: Sendable {
        /// Starts the file with a byte order mark, without which Excel takes UTF-8 for the system's own encoding and
        /// shows Chinese wrong.
        public var byteOrderMark: Bool
        /// Ends lines with CRLF, as RFC 4180 has it, instead of LF.
        public var carriageReturns: Bool
        /// Puts an apostrophe before what a spreadsheet would run as a formula; see `FormulaGuard`.
        public var guardsFormulas: Bool

        public init(byteOrderMark: Bool = false, carriageReturns: Bool = false, guardsFormulas: Bool = true) {
            self.byteOrderMark = byteOrderMark
            self.carriageReturns = carriageReturns
            self.guardsFormulas = guardsFormulas
        }

        /// What Excel opens right: byte order mark, CRLF, no formulas.
        public static let forSpreadsheets = Options(byteOrderMark: true, carriageReturns: true)
    }

    private let output: ByteOutput
    private let options: Options
    private var line: [UInt8] = []
    private var cellCount = 0
    private var isStarted = false

    /// Starts a file on an output.
    public init(_ output: ByteOutput, options: Options = Options()) {
        self.output = output
        self.options = options
    }

    /// Adds a cell to the row.
    public func cell(_ text: String) {
        var text = text
        text.withUTF8 { cell($0) }
    }

    /// Adds a cell to the row, from UTF-8.
    ///
    /// - Complexity: linear in the text.
    public func cell(_ text: UnsafeBufferPointer<UInt8>) {
        if cellCount > 0 { line.append(Byte.comma) }
        cellCount += 1
        let isGuarded = options.guardsFormulas && FormulaGuard.isNeeded(text)
        let isQuoted = text.contains {
            $0 == Byte.comma || $0 == Byte.quote || $0 == Byte.lineFeed || $0 == Byte.carriageReturn
        }
        if !isQuoted {
            if isGuarded { line.append(UInt8(ascii: "'")) }
            line.append(contentsOf: text)
            return
        }
        line.append(Byte.quote)
        if isGuarded { line.append(UInt8(ascii: "'")) }
        for byte in text {
            line.append(byte)
            if byte == Byte.quote { line.append(Byte.quote) }
        }
        line.append(Byte.quote)
    }

    /// Ends the row.
    ///
    /// - Precondition: the row has a cell.
    /// - Throws: `exchange.file-unwritable`.
    public func endRow() throws(TableError) {
        precondition(cellCount > 0, "a row without cells")
        if line.isEmpty { line += [Byte.quote, Byte.quote] }
        if options.carriageReturns { line.append(Byte.carriageReturn) }
        line.append(Byte.lineFeed)
        try start()
        try output.write(line)
        line.removeAll(keepingCapacity: true)
        cellCount = 0
    }

    private func start() throws(TableError) {
        if !isStarted && options.byteOrderMark { try output.write(TextEncoding.utf8.byteOrderMark) }
        isStarted = true
    }

    /// Writes a whole row.
    ///
    /// - Throws: `exchange.file-unwritable`.
    public func row(_ cells: [String]) throws(TableError) {
        for text in cells { cell(text) }
        try endRow()
    }

    /// Ends the file and its output.
    ///
    /// - Throws: `exchange.file-unwritable`.
    public func finish() throws(TableError) {
        precondition(cellCount == 0, "the last row was not ended")
        try start()
        try output.finish()
    }
}
