import Causality
import ProfileModel
import Replication
import Testing
import WireFormat

/// Rows that come by two neighbours: the second time they cost hardly anything.
@Suite struct SecondPathTests {
    private let network = SimulatedNetwork()

    private func sync(_ caller: MemoryStore, _ answering: MemoryStore) throws -> SyncReport {
        let outcome = network.session(from: caller, to: answering)
        if let error = outcome.error { throw error }
        return outcome.report!
    }

    /// Three stores that all know one another.
    private func triangle(_ count: Int) throws -> (MemoryStore, MemoryStore, MemoryStore) {
        let stores = (MemoryStore(1), MemoryStore(2), MemoryStore(3))
        for number in 0..<count { customer(number, in: stores.0) }
        for _ in 0..<2 {
            _ = try sync(stores.1, stores.0)
            _ = try sync(stores.2, stores.0)
            _ = try sync(stores.2, stores.1)
        }
        return stores
    }

    @Test func aSecondPathCostsFewBytesARow() throws {
        let (a, b, c) = try triangle(100)
        for number in 1000..<2000 { customer(number, in: a) }
        _ = try sync(b, a)
        _ = try sync(c, a)
        let report = try sync(c, b)
        print("a second path: \(report.pulled.bytes) bytes pulled for \(report.pulled.rows) rows, \(report.pushed.bytes) pushed for \(report.pushed.rows)")
        #expect(report.pulled.changes == 0 && report.pushed.changes == 0)
        #expect(report.pulled.bytes <= 32 * max(report.pulled.rows, 64) && report.pushed.bytes <= 32 * max(report.pushed.rows, 64))
        #expect(report.pulled.rows + report.pushed.rows >= 1000)
        #expect(report.roundTrips <= 3)
        #expect(try sync(c, b).roundTrips == 1)
    }

    @Test func aFirstMeetingOfEqualsComparesAlone() throws {
        let a = MemoryStore(1), b = MemoryStore(2), c = MemoryStore(3)
        for number in 0..<3000 { customer(number, in: a) }
        _ = try sync(b, a)
        _ = try sync(c, a)
        let report = try sync(c, b)
        #expect(report.pulled.rows + report.pushed.rows == 0)
        #expect(report.bytes < 4000)
        #expect(try sync(c, b).roundTrips == 1)
        #expect(try sync(b, c).roundTrips == 1)
    }

    /// The guess is wrong: a later write of an origin has come, an earlier one has not.
    @Test func aGapInWhatOthersBroughtIsFilled() throws {
        let (a, b, c) = try triangle(100)
        for number in 1000..<1200 { customer(number, in: a) }
        _ = try sync(b, a)
        let ids = a.content.rows.keys.sorted()
        // The first row of all is written again, and comes to the third store alone.
        address(ids[0], field: 24, in: a, "later")
        let before = c.content
        network.limits.frame.rowsMaximum = 1
        network.piecesLeft = 4
        _ = network.session(from: c, to: a)
        network.piecesLeft = nil
        network.limits.frame.rowsMaximum = 2048
        c.content.known.insert(Dot(origin: a.content.life, sequence: a.content.sequence))
        #expect(c.content.rows.count < before.rows.count + 200)
        let report = try sync(c, b)
        #expect(network.endpoints.contains(.fetch))
        #expect(report.pulled.rows >= 190)
        for _ in 0..<2 {
            _ = try sync(b, a)
            _ = try sync(c, a)
        }
        #expect(a.digest == b.digest && b.digest == c.digest)
    }

    @Test func randomTrianglesConverge() throws {
        let seed = testSeed("randomTrianglesConverge")
        for round in 0..<testRounds(30) {
            var edits = RandomEdits(seed: seed &+ round)
            edits.rowCount = 60
            let stores = [MemoryStore(1), MemoryStore(2), MemoryStore(3)]
            for _ in 0..<60 {
                for _ in 0..<Int.random(in: 0..<8, using: &edits.generator) { edits.edit(stores.randomElement(using: &edits.generator)!) }
                let pair = stores.shuffled(using: &edits.generator)
                if edits.generator.chance(30) { network.piecesLeft = Int.random(in: 0..<8, using: &edits.generator) }
                _ = network.session(from: pair[0], to: pair[1])
                network.piecesLeft = nil
            }
            for _ in 0..<3 { for a in stores { for b in stores where a !== b { _ = try sync(a, b) } } }
            #expect(Set(stores.map(\.digest)).count == 1, "seed \(seed) round \(round)")
        }
    }
}
