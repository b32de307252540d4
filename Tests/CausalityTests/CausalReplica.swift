import Causality
import MergeVectors

/// A replica as a dictionary of rows, written and read through `Causality` alone.
struct CausalReplica: ReplayedReplica {
    static let records = ["A", "B", "C"]
    static let cells = ["title", "address", "tag:vip", "tag:new"]
    static let key = HashKey(first: 17, second: 42)

    private(set) var origin: Origin
    private(set) var sequence: UInt64 = 0
    var rows: [String: RowState] = [:]
    /// What people did here, each in one cell, so that it can be undone.
    private(set) var made: [Made] = []

    struct Made {
        let row: String
        let change: CellChange
        let isResolution: Bool
    }

    init(origin: Origin) { self.origin = origin }

    // MARK: Names

    static func linkName(_ a: String, _ b: String) -> String { min(a, b) + "|" + max(a, b) }

    /// Ids in the order of the names.
    static func id(_ name: String) -> RowID {
        let bytes = Array(name.utf8)
        return RowID(high: UInt64(bytes[0]), low: bytes.count > 1 ? UInt64(bytes[2]) : 0)
    }

    static func cell(_ name: String) -> CellKey {
        switch name {
        case "title": CellKey(field: 1)
        case "address": CellKey(field: 2)
        case "life": CellKey(field: 4)
        case "same": CellKey(field: 5)
        default: CellKey(field: 3, element: Array(name.utf8.dropFirst(4)))
        }
    }

    static func bytes(_ value: String?) -> [UInt8]? {
        switch value {
        case nil: nil
        case "deleted": Life.deletedValue
        case "living": Life.livingValue
        case let value?: Array(value.utf8)
        }
    }

    static func text(_ bytes: [UInt8]?) -> String? {
        switch bytes {
        case nil: nil
        case Life.deletedValue: "deleted"
        case Life.livingValue: "living"
        case let bytes?: String(decoding: bytes, as: UTF8.self)
        }
    }

    // MARK: Writing

    var author: String { "person of \(origin)" }

    private mutating func nextDot() -> Dot {
        sequence += 1
        return Dot(origin: origin, sequence: sequence)
    }

    /// Begins a new life of the store.
    mutating func beginLife(_ origin: Origin) {
        self.origin = origin
        sequence = 0
    }

    private func members(_ names: [String]) -> [Member] {
        names.map { Member(record: Self.id($0), state: rows[$0] ?? RowState()) }
    }

    private mutating func person(
        _ row: String, _ cell: String, _ value: String?, now: Int64, profile: [String] = [], resolving: Bool = false, dot: Dot? = nil
    ) {
        let others = members(profile.filter { $0 != row }), dot = dot ?? nextDot()
        let change = rows[row, default: RowState()].writeAsPerson(
            Self.cell(cell), Self.bytes(value), record: Self.id(row), others: others, resolving: resolving,
            isDelete: value == "deleted", dot: dot, now: Stamp(rawValue: now),
            by: Authorship(author: author, operation: OperationID(high: 0, low: dot.sequence)), key: Self.key,
            futureMaximum: Vector.futureMaximum)
        made.append(Made(row: row, change: change, isResolution: resolving))
    }

    mutating func edit(_ record: String, _ cell: String, _ value: String?, now: Int64) {
        person(record, cell, value, now: now, profile: profile(of: record))
    }

    mutating func resolve(_ record: String, _ cell: String, _ value: String?, now: Int64) {
        person(record, cell, value, now: now, profile: profile(of: record), resolving: true)
    }

    /// Edits several cells at once: they share one dot.
    mutating func edit(_ record: String, together values: [(cell: String, value: String?)], now: Int64) {
        let profile = profile(of: record), dot = nextDot()
        for (cell, value) in values { person(record, cell, value, now: now, profile: profile, dot: dot) }
    }

    mutating func source(_ source: String, _ record: String, _ cell: String, _ value: String?, time: Int64?, now: Int64) {
        self.source(source, record, together: [(cell, value)], time: time, now: now)
    }

    /// A source's word on several cells: those that it does not pass over in silence share one dot.
    mutating func source(_ source: String, _ record: String, together values: [(cell: String, value: String?)], time: Int64?, now: Int64) {
        let authorship = Authorship(author: author, source: source, operation: OperationID(high: 1, low: sequence + 1))
        var dot: Dot?
        for (cell, value) in values {
            var taken = dot, sequence = sequence
            let origin = origin
            func take() -> Dot {
                if let taken { return taken }
                sequence += 1
                taken = Dot(origin: origin, sequence: sequence)
                return taken!
            }
            _ = rows[record, default: RowState()].writeAsSource(
                Self.cell(cell), Self.bytes(value), time: time.map(Stamp.init(rawValue:)), dot: take(), now: Stamp(rawValue: now),
                by: authorship, futureMaximum: Vector.futureMaximum)
            dot = taken
            self.sequence = sequence
        }
    }

