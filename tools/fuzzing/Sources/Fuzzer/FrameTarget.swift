import Causality
import Glibc
import ProfileModel

@testable import RandomRows
@testable import WireFormat

/// Frames: their content behind the checksum, which is made anew for every input; frames as they are; streams of them.
enum FrameTarget: FuzzTarget {
    static let name = "frames"
    static let inputBytesMaximum = 1 << 16
    static let key = HashKey(first: 11, second: 13)

    /// What 65,536 parts of few bytes each take, such as 32,768 writes without a value.
    private static let bound = MemoryBound(constant: 6 << 20)

    static func seeds() throws -> [[UInt8]] {
        var rows = RandomRows(seed: 5), seeds: [[UInt8]] = []
        for count in [1, 1, 2, 3, 5, 8, 12, 40, 120] {
            let frame = try frame(of: (0..<count).map { _ in rows.wireRow() })
            seeds.append([1] + (try content(of: frame)))
            if count < 4 {
                seeds.append([0] + frame)
                seeds.append([2, 7] + FrameStream.item(frame) + FrameStream.item(frame) + FrameStream.end)
            }
        }
        // Columns of values that repeat, for each way in which they stand in a frame.
        for texts in [["上海", "杭州"], (0..<40).map { "1380000\(1000 + $0)" }] {
            seeds.append([1] + (try content(of: frame(of: (0..<40).map { rows.likeOthers(texts[$0 % texts.count]) }))))
        }
        return seeds
    }

    static func take(_ bytes: UnsafeRawBufferPointer) throws {
        var input = FuzzInput(bytes)
        switch input.byte() % 3 {
        case 0: try read(Array(input.rest), contentBytes: nil)
        case 1: try read(frame(around: input.rest), contentBytes: input.rest.count)
        default: try readStream(&input)
        }
    }

    static func frame(around content: UnsafeRawBufferPointer) -> [UInt8] {
        let compressed = Compressor(level: 1).compress(Array(content), endingBlocksAt: [])
        var frame = ByteSink()
        frame.append(FrameHeader(contentCount: content.count, compressedCount: compressed.count))
        return frame.bytes + compressed
    }

    private static func read(_ bytes: [UInt8], contentBytes: Int?) throws {
        let reader = FrameReader(hashKey: key)
        // What a frame that came as it is says of its content is its own word; the limits bound it.
        let frame = try bound.measure(inputBytes: bytes.count + (contentBytes ?? FrameLimits.standard.bytesMaximum)) { try reader.read(bytes) }
        check(frame)
    }

    private static func readStream(_ input: inout FuzzInput) throws {
        var reader = FrameStreamReader()
        let step = 1 + Int(input.byte())
        var rest = input.rest
        while !rest.isEmpty {
            reader.append(rest.prefix(step))
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(step))
            while let item = try reader.next() { check(try FrameReader(hashKey: key).read(item)) }
        }
    }

    /// What is accepted is a row like any other: it can be hashed, expanded, joined, rebuilt and passed on.
    private static func check(_ frame: Frame) {
        var held: [(id: RowID, row: CompactRow)] = []
        for wire in frame.rows {
            guard case .whole(let row) = wire.body else { continue }
            _ = row.fingerprint(id: wire.id, kind: wire.kind.rawValue, key: key)
            law(CompactRow.join(row, row) == row, "a row joined with itself is another")
            if let last = held.last { law(CompactRow.join(row, last.row) == CompactRow.join(last.row, row), "a join depends on the order") }
            held.append((wire.id, row))
        }
        let lean = frame.rows.filter { if case .lean = $0.body { true } else { false } }
        for start in stride(from: 0, to: lean.count, by: LeanGroup.rowsMaximum) {
            let group = Array(lean[start..<min(start + LeanGroup.rowsMaximum, lean.count)])
            _ = LeanGroup.rebuilt(group, from: group.map { _ in Array(held.prefix(2)) }, key: key)
        }
        let writer = FrameWriter(hashKey: key)
        for row in frame.rows { guard let fits = try? writer.append(row), fits else { return } }
        guard !writer.isEmpty else { return }
        let again = try? FrameReader(hashKey: key).read(writer.finish(through: frame.through))
        law(again == frame, "a frame that was read and written again is another")
    }

    // MARK: Real frames

    static func frame(of rows: [WireRow]) throws -> [UInt8] {
        let writer = FrameWriter(hashKey: key)
        for row in rows { guard try writer.append(row) else { throw WireError.tooLarge } }
        return writer.finish(through: UInt64(rows.count))
    }

    static func content(of frame: [UInt8]) throws -> [UInt8] {
        var content = [UInt8](repeating: 0, count: frame.withUnsafeBytes { Int($0.loadUnaligned(fromByteOffset: 8, as: UInt32.self)) })
        try frame.withUnsafeBytes { bytes in
            try content.withUnsafeMutableBytes { try Decompressor().decompress(UnsafeRawBufferPointer(rebasing: bytes[FrameHeader.byteCount...]), into: $0) }
        }
        return content
    }
}

extension RandomRows {
    /// A plain row, as an import makes them.
    mutating func likeOthers(_ text: String) -> WireRow {
        let plain = PlainCells([
            CompactRow.PlainCell(key: CellKey(field: 40), value: FieldValue.bytes(text: text)),
            CompactRow.PlainCell(key: CellKey(field: FieldID.tags.rawValue, element: FieldValue.bytes(text: "vip")), value: FieldValue.present),
        ].sorted { $0.key < $1.key })
        let row = CompactRow(base: CompactRow.Base(dot: dot(), header: headers[0]), plain: plain)
        return WireRow(id: RowID(high: generator.next(), low: generator.next()), kind: .person, body: .whole(row))
    }
}
