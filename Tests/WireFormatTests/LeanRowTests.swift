import Causality
import ProfileModel
import Testing
import WireFormat

@Suite struct LeanRowTests {
    let id = RowID(high: 1, low: 2)
    let a = Origin(rawValue: 1), b = Origin(rawValue: 2)

    private func header(_ stamp: Int64) -> Header {
        Header(stamp: Stamp(rawValue: stamp), author: "anna", source: nil, operation: OperationID(high: 0, low: UInt64(stamp)))
    }

    private func customer() -> CompactRow {
        CompactRow(
            base: CompactRow.Base(dot: Dot(origin: a, sequence: 1), header: header(1)),
            plain: PlainCells((10..<20).map { CompactRow.PlainCell(key: CellKey(field: $0), value: FieldValue.bytes(text: "value \($0)")) }))
    }

    private func edited(_ row: CompactRow, field: UInt64, by origin: Origin, sequence: UInt64, to text: String) -> CompactRow {
        var state = row.expanded
        _ = state.writeAsPerson(
            CellKey(field: field), FieldValue.bytes(text: text), record: id, dot: Dot(origin: origin, sequence: sequence),
            now: Stamp(rawValue: Int64(100 + sequence)), by: Authorship(author: "bo", operation: OperationID(high: 7, low: sequence)),
            key: testKey)
        return CompactRow(state)
    }

    private func lean(_ row: CompactRow, isHeld: (Dot) -> Bool) -> LeanRow? {
        LeanRow(of: row, id: id, kind: .person, key: testKey, isHeld: isHeld)
    }

    /// What becomes of a lean row that is alone in its group.
    private func rebuilt(_ lean: LeanRow, from held: CompactRow, id: RowID? = nil) -> CompactRow? {
        let wire = WireRow(id: self.id, kind: .person, body: .lean(lean))
        return LeanGroup.rebuilt([wire], from: [[(id ?? self.id, held)]], key: testKey)?.first?.row
    }

    @Test func theSendersRowIsRebuiltBeforeJoining() throws {
        let common = customer()
        let mine = edited(common, field: 12, by: b, sequence: 5, to: "mine")
        let theirs = edited(common, field: 12, by: a, sequence: 9, to: "theirs")
        let sent = try #require(lean(mine) { $0.origin == a })
        #expect(sent.plain == nil)
        #expect(rebuilt(sent, from: theirs) == mine)
        let joined = CompactRow.join(mine, theirs)
        let back = try #require(lean(joined) { $0.origin == a })
        #expect(rebuilt(back, from: theirs) == joined)
    }

