import Causality
import MergeVectors
import Testing

/// Random histories against the oracle.
struct HistoryTests {
    @Test func livingWritesAndReadings() throws {
        try TestSeed.forEach(500) { random in
            var fleet = Fleet(replicas: 2 + random.below(3), random: &random)
            try fleet.live(steps: random.pick([10, 25, 50, 80]), comparing: 8, random: &random)
            for replica in fleet.replicas.indices { try fleet.compare(replica) }
            fleet.heal()
            try fleet.checkEqualStates()
            try fleet.compare(0)
        }
    }

    /// Few replicas, one record and long histories: lists of overrulings reach their limit.
    @Test func longHistories() throws {
        try TestSeed.forEach(8) { random in
            var fleet = Fleet(replicas: 3, random: &random)
            try fleet.live(steps: 300, comparing: 4, random: &random)
            fleet.heal()
            try fleet.checkEqualStates()
            try fleet.compare(0)
        }
    }

    /// A writes, B overwrites, C overwrites, D knows only A's and meets only C.
    @Test func chains() throws {
        let nodes = (1...4).map { CausalReplica(origin: Origin(rawValue: UInt64($0))) }
        var (a, b, c, d) = (nodes[0], nodes[1], nodes[2], nodes[3])
        a.edit("A", "title", "a", now: 1)
        b.receive(from: a)
        d.receive(from: a)
        b.edit("A", "title", "b", now: 2)
        c.receive(from: b)
        c.edit("A", "title", "c", now: 3)
        d.receive(from: c)
        #expect(d.read("A").cells["title"] == RecordReading.Cell(shown: "c", conflict: false, candidates: ["c"]))
        d.receive(from: b)
        d.receive(from: a)
        #expect(d.rows == c.rows)
    }

    /// A resolution hides all it saw; what it did not see reopens the conflict.
    @Test func resolutions() throws {
        let nodes = (1...3).map { CausalReplica(origin: Origin(rawValue: UInt64($0))) }
        var (a, b, c) = (nodes[0], nodes[1], nodes[2])
        a.edit("A", "title", "a", now: 1)
        b.edit("A", "title", "b", now: 2)
        c.edit("A", "title", "c", now: 3)
        a.receive(from: b)
        a.resolve("A", "title", "settled", now: 4)
        #expect(a.read("A").cells["title"] == RecordReading.Cell(shown: "settled", conflict: false, candidates: ["settled"]))
        a.receive(from: c)
        #expect(a.read("A").cells["title"] == RecordReading.Cell(shown: "settled", conflict: true, candidates: ["c", "settled"]))
        a.undo(1)
        #expect(a.read("A").cells["title"] == RecordReading.Cell(shown: "c", conflict: true, candidates: ["a", "b", "c"]))
    }

    /// A source is silent where it repeats itself, and heard once where it changes after an edit.
    @Test func sourcesAndEdits() throws {
        var node = CausalReplica(origin: Origin(rawValue: 1))
        node.source("erp", "A", "title", "u", time: nil, now: 1)
        node.edit("A", "title", "mine", now: 2)
        let before = node.rows
        node.source("erp", "A", "title", "u", time: nil, now: 3)
        #expect(node.rows == before)
        #expect(node.read("A").cells["title"]?.candidates == ["mine"])
        node.source("erp", "A", "title", "v", time: nil, now: 4)
        #expect(node.read("A").cells["title"] == RecordReading.Cell(shown: "v", conflict: true, candidates: ["mine", "v"]))
        node.source("erp", "A", "title", "u", time: nil, now: 5)
        #expect(node.read("A").cells["title"] == RecordReading.Cell(shown: "mine", conflict: false, candidates: ["mine"]))
    }

    /// Of the statements that earlier edits overruled, the latest sixteen are inherited.
    @Test func inheritedOverrulingsAreBounded() {
        var node = CausalReplica(origin: Origin(rawValue: 1))
        for number in 0..<20 {
            node.source("erp", "A", "title", "v\(number)", time: nil, now: Int64(2 * number))
            node.edit("A", "title", "mine", now: Int64(2 * number + 1))
        }
        let lists = node.rows["A"]!.cells[CausalReplica.cell("title")]!.map(\.overrules.count)
        #expect(lists.max() == RowState.inheritedOverrulingsMaximum + 1)
        for (number, conflict) in [(2, true), (3, false), (19, false)] {
            var later = node
            later.source("erp", "A", "title", "v\(number)", time: nil, now: 100)
            #expect(later.read("A").cells["title"]?.conflict == conflict, "v\(number)")
        }
    }
}
