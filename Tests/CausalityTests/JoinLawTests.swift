import Causality
import MergeVectors
import Testing

/// The laws of `join`, on states that histories reach and on states put together at random.
struct JoinLawTests {
    @Test func reachedRows() throws {
        try TestSeed.forEach(1000) { random in
            var fleet = Fleet(replicas: 3, random: &random)
            try fleet.live(steps: 30, comparing: 0, random: &random)
            for row in fleet.snapshots.keys.sorted() {
                var states = fleet.snapshots[row]!.suffix(4) + fleet.replicas.map { $0.rows[row] ?? RowState() }
                states.shuffle(using: &random)
                let few = Array(states.prefix(4))
                try checkJoinSemilattice(few, triples: 3, random: &random, join: RowState.join)
                try checkJoinSemilattice(few.map(CompactRow.init), triples: 2, random: &random, join: CompactRow.join)
                try checkJoinSemilattice(few.map(\.context), triples: 2, random: &random) { a, b in
                    var union = a
                    union.formUnion(b)
                    return union
                }
            }
        }
    }

    /// `join` asks nothing of its operands but that their contexts cover their writes, so equal dots with different content
    /// converge too.
    @Test func randomRows() throws {
        try TestSeed.forEach(500) { random in
            let states = (0..<4).map { _ in RowState.random(&random) }
            try checkJoinSemilattice(states, triples: 6, random: &random, join: RowState.join)
            try checkJoinSemilattice(states.map(CompactRow.init), triples: 6, random: &random, join: CompactRow.join)
        }
    }

    @Test func contexts() throws {
        try TestSeed.forEach(500) { random in
            let contexts = (0..<5).map { _ in
                CausalContext((0..<random.below(20)).map { _ in
                    .init(origin: Origin(rawValue: UInt64(random.below(24))), sequence: UInt64(1 + random.below(5)))
                })
            }
            try checkJoinSemilattice(contexts, triples: 5, random: &random) { a, b in
                var union = a
                union.formUnion(b)
                return union
            }
            for a in contexts {
                guard a.entries.map(\.origin) == a.entries.map(\.origin).sorted() else { throw Disagreement("not in order: \(a)") }
                for b in contexts {
                    var union = a
                    union.formUnion(b)
                    let isWithin = (0..<24).allSatisfy { b[Origin(rawValue: $0)] <= a[Origin(rawValue: $0)] }
                    guard union.covers(a), union.covers(b), a.covers(b) == isWithin, a.covers(b) == (union == a) else {
                        throw Disagreement("coverage of \(a) and \(b)")
                    }
                }
            }
        }
    }

    /// A copied disk: both halves write under one dot, differently.
    @Test(arguments: [
        Header(stamp: Stamp(rawValue: 1), author: "n", source: nil, operation: OperationID(high: 0, low: 1)),
        Header(stamp: Stamp(rawValue: 1), author: "m", source: "erp", operation: OperationID(high: 0, low: 1)),
        Header(stamp: Stamp(rawValue: 1), author: "m", source: nil, operation: OperationID(high: 0, low: 2)),
    ])
    func equalDotsWithDifferentContentBothStand(other: Header) {
        let header = Header(stamp: Stamp(rawValue: 1), author: "m", source: nil, operation: OperationID(high: 0, low: 1))
        let dot = Dot(origin: Origin(rawValue: 1), sequence: 1), cell = CellKey(field: 1)
        var a = RowState(), b = RowState()
        _ = a.put(Write(dot: dot, header: header, value: [1]), in: cell, replacing: [])
        _ = b.put(Write(dot: dot, header: other, value: [1]), in: cell, replacing: [])
        #expect(RowState.join(a, b) == RowState.join(b, a))
        #expect(RowState.join(a, b).cells[cell]?.count == 2)
        _ = a.put(
            Write(dot: Dot(origin: Origin(rawValue: 1), sequence: 2), header: header, value: [2]), in: CellKey(field: 2), replacing: [])
        #expect(CompactRow.join(CompactRow(a), CompactRow(b)).expanded == RowState.join(a, b))
        #expect(RowState.join(a, b).cells[cell]?.count == 2)
    }
}
