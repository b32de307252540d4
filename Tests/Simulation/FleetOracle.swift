internal import Causality
internal import MergeVectors
internal import NodeOperations
internal import ProfileModel
internal import ProfileStore

/// What must come of all that was done, kept beside the fleet: every write that was acknowledged, and every one that somebody
/// who saw it put an end to.
///
/// It looks at a store before and after each operation, and never at what sessions carry. Readings are worked out here
/// from the rules again.
struct FleetOracle {
    /// Rows with their cells, as one store holds them.
    typealias Snapshot = [RowID: RowState]

    enum Action: Equatable {
        case edit
        case resolution
        case undo(OperationID)
        case statement(source: String)
    }

    /// How a person's write names what it left standing.
    enum Name: Hashable {
        case write(Dot)
        case statement(record: RowID, source: String, value: [UInt8]?)
    }

    struct Place: Hashable {
        let row: RowID
        let cell: CellKey
    }

    struct Key: Hashable {
        let place: Place
        let dot: Dot
    }

    struct Event {
        let key: Key
        let write: Write
        let overrules: Set<Name>
        var isOver = false

        /// The same before it ended.
        var standing: Event { Event(key: key, write: write, overrules: overrules) }
    }

    private(set) var events: [Key: Event] = [:]
    private var written: [OperationID: Set<Key>] = [:]
    private var ended: [OperationID: Set<Key>] = [:]
    /// Cells whose lists of overrulings are longer than a write inherits.
    private var overlong: Set<Place> = []

    // MARK: What is done

    /// Takes in what an operation did to a store.
    ///
    /// - Parameter members: the records of a record's profile before the operation.
    /// - Throws: where the operation did what one of its kind may not do.
    mutating func observe(
        _ action: Action, _ operation: OperationID?, before: Snapshot, after: Snapshot, members: (RowID) throws -> [RowID]
    ) throws {
        for (row, state) in after.sorted(by: { $0.key < $1.key }) {
            let old = before[row] ?? RowState()
            if old == state { continue }
            guard state.context.covers(old.context), state.context != old.context else {
                throw Disagreement("\(row) changed, and its context did not grow")
            }
            for cell in Set(old.cells.keys).union(state.cells.keys).sorted() {
                let present = old.cells[cell] ?? [], left = state.cells[cell] ?? []
                let added = left.filter { !present.contains($0) }, removed = present.filter { !left.contains($0) }
                if added.isEmpty && removed.isEmpty { continue }
                guard let operation else { throw Disagreement("\(row) changed, and no operation is listed") }
                let place = Place(row: row, cell: cell)
                try checkLicence(action, place, present: present, added: added, removed: removed)
                let isOfCustomer = cell.field != FieldID.life.rawValue && cell.field != FieldID.same.rawValue
                let others = isOfCustomer ? try members(row).filter { $0 != row } : []
                for write in added {
                    let overrules = overrulings(action, write, place, present: present, removed: removed, others: others, before: before)
                    let key = Key(place: place, dot: write.dot)
                    guard events[key] == nil else { throw Disagreement("the dot \(write.dot) was given twice") }
                    events[key] = Event(key: key, write: write, overrules: overrules)
                    written[operation, default: []].insert(key)
                }
                for write in removed {
                    let key = Key(place: place, dot: write.dot)
                    guard events[key] != nil else { throw Disagreement("a write that nobody made: \(write.dot)") }
                    events[key]!.isOver = true
                    ended[operation, default: []].insert(key)
                }
            }
        }
        for row in before.keys where after[row] == nil { throw Disagreement("\(row) has vanished") }
    }

