import Causality
import Foundation
import ProfileModel
import Testing
import WireFormat

@Suite struct FrameTests {
    @Test func rowsComeBackAsTheyWere() throws {
        let seed = testSeed("rowsComeBackAsTheyWere")
        for round in 0..<200 as Range<UInt64> {
            var rows = RandomRows(seed: seed &+ round)
            let sent = (0..<Int.random(in: 0..<60, using: &rows.generator)).map { _ in rows.wireRow() }
            let received = try frames(sent).flatMap { try Frame.read($0, hashKey: testKey).rows }
            #expect(received.withoutFingerprints == sent.withoutFingerprints, "seed \(seed) round \(round)")
            #expect(received.leanSum == sent.leanSum)
            for (a, b) in zip(sent, received) {
                guard case .whole(let before) = a.body, case .whole(let after) = b.body else { continue }
                #expect(before.fingerprint(id: a.id, kind: a.kind.rawValue, key: testKey)
                    == after.fingerprint(id: b.id, kind: b.kind.rawValue, key: testKey))
            }
        }
    }

    /// A second encoding of what was decoded is the same bytes, unknown kinds and fields included.
    @Test func framesAreByteForByteTheSameWhenPassedOn() throws {
        let seed = testSeed("framesAreByteForByteTheSameWhenPassedOn")
        var rows = RandomRows(seed: seed)
        let first = try frames((0..<500).map { _ in rows.wireRow() })
        let second = try frames(try first.flatMap { try Frame.read($0, hashKey: testKey).rows })
        #expect(first == second)
    }

    @Test func anEmptyFrameCarriesItsFeedNumber() throws {
        let bytes = FrameWriter(hashKey: testKey).finish(through: 77)
        let frame = try Frame.read(bytes, hashKey: testKey)
        #expect(frame.through == 77)
        #expect(frame.rows.isEmpty)
    }

    @Test func framesKeepTheirLimits() throws {
        var rows = RandomRows(seed: 1)
        let many = (0..<5000).map { _ in rows.wireRow() }
        for bytes in try frames(many) { #expect(try Frame.read(bytes, hashKey: testKey).rows.count <= FrameLimits.standard.rowsMaximum) }
        let base = CompactRow.Base(dot: Dot(origin: rows.origins[0], sequence: 1), header: rows.headers[0])
        func row(_ bytes: Int) -> WireRow {
            WireRow(id: RowID(high: 1, low: 2), kind: .person, body: .whole(CompactRow(
                base: base, plain: [CompactRow.PlainCell(key: CellKey(field: 1), value: [UInt8](repeating: 7, count: bytes))])))
        }
        #expect(throws: WireError.tooLarge) { try FrameWriter(hashKey: testKey).append(row(513 << 10)) }
        let large = try frames([row(500 << 10), row(500 << 10), row(500 << 10), row(500 << 10)])
        #expect(large.count == 2)
        #expect(try large.flatMap { try Frame.read($0, hashKey: testKey).rows }.count == 4)
        #expect(throws: WireError.tooLarge) {
            try Frame.read(large[0], hashKey: testKey, limits: FrameLimits(rowsMaximum: 10, bytesMaximum: 1000, rowBytesMaximum: 500, partsMaximum: 100))
        }
    }

    /// A row of the greatest size that the store accepts fits into a frame, however its cells are made.
    @Test func everyRowWithinTheLimitCanTravel() throws {
        var rows = RandomRows(seed: 2)
        let header = rows.headers[0]
        for shape in 0..<3 {
            var plain = PlainCells(), exceptions: [CompactRow.Exception] = []
            var row: CompactRow
            repeat {
                for _ in 0..<500 {
                    let n = UInt64(plain.count + exceptions.count)
                    switch shape {
                    case 0: plain.append(CompactRow.PlainCell(key: CellKey(field: n | 1 << 63), value: []))
                    case 1:
                        let element = (0..<3).map { UInt8(truncatingIfNeeded: n >> (16 - 8 * UInt64($0))) }
                        plain.append(CompactRow.PlainCell(key: CellKey(field: 4, element: element), value: []))
                    default:
                        let other = Header(stamp: Stamp(rawValue: .min), author: "", source: "", operation: RowID(high: n, low: n))
                        let write = Write(
                            dot: Dot(origin: Origin(rawValue: rows.generator.next()), sequence: 1 << 60), header: other, value: nil)
                        exceptions.append(CompactRow.Exception(key: CellKey(field: n | 1 << 63), writes: [write]))
                    }
                }
                row = CompactRow(
                    base: plain.isEmpty ? nil : CompactRow.Base(dot: Dot(origin: Origin(rawValue: 9), sequence: 4), header: header),
                    plain: plain, exceptions: exceptions, contextBeyond: CausalContext(), scopesLeft: [])
            } while row.wireSizeBytes < 490 << 10
            guard row.wireSizeBytes <= 512 << 10 else { continue }
            let wire = WireRow(id: RowID(high: 5, low: 5), kind: .person, body: .whole(row))
            #expect(try Frame.read(try frames([wire])[0], hashKey: testKey).rows == [wire])
        }
    }

    @Test func damagedFramesThrow() throws {
        let seed = testSeed("damagedFramesThrow")
        var rows = RandomRows(seed: seed)
        let sent = (0..<20).map { _ in rows.wireRow() }
        let bytes = try frames(sent)[0]
        let reader = FrameReader(hashKey: testKey)
        let whole = try reader.read(bytes)
        for count in 0..<bytes.count {
            #expect(throws: WireError.self) { try reader.read(Array(bytes.prefix(count))) }
        }
        var survivors = 0
        for position in 0..<bytes.count {
            for bit in 0..<8 {
                var damaged = bytes
                damaged[position] ^= 1 << UInt8(bit)
                if let frame = try? reader.read(damaged), frame != whole { survivors += 1 }
            }
        }
        #expect(survivors == 0, "seed \(seed)")
        #expect(throws: WireError.garbage) { try reader.read(bytes + [0]) }
        #expect(throws: WireError.newerFormat) { try reader.read(bytes.enumerated().map { $0.offset == 4 ? 2 : $0.element }) }
    }

    @Test func aStreamMayArriveByteByByte() throws {
        var rows = RandomRows(seed: 3)
        let sent = try (0..<4).map { _ in try frames((0..<9).map { _ in rows.wireRow() })[0] }
        let stream = sent.flatMap(FrameStream.item) + FrameStream.end
        var reader = FrameStreamReader()
        var received: [[UInt8]] = []
        for byte in stream {
            reader.append([byte])
            while let item = try reader.next() { received.append(item) }
        }
        #expect(received == sent)
        #expect(reader.isAtEnd)
        var whole = FrameStreamReader()
        whole.append(stream)
        for frame in sent { #expect(try whole.next() == frame) }
        #expect(try whole.next() == nil)
        whole.append([1])
        #expect(throws: WireError.garbage) { try whole.next() }
        var huge = FrameStreamReader()
        huge.append([255, 255, 255, 127])
        #expect(throws: WireError.tooLarge) { try huge.next() }
    }

    /// What has arrived is given as far as it can be read; what cannot be is told with the next call.
    @Test func itemsBeforeABrokenOneAreGiven() throws {
        var reader = FrameStreamReader()
        reader.append(FrameStream.item([1, 2]) + FrameStream.item([3]) + [255, 255, 255, 127])
        #expect(try reader.items() == [[1, 2], [3]])
        #expect(throws: WireError.tooLarge) { try reader.items() }
        var cut = FrameStreamReader()
        cut.append(FrameStream.item([1, 2]) + FrameStream.item([3, 4]).dropLast())
        #expect(try cut.items() == [[1, 2]])
        #expect(try cut.items() == [])
        cut.append([4])
        #expect(try cut.items() == [[3, 4]])
        cut.append(FrameStream.end)
        #expect(try cut.items() == [])
        #expect(cut.isAtEnd)
    }
}
