import Causality
import MergeVectors

/// What must hold, kept the long way: every write with all that was known when it was made, and for every replica the set of
/// writes that it knows. Replicas merge by the union of what they know.
///
/// It shares dots with the product, so that writes can be told apart, and nothing else: stamps, lists, lives, profiles and
/// readings are worked out here from the rules again.
struct Oracle {
    enum Kind { case edit, resolution, statement, copy, removal }

    /// How a person's write names what it left standing.
    enum Name: Hashable {
        case write(Int)
        case statement(record: String, source: String, value: String?)
    }

    struct Place: Hashable {
        let row: String
        let cell: String
    }

    struct Event {
        let place: Place
        let kind: Kind
        let dot: Dot
        let value: String?
        let stamp: Int64
        let author: String
        let source: String?
        /// The writes that this one put an end to, recorded when it was made.
        let replaced: [Int]
        /// All that the replica knew then.
        let past: Set<Int>
        let overrules: [Name]
        /// What a delete saw; a copy of one saw no more.
        let seen: Set<Int>?
        /// The write that this one is a copy of, or itself.
        let standsFor: Int

        var isPerson: Bool { kind != .removal && source == nil }
    }

    let records: [String]
    private(set) var events: [Event] = []
    private var byPlace: [Place: [Int]] = [:]
    private var byRow: [String: [Int]] = [:]
    private(set) var known: [Set<Int>]
    private(set) var scopesLeft: [[String: Set<String>]]
    private var lives: [(origin: Origin, sequence: UInt64)]
    /// For each replica the writes that people made there and that may be undone.
    private(set) var made: [[Int]]

    init(records: [String], origins: [Origin]) {
        self.records = records
        known = origins.map { _ in [] }
        scopesLeft = origins.map { _ in [:] }
        lives = origins.map { ($0, 0) }
        made = origins.map { _ in [] }
    }

    // MARK: What is known

    private func knownEvents(_ replica: Int, _ place: Place) -> [Int] {
        (byPlace[place] ?? []).filter { known[replica].contains($0) }
    }

    /// The living writes of a cell: those known that no known write replaced, in the order of their dots.
    func living(_ replica: Int, _ row: String, _ cell: String) -> [Int] {
        let all = knownEvents(replica, Place(row: row, cell: cell))
        let replaced = Set(all.flatMap { events[$0].replaced })
        return all.filter { events[$0].kind != .removal && !replaced.contains($0) }.sorted { events[$0].dot < events[$1].dot }
    }

    /// Every cell of a row that a known write touched.
    func cells(_ replica: Int, _ row: String) -> Set<String> {
        Set((byRow[row] ?? []).filter { known[replica].contains($0) }.map { events[$0].place.cell })
    }

    var rows: [String] { byRow.keys.sorted() }

    /// For each origin the highest sequence that is known to have touched a row.
    func context(_ replica: Int, _ row: String) -> [Origin: UInt64] {
        var highest: [Origin: UInt64] = [:]
        for id in byRow[row] ?? [] where known[replica].contains(id) {
            highest[events[id].dot.origin] = max(highest[events[id].dot.origin] ?? 0, events[id].dot.sequence)
        }
        return highest
    }

    mutating func receive(_ replica: Int, from other: Int, row: String? = nil) {
        for id in known[other] where row == nil || events[id].place.row == row { known[replica].insert(id) }
        for (left, scopes) in scopesLeft[other] where row == nil || left == row {
            scopesLeft[replica][left, default: []].formUnion(scopes)
        }
    }

    // MARK: Reading

    static func precedes(_ a: Event, _ b: Event) -> Bool { (a.stamp, a.dot.origin, a.dot.sequence) < (b.stamp, b.dot.origin, b.dot.sequence) }

    private func name(_ id: Int) -> Name {
        let event = events[id]
        guard let source = event.source else { return .write(event.standsFor) }
        return .statement(record: event.place.row, source: source, value: event.value)
    }

    /// Whether a living write keeps another one from being a candidate: it names it, or is the same source's later word.
    private func hides(_ y: Int, _ x: Int) -> Bool {
        if events[y].isPerson { return events[y].overrules.contains(name(x)) }
        return events[y].source == events[x].source && events[y].place.row == events[x].place.row
            && Oracle.precedes(events[x], events[y])
    }

    func candidates(_ replica: Int, _ members: [String], _ cell: String) -> [Int] {
        let alive = members.flatMap { living(replica, $0, cell) }
        return alive.filter { x in !alive.contains { y in hides(y, x) } }
    }

