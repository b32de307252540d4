import Causality
import MergeVectors
import Testing

/// Readings of the design that look right and are not: the oracle tells each of them from the one that holds.
struct FailingReadingTests {
    private static let histories = 400

    /// In how many histories what went wrong.
    private struct Tally: CustomStringConvertible {
        var lost = 0, returned = 0, diverged = 0, wrong = 0

        var description: String { "\(wrong) of \(histories) histories wrong: \(lost) lost a write, \(returned) brought one back, \(diverged) diverged" }
    }

    /// The same histories whatever the reading.
    private func tally<Replica: RegisterReplica>(_: Replica.Type) throws -> Tally {
        var tally = Tally()
        try TestSeed.forEach(FailingReadingTests.histories) { random in
            let (lost, returned, diverged) = play(Replica.self, &random)
            if lost { tally.lost += 1 }
            if returned { tally.returned += 1 }
            if diverged { tally.diverged += 1 }
            if lost || returned || diverged { tally.wrong += 1 }
        }
        print("\(Replica.title): \(tally)")
        return tally
    }

    private func play<Replica: RegisterReplica>(_: Replica.Type, _ random: inout SplitMix64) -> (lost: Bool, returned: Bool, diverged: Bool) {
        let origins = (1...4).map { Origin(rawValue: UInt64($0)) }
        var replicas = origins.map(Replica.init(origin:)), oracle = Oracle(records: [], origins: origins)
        var lost = false, returned = false, diverged = false
        func receive(_ a: Int, from b: Int, row: Int?) {
            let other = replicas[b]
            for row in replicas[a].receive(from: other, row: row) {
                oracle.receive(a, from: b, row: "\(row)")
                let expected = Set(oracle.living(a, "\(row)", "value").map { oracle.events[$0].dot }), found = replicas[a].living(row)
                if !expected.isSubset(of: found) { lost = true }
                if !found.isSubset(of: expected) { returned = true }
            }
        }
        for now in 0..<30 {
            let a = random.below(4), b = (a + 1 + random.below(3)) % 4, row = random.below(3)
            switch random.below(100) {
            case ..<40:
                replicas[a].write(row)
                oracle.person(a, "\(row)", "value", nil, now: 0)
            case ..<50: replicas[a].move(row, to: random.below(2), now: Int64(now))
            case ..<72: receive(a, from: b, row: row)
            default: receive(a, from: b, row: nil)
            }
        }
        for _ in 0..<3 { for a in 0..<4 { for b in 0..<4 where a != b { receive(a, from: b, row: nil) } } }
        for row in replicas[0].allRows {
            if replicas.contains(where: { $0.living(row) != replicas[0].living(row) }) { diverged = true }
        }
        return (lost, returned, diverged)
    }

    @Test func rowsThatCarryTheirOwnContext() throws {
        #expect(try tally(RowContextReplica.self).wrong == 0)
    }

    @Test func operationsThatNameWhatTheyOverwrite() throws {
        let tally = try tally(NamedOverwritesReplica.self)
        #expect(tally.returned > 0)
        #expect(tally.diverged > 0)
    }

    @Test func cellsJoinedByNodeWideVersionVectors() throws {
        #expect(try tally(NodeVectorReplica.self).returned > 0)
    }

    @Test func versionVectorsPerTerritory() throws {
        #expect(try tally(TerritoryVectorReplica.self).lost > 0)
    }
}
