internal import ProfileModel

/// Writes rejected rows as CSV with the columns `line`, `code`, `message` and `raw`, so that people can mend them in a
/// spreadsheet.
///
/// - Privacy: `raw` holds the customers' data as it stood in the file.
public final class RejectsWriter {
    private let writer: CSVWriter
    /// How many rows have been written.
    public private(set) var count = 0

    /// Starts the file.
    ///
    /// - Throws: `exchange.file-unwritable`.
    public init(_ output: ByteOutput) throws(TableError) {
        writer = CSVWriter(output, options: .forSpreadsheets)
        try writer.row(["line", "code", "message", "raw"])
    }

    /// Writes a rejected row with a message in the reader's language.
    ///
    /// - Throws: `exchange.file-unwritable`.
    public func write(_ row: RejectedRow, message: String) throws(TableError) {
        try writer.row([String(row.line), row.reason.code, message, row.raw])
        count += 1
    }

    /// Ends the file.
    ///
    /// - Throws: `exchange.file-unwritable`.
    public func finish() throws(TableError) {
        try writer.finish()
    }
}
