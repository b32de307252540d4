import Connectors
import MergeVectors
import Testing

@Suite("A cursor neither loses nor repeats for ever")
struct CursorTests {
    @Test func aWindowBeginsWhereTheLastOneWasOpenedLessALookBack() {
        var cursor = PullCursor()
        #expect(cursor.isAtStart)
        cursor = cursor.advanced(lastID: "10", serverTime: 1_000)
        cursor = cursor.advanced(lastID: "20", serverTime: 9_000)
        #expect(cursor.openedAt == 1_000)
        let next = cursor.closed(serverTime: 20_000, lookBackMicroseconds: 100)
        #expect(next == PullCursor(since: 900))
        #expect(next.closed(serverTime: 910, lookBackMicroseconds: 100).since == 900, "it never goes back")
    }

    @Test func rewindingKeepsTheWindow() {
        let cursor = PullCursor(generation: 2, since: 5).advanced(pageToken: "x", serverTime: 10)
        #expect(cursor.rewound == PullCursor(generation: 2, since: 5))
    }

    /// Records appear late, and many share a stamp: what a reader by (id within a window) has seen in the end is all there is.
    @Test(arguments: [UInt64(1), 2, 3, 4, 5]) func everyRecordIsSeen(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var visible: [(id: Int, stamp: Int64)] = [], late: [(id: Int, stamp: Int64, from: Int64)] = []
        var clock: Int64 = 1_000, seen: Set<Int> = [], cursor = PullCursor(), number = 0
        for _ in 0..<400 {
            clock += Int64(random.next() % 50)
            for _ in 0..<(random.next() % 3) {
                number += 1
                late.append((number, clock - clock % 100, clock + Int64(random.next() % 200)))
            }
            for record in late where record.from <= clock { visible.append((record.id, record.stamp)) }
            late.removeAll { $0.from <= clock }
            let last = cursor.lastID.flatMap { Int($0) } ?? 0
            let page = visible.filter { $0.id > last && $0.stamp >= cursor.since ?? .min }.sorted { $0.id < $1.id }.prefix(5)
            seen.formUnion(page.map(\.id))
            cursor = page.count == 5
                ? cursor.advanced(lastID: page.last.map { String($0.id) }, serverTime: clock) : cursor.closed(serverTime: clock, lookBackMicroseconds: 400)
        }
        for _ in 0..<400 {
            clock += 50
            for record in late where record.from <= clock { visible.append((record.id, record.stamp)) }
            late.removeAll { $0.from <= clock }
            let last = cursor.lastID.flatMap { Int($0) } ?? 0
            let page = visible.filter { $0.id > last && $0.stamp >= cursor.since ?? .min }.sorted { $0.id < $1.id }.prefix(5)
            seen.formUnion(page.map(\.id))
            cursor = page.count == 5
                ? cursor.advanced(lastID: page.last.map { String($0.id) }, serverTime: clock) : cursor.closed(serverTime: clock, lookBackMicroseconds: 400)
        }
        #expect(seen.count == number, "seed \(seed)")
    }
}

@Suite("A batch that is refused as a whole is halved")
struct HalvingTests {
    private func operations(_ count: Int) -> [PushOperation] {
        (0..<count).map { PushOperation(key: "\($0)", action: .create, fields: [:], ourID: "\($0)") }
    }

    @Test(arguments: [[Int](), [3], [0, 99], Array(40..<45)]) func theRecordsAtFaultStandAlone(_ faults: [Int]) throws {
        let bad = Set(faults.map(String.init))
        var requests = 0
        let outcomes = try pushHalving(operations(100)[...], atMost: 50) { batch in
            requests += 1
            if batch.contains(where: { bad.contains($0.key) }) { return .refused(Rejection(code: "400")) }
            return .outcomes(batch.map { PushOutcome(key: $0.key, result: .accepted(id: "r" + $0.key, record: nil)) })
        }
        #expect(outcomes.count == 100)
        #expect(Set(outcomes.filter { $0.result == .rejected(Rejection(code: "400")) }.map(\.key)) == bad)
        #expect(requests <= 2 + faults.count * 14)
    }

    @Test func aResultThatIsMissingIsUnknown() throws {
        let outcomes = try pushHalving(operations(3)[...], atMost: 10) { batch in
            .outcomes(batch.dropFirst().map { PushOutcome(key: $0.key, result: .gone) })
        }
        #expect(outcomes.map(\.result) == [.unknown, .gone, .gone])
    }
}
