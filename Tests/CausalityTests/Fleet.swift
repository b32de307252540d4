import Causality
import MergeVectors

/// Replicas with an oracle beside them, and random histories that happen to both.
struct Fleet {
    static let cells = CausalReplica.cells

    var replicas: [CausalReplica]
    var oracle: Oracle
    /// Each clock's error.
    private let skews: [Int64]
    private var now: Int64 = 1000
    /// States that rows were in, for each row.
    private(set) var snapshots: [String: [RowState]] = [:]

    init(replicas count: Int, random: inout SplitMix64) {
        let origins = (0..<count).map { _ in Origin(rawValue: random.next()) }
        replicas = origins.map(CausalReplica.init(origin:))
        oracle = Oracle(records: CausalReplica.records, origins: origins)
        let choices: [Int64] = [0, 0, 0, 3, -4, 60, -1000]
        skews = (0..<count).map { _ in random.pick(choices) }
    }

    /// Takes random steps; now and then keeps a row's state, and compares a replica with the oracle.
    mutating func live(steps: Int, comparing percent: Int, random: inout SplitMix64) throws {
        for _ in 0..<steps {
            let replica = random.below(replicas.count)
            step(replica, &random)
            if random.chance(30), let row = replicas[replica].rows.keys.sorted().randomElement(using: &random) {
                snapshots[row, default: []].append(replicas[replica].rows[row]!)
            }
            if random.chance(percent) { try compare(replica) }
        }
    }

    /// Lets all replicas hear all others.
    mutating func heal() {
        for _ in 0..<2 {
            for replica in replicas.indices {
                for other in replicas.indices where other != replica { receive(replica, from: other) }
            }
        }
    }

    private mutating func receive(_ replica: Int, from other: Int, row: String? = nil) {
        let neighbour = replicas[other]
        if let row { replicas[replica].receive(row, from: neighbour) } else { replicas[replica].receive(from: neighbour) }
        oracle.receive(replica, from: other, row: row)
    }

    private mutating func step(_ replica: Int, _ random: inout SplitMix64) {
        now += Int64(random.below(4))
        let record = random.pick(CausalReplica.records)
        switch random.below(100) {
        case ..<24: receiveSome(replica, &random)
        case ..<60: write(replica, record, &random)
        case ..<67:
            let b = CausalReplica.records.filter { $0 != record }.randomElement(using: &random)!
            let isSame = random.chance(66), byPerson = random.chance(50)
            replicas[replica].link(record, b, isSame: isSame, byPerson: byPerson, now: clock(replica))
            oracle.link(replica, record, b, isSame: isSame, byPerson: byPerson, now: clock(replica))
        case ..<69:
            replicas[replica].unmerge(record, now: clock(replica))
            oracle.unmerge(replica, record, now: clock(replica))
        case ..<74:
            if random.chance(50) {
                replicas[replica].delete(record, now: clock(replica))
                oracle.setLife(replica, record, "deleted", now: clock(replica))
            } else {
                replicas[replica].restore(record, now: clock(replica))
                oracle.setLife(replica, record, "living", now: clock(replica))
            }
        case ..<82: resolve(replica, &random)
        case ..<91:
            guard !oracle.made[replica].isEmpty else { return }
            let count = oracle.made[replica].count, index = max(0, count - 1 - random.below(4))
            replicas[replica].undo(index)
            oracle.undo(replica, index)
        case ..<94:
            let cell = random.pick(Fleet.cells + ["life"])
            replicas[replica].clearAway(record, cell)
            oracle.clearAway(replica, record, cell)
        case ..<97:
            let scope = random.pick(["cn/east", "cn/north", "cn/south"])
            replicas[replica].leave(scope, record)
            oracle.leave(replica, scope, record)
        default:
            let origin = Origin(rawValue: random.next())
            replicas[replica].beginLife(origin)
            oracle.beginLife(replica, origin)
        }
    }

    private func clock(_ replica: Int) -> Int64 { now + skews[replica] }

    private mutating func receiveSome(_ replica: Int, _ random: inout SplitMix64) {
        var other = random.below(replicas.count - 1)
        if other >= replica { other += 1 }
        if random.chance(40) {
            for row in replicas[other].rows.keys.sorted() where random.chance(30) { receive(replica, from: other, row: row) }
        } else {
            for _ in 0..<(random.chance(20) ? 2 : 1) { receive(replica, from: other) }
        }
    }

    private func value(_ cell: String, _ random: inout SplitMix64) -> String? {
        cell.hasPrefix("tag:") ? random.pick(["1", nil]) : random.pick(["x", "y", "z", nil])
    }

    private mutating func write(_ replica: Int, _ record: String, _ random: inout SplitMix64) {
        let count = random.chance(25) ? 3 : 1
        let values = Fleet.cells.shuffled(using: &random).prefix(count).map { ($0, value($0, &random)) }
        let time = clock(replica)
        if random.chance(50) {
            if count == 1 {
                replicas[replica].edit(record, values[0].0, values[0].1, now: time)
            } else {
                replicas[replica].edit(record, together: values, now: time)
            }
            let profile = oracle.profile(replica, record), dot = oracle.nextDot(replica)
            for (cell, value) in values { oracle.person(replica, record, cell, value, now: time, profile: profile, dot: dot) }
        } else {
            let source = random.pick(["crm", "erp"]), own = random.chance(60) ? now - Int64(random.below(40)) : nil
            replicas[replica].source(source, record, together: values, time: own, now: time)
            oracle.source(replica, source, record, values, time: own, now: time)
        }
    }

