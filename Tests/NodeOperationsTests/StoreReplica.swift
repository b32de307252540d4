import Causality
import FleetSupport
import MergeVectors
import NodeEnvironment
import NodeOperations
import ProfileModel
import ProfileStore
import Replication
import WireFormat

/// A whole store that histories are played on: written by editions, joined with what frames carry, read as profiles.
struct StoreReplica: ReplayedReplica {
    static let records = ["A", "B", "C"]
    static let cells = ["title", "address", "tag:vip", "tag:new"]
    /// A vector follows stamps up to five units ahead, a store five minutes.
    static let unitMicroseconds = Stamp.futureMaximumMicroseconds / Vector.futureMaximum
    static let began: Int64 = 1_700_000_000_000_000
    static let deployment = Deployment(id: UniqueID(high: 1, low: 1), key: HashKey(first: 17, second: 42))

    let node: Node
    let environment: SimulatedEnvironment

    /// - Parameter index: origins are in the order of these.
    init(_ index: Int, in folder: TestFolder) throws {
        environment = SimulatedEnvironment(prefix: UInt8(index + 1), nowMicroseconds: Self.began, stepMicroseconds: 0)
        node = try Node.found(
            home: folder["\(UniqueID.version7(unixMilliseconds: 0, random: (.random(in: 0 ... .max), .random(in: 0 ... .max))))"],
            name: "node \(index)", author: "person \(index)", deployment: Self.deployment, environment: environment).node
        // Every record is known everywhere from the beginning, by a cell that no history touches.
        try write(now: 0) { edition in
            for record in Self.records {
                try edition.open(Self.id(record), kind: .person)
                try edition.write(CellKey(field: FieldCatalogue.standard["name"]!.id.rawValue), FieldValue.bytes(text: record), in: Self.id(record), source: "seed")
            }
        }
    }

    // MARK: Names

    static func id(_ name: String) -> RowID { RowID(high: UInt64(name.utf8.first!) << 56, low: 1) }

    static func name(_ id: RowID) -> String { String(UnicodeScalar(UInt8(id.high >> 56))) }

    static func cell(_ name: String) -> CellKey {
        if name.hasPrefix("tag:") {
            return CellKey(field: FieldID.tags.rawValue, element: FieldValue.bytes(text: String(name.dropFirst(4))))
        }
        return CellKey(field: FieldCatalogue.standard[name]!.id.rawValue)
    }

    static func value(_ text: String?, of cell: String) -> [UInt8]? {
        text.map { cell.hasPrefix("tag:") ? FieldValue.present : FieldValue.bytes(text: $0) }
    }

    static func text(_ value: [UInt8]?, of cell: String) -> String? {
        value.map { cell.hasPrefix("tag:") ? "1" : FieldValue.plainText(of: $0) }
    }

    // MARK: Writing

    private func set(_ now: Int64) { environment.set(nowMicroseconds: Self.began + now * Self.unitMicroseconds) }

    private func write(now: Int64, _ body: (Edition) throws -> Void) throws {
        set(now)
        try node.store.write { writer in
            let edition = try Edition(writer, author: node.author, operation: environment.newID())
            try body(edition)
            _ = try edition.commit()
        }
    }

    func edit(_ record: String, _ cell: String, _ value: String?, now: Int64) throws { try person(record, cell, value, now: now) }

    func resolve(_ record: String, _ cell: String, _ value: String?, now: Int64) throws {
        try person(record, cell, value, now: now, resolving: true)
    }

    private func person(_ record: String, _ cell: String, _ value: String?, now: Int64, resolving: Bool = false) throws {
        try write(now: now) { edition in
            try edition.write(
                Self.cell(cell), Self.value(value, of: cell), in: Self.id(record), others: edition.writer.linkedMembers(of: Self.id(record)),
                resolving: resolving)
        }
    }

    func source(_ source: String, _ record: String, _ cell: String, _ value: String?, time: Int64?, now: Int64) throws {
        let time = time.map { Stamp(rawValue: Self.began + $0 * Self.unitMicroseconds) }
        try write(now: now) { edition in
            try edition.write(Self.cell(cell), Self.value(value, of: cell), in: Self.id(record), source: source, time: time)
        }
    }

