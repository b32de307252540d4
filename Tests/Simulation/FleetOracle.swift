internal import Causality
internal import MergeVectors
internal import ProfileModel

/// What must come of all that was done, kept beside the fleet: every write that was acknowledged, and every one that somebody
/// who saw it put an end to.
///
/// It looks at a store before and after each operation, and never at what sessions carry. `OracleView` works out readings
/// from the rules again, `OraclePlaces` who must hold what.
struct FleetOracle {
    /// A row as one store holds it.
    struct HeldRow: Equatable {
        let kind: RowKind
        let state: RowState
    }

    /// All rows of one store.
    typealias Snapshot = [RowID: HeldRow]

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
    /// Customers that are erased for ever.
    private(set) var erased: Set<RowID> = []
    /// The customers to which rows belong.
    private var owners: [RowID: Set<RowID>] = [:]
    private var written: [OperationID: Set<Key>] = [:]
    private var ended: [OperationID: Set<Key>] = [:]
    /// Cells whose lists of overrulings are longer than a write inherits.
    private(set) var overlong: Set<Place> = []

    // MARK: What is done

    /// Takes in what an operation did to a store.
    ///
    /// - Throws: where the operation did what one of its kind may not do.
    mutating func observe(_ action: Action, _ operation: OperationID?, before: Snapshot, after: Snapshot) throws {
        let profiles = try OracleView(self, of: before)
        for (row, held) in after.sorted(by: { $0.key < $1.key }) {
            let state = held.state, old = before[row]?.state ?? RowState()
            if old == state { continue }
            if held.kind != .link || owners[row] == nil { owners[row, default: []].formUnion(OraclePlaces.owners(of: held)) }
            guard state.context.covers(old.context), state.context != old.context else {
                throw Disagreement("\(row) changed, and its context did not grow")
            }
            for cell in Set(old.cells.keys).union(state.cells.keys).sorted() {
                let present = old.cells[cell] ?? [], left = state.cells[cell] ?? []
                let added = left.filter { !present.contains($0) }, removed = present.filter { !left.contains($0) }
                if added.isEmpty && removed.isEmpty { continue }
                guard let operation = held.kind == .node ? added.first?.header.operation : operation else { throw Disagreement("\(row) changed, and no operation is listed") }
                let place = Place(row: row, cell: cell)
                // A new life, which may begin with any operation, is told by the store itself.
                if held.kind != .node { try checkLicence(action, place, present: present, added: added, removed: removed) }
                // Each record of a profile has a life and a scope of its own.
                let isOfProfile = held.kind.isCustomer && cell.field != FieldID.life.rawValue
                    && (cell.field != FieldID.scope.rawValue || action == .resolution)
                let others = isOfProfile ? profiles.members(of: row).filter { $0 != row } : []
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
            // A yes by which others join two records that are not one is taken back by a plain word.
            let isPlain = isLife || place.cell.field == FieldID.same.rawValue && !removed.isEmpty
            guard removed == (isPlain ? present.filter(\.isPerson) : []) else { throw refuse("it replaces nothing") }
        case .statement(let source):
            guard (added + removed).allSatisfy({ $0.header.source == source }) else { throw refuse("it touches its own words alone") }
            let last = present.filter { $0.header.source == source }.max(by: OracleView.precedes)
            guard last == nil || added.allSatisfy({ $0.value != last!.value }) else { throw refuse("it says nothing new") }
        case .undo(let target):
            let ours = Set((written[target] ?? []).filter { $0.place == place }.compactMap { events[$0]?.write.identity })
            guard removed.allSatisfy({ ours.contains($0.identity) }) else { throw refuse("it removes what its operation wrote") }
            let theirs = (ended[target] ?? []).filter { $0.place == place }.compactMap { events[$0]?.write }
            for copy in added {
                // What belongs to a customer goes on to say to whom.
                if place.cell.field == FieldID.content.rawValue, copy.value.map({ Set(OracleText.members(OracleText.text($0)).keys) }) == ["customer"] { continue }
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
        let isResolving = action == .resolution && place.cell.field != FieldID.life.rawValue && removed.isEmpty
        let own = present.filter { isResolving || !$0.isPerson }
        var standing = Set(own.map { OracleView.name($0, in: place.row) })
        for other in others {
            standing.formUnion((before[other]?.state.cells[place.cell] ?? []).map { OracleView.name($0, in: other) })
        }
        var inherited = Set<Name>()
        if !isResolving {
            for write in removed { inherited.formUnion(events[Key(place: place, dot: write.dot)]?.overrules ?? []) }
        }
        inherited.subtract(standing)
        if inherited.count > RowState.inheritedOverrulingsMaximum { overlong.insert(place) }
        return inherited.union(standing)
    }

    /// Forgets what is nowhere any more, since the only store that held it was put back to an older state: writes, and ends of
    /// writes of which nobody knows.
    ///
    /// - Parameters:
    ///   - remaining: what each store holds now.
    ///   - rows: only what was lost of these; nil for all.
    /// - Returns: whether anything was lost.
    mutating func forgetLost(remaining: [Snapshot], of rows: Set<RowID>? = nil) -> Bool {
        var isAnythingLost = false
        var found = Set<Key>()
        for (row, held) in remaining.joined() {
            for (cell, writes) in held.state.cells { for write in writes { found.insert(Key(place: Place(row: row, cell: cell), dot: write.dot)) } }
        }
        for (key, event) in events where !isErased(key.place.row) && rows?.contains(key.place.row) ?? true {
            // Whoever knows the write and does not hold it knows that it has ended.
            let isEndKnown = remaining.contains { snapshot in
                guard let state = snapshot[key.place.row]?.state, state.context.covers(key.dot) else { return false }
                return !(state.cells[key.place.cell] ?? []).contains { $0.dot == key.dot }
            }
            if event.isOver, !isEndKnown {
                events[key] = found.contains(key) ? event.standing : nil
                isAnythingLost = true
            }
            if !event.isOver, !found.contains(key) {
                events[key] = nil
                isAnythingLost = true
            }
        }
        return isAnythingLost
    }

    // MARK: What is erased

    /// Takes in that customers were erased.
    mutating func erase(_ records: [RowID]) { erased.formUnion(records) }

    /// Forgets erasures that were lost with the only store that knew of them.
    mutating func forgetErasures(except known: Set<RowID>) -> Bool {
        let before = erased.count
        erased.formIntersection(known)
        return erased.count < before
    }

    /// Whether a row must be in no store that has heard of all erasures: its own id is erased, or a customer to which it belongs.
    func isErased(_ row: RowID) -> Bool { erased.contains(row) || !erased.isDisjoint(with: owners[row] ?? []) }

    // MARK: What must be there

    /// Checks that what a store held and holds no more has come to an end, or stands in another store.
    func checkKept(_ before: Snapshot, _ after: Snapshot, others: [Snapshot]) throws {
        for (row, old) in before {
            if after[row]?.state == old.state || after[row] == nil && isErased(row) { continue }
            for (cell, writes) in old.state.cells {
                for write in writes where !(after[row]?.state.cells[cell] ?? []).contains(where: { $0.dot == write.dot }) {
                    guard let event = events[Key(place: Place(row: row, cell: cell), dot: write.dot)], !event.isOver else { continue }
                    let isElsewhere = others.contains { $0[row]?.state.cells[cell]?.contains { $0.dot == write.dot } ?? false }
                    guard isElsewhere else { throw Disagreement("the write \(write.dot) in \(row) field \(cell.field) is in no store") }
                }
            }
        }
    }

    /// Checks that a store holds every write that nobody ended in the rows that it must have, and no other.
    ///
    /// - Parameter belongs: whether the store must have a row; nil where it may.
    func checkWrites(_ snapshot: Snapshot, belongs: (RowID) -> Bool?) throws {
        var found = Set<Key>()
        for (row, held) in snapshot {
            guard !isErased(row) else { throw Disagreement("\(row) is erased, and here") }
            guard belongs(row) != false else { throw Disagreement("\(row) is where it does not belong") }
            for (cell, writes) in held.state.cells {
                for write in writes { found.insert(Key(place: Place(row: row, cell: cell), dot: write.dot)) }
            }
        }
        for key in found.sorted(by: { $0.dot < $1.dot }) {
            guard let event = events[key] else { throw Disagreement("a write that nobody made: \(key)") }
            if event.isOver { throw Disagreement("what somebody ended is back: \(key)") }
        }
        for event in events.values where !event.isOver && !found.contains(event.key) && !isErased(event.key.place.row) && belongs(event.key.place.row) == true {
            throw Disagreement("an acknowledged write is lost: \(event.key)")
        }
    }
}