    /// Whether an operation of this kind may do this to a cell.
    private func checkLicence(_ action: Action, _ place: Place, present: [Write], added: [Write], removed: [Write]) throws {
        func refuse(_ why: String) -> Disagreement { Disagreement("\(action) in \(place.row) field \(place.cell.field): \(why)") }
        switch action {
        case .edit:
            guard added.count == 1, added[0].isPerson else { throw refuse("it writes once, as a person") }
            guard removed == present.filter(\.isPerson) else { throw refuse("it replaces what people wrote, and that alone") }
        case .resolution:
            guard added.count == 1, added[0].isPerson else { throw refuse("it writes once, as a person") }
            let isLife = place.cell.field == FieldID.life.rawValue
            guard removed == (isLife ? present.filter(\.isPerson) : []) else { throw refuse("it replaces nothing") }
        case .statement(let source):
            guard (added + removed).allSatisfy({ $0.header.source == source }) else { throw refuse("it touches its own words alone") }
        case .undo(let target):
            let ours = Set((written[target] ?? []).filter { $0.place == place }.compactMap { events[$0]?.write.identity })
            guard removed.allSatisfy({ ours.contains($0.identity) }) else { throw refuse("it removes what its operation wrote") }
            let theirs = (ended[target] ?? []).filter { $0.place == place }.compactMap { events[$0]?.write }
            for copy in added {
                guard let original = theirs.first(where: { $0.identity == copy.original }), original.value == copy.value,
                    original.header == copy.header, original.seen == copy.seen else { throw refuse("it copies what its operation replaced") }
            }
        }
    }

    private mutating func overrulings(
        _ action: Action, _ write: Write, _ place: Place, present: [Write], removed: [Write], others: [RowID], before: Snapshot
    ) -> Set<Name> {
        guard write.isPerson else { return [] }
        if let original = write.original {
            return events.values.first { $0.key.place == place && $0.write.identity == original }?.overrules ?? []
        }
        let isLife = place.cell.field == FieldID.life.rawValue
        let own = present.filter { action == .resolution && !isLife || !$0.isPerson }
        var standing = Set(own.map { name($0, in: place.row) })
        for other in others {
            standing.formUnion((before[other]?.cells[place.cell] ?? []).map { name($0, in: other) })
        }
        var inherited = Set<Name>()
        if action != .resolution || isLife {
            for write in removed { inherited.formUnion(events[Key(place: place, dot: write.dot)]?.overrules ?? []) }
        }
        inherited.subtract(standing)
        if inherited.count > RowState.inheritedOverrulingsMaximum { overlong.insert(place) }
        return inherited.union(standing)
    }

    private func name(_ write: Write, in record: RowID) -> Name {
        if let source = write.header.source { return .statement(record: record, source: source, value: write.value) }
        return .write(write.identity)
    }

    /// Forgets what is nowhere any more, since the only store that held it was put back to an older state: writes, and ends of
    /// writes of which nobody knows.
    ///
    /// - Parameter remaining: what each store holds now.
    mutating func forgetLost(remaining: [Snapshot]) {
        var found = Set<Key>()
        for (row, state) in remaining.joined() {
            for (cell, writes) in state.cells { for write in writes { found.insert(Key(place: Place(row: row, cell: cell), dot: write.dot)) } }
        }
        for (key, event) in events {
            // Whoever knows the write and does not hold it knows that it has ended.
            let isEndKnown = remaining.contains { snapshot in
                guard let state = snapshot[key.place.row], state.context.covers(key.dot) else { return false }
                return !(state.cells[key.place.cell] ?? []).contains { $0.dot == key.dot }
            }
            if event.isOver, !isEndKnown { events[key] = found.contains(key) ? event.standing : nil }
            if !event.isOver, !found.contains(key) { events[key] = nil }
        }
    }

    // MARK: What must be there

    /// Checks that a store holds every write that nobody ended, and no other.
    func checkWrites(_ snapshot: Snapshot) throws {
        var found = Set<Key>()
        for (row, state) in snapshot {
            for (cell, writes) in state.cells {
                for write in writes { found.insert(Key(place: Place(row: row, cell: cell), dot: write.dot)) }
            }
        }
        for key in found.sorted(by: { $0.dot < $1.dot }) {
            guard let event = events[key] else { throw Disagreement("a write that nobody made: \(key)") }
            if event.isOver { throw Disagreement("what somebody ended is back: \(key)") }
        }
        for event in events.values where !event.isOver && !found.contains(event.key) {
            throw Disagreement("an acknowledged write is lost: \(event.key)")
        }
    }

    private func alive(_ row: RowID, _ cell: CellKey) -> [Event] {
        (byPlace[Place(row: row, cell: cell)] ?? []).filter { !$0.isOver }
    }

    private var byPlace: [Place: [Event]] { index }
    private var index: [Place: [Event]] = [:]

    /// Makes ready for readings, once all is done.
    mutating func finish() { index = Dictionary(grouping: events.values, by: \.key.place) }

