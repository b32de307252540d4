public import ProfileModel

/// A row of a table, as ranges of bytes in buffers that the next row uses again.
///
/// A row is good until the next call of `TableReader.next()`; nothing is allocated for a cell unless asked for.
/// All text is well-formed UTF-8 without NUL.
public struct TableRow {
    let cells: RowCells

    /// The line that the row starts on, from 1.
    public var line: Int { cells.line }

    /// How many columns the table has had up to this row.
    public var columnCount: Int { cells.columnCount }

    /// What the cell of a column holds. In CSV always `.text`.
    public func kind(_ column: Int) -> CellKind {
        column < cells.columnCount ? cells.kinds[column] : .absent
    }

    /// The bytes of a cell: unquoted text, or JSON text for lists and nested values; none where it is absent or null.
    ///
    /// - Complexity: O(1).
    public func bytes(_ column: Int) -> UnsafeBufferPointer<UInt8> {
        switch kind(column) {
        case .absent, .null: UnsafeBufferPointer(start: nil, count: 0)
        case .text, .number, .boolean, .list, .json: cells.bytes(column)
        }
    }

    /// The text of a cell; nil where it is absent or null.
    public func string(_ column: Int) -> String? {
        switch kind(column) {
        case .absent, .null: nil
        case .text, .number, .boolean, .list, .json: String(decoding: cells.bytes(column), as: UTF8.self)
        }
    }

    /// The elements of a list, each as its text; nil where the cell is none.
    public func list(_ column: Int) -> [String]? {
        kind(column) == .list ? JSONScan.elements(ofList: cells.bytes(column)) : nil
    }

    /// The text that the row was read from, without its line break.
    public var rawBytes: UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: cells.window.row, count: cells.length)
    }

    /// Turns the row into a rejected one, for a caller that finds fault with it.
    public func rejected(_ reason: any CodedError) -> RejectedRow {
        RejectedRow(line: line, lastLine: cells.lastLine, reason: reason, raw: RejectedRow.text(rawBytes))
    }
}

/// A row that could not be read; the reading goes on behind it.
///
/// - Privacy: `raw` is the customer's data and belongs in the rejects file only.
public struct RejectedRow: Sendable {
    /// The line that the row starts on, from 1.
    public let line: Int
    /// The last line that belongs to it.
    public let lastLine: Int
    /// Why it is rejected.
    public let reason: any CodedError
    /// The start of its text, at most `TableLimits.rawTextBytes`; what is not UTF-8, and NUL, is shown as U+FFFD.
    public let raw: String

    /// Makes a rejected row, for a caller that finds fault with one.
    public init(line: Int, lastLine: Int, reason: any CodedError, raw: String) {
        self.line = line
        self.lastLine = lastLine
        self.reason = reason
        self.raw = raw
    }

    /// The bounded, repaired text of bytes.
    static func text(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
        var end = min(bytes.count, TableLimits.rawTextBytes)
        if end < bytes.count {
            while end > 0 && bytes[end] & 0xC0 == 0x80 { end -= 1 }
        }
        let text = String(decoding: UnsafeBufferPointer(rebasing: bytes[..<end]), as: UTF8.self)
        guard text.utf8.contains(0) else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value == 0 ? "\u{FFFD}" : $0 }))
    }
}

/// What a table gives next.
public enum TableEntry {
    case row(TableRow)
    case rejected(RejectedRow)
}
