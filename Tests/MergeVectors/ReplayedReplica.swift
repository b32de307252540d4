package import Foundation

/// A replica that histories are played on: rows in memory here, a whole store elsewhere.
///
/// Records are named by letters whose order is that of their ids. Cells are `title` and `address`, which are registers, and
/// `tag:NAME`, elements of a set that hold "1" or nothing. Times are small numbers on one clock; a replaced stamp that is
/// more than `Vector.futureMaximum` ahead is not followed.
package protocol ReplayedReplica {
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
package struct RecordReading: Equatable, Codable {
    package struct Cell: Equatable, Codable {
        package let shown: String?
        package let conflict: Bool
        /// The different values, nothing first.
        package let candidates: [String?]

        package init(shown: String?, conflict: Bool, candidates: [String?]) {
            self.shown = shown
            self.conflict = conflict
            self.candidates = candidates
        }
    }

    package let members: [String]
    /// For each member `living`, `deleted` or `conflict`.
    package let life: [String: String]
    package let cells: [String: Cell]

    package init(members: [String], life: [String: String], cells: [String: Cell]) {
        self.members = members
        self.life = life
        self.cells = cells
    }
}

extension RecordReading.Cell {
    /// The order of candidates in a reading.
    package static func ordered(_ values: Set<String?>) -> [String?] {
        values.sorted { a, b in
            guard let a, let b else { return a == nil && b != nil }
            return a < b
        }
    }
}

/// A history with what every replica must read at its end, as the reference model writes it.
package struct Vector: Decodable {
    package static let futureMaximum: Int64 = 5

    package struct Operation: Decodable {
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

    package let replicas: Int
    package let operations: [Operation]
    package let expect: [String: RecordReading]

    /// Reads one vector a line.
    package static func all(in file: URL) throws -> [Vector] {
        let decoder = JSONDecoder()
        return try Data(contentsOf: file).split(separator: UInt8(ascii: "\n")).map { try decoder.decode(Vector.self, from: $0) }
    }

    /// The histories that stand beside this file.
    package static func bundled() throws -> [Vector] {
        try all(in: URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Vectors/histories.jsonl"))
    }

    /// The file with the model's many histories, beside the folder that `LIMN_DATASETS` names; nil where there is none.
    package static var manyFile: URL? {
        guard let folder = ProcessInfo.processInfo.environment["LIMN_DATASETS"] else { return nil }
        let file = URL(fileURLWithPath: folder).deletingLastPathComponent().appendingPathComponent("model/histories.jsonl")
        return FileManager.default.fileExists(atPath: file.path) ? file : nil
    }

    /// Plays the history on new replicas.
    ///
    /// - Parameter make: makes the replica with this index.
    package func replay<Replica: ReplayedReplica>(_ make: (Int) throws -> Replica) throws -> [Replica] {
        var nodes = try (0..<replicas).map(make)
        for operation in operations { try operation.apply(to: &nodes) }
        return nodes
    }

    /// Compares what each replica reads with what is expected.
    ///
    /// - Throws: `Disagreement` with both readings.
    package func check<Replica: ReplayedReplica>(_ nodes: [Replica]) throws {
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
