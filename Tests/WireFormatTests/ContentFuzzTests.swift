import Causality
import ProfileModel
import Testing

@testable import WireFormat

/// Damage behind the hash: what a neighbour with a fault, or a hostile one, could send.
@Suite struct ContentFuzzTests {
    @Test func damagedContentNeverCrashes() throws {
        let seed = testSeed("damagedContentNeverCrashes")
        var rows = RandomRows(seed: seed)
        let frame = try frames((0..<12).map { _ in rows.wireRow() })[0]
        var content = [UInt8](repeating: 0, count: frame.withUnsafeBytes { Int($0.loadUnaligned(fromByteOffset: 8, as: UInt32.self)) })
        try frame.withUnsafeBytes { bytes in
            try content.withUnsafeMutableBytes { try Decompressor().decompress(UnsafeRawBufferPointer(rebasing: bytes[16...]), into: $0) }
        }
        func decode(_ bytes: [UInt8]) throws -> Frame {
            try bytes.withUnsafeBytes { buffer in
                var decoder = try FrameContentDecoder(buffer, hashKey: testKey, limits: .standard)
                return try decoder.frame()
            }
        }
        #expect(try decode(content).rows.count == 12)
        for count in 0..<content.count { #expect(throws: WireError.self) { try decode(Array(content.prefix(count))) } }
        var accepted = 0
        func check(_ damaged: [UInt8]) throws {
            guard let frame = try? decode(damaged) else { return }
            accepted += 1
            // What is accepted is a row like any other: it can be hashed, expanded, joined and passed on.
            for row in frame.rows {
                guard case .whole(let row) = row.body else { continue }
                _ = row.fingerprint(id: RowID(high: 0, low: 0), kind: 1, key: testKey)
                #expect(CompactRow.join(row, row) == row)
            }
            #expect(try frames(frame.rows).flatMap { try Frame.read($0, hashKey: testKey).rows } == frame.rows)
        }
        for position in content.indices {
            for bit in 0..<8 {
                var damaged = content
                damaged[position] ^= 1 << UInt8(bit)
                try check(damaged)
            }
        }
        for _ in 0..<20_000 {
            var damaged = content
            for _ in 0..<Int.random(in: 1...6, using: &rows.generator) {
                damaged[Int.random(in: 0..<damaged.count, using: &rows.generator)] = UInt8.random(in: 0...255, using: &rows.generator)
            }
            try check(damaged)
        }
        print("damagedContentNeverCrashes: \(accepted) damaged contents were rows of another meaning")
    }

    /// A write without a value takes four bytes of a frame and 150 of memory.
    @Test(arguments: [(20_000, true), (40_000, false)]) func writesAreBounded(count: Int, isTaken: Bool) throws {
        var exceptions = ByteSink()
        for number in [1, 0, count] { exceptions.append(varint: number) }
        for write in 0..<count {
            exceptions.append(0)
            exceptions.append(varint: 0)
            exceptions.append(difference: UInt64(write + 1), from: UInt64(write))
            exceptions.append(varint: 0)
        }
        var streams = FrameStreams()
        streams.ids.append(word: 1)
        streams.ids.append(word: 1)
        streams.kinds.append(1)
        streams.flags.append(8)
        streams.texts.append(counted: "a")
        for _ in 0..<2 { streams.operations.append(word: 1) }
        for _ in 0..<4 { streams.headers.append(0) }
        streams.origins.append(word: 1)
        streams.exceptions = exceptions
        var content = ByteSink()
        content.append(word: 0)
        content.append(varint: 1)
        content.append(varint: 1)
        for stream in streams.all { content.append(varint: stream.count) }
        for number in [20, 0, 0, 0] { content.append(varint: number) }
        for stream in streams.all { content.append(stream) }
        let rows = content.bytes.withUnsafeBytes { buffer in
            Result { () throws(WireError) -> Int in
                var decoder = try FrameContentDecoder(buffer, hashKey: testKey, limits: .standard)
                return try decoder.frame().rows.count
            }
        }
        switch rows {
        case .success(let count): #expect(isTaken && count == 1)
        case .failure(let error): #expect(!isTaken && error.code == "wire.too-large", "\(error)")
        }
    }
}