    private mutating func resolve(_ replica: Int, _ random: inout SplitMix64) {
        let contested = CausalReplica.records.flatMap { record in
            let members = oracle.profile(replica, record)
            return ["title", "address"].filter { oracle.candidates(replica, members, $0).count > 1 }.map { (record, $0) }
        }
        guard let (record, cell) = contested.randomElement(using: &random) else { return }
        let value = random.pick(["x", "settled"])
        replicas[replica].resolve(record, cell, value, now: clock(replica))
        let profile = oracle.profile(replica, record)
        oracle.person(replica, record, cell, value, now: clock(replica), profile: profile, resolving: true)
    }
}

// MARK: Comparing

extension Fleet {
    /// Compares a replica with the oracle: living writes, contexts, scopes left, and all that is read.
    func compare(_ replica: Int) throws {
        for row in Set(oracle.rows).union(replicas[replica].rows.keys).sorted() {
            let state = replicas[replica].rows[row] ?? RowState()
            try compareWrites(replica, row, state)
            let context = Dictionary(uniqueKeysWithValues: state.context.entries.map { ($0.origin, $0.sequence) })
            guard context == oracle.context(replica, row) else {
                throw Disagreement("replica \(replica), row \(row): context \(context), not \(oracle.context(replica, row))")
            }
            guard state.scopesLeft == (oracle.scopesLeft[replica][row] ?? []).sorted() else {
                throw Disagreement("replica \(replica), row \(row): scopes left \(state.scopesLeft)")
            }
        }
        for record in CausalReplica.records {
            let found = replicas[replica].read(record), expected = oracle.read(replica, record, cells: Fleet.cells)
            guard found == expected else {
                throw Disagreement("replica \(replica) reads \(record) as\n\(found)\nand not as\n\(expected)")
            }
            let names = Fleet.cells + ["life"]
            for cell in names {
                let found = replicas[replica].reading(cell, of: expected.members).candidates.map(\.write.dot).sorted()
                let dots = oracle.candidates(replica, expected.members, cell).map { oracle.events[$0].dot }.sorted()
                guard found == dots else { throw Disagreement("replica \(replica), \(record) \(cell): candidates \(found), not \(dots)") }
            }
        }
    }

    private func compareWrites(_ replica: Int, _ row: String, _ state: RowState) throws {
        let names = oracle.cells(replica, row)
        let keys = Set(names.map(CausalReplica.cell))
        guard state.cells.keys.allSatisfy(keys.contains) else {
            throw Disagreement("replica \(replica), row \(row): a cell that nobody wrote")
        }
        for cell in names.sorted() {
            let found = state.cells[CausalReplica.cell(cell)] ?? []
            let expected = oracle.living(replica, row, cell)
            let foundDots = found.map(\.dot), expectedDots = expected.map { oracle.events[$0].dot }
            guard foundDots == expectedDots else {
                let lost = expectedDots.filter { !foundDots.contains($0) }, returned = foundDots.filter { !expectedDots.contains($0) }
                throw Disagreement("replica \(replica), row \(row), \(cell): lost \(lost), returned \(returned)")
            }
            for (write, id) in zip(found, expected) {
                let event = oracle.events[id]
                guard CausalReplica.text(write.value) == event.value, write.header.stamp.rawValue == event.stamp,
                    write.header.source == event.source, write.header.author == event.author,
                    write.overrules.count == event.overrules.count, write.identity == oracle.events[event.standsFor].dot
                else { throw Disagreement("replica \(replica), row \(row), \(cell): \(write) is not \(event)") }
            }
            try checkPasts(replica, row, cell, living: Set(expected))
        }
    }

    /// From causal pasts alone: a person's write that no later write of its cell knew of lives, and one that a later edit
    /// knew of does not.
    private func checkPasts(_ replica: Int, _ row: String, _ cell: String, living: Set<Int>) throws {
        let here = oracle.known[replica].filter { oracle.events[$0].place == Oracle.Place(row: row, cell: cell) }
        for id in here where oracle.events[id].isPerson {
            let later = here.filter { oracle.events[$0].past.contains(id) }
            if later.isEmpty, !living.contains(id) {
                throw Disagreement("replica \(replica), row \(row), \(cell): the concurrent write \(oracle.events[id]) was lost")
            }
            if later.contains(where: { oracle.events[$0].kind == .edit }), living.contains(id) {
                throw Disagreement("replica \(replica), row \(row), \(cell): the overwritten write \(oracle.events[id]) returned")
            }
        }
    }

    /// Compares the states of all replicas.
    func checkEqualStates() throws {
        for replica in replicas.indices.dropFirst() {
            guard replicas[replica].rows == replicas[0].rows else { throw Disagreement("replicas 0 and \(replica) differ") }
        }
    }
}
