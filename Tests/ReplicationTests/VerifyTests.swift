import Causality
import ProfileModel
@testable import Replication
import Testing

@Suite struct VerifyTests {
    private let network = SimulatedNetwork()

    private func verify(_ here: MemoryStore, _ there: MemoryStore, isRepairing: Bool = false) throws -> (VerifyCaller, SyncReport) {
        let machine = VerifyCaller(store: here, environment: network.environment, isRepairing: isRepairing)
        let outcome = network.run(machine, from: here, to: there)
        if let error = outcome.error { throw error }
        return (machine, outcome.report!)
    }

    /// Ids as they occur: by a hash, by a time, and any other.
    private func id(_ number: UInt64, _ generator: inout SeededGenerator) -> RowID {
        switch number % 4 {
        case 0: .version7(unixMilliseconds: 1_700_000_000_000 + Int64(number / 40) * 1_000_000, random: (generator.next(), generator.next()))
        case 1: RowID(high: 1, low: number)
        default: .version8(hash: Digest128(high: generator.next(), low: generator.next()))
        }
    }

    private func write(_ id: RowID, _ text: String, in store: MemoryStore) {
        store.edit(id) { state, dot in
            _ = state.writeAsPerson(
                CellKey(field: 20), FieldValue.bytes(text: text), record: id, dot: dot, now: Stamp(rawValue: 1_700_000_000_000_000),
                by: Authorship(author: store.name, operation: OperationID(high: 2, low: 2)), key: testKey)
        }
    }

    @Test func findsExactlyWhatDiffersAndRepairsIt() throws {
        let seed = testSeed("findsExactlyWhatDiffersAndRepairsIt")
        for round in 0..<testRounds(40) {
            var generator = SeededGenerator(seed: seed &+ round)
            let here = MemoryStore(1), there = MemoryStore(2)
            let common = [0, 1, 30, 500, 3000].randomElement(using: &generator)!
            for number in 0..<common {
                let id = id(UInt64(number), &generator)
                write(id, "common", in: here)
                there.content.rows[id] = here.content.rows[id]
            }
            let shared = Set(here.content.rows.keys)
            var expected: [RowID: RowDifference.Place] = [:]
            for number in 0..<Int.random(in: 0..<[3, 40, 400].randomElement(using: &generator)!, using: &generator) {
                let place = RowDifference.Place.allCases.randomElement(using: &generator)!
                let id = place == .both && generator.chance(70) ? here.content.rows.keys.sorted().randomElement(using: &generator) : nil
                let chosen = id ?? self.id(UInt64(number), &generator)
                if place != .there { write(chosen, "here \(number)", in: here) }
                if place != .here { write(chosen, "there \(number)", in: there) }
                let isBoth = shared.contains(chosen) || expected[chosen].map { $0 != place } ?? false
                expected[chosen] = isBoth ? .both : place
            }
            let (found, report) = try verify(here, there)
            #expect(found.isEqual == expected.isEmpty, "seed \(seed) round \(round)")
            #expect(report.roundTrips <= (expected.isEmpty ? 1 : 2))
            #expect(Dictionary(uniqueKeysWithValues: found.differences.map { ($0.id, $0.place) }) == expected, "seed \(seed) round \(round)")
            let (repair, _) = try verify(here, there, isRepairing: true)
            #expect(repair.differences == found.differences)
            #expect(here.digest == there.digest, "seed \(seed) round \(round)")
            #expect(try verify(here, there).0.isEqual)
            #expect(here.content.cursors.isEmpty && there.content.cursors.isEmpty)
        }
    }

    @Test func tenDifferencesAmongManyAreFew() throws {
        let here = MemoryStore(1), there = MemoryStore(2)
        var generator = SeededGenerator(seed: testSeed("tenDifferencesAmongManyAreFew"))
        for number in 0..<20_000 as Range<UInt64> {
            let id = id(number * 4 + 2, &generator)
            write(id, "common", in: here)
            there.content.rows[id] = here.content.rows[id]
        }
        for id in here.content.rows.keys.sorted().prefix(10) { write(id, "there", in: there) }
        let (found, report) = try verify(here, there)
        #expect(found.differences.count == 10)
        #expect(report.roundTrips == 2)
        #expect(report.bytes < 25_000)
    }

