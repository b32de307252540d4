import Causality
import MergeVectors

extension RowState {
    /// A state made of small random parts: every living write is within the context, and nothing else is promised. Equal
    /// dots may hold different content, as after a copied disk.
    static func random(_ random: inout SplitMix64) -> RowState {
        var state = RowState()
        for origin in 1...3 where random.chance(80) {
            state.context.insert(Dot(origin: Origin(rawValue: UInt64(origin)), sequence: UInt64(1 + random.below(3))))
        }
        for cell in [CellKey(field: 1), CellKey(field: 2), CellKey(field: 3, element: [7])] {
            var writes: Set<Write> = []
            for entry in state.context.entries {
                for sequence in 1...entry.sequence where random.chance(30) {
                    writes.insert(.random(Dot(origin: entry.origin, sequence: sequence), &random))
                }
            }
            for write in writes { _ = state.put(write, in: cell, replacing: []) }
        }
        for scope in ["a", "b"] where random.chance(20) { state.scopesLeft.append(scope) }
        return state
    }
}

extension Write {
    static func random(_ dot: Dot, _ random: inout SplitMix64) -> Write {
        let header = Header(
            stamp: Stamp(rawValue: Int64(random.below(2))), author: random.pick(["m", "n"]), source: random.pick([nil, nil, "erp"]),
            operation: OperationID(high: 0, low: UInt64(random.below(2))))
        let isPlain = random.chance(70)
        return Write(
            dot: dot, header: header, value: random.pick([nil, [], [1], [1], [1]]),
            overrules: isPlain ? [] : random.pick([[], [.write(dot)], [.statement(Digest128(high: 1, low: 2))]]),
            seen: isPlain ? nil : random.pick([nil, CausalContext(), CausalContext([.init(origin: dot.origin, sequence: 1)])]),
            original: isPlain ? nil : random.pick([nil, Dot(origin: dot.origin, sequence: 9)]))
    }
}

extension CompactRow {
    /// The same state compressed in other ways: without a base, with each base that some cell allows, with a context that
    /// is told in full.
    static func routes(_ state: RowState) -> [CompactRow] {
        var routes = [CompactRow(state)]
        let cells = state.cells.sorted { $0.key < $1.key }
        var bases: [Base?] = [nil]
        for (_, writes) in cells where writes.count == 1 {
            let write = writes[0], base = Base(dot: write.dot, header: write.header)
            if write == Write(dot: base.dot, header: base.header, value: write.value ?? []), !bases.contains(base) { bases.append(base) }
        }
        for base in bases {
            var row = CompactRow(base: base, plain: [], exceptions: [], contextBeyond: state.context, scopesLeft: state.scopesLeft)
            for (key, writes) in cells {
                if let base, writes == [Write(dot: base.dot, header: base.header, value: writes[0].value)], let value = writes[0].value {
                    row.plain.append(PlainCell(key: key, value: value))
                } else {
                    row.exceptions.append(Exception(key: key, writes: writes))
                }
            }
            routes.append(row)
        }
        return routes
    }
}
