internal import ProfileModel

/// Reads a table row by row: CSV (RFC 4180), JSONL, or a file that is one JSON array of objects.
///
/// Memory is bounded by `TableLimits`, whatever the size of the file, and no row allocates. A row that cannot be read
/// is handed out as a rejected one, and the reading goes on behind it:
///
/// ```swift
/// let table = try TableReader(path: "customers.csv")
/// while let entry = try table.next() {
///     switch entry {
///     case .row(let row): print(row.line, row.string(0) ?? "")
///     case .rejected(let row): print(row.line, row.reason.code)
///     }
/// }
/// ```
///
/// - Complexity: linear in the size of the input; a line is read twice where a quote before it was never closed.
public final class TableReader {
    private enum Scanner {
        case delimited(DelimitedScanner)
        case jsonLines(JSONLinesScanner)
        case jsonArray(JSONArrayScanner)
    }

    private let input: ByteInput
    private let cells: RowCells
    private let scanner: Scanner
    private let objects: JSONRowReader?
    private let header: [String]

    /// The format that the table is read as.
    public let format: TableFormat
    /// The encoding that the table is read as.
    public let encoding: TextEncoding

    /// Opens the table at a path, or standard input where it is `-`, and reads its header.
    ///
    /// - Throws: `exchange.file-missing`, and what `init(_:options:)` throws.
    public convenience init(path: String, options: TableOptions = TableOptions()) throws(TableError) {
        try self.init(ByteInput(path: path), options: options)
    }

    /// Starts to read a table: finds out what is not given in the options, and reads the header of CSV.
    ///
    /// - Throws: `exchange.file-unreadable`, `exchange.encoding-unavailable`, `exchange.format-unsupported`,
    ///   `exchange.table-empty`, `exchange.header-unreadable`, `exchange.header-empty`, `exchange.header-duplicate`.
    public init(_ input: ByteInput, options: TableOptions = TableOptions()) throws(TableError) {
        let decoded = try DecodedInput(input, encoding: options.encoding)
        let window = RowWindow(decoded)
        _ = try window.extend()
        let head = UnsafeBufferPointer(start: UnsafePointer(window.row), count: window.count)
        let cells = RowCells(window)
        let found =
            if let format = options.format { format } else { try TableFormat.found(name: input.name, head: head) }
        self.input = input
        self.cells = cells
        format = found
        encoding = decoded.encoding
        switch found {
        case .csv:
            let delimiter = options.delimiter ?? TableFormat.sniffedDelimiter(head)
            let rows = DelimitedScanner(window, cells, delimiter: delimiter)
            cells.kinds.update(repeating: .text, count: TableLimits.columns)
            scanner = .delimited(rows)
            objects = nil
            header = try Self.header(rows, cells)
            rows.width = header.count
        case .jsonLines:
            let reader = JSONRowReader(cells)
            scanner = .jsonLines(JSONLinesScanner(window, cells, reader))
            objects = reader
            header = []
        case .jsonArray:
            let reader = JSONRowReader(cells)
            scanner = .jsonArray(JSONArrayScanner(window, cells, reader))
            objects = reader
            header = []
        }
    }

    /// The names of the columns. Those of CSV are known from the start; those of JSON grow as rows are read, and never
    /// change their places.
    public var columns: [String] { objects?.columns ?? header }

    /// How many bytes have been read so far; some of them may still wait to be handed out as rows.
    public var bytesRead: Int64 { input.bytesRead }

    /// The size of the input in bytes, where it is known beforehand.
    public var totalBytes: Int64? { input.totalBytes }

    /// Reads the next row; nil at the end of the table. A row handed out before is no longer good.
    ///
    /// A rejected row has one of these codes: `exchange.row-width`, `exchange.row-too-large`,
    /// `exchange.cell-too-large`, `exchange.too-many-columns`, `exchange.quote-broken`, `exchange.quote-unterminated`,
    /// `exchange.nul-byte`, `exchange.encoding-invalid`, `exchange.json-invalid`, `exchange.json-not-object`,
    /// `exchange.json-duplicate-name`, `exchange.json-unterminated`.
    ///
    /// - Throws: `exchange.file-unreadable`.
    public func next() throws(TableError) -> TableEntry? {
        let result =
            switch scanner {
            case .delimited(let rows): try rows.next()
            case .jsonLines(let rows): try rows.next()
            case .jsonArray(let rows): try rows.next()
            }
        return switch result {
        case .row: .row(TableRow(cells: cells))
        case .rejected(let row): .rejected(row)
        case .end: nil
        }
    }

    private static func header(_ rows: DelimitedScanner, _ cells: RowCells) throws(TableError) -> [String] {
        switch try rows.next() {
        case .end: throw .tableEmpty
        case .rejected(let row): throw .headerUnreadable(line: row.line, reason: row.reason.code)
        case .row: break
        }
        var positions: [[UInt8]: Int] = [:]
        var names: [String] = []
        for column in 0..<cells.columnCount {
            let name = trimmed(String(decoding: cells.bytes(column), as: UTF8.self))
            if name.isEmpty { throw .headerEmpty(position: column + 1) }
            if let first = positions.updateValue(column + 1, forKey: Array(name.utf8)) {
                throw .headerDuplicate(name, first, column + 1)
            }
            names.append(name)
        }
        return names
    }

    /// The name without white space and byte order marks around it.
    private static func trimmed(_ name: String) -> String {
        var scalars = Substring(name).unicodeScalars
        func isBlank(_ scalar: Unicode.Scalar?) -> Bool {
            scalar.map { $0.properties.isWhitespace || $0 == "\u{FEFF}" } ?? false
        }
        while isBlank(scalars.first) { scalars.removeFirst() }
        while isBlank(scalars.last) { scalars.removeLast() }
        return String(scalars)
    }
}