    @Test func scopesThatOnlyOneHoldsAreNotCompared() {
        let all = ScopeRange.all, east = ScopeRange(heldBy: ScopeSet(["cn/east"])), north = ScopeRange(heldBy: ScopeSet(["cn/north", "cn/east/shanghai"]))
        #expect(all.intersection(east) == east)
        #expect(east.intersection(all) == east)
        #expect(east.intersection(north) == ScopeRange(heldBy: ScopeSet(["cn/east/shanghai"])))
        #expect(north.intersection(east) == east.intersection(north))
        #expect(ScopeRange(heldBy: ScopeSet(["cn/east"])).intersection(ScopeRange(heldBy: ScopeSet(["de"]))).names == [])
        #expect(east.contains("cn/east/shanghai") && east.contains("cn/east") && !east.contains("cn/eastern"))
        #expect(east.contains("*") && !east.contains("/"))
        #expect(ScopeRange(heldBy: ScopeSet(["/"])) == all)
    }

    @Test func cellsHoldTheirIdsAndFillTheBuckets() {
        let seed = testSeed("cellsHoldTheirIdsAndFillTheBuckets")
        var generator = SeededGenerator(seed: seed)
        var buckets = [Int](repeating: 0, count: 64)
        for number in 0..<20_000 as Range<UInt64> {
            let id = id(number, &generator), cell = SumCell(of: id)
            #expect(cell.ids.contains(id))
            #expect(SumCell(number: cell.number) == cell)
            #expect(cell.bucket(bits: 14) >> 8 == cell.bucket(bits: 6))
            if number % 4 != 1 { buckets[cell.bucket(bits: 6)] += 1 }
        }
        #expect(buckets.allSatisfy { $0 > 50 }, "seed \(seed) \(buckets)")
    }

