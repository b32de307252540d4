import CSQLite
import Glibc

/// What everything is measured against: the rows in plain SQLite tables, by prepared statements in one transaction.
enum PlainTables {
    private static let schema = """
        PRAGMA journal_mode = WAL;
        CREATE TABLE customers (id BLOB PRIMARY KEY, name TEXT, email TEXT, phone TEXT, company TEXT, address TEXT, region TEXT,
            postcode TEXT, country TEXT, stage TEXT, territory TEXT);
        CREATE TABLE customer_tags (customer BLOB, tag TEXT, PRIMARY KEY (customer, tag));
        BEGIN IMMEDIATE;
        """

    /// Loads a table of standard rows; `synchronous` is `NORMAL` or `FULL`.
    static func load(_ table: String, into path: String, synchronous: String) throws {
        var database: OpaquePointer?
        guard sqlite3_open(path, &database) == SQLITE_OK, let database else { throw BenchmarkError("cannot open \(path)") }
        defer { sqlite3_close(database) }
        try run(database, "PRAGMA synchronous = \(synchronous);" + schema)
        let customer = try prepared(database, "INSERT INTO customers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        let tag = try prepared(database, "INSERT INTO customer_tags VALUES (?, ?)")
        guard let file = fopen(table, "r") else { throw BenchmarkError("cannot read \(table)") }
        defer { fclose(file) }
        var line: UnsafeMutablePointer<CChar>?
        var capacity = 0
        defer { free(line) }
        _ = getline(&line, &capacity, file)
        while true {
            let length = getline(&line, &capacity, file)
            guard length > 0, let line else { break }
            try insert(UnsafeRawBufferPointer(start: line, count: length), customer, tag)
        }
        sqlite3_finalize(customer)
        sqlite3_finalize(tag)
        try run(database, "COMMIT; PRAGMA wal_checkpoint(TRUNCATE);")
    }

    /// Copies the log of a store that nobody has open into its file, so that sizes compare.
    static func truncateLog(of path: String) throws {
        var database: OpaquePointer?
        guard sqlite3_open(path, &database) == SQLITE_OK, let database else { throw BenchmarkError("cannot open \(path)") }
        defer { sqlite3_close(database) }
        try run(database, "PRAGMA wal_checkpoint(TRUNCATE);")
    }

    /// Inserts one line. The rows hold no quotes, so that a comma is the end of a cell.
    private static func insert(_ line: UnsafeRawBufferPointer, _ customer: OpaquePointer, _ tag: OpaquePointer) throws {
        var id: (UInt64, UInt64) = (0, 0)
        var column: Int32 = 1
        var start = 0
        for index in 0..<line.count {
            let byte = line[index]
            guard byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\r") || (column == 12 && byte == UInt8(ascii: ";")) else { continue }
            if column == 1 {
                id = (number(line, start, 16), number(line, start + 16, 16))
                bind(id, to: customer)
                column = 2
            } else if column < 12 {
                sqlite3_bind_text(customer, column, line.baseAddress!.advanced(by: start).assumingMemoryBound(to: CChar.self), Int32(index - start), nil)
                column += 1
                if column == 12 { try step(customer) }
            } else {
                bind(id, to: tag)
                sqlite3_bind_text(tag, 2, line.baseAddress!.advanced(by: start).assumingMemoryBound(to: CChar.self), Int32(index - start), nil)
                try step(tag)
                if byte == UInt8(ascii: "\r") { return }
            }
            start = index + 1
        }
    }

    private static func bind(_ id: (UInt64, UInt64), to statement: OpaquePointer) {
        var bytes = (id.0.bigEndian, id.1.bigEndian)
        // Copied by SQLite: the destructor that its header calls SQLITE_TRANSIENT.
        sqlite3_bind_blob(statement, 1, &bytes, 16, unsafeBitCast(-1, to: sqlite3_destructor_type.self))
    }

    private static func number(_ line: UnsafeRawBufferPointer, _ start: Int, _ digits: Int) -> UInt64 {
        var value: UInt64 = 0
        for index in start..<start + digits {
            let byte = line[index]
            value = value << 4 | UInt64(byte <= UInt8(ascii: "9") ? byte - UInt8(ascii: "0") : byte - UInt8(ascii: "a") + 10)
        }
        return value
    }

    private static func step(_ statement: OpaquePointer) throws {
        guard sqlite3_step(statement) == SQLITE_DONE else { throw BenchmarkError("an insert failed") }
        sqlite3_reset(statement)
    }

    private static func prepared(_ database: OpaquePointer, _ sql: String) throws -> OpaquePointer {
        var statement: OpaquePointer?
        guard sqlite3_prepare_v2(database, sql, -1, &statement, nil) == SQLITE_OK, let statement else {
            throw BenchmarkError(String(cString: sqlite3_errmsg(database)))
        }
        return statement
    }

    private static func run(_ database: OpaquePointer, _ sql: String) throws {
        guard sqlite3_exec(database, sql, nil, nil, nil) == SQLITE_OK else { throw BenchmarkError(String(cString: sqlite3_errmsg(database))) }
    }
}
