import Causality
import ProfileModel
import Testing

@testable import WireFormat

@Suite struct ColumnCodingTests {
    private func counted(_ values: [[UInt8]]) -> ByteSink {
        var sink = ByteSink()
        for value in values { sink.append(counted: value) }
        return sink
    }

    private func decoded(_ bytes: [UInt8], count: Int, bytesMaximum: Int = 1 << 20) throws -> [[UInt8]] {
        try bytes.withUnsafeBytes { buffer in
            var partsLeft = 65_536, bytesLeft = bytesMaximum
            var source = try ValueSource(ByteSource(buffer), partsLeft: &partsLeft)
            let values = try (0..<count).map { _ in
                var value: [UInt8] = []
                try source.appendNext(to: &value, bytesLeft: &bytesLeft)
                return value
            }
            #expect(source.left == 0)
            return values
        }
    }

    @Test func valuesComeBackAsTheyWere() throws {
        let seed = testSeed("valuesComeBackAsTheyWere")
        var seen = Set<UInt8>()
        for round in 0..<300 as Range<UInt64> {
            var rows = RandomRows(seed: seed &+ round)
            let pool = (0..<Int.random(in: 1...40, using: &rows.generator)).map { _ in rows.bytes(30) }
            let common = rows.bytes(300), mode = Int.random(in: 0..<3, using: &rows.generator)
            let values = (0..<Int.random(in: 0...400, using: &rows.generator)).map { (_) -> [UInt8] in
                switch mode {
                case 0: pool.randomElement(using: &rows.generator)!
                case 1: Array(common.prefix(Int.random(in: 0...300, using: &rows.generator))) + rows.bytes(4)
                default: rows.bytes(40)
                }
            }
            let plain = counted(values), coded = ColumnCoding.coded(plain)
            #expect(coded.count <= plain.count + 1)
            #expect(try decoded(coded.bytes, count: values.count) == values, "seed \(seed) round \(round)")
            if let coding = coded.bytes.first { seen.insert(coding) }
        }
        #expect(seen == [0, 1, 2])
    }

    @Test func fewDistinctValuesTakeAByteEach() {
        let cities = ["上海市", "北京市", "广州市"].map { Array($0.utf8) }
        let coded = ColumnCoding.coded(counted((0..<300).map { cities[$0 % 3] }))
        #expect(coded.bytes[0] == ColumnCoding.dictionary.rawValue)
        #expect(coded.count == 2 + 3 * 10 + 300)
    }

    /// What repeats within a few bytes may not be drawn out beyond a frame's limit.
    @Test func repetitionsCountAgainstTheLimit() throws {
        let value = [UInt8](repeating: 7, count: 1000)
        let dictionary = ColumnCoding.coded(counted(Array(repeating: value, count: 100)))
        #expect(dictionary.count < 1200)
        #expect(throws: WireError.tooLarge) { try decoded(dictionary.bytes, count: 100, bytesMaximum: 99_999) }
        #expect(try decoded(dictionary.bytes, count: 100, bytesMaximum: 100_000).count == 100)
        let front: [UInt8] = [2, 3, 0, 255, 255, 255, 1] + [UInt8](repeating: 1, count: 255) + [0, 0]
        #expect(throws: WireError.tooLarge) { try decoded(front, count: 3, bytesMaximum: 700) }
        #expect(try decoded(front, count: 3, bytesMaximum: 765)[2].count == 255)
    }

    @Test func anIDThatFollowsFromTheExternalIDIsLeftOut() throws {
        var rows = RandomRows(seed: 5)
        let header = rows.headers[0]
        func wire(_ index: Int, isNatural: Bool) -> WireRow {
            let element = FieldValue.bytes(text: "erp:\(index)")
            let cells: PlainCells = [
                CompactRow.PlainCell(key: CellKey(field: FieldID.externalIDs.rawValue, element: element), value: FieldValue.present),
            ]
            let id = isNatural ? RowID.customer(externalID: element, hashKey: testKey) : RowID(high: rows.generator.next(), low: 5)
            let base = CompactRow.Base(dot: Dot(origin: rows.origins[0], sequence: UInt64(index + 1)), header: header)
            return WireRow(id: id, kind: .person, body: .whole(CompactRow(base: base, plain: cells)))
        }
        let natural = (0..<500).map { wire($0, isNatural: true) }, other = (0..<500).map { wire($0, isNatural: false) }
        let small = try frames(natural)[0], large = try frames(other)[0]
        #expect(try Frame.read(small, hashKey: testKey).rows == natural)
        #expect(try Frame.read(large, hashKey: testKey).rows == other)
        #expect(large.count - small.count > 500 * 7)
        // Whoever has another key reads other ids: nothing of the deployment is learnt from them.
        #expect(try Frame.read(small, hashKey: HashKey(first: 1, second: 2)).rows.map(\.id) != natural.map(\.id))
    }
}