    @Test func garbageIsRefused() throws {
        let here = MemoryStore(1), there = MemoryStore(2)
        var generator = SeededGenerator(seed: testSeed("garbageIsRefused"))
        for number in 0..<200 as Range<UInt64> { write(id(number, &generator), "here", in: here) }
        var request = ComparisonRequest(
            protocol: [1, 1], deployment: here.deployment.description, node: here.node.description, name: here.name,
            life: here.content.life.description, to: nil, scopes: nil, step: .sums, bits: 4, groupBits: 4, groupsMaximum: nil)
        func answer(_ words: [UInt64]) throws -> Int {
            let exchange = SyncResponder(store: there, environment: network.environment)
                .exchange(.verify, admission: Admission(name: here.name, node: nil))
            _ = exchange.receive(try WordItems.stream(request, words))
            return exchange.finish().status
        }
        #expect(try answer([UInt64](repeating: 1, count: 18)) == 200)
        for count in [0, 1, 17, 19] { #expect(try answer([UInt64](repeating: 1, count: count)) == 400) }
        request.step = .rows
        #expect(try answer([3, 2, 7, 7, 5, 0]) == 200)
        for words in [[16, 0], [3], [3, 2, 7], [3, .max, 1], [5, 0, 5, 0]] as [[UInt64]] { #expect(try answer(words) == 400) }
        request.bits = 60
        #expect(try answer([]) == 400)
        for _ in 0..<200 {
            let exchange = SyncResponder(store: there, environment: network.environment)
                .exchange(.verify, admission: Admission(name: here.name, node: nil))
            _ = exchange.receive((0..<Int.random(in: 0..<300, using: &generator)).map { _ in UInt8(truncatingIfNeeded: generator.next()) })
            #expect(exchange.finish().status >= 400)
        }
    }
}

@Suite struct LostCursorTests {
    private let network = SimulatedNetwork()

    private func filled(_ count: Int) throws -> (MemoryStore, MemoryStore) {
        let branch = MemoryStore(1), laptop = MemoryStore(2)
        for number in 0..<count { customer(number, in: branch) }
        try #require(network.session(from: laptop, to: branch).error == nil)
        return (branch, laptop)
    }

    @Test func aLostCursorIsFoundByComparing() throws {
        let (branch, laptop) = try filled(2000)
        customer(5000, in: branch)
        customer(6000, in: laptop)
        laptop.content.cursors = [:]
        branch.content.cursors = [:]
        let report = try #require(network.session(from: laptop, to: branch, knows: false).report)
        #expect(report.pulled.rows == 1)
        #expect(report.bytes < 12_000)
        #expect(laptop.digest == branch.digest)
        #expect(try #require(network.session(from: laptop, to: branch).report).roundTrips == 1)
        #expect(try #require(network.session(from: branch, to: laptop).report).roundTrips == 1)
    }

    @Test func aRestoredNeighbourIsNotReadWhole() throws {
        let (branch, laptop) = try filled(2000)
        let backup = branch.content
        for number in 3000..<3005 { customer(number, in: branch) }
        try #require(network.session(from: laptop, to: branch).error == nil)
        branch.restore(backup, life: Origin(rawValue: 99))
        customer(4000, in: branch)
        let report = try #require(network.session(from: laptop, to: branch).report)
        #expect(report.bytes < 16_000)
        #expect(laptop.digest == branch.digest)
        #expect(laptop.content.rows.count == 2006)
        #expect(laptop.content.cursors[branch.node]?.life == Origin(rawValue: 99))
        #expect(try #require(network.session(from: laptop, to: branch).report).roundTrips == 1)
    }

    @Test func storesThatHaveNothingInCommonSendAll() throws {
        let branch = MemoryStore(1), laptop = MemoryStore(2)
        for number in 0..<700 { customer(number, in: branch) }
        for number in 700..<1500 { customer(number, in: laptop) }
        try #require(network.session(from: laptop, to: branch).error == nil)
        #expect(network.endpoints.filter { $0 == .verify }.count <= 1)
        #expect(network.endpoints.filter { $0 == .fetch }.isEmpty)
        #expect(laptop.digest == branch.digest)
        #expect(laptop.content.rows.count == 1500)
    }

    /// The cursor that a comparison sets must not pass what came to the neighbour during it.
    @Test func whatChangesDuringAComparisonIsNotPassedBy() throws {
        let seed = testSeed("whatChangesDuringAComparisonIsNotPassedBy")
        for round in 0..<testRounds(30) {
            var edits = RandomEdits(seed: seed &+ round)
            edits.rowCount = 300
            let (branch, laptop) = try filled(300)
            for _ in 0..<Int.random(in: 0..<30, using: &edits.generator) { edits.edit(branch) }
            for _ in 0..<Int.random(in: 0..<30, using: &edits.generator) { edits.edit(laptop) }
            laptop.content.cursors = [:]
            branch.content.cursors = [:]
            let machine = SyncCaller(store: laptop, environment: network.environment, expected: nil)
            let busy = BusySession(machine) {
                if edits.generator.chance(60) { edits.edit(branch) }
                if edits.generator.chance(60) { edits.edit(laptop) }
            }
            if edits.generator.chance(30) { network.piecesLeft = Int.random(in: 0..<12, using: &edits.generator) }
            _ = network.run(busy, from: laptop, to: branch)
            network.piecesLeft = nil
            for _ in 0..<3 {
                try #require(network.session(from: laptop, to: branch).error == nil)
                try #require(network.session(from: branch, to: laptop).error == nil)
            }
            #expect(laptop.digest == branch.digest, "seed \(seed) round \(round)")
        }
    }
}

/// A session during which both stores go on changing.
private final class BusySession: CallingSession {
    private let machine: SyncCaller
    private let change: () -> Void

    init(_ machine: SyncCaller, change: @escaping () -> Void) {
        self.machine = machine
        self.change = change
    }

    func start() -> SyncStep { machine.start() }

    func receive(_ event: SyncEvent) -> SyncStep {
        change()
        let step = machine.receive(event)
        change()
        return step
    }
}
