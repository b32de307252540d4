/// The bounds within which tables are read, so that no file can exhaust memory.
public enum TableLimits {
    /// The longest cell, in bytes of UTF-8: 1 MiB. A row with a longer one is rejected.
    public static let cellBytes = 1_048_576
    /// The longest row, in bytes of UTF-8: 4 MiB. A longer one is rejected; what lies beyond is skipped, not kept.
    public static let rowBytes = 4_194_304
    /// The most columns of a table.
    public static let columns = 4_096
    /// How much of a rejected row's text is kept, in bytes of UTF-8.
    public static let rawTextBytes = 4_096
    /// How much of a file is looked at to find its format, encoding and delimiter, in bytes.
    public static let sniffedBytes = 65_536
    /// The deepest nesting of a JSON value.
    public static let jsonDepth = 64
    /// The most rows of a sheet of a spreadsheet, its header included (ECMA-376 as Excel reads it).
    public static let sheetRows = 1_048_576
    /// The longest cell of a spreadsheet, in UTF-16 units (Excel's limit).
    public static let sheetCellUnits = 32_767

    /// How much is read from a file at once, in bytes.
    static let chunkBytes = 131_072
}
