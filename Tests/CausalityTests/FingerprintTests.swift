import Causality
import Testing

/// What is in a row's fingerprint: all of its state, told apart.
struct FingerprintTests {
    private let id = RowID(high: 5, low: 6)

    private func fingerprint(_ row: CompactRow) -> Digest128 { row.fingerprint(id: id, kind: 1, key: CausalReplica.key) }

    /// One change to any part gives another fingerprint.
    @Test func everyPartCounts() {
        let dot = Dot(origin: Origin(rawValue: 1), sequence: 3), other = Dot(origin: Origin(rawValue: 2), sequence: 3)
        let context = CausalContext([.init(origin: dot.origin, sequence: 3), .init(origin: other.origin, sequence: 3)])
        func state(
            _ dot: Dot = dot, stamp: Int64 = 1, author: String = "m", source: String? = nil, operation: OperationID = OperationID(high: 1, low: 1),
            value: [UInt8]? = [1], overrules: [Overruling] = [.write(other)], seen: CausalContext? = CausalContext([.init(origin: dot.origin, sequence: 1)]),
            original: Dot? = Dot(origin: other.origin, sequence: 1), cell: CellKey = CellKey(field: 1, element: [1]),
            context: CausalContext = context, scopes: [String] = ["a"]
        ) -> RowState {
            var state = RowState()
            let header = Header(stamp: Stamp(rawValue: stamp), author: author, source: source, operation: operation)
            _ = state.put(
                Write(dot: dot, header: header, value: value, overrules: overrules, seen: seen, original: original), in: cell,
                replacing: [])
            state.context.formUnion(context)
            state.scopesLeft = scopes
            return state
        }
        var twoWrites = state()
        _ = twoWrites.put(Write(dot: other, header: twoWrites.cells.values.first![0].header, value: [1]), in: CellKey(field: 1, element: [1]), replacing: [])
        var noWrite = state()
        noWrite.cells = [:]
        let states = [
            state(), state(other), state(Dot(origin: dot.origin, sequence: 2)), state(stamp: 2), state(stamp: -1), state(author: "n"),
            state(author: ""), state(source: "m"), state(source: ""), state(operation: OperationID(high: 2, low: 1)),
            state(operation: OperationID(high: 1, low: 2)), state(value: nil), state(value: []), state(value: [2]), state(value: [1, 0]),
            state(overrules: []), state(overrules: [.write(dot)]), state(overrules: [.write(Dot(origin: other.origin, sequence: 4))]),
            state(overrules: [.statement(Digest128(high: 2, low: 3))]), state(overrules: [.statement(Digest128(high: 2, low: 4))]),
            state(overrules: [.statement(Digest128(high: 3, low: 3))]), state(overrules: [.write(other), .write(dot)]),
            state(overrules: [.write(dot), .write(other)]), state(seen: nil), state(seen: CausalContext()),
            state(seen: CausalContext([.init(origin: dot.origin, sequence: 2)])),
            state(seen: CausalContext([.init(origin: other.origin, sequence: 1)])), state(original: nil),
            state(original: Dot(origin: other.origin, sequence: 2)), state(original: Dot(origin: dot.origin, sequence: 1)),
            state(cell: CellKey(field: 2, element: [1])), state(cell: CellKey(field: 1)), state(cell: CellKey(field: 1, element: [2])),
            state(context: CausalContext()), state(context: CausalContext([.init(origin: dot.origin, sequence: 4)])),
            state(context: CausalContext([.init(origin: Origin(rawValue: 3), sequence: 3)])), state(scopes: []), state(scopes: ["b"]),
            state(scopes: ["a", "b"]), state(scopes: ["", "a"]), twoWrites, noWrite, RowState(),
        ]
        let rows = states.map(CompactRow.init)
        var digests = Set(rows.map(fingerprint))
        #expect(digests.count == states.count)
        digests.insert(rows[0].fingerprint(id: RowID(high: 5, low: 7), kind: 1, key: CausalReplica.key))
        digests.insert(rows[0].fingerprint(id: RowID(high: 4, low: 6), kind: 1, key: CausalReplica.key))
        digests.insert(rows[0].fingerprint(id: id, kind: 2, key: CausalReplica.key))
        digests.insert(rows[0].fingerprint(id: id, kind: 1, key: HashKey(first: 17, second: 43)))
        digests.insert(rows[0].fingerprint(id: id, kind: 1, key: HashKey(first: 18, second: 42)))
        #expect(digests.count == states.count + 5)
    }

    /// A cell cannot be mistaken for the context and the scopes of a row without cells, whatever the numbers are.
    @Test func cellsAndContextsAreToldApart() {
        let dot = Dot(origin: Origin(rawValue: 1), sequence: 96)
        let header = Header(stamp: Stamp(rawValue: 0), author: "", source: nil, operation: OperationID(high: 0, low: 0))
        var one = RowState(), other = RowState()
        _ = one.put(Write(dot: dot, header: header, value: []), in: CellKey(field: 1), replacing: [])
        // The words that follow the write's dot in the fingerprint of `one`, as the bytes of a scope's name.
        let words: [UInt8] = [0, 0, 0, 0, 0, 1, 0, 0, 1, 1, 96, 0]
        let scope = String(decoding: words.flatMap { [$0] + Array(repeating: 0, count: 7) }, as: UTF8.self)
        other.context.insert(Dot(origin: Origin(rawValue: 0), sequence: 1))
        other.scopesLeft = [scope]
        #expect(one != other)
        #expect(fingerprint(CompactRow(one)) != fingerprint(CompactRow(other)))
    }
}
