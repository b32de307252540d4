import Foundation

/// A replica that histories are played on: rows in memory here, a whole store elsewhere.
///
/// Records are named by letters whose order is that of their ids. Cells are `title` and `address`, which are registers, and
/// `tag:NAME`, elements of a set that hold "1" or nothing. Times are small numbers on one clock; a replaced stamp that is
/// more than `Vector.futureMaximum` ahead is not followed.
protocol ReplayedReplica {
    mutating func edit(_ record: String, _ cell: String, _ value: String?, now: Int64) throws
    mutating func resolve(_ record: String, _ cell: String, _ value: String?, now: Int64) throws
    /// - Parameter time: the source's own time, where it gives one.
    mutating func source(_ source: String, _ record: String, _ cell: String, _ value: String?, time: Int64?, now: Int64) throws
    /// - Parameter isSame: whether the two are one.
    mutating func link(_ a: String, _ b: String, isSame: Bool, byPerson: Bool, now: Int64) throws
    mutating func unmerge(_ record: String, now: Int64) throws
    mutating func delete(_ record: String, now: Int64) throws
    mutating func restore(_ record: String, now: Int64) throws
    mutating func receive(from other: Self) throws
    func read(_ record: String) throws -> RecordReading
}

/// What a replica reads of a record: its profile's members, their lives, and the cells of the profile.
struct RecordReading: Equatable, Codable {
    struct Cell: Equatable, Codable {
        let shown: String?
        let conflict: Bool
        /// The different values, nothing first.
        let candidates: [String?]
    }

    let members: [String]
    /// For each member `living`, `deleted` or `conflict`.
    let life: [String: String]
    let cells: [String: Cell]
}

extension RecordReading.Cell {
    /// The order of candidates in a reading.
    static func ordered(_ values: Set<String?>) -> [String?] {
        values.sorted { a, b in
            guard let a, let b else { return a == nil && b != nil }
            return a < b
        }
    }
}

/// A history with what every replica must read at its end, as the reference model writes it.
struct Vector: Decodable {
    static let futureMaximum: Int64 = 5

    struct Operation: Decodable {
        enum Action: String, Decodable { case receive, source, edit, resolve, link, unmerge, delete, restore }
        enum CodingKeys: String, CodingKey {
            case action = "do"
            case replica, now, from, source, record, cell, value, time, pair, person
        }

        let action: Action
        let replica: Int
        let now: Int64
        let from: Int?
        let source: String?
        let record: String?
        let cell: String?
        let value: String?
        let time: Int64?
        let pair: [String]?
        let person: Bool?
    }

    let replicas: Int
    let operations: [Operation]
    let expect: [String: RecordReading]

    /// Reads one vector a line.
    static func all(in file: URL) throws -> [Vector] {
        let decoder = JSONDecoder()
        return try Data(contentsOf: file).split(separator: UInt8(ascii: "\n")).map { try decoder.decode(Vector.self, from: $0) }
    }

    /// Plays the history on new replicas.
    ///
    /// - Parameter make: makes the replica with this index.
    func replay<Replica: ReplayedReplica>(_ make: (Int) throws -> Replica) throws -> [Replica] {
        var nodes = try (0..<replicas).map(make)
        for operation in operations { try operation.apply(to: &nodes) }
        return nodes
    }

    /// Compares what each replica reads with what is expected.
    ///
    /// - Throws: `Disagreement` with both readings.
    func check<Replica: ReplayedReplica>(_ nodes: [Replica]) throws {
        for (index, node) in nodes.enumerated() {
            for (record, expected) in expect.sorted(by: { $0.key < $1.key }) {
                let found = try node.read(record)
                guard found == expected else {
                    throw Disagreement("replica \(index) reads \(record) as\n\(found)\nand not as\n\(expected)")
                }
            }
        }
    }
}

extension Vector.Operation {
    func apply<Replica: ReplayedReplica>(to nodes: inout [Replica]) throws {
        func given<Value>(_ value: Value?, _ name: String) throws -> Value {
            guard let value else { throw Disagreement("a vector's \(action) has no \(name)") }
            return value
        }
        switch action {
        case .receive:
            let other = nodes[try given(from, "from")]
            try nodes[replica].receive(from: other)
        case .source:
            try nodes[replica].source(
                given(source, "source"), given(record, "record"), given(cell, "cell"), value, time: time, now: now)
        case .edit:
            try nodes[replica].edit(given(record, "record"), given(cell, "cell"), value, now: now)
        case .resolve:
            try nodes[replica].resolve(given(record, "record"), given(cell, "cell"), value, now: now)
        case .link:
            let pair = try given(pair, "pair")
            try nodes[replica].link(pair[0], pair[1], isSame: value == "yes", byPerson: given(person, "person"), now: now)
        case .unmerge: try nodes[replica].unmerge(given(record, "record"), now: now)
        case .delete: try nodes[replica].delete(given(record, "record"), now: now)
        case .restore: try nodes[replica].restore(given(record, "record"), now: now)
        }
    }
}
