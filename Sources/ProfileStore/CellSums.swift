public import Causality
internal import GRDB
internal import ProfileModel
public import Replication

/// What a transaction changes in the sums of cells: each block that it touches is written once, at the end.
struct CellSumChanges {
    private var blocks: [Int64: [UInt64]] = [:]

    /// Adds to the sum of a cell.
    @inline(__always)
    mutating func count(_ change: UInt64, of cell: SumCell, in scope: Int64) {
        blocks[CellSumBlock.ordinal(of: cell, in: scope), default: CellSumBlock.zero][cell.number & (CellSumBlock.count - 1)] &+= change
    }

    /// Brings the stored sums in line.
    mutating func write(to database: Database) throws {
        guard !blocks.isEmpty else { return }
        let select = try RawStatement(database, sql: "SELECT sums FROM cell_sums WHERE ordinal = ?")
        let insert = try RawStatement(database, sql: "INSERT OR REPLACE INTO cell_sums (ordinal, sums) VALUES (?, ?)")
        for (ordinal, changes) in blocks.sorted(by: { $0.key < $1.key }) {
            var sums = changes
            select.bind(1, ordinal)
            if try select.step() { try CellSumBlock.forEach(in: select.bytes(0)) { sums[$0] &+= $1 } }
            select.reset()
            insert.bind(1, ordinal)
            insert.bind(2, blob: CellSumBlock.bytes(sums))
            try insert.run()
        }
        blocks = [:]
    }
}

/// Neighbouring cells of one scope, which share a row of the table `cell_sums`.
enum CellSumBlock {
    static let count = 128
    static let zero = [UInt64](repeating: 0, count: count)
    private static let scopeShift: Int64 = 20

    static func ordinal(of cell: SumCell, in scope: Int64) -> Int64 { scope << scopeShift | Int64(cell.number / count) }

    /// The ordinals of a scope's blocks.
    static func ordinals(of scope: Int64) -> ClosedRange<Int64> { scope << scopeShift...(scope + 1) << scopeShift - 1 }

    /// The first cell of the block with this ordinal.
    static func firstCell(_ ordinal: Int64) -> Int { Int(ordinal & (1 << scopeShift - 1)) * count }

    /// All sums, or where fewer bytes do it, each that is not 0 after its place.
    static func bytes(_ sums: [UInt64]) -> [UInt8] {
        let present = sums.count { $0 != 0 }
        let isSparse = present * 9 < count * 8
        var bytes: [UInt8] = []
        bytes.reserveCapacity(isSparse ? present * 9 : count * 8)
        for (place, sum) in sums.enumerated() where !isSparse || sum != 0 {
            if isSparse { bytes.append(UInt8(place)) }
            withUnsafeBytes(of: sum.littleEndian) { bytes.append(contentsOf: $0) }
        }
        return bytes
    }

    /// Calls with the place and the value of each sum.
    ///
    /// - Throws: `store.damaged`.
    static func forEach(in bytes: UnsafeRawBufferPointer, _ body: (Int, UInt64) -> Void) throws {
        if bytes.count == count * 8 {
            for place in 0..<count { body(place, UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place * 8, as: UInt64.self))) }
            return
        }
        guard bytes.count % 9 == 0, bytes.count < count * 8 else { throw RowBytes.damaged("sums") }
        for at in stride(from: 0, to: bytes.count, by: 9) {
            guard bytes[at] < count else { throw RowBytes.damaged("sums") }
            body(Int(bytes[at]), UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: at + 1, as: UInt64.self)))
        }
    }
}

extension ProfileStore {
    /// What the rows of these scopes sum to, as kept on write.
    public func sums(within scopes: ScopeRange) throws -> StoreSums {
        try read { try $0.sums(within: scopes) }
    }

    /// The rows of some cells with their fingerprints, found by the index of ids.
    public func fingerprints(in cells: [SumCell], within scopes: ScopeRange) throws -> [RowFingerprint] {
        try read { reader in
            let key = try reader.node().key, numbers = Set(try reader.scopeNumbers(within: scopes).map(\.ordinal))
            var out: [RowFingerprint] = []
            for cell in cells {
                let ids = cell.ids
                for layout in [RowLayout.customers, RowLayout.items] {
                    // A cell of first bits may hold all that was made in half a year: what is of another cell is told by the id alone.
                    try reader.forEachRow(layout, where: "id >= ?1 AND id <= ?2 AND (substr(id, 7, 1) >= x'70' AND substr(id, 7, 1) < x'80') = ?3") {
                        $0.bind(1, blob: ids.lowerBound.bytes)
                        $0.bind(2, blob: ids.upperBound.bytes)
                        $0.bind(3, cell.isOfTime ? 1 : 0)
                    } _: { row in
                        let isThere = try numbers.contains(row.scope)
                            || row.kind.isBetweenCustomers && reader.places(row).second.map(numbers.contains) ?? false
                        guard isThere else { return }
                        out.append(RowFingerprint(id: row.id, digest: row.compact.fingerprint(id: row.id, kind: row.kind.rawValue, key: key)))
                    }
                }
            }
            return out
        }
    }
}

extension StoreReader {
    fileprivate func scopeNumbers(within range: ScopeRange) throws -> [ScopeSum] {
        try scopeSums().filter { range.contains($0.name) }
    }

    fileprivate func sums(within range: ScopeRange) throws -> StoreSums {
        var out = StoreSums()
        let statement = try RawStatement(database, sql: "SELECT ordinal, sums FROM cell_sums WHERE ordinal BETWEEN ? AND ?")
        let waiting = Dictionary(grouping: try SumChanges.changes(node().waitingSums), by: \.scope)
        for scope in try scopeNumbers(within: range) {
            out.total = out.total &+ scope.sum
            out.rows += scope.rows
            var changes = (waiting[scope.ordinal] ?? []).reduce(into: [:]) { $0[SumCell(number: $1.cell), default: 0] &+= $1.sum.low }
            let ordinals = CellSumBlock.ordinals(of: scope.ordinal)
            statement.bind(1, ordinals.lowerBound)
            statement.bind(2, ordinals.upperBound)
            while try statement.step() {
                let first = CellSumBlock.firstCell(statement.int64(0))
                try CellSumBlock.forEach(in: statement.bytes(1)) { place, kept in
                    let cell = SumCell(number: first + place)
                    let sum = changes.isEmpty ? kept : kept &+ (changes.removeValue(forKey: cell) ?? 0)
                    if sum != 0 { out.cells.append(.init(cell: cell, sum: sum)) }
                }
            }
            statement.reset()
            for (cell, sum) in changes.sorted(by: { $0.key < $1.key }) where sum != 0 { out.cells.append(.init(cell: cell, sum: sum)) }
        }
        return out
    }

    /// Whether the sums of cells equal those of the rows' fingerprints, scopes taken together.
    func cellSumsHold(_ expected: [SumCell: UInt64]) throws -> Bool {
        var kept: [SumCell: UInt64] = [:]
        for entry in try sums(within: .all).cells { kept[entry.cell, default: 0] &+= entry.sum }
        return kept.filter { $0.value != 0 } == expected.filter { $0.value != 0 }
    }
}