    /// What two records' link says: the value, and whether a person says so.
    private func verdict(_ replica: Int, _ a: String, _ b: String) -> (isSame: Bool, byPerson: Bool)? {
        let found = candidates(replica, [a + "|" + b], "same").map { events[$0] }
        let chosen = found.filter(\.isPerson).max(by: Oracle.precedes) ?? found.max(by: Oracle.precedes)
        return chosen.map { ($0.value == "yes", $0.isPerson) }
    }

    /// The records reached from one over edges.
    private func reached(from record: String, over edges: [(String, String)]) -> Set<String> {
        var found: Set = [record], grew = true
        while grew {
            grew = false
            for (a, b) in edges where found.contains(a) != found.contains(b) {
                found.formUnion([a, b])
                grew = true
            }
        }
        return found
    }

    func profile(_ replica: Int, _ record: String) -> [String] {
        var accepted: [(String, String)] = [], proposed: [(String, String)] = [], apart: [(String, String)] = []
        for a in records {
            for b in records where a < b {
                switch verdict(replica, a, b) {
                case (true, true)?: accepted.append((a, b))
                case (true, false)?: proposed.append((a, b))
                case (false, true)?: apart.append((a, b))
                default: continue
                }
            }
        }
        for (a, b) in proposed {
            let left = reached(from: a, over: accepted), right = reached(from: b, over: accepted)
            let isForbidden = apart.contains { x, y in
                left.contains(x) && right.contains(y) || left.contains(y) && right.contains(x)
            }
            if left.contains(b) || !isForbidden { accepted.append((a, b)) }
        }
        return reached(from: record, over: accepted).sorted()
    }

    func life(_ replica: Int, _ record: String) -> String {
        let heard = candidates(replica, [record], "life")
        let deletes = heard.filter { events[$0].value == "deleted" }
        if deletes.isEmpty { return "living" }
        if heard.contains(where: { events[$0].value == "living" }) { return "conflict" }
        let isContested = cells(replica, record).contains { cell in
            cell != "life" && living(replica, record, cell).contains { id in
                events[id].isPerson && !deletes.contains { events[$0].seen!.contains(events[id].standsFor) }
            }
        }
        return isContested ? "conflict" : "deleted"
    }

    func read(_ replica: Int, _ record: String, cells names: [String]) -> RecordReading {
        let members = profile(replica, record)
        let present = members.filter { life(replica, $0) != "deleted" }
        var cells: [String: RecordReading.Cell] = [:]
        for cell in names {
            let found = candidates(replica, present, cell).map { events[$0] }
            let values = Set(found.map(\.value))
            if cell.hasPrefix("tag:") {
                let shown = found.contains { $0.value != nil } ? "1" : nil
                cells[cell] = RecordReading.Cell(shown: shown, conflict: false, candidates: RecordReading.Cell.ordered(values))
            } else {
                cells[cell] = RecordReading.Cell(
                    shown: found.max(by: Oracle.precedes)?.value, conflict: values.count > 1 && found.contains(where: \.isPerson),
                    candidates: RecordReading.Cell.ordered(values))
            }
        }
        return RecordReading(
            members: members, life: Dictionary(uniqueKeysWithValues: members.map { ($0, life(replica, $0)) }), cells: cells)
    }
}

// MARK: Writing

extension Oracle {
    mutating func nextDot(_ replica: Int) -> Dot {
        lives[replica].sequence += 1
        return Dot(origin: lives[replica].origin, sequence: lives[replica].sequence)
    }

    mutating func beginLife(_ replica: Int, _ origin: Origin) { lives[replica] = (origin, 0) }

    mutating func leave(_ replica: Int, _ scope: String, _ row: String) { scopesLeft[replica][row, default: []].insert(scope) }

    private func author(_ replica: Int) -> String { "person of \(lives[replica].origin)" }

    private func stamp(_ now: Int64, after stamps: [Int64]) -> Int64 {
        stamps.filter { $0 - now <= Vector.futureMaximum }.map { $0 + 1 }.reduce(now, max)
    }

