import Causality
import ProfileModel

/// What people and sources do to rows, at random.
struct RandomEdits {
    var generator: SeededGenerator
    var rowCount: UInt64 = 20
    var time: Int64 = 1_700_000_000_000_000
    var value = 0

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    mutating func edit(_ store: MemoryStore) {
        let id = RowID(high: 1, low: UInt64.random(in: 0..<rowCount, using: &generator))
        time += 1000
        value += 1
        let now = Stamp(rawValue: time), text = FieldValue.bytes(text: "value number \(value) of its field")
        let field = UInt64.random(in: 20..<25, using: &generator), draw = Int.random(in: 0..<10, using: &generator)
        let operation = OperationID(high: 5, low: UInt64(value))
        let person = Authorship(author: store.name, operation: operation)
        let source = Authorship(author: store.name, source: draw == 8 ? "erp" : "crm", operation: operation)
        store.edit(id) { state, dot in
            if state.isUntouched {
                // A customer is made with all its cells in one write.
                for field in 20..<25 as Range<UInt64> {
                    _ = state.writeAsSource(CellKey(field: field), text, dot: dot, now: now, by: source)
                }
                return
            }
            switch draw {
            case 0..<5: _ = state.writeAsPerson(CellKey(field: field), text, record: id, dot: dot, now: now, by: person, key: testKey)
            case 5:
                let tag = CellKey(field: FieldID.tags.rawValue, element: FieldValue.bytes(text: "tag \(field)"))
                _ = state.writeAsPerson(
                    tag, value % 3 == 0 ? nil : FieldValue.present, record: id, dot: dot, now: now, by: person, key: testKey)
            case 6:
                _ = state.writeAsPerson(
                    CellKey(field: field), text, record: id, resolving: true, dot: dot, now: now, by: person, key: testKey)
            case 7:
                let cell = CellKey(field: field)
                _ = state.remove(Array((state.cells[cell] ?? []).prefix(1)), from: cell, dot: dot)
            default: _ = state.writeAsSource(CellKey(field: field), text, dot: dot, now: now, by: source)
            }
        }
    }
}

/// A customer of ten fields and three tags, all made in one write.
func customer(_ number: Int, in store: MemoryStore, source: String? = "erp") {
    let id = RowID.version8(hash: Digest128(
        high: UInt64(number) &* 0x9e37_79b9_7f4a_7c15, low: UInt64(number) &* 0xbf58_476d_1ce4_e5b9))
    let header = Header(
        stamp: Stamp(rawValue: 1_700_000_000_000_000), author: "anna", source: source, operation: OperationID(high: 1, low: 1))
    store.edit(id) { state, dot in
        for field in 20..<30 as Range<UInt64> {
            let mixed = String(UInt64(number &+ 1) &* 0x9e37_79b9_7f4a_7c15 &* (2 * field + 1), radix: 36)
            let text = FieldValue.bytes(text: "value \(mixed) of field \(field)")
            _ = state.put(Write(dot: dot, header: header, value: text), in: CellKey(field: field), replacing: [])
        }
        for tag in 0..<3 {
            let key = CellKey(field: FieldID.tags.rawValue, element: FieldValue.bytes(text: "tag \((number + tag) % 10)"))
            _ = state.put(Write(dot: dot, header: header, value: FieldValue.present), in: key, replacing: [])
        }
    }
}

func address(_ id: RowID, field: UInt64, in store: MemoryStore, _ text: String) {
    store.edit(id) { state, dot in
        _ = state.writeAsPerson(
            CellKey(field: field), FieldValue.bytes(text: text), record: id, dot: dot, now: Stamp(rawValue: 1_800_000_000_000_000),
            by: Authorship(author: store.name, operation: OperationID(high: 2, low: store.node.low)), key: testKey)
    }
}
