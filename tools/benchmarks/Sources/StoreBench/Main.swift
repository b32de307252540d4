import Causality
import CSQLite
import Foundation
import NodeOperations
import ProfileModel

/// Durable writes of single customers, one transaction each, against plain tables at the same `synchronous`, in turns.
///
/// It measures inside one process what no command repeats without starting a process each time; `tools/bench` reads its one
/// line of JSON: seconds for each side's additions and edits.
@main
enum Main {
    /// Writes in a row before the other side has its turn.
    static let turn = 50

    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 3, let count = Int(arguments[2]), count >= turn else {
            FileHandle.standardError.write(Data("StoreBench FOLDER WRITES\n".utf8))
            exit(64)
        }
        let plain = try PlainCustomers(path: arguments[1] + "/durable.sqlite")
        let node = try NodeCustomers(home: arguments[1] + "/durable")
        var seconds = ["plainAdd": 0.0, "limnAdd": 0.0, "plainEdit": 0.0, "limnEdit": 0.0]
        func measure(_ name: String, _ range: Range<Int>, _ write: (Int) throws -> Void) rethrows {
            let began = ContinuousClock.now
            for number in range { try write(number) }
            seconds[name]! += (ContinuousClock.now - began) / .seconds(1)
        }
        for start in stride(from: 0, to: count, by: turn) {
            let range = start..<min(start + turn, count)
            try measure("plainAdd", range, plain.add)
            try measure("limnAdd", range, node.add)
        }
        for start in stride(from: 0, to: count, by: turn) {
            let range = start..<min(start + turn, count)
            try measure("plainEdit", range, plain.edit)
            try measure("limnEdit", range, node.edit)
        }
        print(String(decoding: try JSONSerialization.data(withJSONObject: seconds, options: [.sortedKeys]), as: UTF8.self))
    }

    /// The cells of a generated customer.
    static func values(_ number: Int) -> [(field: String, value: String)] {
        [
            ("name", "Anna Schneider \(number)"), ("email", "anna.schneider\(number)@example.com"), ("phone", "+49\(3_012_340_000 + number)"),
            ("company", "Schneider & Kim Ltd"), ("address", "Mill Lane \(number % 240)"), ("city", "Berlin"), ("postcode", "\(10_000 + number % 90_000)"),
            ("country", "DE"), ("stage", "lead"), ("territory", "T07"),
        ]
    }

    static let tags = ["vip", "newsletter", "partner"]
}

/// Customers in plain tables.
final class PlainCustomers {
    private let database: OpaquePointer
    private let insert: OpaquePointer, tag: OpaquePointer, update: OpaquePointer, begin: OpaquePointer, commit: OpaquePointer

    init(path: String) throws {
        var opened: OpaquePointer?
        guard sqlite3_open(path, &opened) == SQLITE_OK, let opened else { throw Failure(text: "cannot open \(path)") }
        func prepared(_ sql: String) throws -> OpaquePointer {
            var statement: OpaquePointer?
            guard sqlite3_prepare_v2(opened, sql, -1, &statement, nil) == SQLITE_OK, let statement else { throw Failure(text: sql) }
            return statement
        }
        let schema = """
            PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
            CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, email TEXT, phone TEXT, company TEXT, address TEXT, city TEXT,
                postcode TEXT, country TEXT, stage TEXT, territory TEXT);
            CREATE TABLE customer_tags (customer INTEGER, tag TEXT, PRIMARY KEY (customer, tag));
            """
        guard sqlite3_exec(opened, schema, nil, nil, nil) == SQLITE_OK else { throw Failure(text: "cannot make the tables") }
        database = opened
        insert = try prepared("INSERT INTO customers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        tag = try prepared("INSERT INTO customer_tags VALUES (?, ?)")
        update = try prepared("UPDATE customers SET address = ? WHERE id = ?")
        begin = try prepared("BEGIN IMMEDIATE")
        commit = try prepared("COMMIT")
    }

    struct Failure: Error { let text: String }

    private func step(_ statement: OpaquePointer) throws {
        guard sqlite3_step(statement) == SQLITE_DONE else { throw Failure(text: String(cString: sqlite3_errmsg(database))) }
        sqlite3_reset(statement)
    }

    private func bind(_ statement: OpaquePointer, _ index: Int32, _ text: String) {
        sqlite3_bind_text(statement, index, text, -1, unsafeBitCast(-1, to: sqlite3_destructor_type.self))
    }

    func add(_ number: Int) throws {
        try step(begin)
        sqlite3_bind_int64(insert, 1, Int64(number))
        for (index, cell) in Main.values(number).enumerated() { bind(insert, Int32(index + 2), cell.value) }
        try step(insert)
        for name in Main.tags {
            sqlite3_bind_int64(tag, 1, Int64(number))
            bind(tag, 2, name)
            try step(tag)
        }
        try step(commit)
    }

    func edit(_ number: Int) throws {
        try step(begin)
        bind(update, 1, "Corrected \(number)")
        sqlite3_bind_int64(update, 2, Int64(number))
        try step(update)
        try step(commit)
    }
}

/// Customers on a node: each write is an operation with its author, its history and its place in the feed.
final class NodeCustomers {
    private let node: Node
    private var ids: [String] = []

    init(home: String) throws { node = try Node.found(home: home, name: "durable", author: "bench").node }

    func add(_ number: Int) throws {
        let cells = Main.values(number).map { Assignment(field: $0.field, verb: .set, text: $0.value) }
        ids.append(try node.add(.person, cells, tags: Main.tags).id.description)
    }

    func edit(_ number: Int) throws {
        _ = try node.edit(ids[number], [Assignment(field: "address", verb: .set, text: "Corrected \(number)")])
    }
}
