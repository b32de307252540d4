import Causality
import MergeVectors
import Testing

struct ProfilePartitionTests {
    private func id(_ number: Int) -> RowID { RowID(high: 0, low: UInt64(number)) }

    private func verdict(_ a: Int, _ b: Int, _ isSame: Bool, byPerson: Bool) -> LinkVerdict {
        LinkVerdict(pair: RecordPair(id(a), id(b)), isSame: isSame, byPerson: byPerson)
    }

    @Test func anyOrderGivesTheSameProfiles() throws {
        try TestSeed.forEach(500) { random in
            var verdicts: [LinkVerdict] = []
            for a in 0..<7 {
                for b in 0..<a where random.chance(30) {
                    verdicts.append(verdict(a, b, random.chance(70), byPerson: random.chance(40)))
                }
            }
            let partition = ProfilePartition(verdicts), other = ProfilePartition(verdicts.shuffled(using: &random))
            for record in (0..<7).map(id) {
                let members = partition[record]
                guard members == other[record], members == members.sorted(), members.contains(record),
                    members.allSatisfy({ partition[$0] == members })
                else { throw Disagreement("\(verdicts)") }
            }
            for verdict in verdicts where verdict.isSame && verdict.byPerson {
                guard partition[verdict.pair.first].contains(verdict.pair.second) else { throw Disagreement("\(verdict) is not heard") }
            }
        }
    }

    @Test func aPersonsNoStopsTheLinkerAlsoThroughOthers() {
        let partition = ProfilePartition([
            verdict(1, 2, true, byPerson: false), verdict(2, 3, true, byPerson: false), verdict(3, 1, false, byPerson: true),
        ])
        #expect(partition[id(1)] == [id(1), id(2)])
        #expect(partition[id(3)] == [id(3)])
        #expect(partition[id(4)] == [id(4)])
    }

    @Test func peoplesYesesCountBeforeTheLinkers() {
        let partition = ProfilePartition([
            verdict(1, 2, true, byPerson: false), verdict(2, 3, true, byPerson: true), verdict(1, 3, false, byPerson: true),
        ])
        #expect(partition[id(2)] == [id(2), id(3)])
        #expect(partition[id(1)] == [id(1)])
    }

    @Test func theLinkersNoKeepsNobodyApart() {
        let partition = ProfilePartition([
            verdict(1, 2, true, byPerson: false), verdict(2, 3, true, byPerson: false), verdict(3, 1, false, byPerson: false),
        ])
        #expect(partition[id(3)] == [id(1), id(2), id(3)])
    }
}
