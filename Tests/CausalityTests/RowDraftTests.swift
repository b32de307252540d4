import Causality
import MergeVectors
import Testing

/// A draft says what the long form says that was written in alike.
struct RowDraftTests {
    private let id = RowID(high: 5, low: 6)
    private let cells = [CellKey(field: 1), CellKey(field: 2), CellKey(field: 3, element: [7]), CellKey(field: 3, element: [8]), CellKey(field: 4)]

    private func write(_ row: inout some WritableRow, _ cell: CellKey, _ choice: Int, _ value: [UInt8]?, _ dot: Dot, isDelete: Bool) -> CellChange? {
        let now = Stamp(rawValue: 100), operation = OperationID(high: 0, low: 9)
        switch choice {
        case 0:
            return row.writeAsPerson(
                cell, value, record: id, isDelete: isDelete, dot: dot, now: now, by: Authorship(author: "m", operation: operation), key: CausalReplica.key)
        case 1: return row.writeAsSource(cell, value, dot: dot, now: now, by: Authorship(author: "m", source: "erp", operation: operation))
        default: return row.remove(Array(row.writes(in: cell).prefix(1)), from: cell, dot: dot)
        }
    }

    @Test func saysWhatTheLongFormSays() throws {
        var kept = 0
        try TestSeed.forEach(400) { random in
            var state = RowState.random(&random)
            if random.chance(70) {
                let header = Write.random(Dot(origin: Origin(rawValue: 1), sequence: 1), &random).header
                for (index, cell) in cells.enumerated() where random.chance(80) {
                    state.cells[cell] = [Write(dot: Dot(origin: Origin(rawValue: 9), sequence: 1), header: header, value: [UInt8(index)])]
                }
                state.context.insert(Dot(origin: Origin(rawValue: 9), sequence: 1))
            }
            var draft = RowDraft(random.pick(CompactRow.routes(state)))
            for sequence in 2...UInt64(2 + random.below(4)) {
                let cell = random.pick(cells), choice = random.below(3), value: [UInt8]? = random.pick([nil, [1], [2]])
                let dot = Dot(origin: Origin(rawValue: 9), sequence: sequence), isDelete = random.chance(10)
                let expected = write(&state, cell, choice, value, dot, isDelete: isDelete)
                let change = write(&draft, cell, choice, value, dot, isDelete: isDelete)
                guard change == expected else { throw Disagreement("\(String(describing: change)), not \(String(describing: expected))") }
                for cell in cells where draft.writes(in: cell) != state.cells[cell] ?? [] { throw Disagreement("\(cell) of \(state)") }
                for field in 1...4 as ClosedRange<UInt64> where draft.cells(of: field) != state.cells.keys.filter({ $0.field == field }).sorted() {
                    throw Disagreement("the cells of \(field) in \(state)")
                }
            }
            if random.chance(20) {
                state.scopesLeft = ["z"]
                draft.scopesLeft = ["z"]
            }
            let compact = draft.compact
            guard draft.state == state, compact.expanded == state else { throw Disagreement("\(compact) does not expand to \(state)") }
            let long = CompactRow(state)
            guard compact.fingerprint(id: id, kind: 1, key: CausalReplica.key) == long.fingerprint(id: id, kind: 1, key: CausalReplica.key) else {
                throw Disagreement("two fingerprints of \(state)")
            }
            if compact.plain.count > compact.exceptions.count {
                kept += 1
                guard compact.base == long.base, compact.contextBeyond == long.contextBeyond else { throw Disagreement("\(compact), not \(long)") }
            }
        }
        #expect(kept > 50)
    }

    @Test func aNewRow() {
        let header = Header(stamp: Stamp(rawValue: 3), author: "m", source: nil, operation: OperationID(high: 0, low: 1))
        let write = Write(dot: Dot(origin: Origin(rawValue: 9), sequence: 4), header: header, value: [1])
        var draft = RowDraft(), state = RowState()
        _ = draft.put(write, in: cells[0], replacing: [])
        _ = state.put(write, in: cells[0], replacing: [])
        #expect(draft.compact == CompactRow(state))
    }
}
