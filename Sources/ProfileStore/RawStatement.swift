internal import Causality
internal import GRDB
internal import GRDBSQLite

/// A prepared statement driven through SQLite's own interface, for loops over many rows.
///
/// The statement belongs to the connection that prepared it and must not outlive the access in which it was made.
final class RawStatement {
    private let statement: Statement
    private let pointer: OpaquePointer
    private let database: Database

    /// - Parameter isKept: whether the connection keeps it for the next time; not for texts that people make up.
    init(_ database: Database, sql: String, isKept: Bool = true) throws {
        statement = try isKept ? database.cachedStatement(sql: sql) : database.makeStatement(sql: sql)
        pointer = statement.sqliteStatement
        self.database = database
        reset()
    }

    func reset() {
        sqlite3_reset(pointer)
        sqlite3_clear_bindings(pointer)
    }

    // MARK: Binding, from 1

    func bind(_ index: Int32, _ value: Int64) { sqlite3_bind_int64(pointer, index, value) }

    func bind(_ index: Int32, _ value: Int64?) { if let value { bind(index, value) } }

    /// Binds bytes as a blob; SQLite copies them.
    func bind(_ index: Int32, blob: [UInt8]) {
        blob.withUnsafeBytes { (buffer) -> Void in
            if let base = buffer.baseAddress {
                sqlite3_bind_blob(pointer, index, base, Int32(buffer.count), RawStatement.transient)
            } else {
                sqlite3_bind_zeroblob(pointer, index, 0)
            }
        }
    }

    /// Binds an id's sixteen bytes as a blob.
    func bind(_ index: Int32, id: UniqueID) {
        id.withBytes { _ = sqlite3_bind_blob(pointer, index, $0.baseAddress, 16, RawStatement.transient) }
    }

    /// Binds bytes that are UTF-8 as a text.
    func bind(_ index: Int32, text: UnsafeRawBufferPointer) {
        if let base = text.baseAddress {
            sqlite3_bind_text(pointer, index, base.assumingMemoryBound(to: CChar.self), Int32(text.count), RawStatement.transient)
        } else {
            sqlite3_bind_text(pointer, index, "", 0, RawStatement.transient)
        }
    }

    /// Binds bytes that are UTF-8 as a text without copying them: they must stay in place until the statement ran.
    func bind(_ index: Int32, lastingText text: UnsafeRawBufferPointer) {
        guard let base = text.baseAddress else { return bind(index, text: text) }
        sqlite3_bind_text(pointer, index, base.assumingMemoryBound(to: CChar.self), Int32(text.count), nil)
    }

    func bind(_ index: Int32, text: String) {
        var text = text
        text.withUTF8 { bind(index, text: UnsafeRawBufferPointer($0)) }
    }

    /// Binds a text, or nothing.
    func bind(_ index: Int32, text: String?) { if let text { bind(index, text: text) } }

    /// Binds what names one of a system's records to the first places.
    func bind(_ connector: String, _ object: String, _ remoteID: String) {
        bind(1, text: connector)
        bind(2, text: object)
        bind(3, text: remoteID)
    }

    private static var transient: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }

    // MARK: Stepping

    /// Whether there is a row.
    func step() throws -> Bool {
        switch sqlite3_step(pointer) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code:
            let message = String(cString: sqlite3_errmsg(database.sqliteConnection))
            sqlite3_reset(pointer)
            throw DatabaseError(resultCode: ResultCode(rawValue: code), message: message)
        }
    }

    /// Runs a statement that returns no row, and makes it ready for the next.
    func run() throws {
        _ = try step()
        reset()
    }

    // MARK: Columns, from 0

    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(pointer, column) == SQLITE_NULL }
    func int64(_ column: Int32) -> Int64 { sqlite3_column_int64(pointer, column) }
    func uint64(_ column: Int32) -> UInt64 { UInt64(bitPattern: int64(column)) }
    func optionalInt64(_ column: Int32) -> Int64? { isNull(column) ? nil : int64(column) }

    /// The column's bytes, valid until the next step.
    func bytes(_ column: Int32) -> UnsafeRawBufferPointer {
        let start = sqlite3_column_blob(pointer, column)
        return UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(pointer, column)))
    }

    func text(_ column: Int32) -> String { String(decoding: bytes(column), as: UTF8.self) }
    func optionalText(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }
}