    func link(_ a: String, _ b: String, isSame: Bool, byPerson: Bool, now: Int64) throws {
        let pair = RecordPair(Self.id(a), Self.id(b))
        try write(now: now) { edition in
            if byPerson { return try edition.say(same: isSame, of: pair) }
            let row = try edition.writer.linkID(pair)
            try edition.open(row, kind: .link)
            let same = isSame ? FieldValue.linkYes : FieldValue.linkNo
            for (field, value) in [
                (FieldID.first, FieldValue.bytes(text: pair.first.description)), (.second, FieldValue.bytes(text: pair.second.description)), (.same, same),
            ] {
                try edition.write(CellKey(field: field.rawValue), value, in: row, source: "linker")
            }
        }
    }

    func unmerge(_ record: String, now: Int64) throws {
        set(now)
        if try node.store.read({ try $0.linkedMembers(of: Self.id(record)).count }) > 1 {
            _ = try node.unmerge(Self.id(record).description)
        }
    }

    func delete(_ record: String, now: Int64) throws { try setLife(record, Life.deletedValue, now) }

    func restore(_ record: String, now: Int64) throws { try setLife(record, Life.livingValue, now) }

    private func setLife(_ record: String, _ value: [UInt8], _ now: Int64) throws {
        try write(now: now) { edition in
            for member in try edition.writer.linkedMembers(of: Self.id(record)) {
                try edition.write(CellKey(field: FieldID.life.rawValue), value, in: member, isDelete: value == Life.deletedValue)
            }
        }
    }

    // MARK: Receiving

    /// Takes all that is new in the other's feed, in frames of a few rows.
    func receive(from other: StoreReplica) throws {
        let own = try node.store.identity(), from = try other.node.store.identity()
        let neighbour = Neighbour(node: from.node, life: from.life)
        let writer = FrameWriter(hashKey: own.hashKey)
        var at = try node.store.cursor(for: from.node)?.feed ?? 0
        let head = try other.node.store.feedHead()
        while at < head {
            let page = try other.node.store.changes(
                after: at, through: head, rowsMaximum: 2, toward: Neighbour(node: own.node, life: own.life))
            for row in page.rows.compactMap(\.row) {
                guard try writer.append(WireRow(id: row.id, kind: row.kind, body: .whole(row.row))) else {
                    throw Disagreement("two rows do not fit into a frame")
                }
            }
            at = page.through
            let frame = try Frame.read(writer.finish(through: at), hashKey: own.hashKey)
            let rows = try frame.rows.map { row in
                guard case .whole(let whole) = row.body else { throw Disagreement("a whole row came back lean") }
                return ReplicaRow(id: row.id, kind: row.kind, row: whole)
            }
            _ = try node.store.apply(rows, [], from: neighbour, cursor: FeedCursor(life: from.life, feed: frame.through))
        }
    }

    // MARK: Reading

    func read(_ record: String) throws -> RecordReading {
        try node.store.read { reader in
            guard let profile = try reader.profile(of: Self.id(record)) else { throw Disagreement("\(record) is not here") }
            var cells: [String: RecordReading.Cell] = [:]
            for name in Self.cells {
                let reading = profile.reading(Self.cell(name)), isElement = name.hasPrefix("tag:")
                let field = FieldID(rawValue: Self.cell(name).field)
                cells[name] = RecordReading.Cell(
                    shown: isElement
                        ? (reading.isPresent ? "1" : nil) : Self.text(reading.shown(by: FieldCatalogue.standard[field]!.policy, order: .none)?.write.value, of: name),
                    conflict: !isElement && profile.contested.contains { $0.field == field && $0.kind != .disagreement },
                    candidates: RecordReading.Cell.ordered(Set(reading.values.map { Self.text($0, of: name) })))
            }
            let lives = zip(profile.members, profile.lives).map { (Self.name($0.id), "\($1)") }
            return RecordReading(
                members: profile.members.map { Self.name($0.id) }, life: Dictionary(uniqueKeysWithValues: lives), cells: cells)
        }
    }
}