    private static func precedes(_ a: Event, _ b: Event) -> Bool {
        let x = a.write, y = b.write
        return (x.header.stamp.rawValue, x.dot.origin.rawValue, x.dot.sequence) < (y.header.stamp.rawValue, y.dot.origin.rawValue, y.dot.sequence)
    }

    /// What may be shown of a cell of these records.
    private func candidates(_ cell: CellKey, of records: [RowID]) -> [Event] {
        let all = records.flatMap { alive($0, cell) }
        let overruled = all.reduce(into: Set<Name>()) { $0.formUnion($1.overrules) }
        return all.filter { event in
            if overruled.contains(name(event.write, in: event.key.place.row)) { return false }
            guard let source = event.write.header.source else { return true }
            return !all.contains {
                $0.key.place.row == event.key.place.row && $0.write.header.source == source && FleetOracle.precedes(event, $0)
            }
        }
    }

    private func life(_ record: RowID, _ cells: Set<CellKey>) -> Life {
        let life = CellKey(field: FieldID.life.rawValue)
        let heard = candidates(life, of: [record]).map(\.write)
        let deletes = heard.filter { $0.value == Life.deletedValue }
        if deletes.isEmpty { return .living }
        if deletes.count < heard.count { return .conflict }
        let isContested = cells.contains { cell in
            cell != life && alive(record, cell).contains { event in
                event.write.isPerson && !deletes.contains { $0.seen!.covers(event.write.identity) }
            }
        }
        return isContested ? .conflict : .deleted
    }

    /// Checks what a node shows and lists of its customers.
    func checkReadings(_ node: Node) throws {
        let cells = Dictionary(grouping: index.keys, by: \.row).mapValues { Set($0.map(\.cell)) }
        var conflicts = 0
        try node.store.read { reader in
            for record in cells.keys.sorted() {
                guard let row = try reader.row(record), row.kind.isCustomer, let profile = try reader.profile(of: record) else { continue }
                let members = profile.members.map(\.id)
                if profile.id != record { continue }
                let lives = members.map { life($0, cells[$0] ?? []) }
                guard lives == profile.lives else { throw Disagreement("\(record) lives \(profile.lives) and not \(lives)") }
                let lenders = zip(members, lives).filter { $0.1 != .deleted }.map(\.0)
                var contested: [String] = lives.contains(.conflict) ? ["1 deleteEdit"] : []
                for cell in Set(members.flatMap { cells[$0] ?? [] }).sorted() where cell.field != FieldID.life.rawValue {
                    if members.contains(where: { overlong.contains(Place(row: $0, cell: cell)) }) { continue }
                    let expected = candidates(cell, of: lenders), found = profile.reading(cell)
                    guard Set(expected.map(\.write)) == Set(found.candidates.map(\.write)) else {
                        throw Disagreement("""
                            field \(cell.field) of \(record) has the candidates \(found.candidates.map { "\($0.write.dot)" }) and not \
                            \(expected.map { "\($0.write.dot)" })
                            """)
                    }
                    guard found.latest?.write == expected.max(by: FleetOracle.precedes)?.write else {
                        throw Disagreement("field \(cell.field) of \(record) shows another value")
                    }
                    guard cell.element.isEmpty, Set(expected.map(\.write.value)).count > 1 else { continue }
                    let people = expected.filter(\.write.isPerson)
                    let kind = people.isEmpty ? "disagreement" : Set(people.map(\.write.value)).count > 1 ? "field" : "source"
                    contested.append("\(cell.field) \(kind)")
                }
                let listed = try reader.contestedCells(kinds: ContestKind.allCases, profile: record).map { "\($0.field.rawValue) \($0.kind)" }
                guard overlong.isEmpty == false || listed.sorted() == contested.sorted() else {
                    throw Disagreement("\(record) lists \(listed) and not \(contested)")
                }
                conflicts += contested.filter { !$0.hasSuffix("disagreement") }.count
            }
            // Links that people dispute are held against what they are derived from by the laws of a store.
            for row in try reader.items(.link) where try reader.linkContest(row.id) != nil { conflicts += 1 }
        }
        let listed = try node.conflicts().conflicts
        guard !overlong.isEmpty || listed.count == conflicts else {
            throw Disagreement("\(conflicts) conflicts and not \(listed.map { "\($0.kind) \($0.field) of \($0.record)" })")
        }
    }
}