    /// What an edit overrules of a source travels as the source's dot, not as a hash.
    @Test func statementsAreNamedByTheWritesThatMakeThem() throws {
        let source = Header(stamp: Stamp(rawValue: 1), author: "anna", source: "erp", operation: OperationID(high: 0, low: 1))
        let common = CompactRow(base: CompactRow.Base(dot: Dot(origin: a, sequence: 1), header: source), plain: customer().plain)
        let mine = edited(common, field: 12, by: b, sequence: 5, to: "mine")
        let theirs = edited(common, field: 12, by: a, sequence: 9, to: "theirs")
        let sent = try #require(lean(mine) { $0.origin == a })
        guard case .naming(let write, let standing) = sent.exceptions[0].writes[1] else { return #expect(Bool(false)) }
        #expect(write.overrules == [.statement(.zero)])
        #expect(standing == [0])
        #expect(rebuilt(sent, from: theirs) == mine)
        let wire = WireRow(id: id, kind: .person, body: .lean(sent))
        #expect(try Frame.read(try frames([wire])[0], hashKey: testKey).rows == [wire])
    }

    @Test func whatIsLackingIsAskedFor() throws {
        let common = customer()
        let mine = edited(common, field: 12, by: b, sequence: 5, to: "mine")
        let theirs = edited(common, field: 13, by: a, sequence: 9, to: "theirs")
        let sent = try #require(lean(mine) { $0.origin == a })
        #expect(rebuilt(sent, from: theirs) == nil)
        #expect(rebuilt(sent, from: CompactRow(RowState())) == nil)
        #expect(rebuilt(sent, from: common, id: RowID(high: 1, low: 3)) == nil)
        // A copied disk: the same dot with another value.
        let copied = CompactRow(base: common.base!, plain: PlainCells(common.plain.map { cell in
            CompactRow.PlainCell(key: cell.key, value: cell.key.field == 15 ? FieldValue.bytes(text: "other") : cell.value)
        }))
        #expect(rebuilt(sent, from: copied) == nil)
    }

    /// One wrong guess in a group, and all of it is asked for; a reference that fits two rows means the one that sums up.
    @Test func aGroupIsRebuiltWholeOrNotAtAll() throws {
        let common = customer(), other = RowID(high: 1, low: 9)
        let mine = edited(common, field: 12, by: b, sequence: 5, to: "mine")
        let sent = try #require(lean(mine) { $0.origin == a })
        let group = (0..<3).map { _ in WireRow(reference: RowReference(id, byteCount: 3), kind: .person, body: .lean(sent)) }
        let strange = edited(common, field: 13, by: a, sequence: 9, to: "theirs")
        let fitting = [[(id, common)], [(other, common), (id, common)], [(id, strange), (id, common)]]
        #expect(LeanGroup.rebuilt(group, from: fitting, key: testKey)?.map(\.row) == [mine, mine, mine])
        #expect(LeanGroup.rebuilt(group, from: fitting, key: testKey)?.map(\.id) == [id, id, id])
        for wrong in [[], [(other, common)], [(id, strange)], Array(repeating: (other, common), count: 40)] as [[(RowID, CompactRow)]] {
            #expect(LeanGroup.rebuilt(group, from: [fitting[0], wrong, fitting[2]], key: testKey) == nil)
        }
    }

    @Test func referencesFitWhatBeginsSo() throws {
        let seed = testSeed("referencesFitWhatBeginsSo")
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<2000 {
            let id = RowID(high: generator.next(), low: generator.next()), count = Int.random(in: 1...16, using: &generator)
            let reference = RowReference(id, byteCount: count)
            #expect(reference.ids.contains(id))
            #expect(RowReference(reference.description) == reference, "seed \(seed)")
            let near = RowID(high: id.high ^ (generator.chance(50) ? 1 << (generator.next() % 64) : 0), low: id.low ^ 1 << (generator.next() % 64))
            #expect(reference.ids.contains(near) == near.bytes.prefix(count).elementsEqual(id.bytes.prefix(count)))
        }
        for text in ["", "1", "zz", String(repeating: "0", count: 34)] { #expect(RowReference(text) == nil) }
    }

    @Test func aRowIsWholeWhereLeavingOutSavesNothing() {
        #expect(lean(customer()) { _ in false } == nil)
        let small = CompactRow(
            base: CompactRow.Base(dot: Dot(origin: a, sequence: 1), header: header(1)),
            plain: [CompactRow.PlainCell(key: CellKey(field: 1), value: [1, 65])])
        #expect(lean(small) { _ in true } == nil)
    }

    @Test func randomRowsAreRebuiltWhereAllIsHeld() {
        let seed = testSeed("randomRowsAreRebuiltWhereAllIsHeld")
        var rows = RandomRows(seed: seed)
        var count = 0
        for _ in 0..<2000 {
            // A row as a store makes it: of writes whose dots differ.
            let row = CompactRow(rows.row().expanded)
            guard let sent = lean(row, isHeld: { _ in true }) else { continue }
            count += 1
            let dots = row.exceptions.flatMap { $0.writes.map(\.dot) } + (row.base.map { [$0.dot] } ?? [])
            guard Set(dots).count == dots.count else { continue }
            #expect(rebuilt(sent, from: row) == row, "seed \(seed)")
        }
        #expect(count > 500)
    }
}
