internal import GRDB
internal import GRDBSQLite
internal import ProfileModel
internal import RuleLanguage

/// The functions that expressions use in SQL, on each connection.
enum QueryFunctions {
    /// Makes `limn_may_hold(cells, field)`, `limn_order(text, number)` and `limn_time(microseconds)` known to a connection.
    static func register(in database: Database) {
        let connection = database.sqliteConnection, flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC
        sqlite3_create_function_v2(connection, "limn_may_hold", 2, flags, nil, { context, _, arguments in
            guard let arguments, let cells = sqlite3_value_blob(arguments[0]) else {
                sqlite3_result_int(context, 0)
                return
            }
            let bytes = UnsafeRawBufferPointer(start: cells, count: Int(sqlite3_value_bytes(arguments[0])))
            let field = UInt64(bitPattern: sqlite3_value_int64(arguments[1]))
            sqlite3_result_int(context, CellsBlob.mayHold(field, in: bytes) ? 1 : 0)
        }, nil, nil, nil)
        sqlite3_create_function_v2(connection, "limn_order", 2, flags, nil, { context, _, arguments in
            guard let arguments, let text = sqlite3_value_text(arguments[0]), let other = sqlite3_value_text(arguments[1]) else { return }
            // Of an amount the number, without its currency.
            let value = String(cString: text).prefix { $0 != " " }
            guard let number = DecimalText.canonical(String(value)) else { return }
            let literal = String(cString: other)
            sqlite3_result_int(context, DecimalText.isLess(number, literal) ? -1 : DecimalText.isLess(literal, number) ? 1 : 0)
        }, nil, nil, nil)
        sqlite3_create_function_v2(connection, "limn_time", 1, flags, nil, { context, _, arguments in
            guard let arguments, sqlite3_value_type(arguments[0]) == SQLITE_INTEGER else { return }
            let text = Timestamp.text(microseconds: sqlite3_value_int64(arguments[0]))
            sqlite3_result_text(context, text, -1, unsafeBitCast(-1, to: sqlite3_destructor_type.self))
        }, nil, nil, nil)
    }
}

extension CellsBlob {
    /// Whether a blob holds a plain cell of a field, or any exception: a quick look that may say yes too often, never no.
    static func mayHold(_ field: UInt64, in bytes: UnsafeRawBufferPointer) -> Bool {
        var at = 0
        func number() -> UInt64? {
            var value: UInt64 = 0, shift: UInt64 = 0
            while at < bytes.count, shift < 64 {
                let byte = bytes[at]
                at += 1
                value |= UInt64(byte & 0x7f) << shift
                if byte < 0x80 { return value }
                shift += 7
            }
            return nil
        }
        func skipBytes() -> Bool {
            guard let count = number(), count <= UInt64(bytes.count - at) else { return false }
            at += Int(count)
            return true
        }
        guard number() != nil, let plain = number() else { return true }
        for _ in 0..<plain {
            guard let found = number(), found != field, skipBytes(), skipBytes() else { return true }
        }
        return number() != 0
    }
}
