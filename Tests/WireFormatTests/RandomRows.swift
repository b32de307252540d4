import Causality
import Foundation
import ProfileModel
import WireFormat

/// SplitMix64: small, seeded, the same on every machine.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
        return z ^ z >> 31
    }

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }
}

/// The seed of this run: `LIMN_SEED`, or a new one.
func testSeed(_ name: String) -> UInt64 {
    let seed = ProcessInfo.processInfo.environment["LIMN_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0...UInt64.max)
    print("\(name): LIMN_SEED=\(seed)")
    return seed
}

let testKey = HashKey(first: 11, second: 13)

/// Rows with everything that a row can have.
struct RandomRows {
    var generator = SeededGenerator(seed: 0)
    let origins: [Origin]
    var headers: [Header]

    init(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        origins = (0..<4).map { _ in Origin(rawValue: generator.next()) }
        headers = []
        defer { self.generator = generator }
        // Two forms of one text: canonically equal, different bytes.
        let texts = ["anna", "张伟", "caf\u{e9}", "cafe\u{301}", ""]
        for _ in 0..<6 {
            headers.append(Header(
                stamp: Stamp(rawValue: Int64(bitPattern: generator.next()) >> 8), author: texts.randomElement(using: &generator)!,
                source: generator.chance(50) ? texts.randomElement(using: &generator)! : nil,
                operation: OperationID(high: generator.next(), low: generator.next())))
        }
    }

    mutating func bytes(_ maximum: Int) -> [UInt8] {
        (0..<Int.random(in: 0...maximum, using: &generator)).map { _ in UInt8.random(in: 97...104, using: &generator) }
    }

    mutating func dot() -> Dot {
        Dot(
            origin: origins.randomElement(using: &generator)!,
            sequence: generator.chance(5) ? UInt64(Int64.max) - generator.next() % 9 : 1 + generator.next() % 1000)
    }

    mutating func write() -> Write {
        let overrules: [Overruling] = generator.chance(20)
            ? [.write(dot()), .statement(Digest128(high: generator.next(), low: generator.next()))] : []
        return Write(
            dot: dot(), header: headers.randomElement(using: &generator)!, value: generator.chance(80) ? bytes(20) : nil,
            overrules: overrules,
            seen: generator.chance(10) ? CausalContext([CausalContext.Entry(origin: origins[0], sequence: 1 + generator.next() % 50)]) : nil,
            original: generator.chance(10) ? dot() : nil)
    }

    mutating func row() -> CompactRow {
        var keys = Set<CellKey>()
        for _ in 0..<Int.random(in: 0..<14, using: &generator) {
            let field = generator.chance(10) ? generator.next() | 1 << 63 : generator.next() % 30
            keys.insert(CellKey(field: field, element: generator.chance(30) ? [1] + bytes(6) : []))
            if generator.chance(10) { keys.insert(CellKey(field: FieldID.externalIDs.rawValue, element: [1] + bytes(9))) }
        }
        let base = generator.chance(80) ? CompactRow.Base(dot: dot(), header: headers.randomElement(using: &generator)!) : nil
        var plain = PlainCells(), exceptions: [CompactRow.Exception] = []
        for key in keys.sorted() {
            if base != nil, generator.chance(70) {
                plain.append(CompactRow.PlainCell(key: key, value: generator.chance(20) ? FieldValue.present : bytes(24)))
            } else {
                var dots = Set<Dot>()
                let writes = (0..<Int.random(in: 1...3, using: &generator)).map { _ in write() }.sorted { $0.dot < $1.dot }
                exceptions.append(CompactRow.Exception(key: key, writes: writes.filter { dots.insert($0.dot).inserted }))
            }
        }
        let beyond = generator.chance(30)
            ? CausalContext(origins.prefix(2).map { CausalContext.Entry(origin: $0, sequence: 2000 + generator.next() % 50) }) : CausalContext()
        return CompactRow(
            base: base, plain: plain, exceptions: exceptions, contextBeyond: beyond,
            scopesLeft: generator.chance(10) ? ["cn/east", "cn/east/上海"] : [])
    }

    /// Departures, whole rows, and lean ones of which a random half of the writes is left out.
    mutating func wireRow() -> WireRow {
        let kind = RowKind(rawValue: generator.chance(5) ? generator.next() : 1 + generator.next() % 8)
        if generator.chance(8) {
            let context = CausalContext(origins.prefix(Int.random(in: 1...3, using: &generator)).map {
                CausalContext.Entry(origin: $0, sequence: 1 + generator.next() % 900)
            })
            let scopes = generator.chance(20) ? ["cn/north", "cn/west"] : ["cn/west"]
            let id = RowID(high: generator.next(), low: generator.next())
            return WireRow(id: id, kind: kind, body: .departed(DepartedRow(context: context, scopes: scopes, scopesLeft: ["cn/east"])))
        }
        let row = row(), salt = generator.next()
        let natural = generator.chance(50) ? RowID(naturalIn: row.plain, hashKey: testKey) : nil
        let id = natural ?? RowID(high: generator.next(), low: generator.next())
        guard generator.chance(40) else { return WireRow(id: id, kind: kind, body: .whole(row)) }
        return WireRow(id: id, kind: kind, row: row, key: testKey, among: 1 << (generator.next() % 40)) { ($0.sequence ^ salt) & 1 == 0 }
    }
}

extension [WireRow] {
    /// The rows without the fingerprints of lean ones, of which a frame keeps the sum alone.
    var withoutFingerprints: [WireRow] {
        map { wire in
            guard case .lean(let row) = wire.body else { return wire }
            return WireRow(reference: wire.reference, kind: wire.kind, body: .lean(LeanRow(
                base: row.base, plain: row.plain, exceptions: row.exceptions, contextBeyond: row.contextBeyond,
                scopesLeft: row.scopesLeft, fingerprint: 0)))
        }
    }

    /// The sum of the fingerprints of lean rows.
    var leanSum: UInt64 {
        reduce(0) { sum, wire in
            if case .lean(let row) = wire.body { sum &+ row.fingerprint } else { sum }
        }
    }
}

func frames(_ rows: [WireRow], limits: FrameLimits = .standard) throws -> [[UInt8]] {
    let writer = FrameWriter(hashKey: testKey, limits: limits)
    var out: [[UInt8]] = []
    for row in rows {
        if try writer.append(row) { continue }
        out.append(writer.finish(through: UInt64(out.count + 1)))
        guard try writer.append(row) else { throw WireError.tooLarge }
    }
    if !writer.isEmpty { out.append(writer.finish(through: UInt64(out.count + 1))) }
    return out
}
