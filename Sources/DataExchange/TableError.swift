public import ProfileModel

/// Why a table cannot be read or written, or why one of its rows is rejected.
///
/// - Privacy: parameters hold paths, line numbers, counts and column names, never the text of a cell.
public struct TableError: CodedError, Equatable {
    public let code: String
    public let parameters: [String: String]
    public let retry: RetryAdvice

    init(_ code: String, _ parameters: [String: String] = [:], retry: RetryAdvice = .never) {
        self.code = "exchange." + code
        self.parameters = parameters
        self.retry = retry
    }
}

/// Errors that end the reading or writing of a table.
extension TableError {
    static func fileMissing(_ path: String) -> TableError { .init("file-missing", ["path": path]) }

    static func fileUnreadable(_ path: String, _ number: Int32) -> TableError {
        .init("file-unreadable", ["path": path, "reason": systemMessage(number)], retry: .afterSomeoneActs)
    }

    static func fileUncreatable(_ path: String, _ number: Int32) -> TableError {
        .init("file-uncreatable", ["path": path, "reason": systemMessage(number)], retry: .afterSomeoneActs)
    }

    static func fileUnwritable(_ path: String, _ number: Int32) -> TableError {
        .init("file-unwritable", ["path": path, "reason": systemMessage(number)], retry: .afterSomeoneActs)
    }

    static func formatUnsupported(_ format: String) -> TableError { .init("format-unsupported", ["format": format]) }
    static func encodingUnknown(_ name: String) -> TableError { .init("encoding-unknown", ["encoding": name]) }
    static func encodingUnavailable(_ name: String) -> TableError { .init("encoding-unavailable", ["encoding": name]) }
    static var tableEmpty: TableError { .init("table-empty") }

    /// The header row cannot be read; `reason` is the code that a row of the same kind is rejected with.
    static func headerUnreadable(line: Int, reason: String) -> TableError {
        .init("header-unreadable", ["line": String(line), "reason": reason])
    }

    static func headerEmpty(position: Int) -> TableError { .init("header-empty", ["position": String(position)]) }

    static func headerDuplicate(_ name: String, _ first: Int, _ second: Int) -> TableError {
        .init("header-duplicate", ["column": name, "first": String(first), "second": String(second)])
    }

    static var sheetFull: TableError { .init("sheet-full", ["limit": String(TableLimits.sheetRows)]) }
    static var sheetTooLarge: TableError { .init("sheet-too-large") }
}

/// Reasons for which a single row is rejected.
extension TableError {
    static func rowWidth(expected: Int, found: Int) -> TableError {
        .init("row-width", ["expected": String(expected), "found": String(found)])
    }

    static var rowTooLarge: TableError { .init("row-too-large", ["limit": String(TableLimits.rowBytes)]) }

    static func cellTooLarge(position: Int) -> TableError {
        .init("cell-too-large", ["position": String(position), "limit": String(TableLimits.cellBytes)])
    }

    static var tooManyColumns: TableError { .init("too-many-columns", ["limit": String(TableLimits.columns)]) }
    static func quoteBroken(position: Int) -> TableError { .init("quote-broken", ["position": String(position)]) }

    static func quoteUnterminated(position: Int) -> TableError {
        .init("quote-unterminated", ["position": String(position)])
    }

    static var nulByte: TableError { .init("nul-byte") }
    static var encodingInvalid: TableError { .init("encoding-invalid") }
    static func jsonInvalid(offset: Int) -> TableError { .init("json-invalid", ["offset": String(offset)]) }
    static var jsonNotObject: TableError { .init("json-not-object") }
    static var jsonDuplicateName: TableError { .init("json-duplicate-name") }
    static var jsonUnterminated: TableError { .init("json-unterminated") }
}
