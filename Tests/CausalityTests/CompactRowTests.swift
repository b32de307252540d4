import Causality
import MergeVectors
import Testing

/// The compressed form says what the long form says, and its fingerprint is that of the state.
struct CompactRowTests {
    private let id = RowID(high: 5, low: 6)

    private func fingerprint(_ row: CompactRow) -> Digest128 { row.fingerprint(id: id, kind: 1, key: CausalReplica.key) }

    /// Checks all of it on some states of one row.
    private func check(_ states: [RowState], _ random: inout SplitMix64) throws {
        let routes = states.map(CompactRow.routes)
        for (state, rows) in zip(states, routes) {
            let first = fingerprint(rows[0])
            for row in rows {
                guard row.expanded == state else { throw Disagreement("\(row) does not expand to \(state)") }
                guard fingerprint(row) == first else { throw Disagreement("two fingerprints of \(state)") }
                guard CompactRow(row.expanded) == rows[0] else { throw Disagreement("two compressions of \(state)") }
            }
        }
        for (a, rowsOfA) in zip(states, routes) {
            for (b, rowsOfB) in zip(states, routes) {
                guard (fingerprint(rowsOfA[0]) == fingerprint(rowsOfB[0])) == (a == b) else {
                    throw Disagreement("fingerprints of\n\(a)\nand\n\(b)")
                }
                let joined = CompactRow.join(random.pick(rowsOfA), random.pick(rowsOfB)), long = RowState.join(a, b)
                guard joined.expanded == long, fingerprint(joined) == fingerprint(CompactRow(long)) else {
                    throw Disagreement("compressed, these join differently:\n\(a)\nand\n\(b)")
                }
                var changed = b
                changed.cells = a.cells
                for (cell, before, after) in CompactRow.differences(from: random.pick(rowsOfA), to: random.pick(rowsOfB)) {
                    guard before == a.cells[cell] ?? [], before != after else { throw Disagreement("\(cell) did not change so") }
                    changed.cells[cell] = after.isEmpty ? nil : after
                }
                guard changed == b else { throw Disagreement("other cells differ between\n\(a)\nand\n\(b)") }
            }
        }
    }

    @Test func reachedRows() throws {
        try TestSeed.forEach(400) { random in
            var fleet = Fleet(replicas: 3, random: &random)
            try fleet.live(steps: 40, comparing: 0, random: &random)
            for row in fleet.snapshots.keys.sorted() {
                var states = fleet.snapshots[row]! + fleet.replicas.map { $0.rows[row] ?? RowState() }
                states.shuffle(using: &random)
                try check(Array(states.prefix(4)), &random)
            }
        }
    }

    @Test func randomRows() throws {
        try TestSeed.forEach(400) { random in
            try check((0..<4).map { _ in RowState.random(&random) }, &random)
        }
    }

    /// Rows written at once take the short way in.
    @Test func rowsWrittenAtOnce() {
        let header = Header(stamp: Stamp(rawValue: 3), author: "m", source: "erp", operation: OperationID(high: 0, low: 1))
        let base = CompactRow.Base(dot: Dot(origin: Origin(rawValue: 9), sequence: 4), header: header)
        let plain = PlainCells((1...3).map { CompactRow.PlainCell(key: CellKey(field: $0), value: [UInt8($0)]) })
        var state = RowState()
        for cell in plain { _ = state.put(Write(dot: base.dot, header: header, value: cell.value), in: cell.key, replacing: []) }
        #expect(CompactRow(state) == CompactRow(base: base, plain: plain))
        #expect(CompactRow(state).contextBeyond.isEmpty)
        #expect(CompactRow(base: base, plain: plain).expanded == state)
    }
}