    mutating func link(_ a: String, _ b: String, isSame: Bool, byPerson: Bool, now: Int64) {
        let row = Self.linkName(a, b), value = isSame ? "yes" : "no"
        if byPerson { person(row, "same", value, now: now) } else { source("linker", row, "same", value, time: nil, now: now) }
    }

    mutating func unmerge(_ record: String, now: Int64) {
        let rest = profile(of: record).filter { $0 != record }
        for other in rest { link(record, other, isSame: false, byPerson: true, now: now) }
        for (a, b) in zip(rest, rest.dropFirst()) where !profile(of: a).contains(b) {
            link(a, b, isSame: true, byPerson: true, now: now)
        }
    }

    mutating func delete(_ record: String, now: Int64) {
        for member in profile(of: record) { person(member, "life", "deleted", now: now) }
    }

    mutating func restore(_ record: String, now: Int64) {
        for member in profile(of: record) { person(member, "life", "living", now: now) }
    }

    /// Removes all that people wrote in a cell.
    mutating func clearAway(_ row: String, _ cell: String) {
        let writes = (rows[row]?.cells[Self.cell(cell)] ?? []).filter(\.isPerson)
        _ = rows[row, default: RowState()].remove(writes, from: Self.cell(cell), dot: nextDot())
    }

    /// Undoes what a person did here, where it still lives: an edit by copies of what it replaced, a resolution by removal.
    mutating func undo(_ index: Int) {
        let done = made[index]
        guard let added = done.change.added, var state = rows[done.row], state.cells[done.change.cell]?.contains(added) ?? false else {
            return
        }
        let originals = done.isResolution ? [] : done.change.replaced.filter(\.isPerson)
        if originals.isEmpty { _ = state.remove([added], from: done.change.cell, dot: nextDot()) }
        for (place, write) in originals.enumerated() {
            let copy = Write(
                dot: nextDot(), header: write.header, value: write.value, overrules: write.overrules, seen: write.seen,
                original: write.identity)
            _ = state.put(copy, in: done.change.cell, replacing: place == 0 ? [added] : [])
        }
        rows[done.row] = state
    }

    mutating func leave(_ scope: String, _ row: String) {
        var scopes = Set(rows[row]?.scopesLeft ?? [])
        scopes.insert(scope)
        rows[row, default: RowState()].scopesLeft = scopes.sorted()
    }

    mutating func receive(from other: CausalReplica) {
        for row in other.rows.keys { receive(row, from: other) }
    }

    mutating func receive(_ row: String, from other: CausalReplica) {
        guard let theirs = other.rows[row] else { return }
        rows[row] = RowState.join(rows[row] ?? RowState(), theirs)
    }

    // MARK: Reading

    func profile(of record: String) -> [String] {
        var verdicts: [LinkVerdict] = []
        for a in Self.records {
            for b in Self.records where a < b {
                let pair = RecordPair(Self.id(a), Self.id(b)), link = Self.linkName(a, b)
                let reading = CellReading(Self.cell("same"), of: members([link]), key: Self.key)
                if let verdict = reading.verdict(on: pair, yes: Array("yes".utf8)) { verdicts.append(verdict) }
            }
        }
        let ids = ProfilePartition(verdicts)[Self.id(record)]
        return Self.records.filter { ids.contains(Self.id($0)) }
    }

    func life(of record: String) -> Life { Life(of: members([record])[0], cell: Self.cell("life"), key: Self.key) }

    func reading(_ cell: String, of profile: [String]) -> CellReading {
        CellReading(Self.cell(cell), of: members(profile), key: Self.key)
    }

    func read(_ record: String) -> RecordReading {
        let profile = profile(of: record)
        let living = profile.filter { life(of: $0) != .deleted }
        var cells: [String: RecordReading.Cell] = [:]
        for name in Self.cells {
            let reading = reading(name, of: living), isElement = name.hasPrefix("tag:")
            cells[name] = RecordReading.Cell(
                shown: isElement ? (reading.isPresent ? "1" : nil) : reading.latest.flatMap { Self.text($0.write.value) },
                conflict: !isElement && reading.isConflict,
                candidates: RecordReading.Cell.ordered(Set(reading.values.map(Self.text))))
        }
        return RecordReading(
            members: profile, life: Dictionary(uniqueKeysWithValues: profile.map { ($0, "\(life(of: $0))") }), cells: cells)
    }
}