    private mutating func add(
        _ replica: Int, _ place: Place, _ kind: Kind, dot: Dot, value: String? = nil, stamp: Int64 = 0, author: String,
        source: String? = nil, replaced: [Int], overrules: [Name] = [], seen: Set<Int>? = nil, standsFor: Int? = nil
    ) {
        let id = events.count
        events.append(
            Event(
                place: place, kind: kind, dot: dot, value: value, stamp: stamp, author: author, source: source, replaced: replaced,
                past: known[replica], overrules: overrules, seen: seen, standsFor: standsFor ?? id))
        byPlace[place, default: []].append(id)
        byRow[place.row, default: []].append(id)
        known[replica].insert(id)
    }

    mutating func person(
        _ replica: Int, _ row: String, _ cell: String, _ value: String?, now: Int64, profile: [String] = [],
        resolving: Bool = false, dot: Dot? = nil
    ) {
        let here = living(replica, row, cell)
        let own = here.filter { events[$0].isPerson }
        let standing = here.filter { resolving || !events[$0].isPerson }
            + profile.filter { $0 != row }.flatMap { living(replica, $0, cell) }
        let saw = standing.map(name)
        let inherited = resolving ? [] : own.flatMap { events[$0].overrules }.filter { !saw.contains($0) }
        var overrules: [Name] = []
        for name in inherited.suffix(16) + saw where !overrules.contains(name) { overrules.append(name) }
        let seen = value == "deleted" ? known[replica].filter { events[$0].place.row == row } : nil
        made[replica].append(events.count)
        add(
            replica, Place(row: row, cell: cell), resolving ? .resolution : .edit, dot: dot ?? nextDot(replica), value: value,
            stamp: stamp(now, after: (own + standing).map { events[$0].stamp }), author: author(replica),
            replaced: resolving ? [] : own, overrules: overrules, seen: seen)
    }

    /// A source's word on several cells under one dot.
    mutating func source(
        _ replica: Int, _ source: String, _ row: String, _ values: [(cell: String, value: String?)], time: Int64?, now: Int64
    ) {
        var dot: Dot?
        for (cell, value) in values {
            let own = living(replica, row, cell).filter { events[$0].source == source }
            let time = time.map { min($0, now) }
            if let latest = own.map({ events[$0] }).max(by: Oracle.precedes) {
                if latest.value == value { continue }
                if let time, time < latest.stamp { continue }
            }
            let shared = dot ?? nextDot(replica)
            dot = shared
            add(
                replica, Place(row: row, cell: cell), .statement, dot: shared, value: value,
                stamp: time ?? stamp(now, after: own.map { events[$0].stamp }), author: author(replica), source: source,
                replaced: own)
        }
    }

    mutating func link(_ replica: Int, _ a: String, _ b: String, isSame: Bool, byPerson: Bool, now: Int64) {
        let row = min(a, b) + "|" + max(a, b), value = isSame ? "yes" : "no"
        if byPerson {
            person(replica, row, "same", value, now: now)
        } else {
            source(replica, "linker", row, [("same", value)], time: nil, now: now)
        }
    }

    mutating func unmerge(_ replica: Int, _ record: String, now: Int64) {
        let rest = profile(replica, record).filter { $0 != record }
        for other in rest { link(replica, record, other, isSame: false, byPerson: true, now: now) }
        for (a, b) in zip(rest, rest.dropFirst()) where !profile(replica, a).contains(b) {
            link(replica, a, b, isSame: true, byPerson: true, now: now)
        }
    }

    mutating func setLife(_ replica: Int, _ record: String, _ value: String, now: Int64) {
        for member in profile(replica, record) { person(replica, member, "life", value, now: now) }
    }

    mutating func clearAway(_ replica: Int, _ row: String, _ cell: String) {
        let replaced = living(replica, row, cell).filter { events[$0].isPerson }
        add(replica, Place(row: row, cell: cell), .removal, dot: nextDot(replica), author: author(replica), replaced: replaced)
    }

    mutating func undo(_ replica: Int, _ index: Int) {
        let id = made[replica][index], event = events[id]
        guard living(replica, event.place.row, event.place.cell).contains(id) else { return }
        let originals = event.kind == .resolution ? [] : event.replaced
        if originals.isEmpty {
            add(replica, event.place, .removal, dot: nextDot(replica), author: author(replica), replaced: [id])
        }
        for (index, original) in originals.enumerated() {
            let model = events[original]
            add(
                replica, event.place, .copy, dot: nextDot(replica), value: model.value, stamp: model.stamp, author: model.author,
                replaced: index == 0 ? [id] : [], overrules: model.overrules, seen: model.seen, standsFor: model.standsFor)
        }
    }
}
