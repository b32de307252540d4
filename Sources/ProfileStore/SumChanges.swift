internal import Causality
internal import GRDB

/// What changes in the sums that a store keeps of its rows: of scopes, and of cells of ids.
///
/// The changes of a few rows wait in the row of the table `node`, which every transaction writes, until there are many: two
/// pages less a write. Those of many rows go into the tables at once, and all that waits with them.
struct SumChanges {
    /// What changes in one cell of a scope.
    struct Change: Equatable {
        let scope: Int64
        let cell: Int
        var rows: Int
        var sum: Digest128

        var isNothing: Bool { rows == 0 && sum == .zero }
    }

    /// So many changes wait.
    static let waitingMaximum = 48

    private var few: [Change] = []
    private var many: Many?

    /// Adds to what a scope and one of its cells sum to.
    @inline(__always)
    mutating func count(_ sum: Digest128, of cell: SumCell, rows: Int, in scope: Int64) {
        if many != nil { return many!.count(sum, of: cell, rows: rows, in: scope) }
        countFew(sum, of: cell, rows: rows, in: scope)
    }

    private mutating func countFew(_ sum: Digest128, of cell: SumCell, rows: Int, in scope: Int64) {
        if let index = few.firstIndex(where: { $0.cell == cell.number && $0.scope == scope }) {
            few[index].rows += rows
            few[index].sum = few[index].sum &+ sum
            if few[index].isNothing { few.remove(at: index) }
            return
        }
        let change = Change(scope: scope, cell: cell.number, rows: rows, sum: sum)
        if change.isNothing { return }
        few.append(change)
        guard few.count > SumChanges.waitingMaximum else { return }
        many = Many()
        for change in few { many!.count(change.sum, of: SumCell(number: change.cell), rows: change.rows, in: change.scope) }
        few = []
    }

    /// Takes the changes and those that waited before: returns what waits now, and writes them to the tables where they are
    /// many, so that nothing does.
    mutating func settled(_ waiting: [UInt8], in database: Database) throws -> [UInt8] {
        defer { self = SumChanges() }
        if few.isEmpty, many == nil { return waiting }
        for change in try SumChanges.changes(waiting) {
            count(change.sum, of: SumCell(number: change.cell), rows: change.rows, in: change.scope)
        }
        guard var many else { return SumChanges.bytes(few) }
        try many.write(to: database)
        return []
    }

    // MARK: What waits, as bytes

    private static func bytes(_ changes: [Change]) -> [UInt8] {
        var out = RowBytes()
        for change in changes {
            out.append(UInt64(change.scope))
            out.append(UInt64(change.cell))
            out.append(UInt64(bitPattern: Int64(change.rows << 1 ^ change.rows >> 63)))
            out.append(fixed: change.sum.high)
            out.append(fixed: change.sum.low)
        }
        return out.bytes
    }

    /// Reads what waits.
    ///
    /// - Throws: `store.damaged`.
    static func changes(_ bytes: [UInt8]) throws -> [Change] {
        try bytes.withUnsafeBytes { buffer in
            var reader = RowBytes.Reader(buffer), out: [Change] = []
            while !reader.isAtEnd {
                let scope = Int64(clamping: try reader.number()), cell = Int(clamping: try reader.number()), rows = try reader.number()
                guard cell <= SumCell.numberMaximum else { throw RowBytes.damaged("sums") }
                out.append(Change(
                    scope: scope, cell: cell, rows: Int(Int64(bitPattern: rows >> 1) ^ -Int64(bitPattern: rows & 1)),
                    sum: Digest128(high: try reader.fixed(), low: try reader.fixed())))
            }
            return out
        }
    }
}

/// Changes of many rows: each row of the tables that they touch is written once.
private struct Many {
    private var scopes: [Int64: (rows: Int, sum: Digest128)] = [:]
    private var cells = CellSumChanges()

    @inline(__always)
    mutating func count(_ sum: Digest128, of cell: SumCell, rows: Int, in scope: Int64) {
        cells.count(sum.low, of: cell, in: scope)
        var change = scopes[scope] ?? (0, .zero)
        change.sum = change.sum &+ sum
        change.rows += rows
        scopes[scope] = change
    }

    mutating func write(to database: Database) throws {
        for (scope, change) in scopes {
            guard let row = try database.first("SELECT rows, sum_high, sum_low FROM scopes WHERE ordinal = ?", [scope]) else { continue }
            let sum = Digest128(high: StoreReader.unsigned(row["sum_high"]), low: StoreReader.unsigned(row["sum_low"])) &+ change.sum
            try database.run(
                "UPDATE scopes SET rows = ?, sum_high = ?, sum_low = ? WHERE ordinal = ?",
                [(row["rows"] as Int) + change.rows, Int64(bitPattern: sum.high), Int64(bitPattern: sum.low), scope])
        }
        try cells.write(to: database)
    }
}

extension StoreReader {
    /// A scope with what its rows sum to.
    struct ScopeSum {
        let ordinal: Int64
        let name: String
        var rows: Int
        var sum: Digest128
    }

    /// The scopes of which the store holds rows, or held some, in the order of their names.
    func scopeSums() throws -> [ScopeSum] {
        let waiting = Dictionary(grouping: try SumChanges.changes(node().waitingSums), by: \.scope)
        return try database.all("SELECT ordinal, name, rows, sum_high, sum_low FROM scopes ORDER BY name").map { row in
            var scope = ScopeSum(
                ordinal: row["ordinal"], name: row["name"], rows: row["rows"],
                sum: Digest128(high: StoreReader.unsigned(row["sum_high"]), low: StoreReader.unsigned(row["sum_low"])))
            for change in waiting[scope.ordinal] ?? [] {
                scope.rows += change.rows
                scope.sum = scope.sum &+ change.sum
            }
            return scope
        }
    }
}
