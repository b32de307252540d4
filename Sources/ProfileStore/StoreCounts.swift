public import Causality
internal import Foundation
internal import GRDB
internal import ProfileModel

/// How much a store holds.
public struct StoreCounts: Sendable {
    /// Living customers, linked records once.
    public let customers: Int
    public let events: Int
    public let conflicts: Int
    public let disagreements: Int
    /// Values that wait for a person.
    public let review: Int
    /// The sum of all rows' fingerprints: equal on two replicas exactly when they hold the same.
    public let digest: Digest128
}

/// A scope as this node holds it.
public struct ScopeCount: Sendable {
    public let name: String
    public let customers: Int
    public let digest: Digest128
}

extension StoreReader {
    /// Counts what the store holds.
    ///
    /// - Complexity: linear in the index of customers.
    public func counts() throws -> StoreCounts {
        func count(_ sql: String) throws -> Int { try Int.fetchOne(database, sql: sql) ?? 0 }
        let alone = try count("SELECT count(*) FROM customer_rows WHERE life IN (0, 2) AND profile IS NULL")
        let linked = try count("SELECT count(DISTINCT profile) FROM customer_rows WHERE life IN (0, 2) AND profile IS NOT NULL")
        let contested = try contestedCounts()
        return StoreCounts(
            customers: alone + linked, events: try count("SELECT count(*) FROM item_rows WHERE kind = 3 AND life = 0"),
            conflicts: contested.filter { $0.key != .disagreement }.values.reduce(0, +), disagreements: contested[.disagreement] ?? 0,
            review: try openReviewItems().count, digest: try scopes().reduce(.zero) { $0 &+ $1.digest })
    }

    /// The scopes of the rows that this node holds.
    public func scopes() throws -> [ScopeCount] {
        let statement = try RawStatement(database, sql: "SELECT count(*) FROM customer_rows WHERE scope = ? AND life IN (0, 2)")
        return try scopeSums().filter { $0.rows > 0 }.map { scope in
            statement.bind(1, scope.ordinal)
            defer { statement.reset() }
            return ScopeCount(name: scope.name, customers: try statement.step() ? Int(statement.int64(0)) : 0, digest: scope.sum)
        }
    }

    /// The review items that nobody has decided yet.
    public func openReviewItems() throws -> [StoredRow] {
        try items(.review).filter { row in !row.state.cells.keys.contains(CellKey(field: FieldID.done.rawValue)) }
    }

    /// How many rows changed here after a feed number and did not come from a neighbour.
    public func changeCount(after feed: UInt64, exceptFrom neighbour: RowID? = nil) throws -> Int {
        let lives = try neighbour.map { try Int64.fetchAll(database, sql: "SELECT ordinal FROM neighbour_lives WHERE node = ?", arguments: [$0.data]) }
        let list = lives.map { "via IN (\($0.map(String.init).joined(separator: ", ")))" } ?? "via IS NOT NULL"
        return try ["customer_rows", "item_rows"].reduce(0) { sum, table in
            sum + (try Int.fetchOne(
                database, sql: "SELECT count(*) FROM \(table) WHERE feed > ? AND (via IS NULL OR NOT \(list))", arguments: [Int64(clamping: feed)]) ?? 0)
        }
    }

    // MARK: Checks

    /// What SQLite finds wrong with the file; empty where nothing is.
    public func integrityProblems() throws -> [String] {
        try String.fetchAll(database, sql: "PRAGMA quick_check(10)").filter { $0 != "ok" }
    }

    /// Whether every row decodes and the sums kept on write equal the sums of the rows.
    ///
    /// - Complexity: linear in the store.
    public func sumsHold() throws -> Bool {
        let key = try node().key
        var sums: [Int64: Digest128] = [:], cells: [SumCell: UInt64] = [:]
        var between: [StoredRow] = []
        for layout in [RowLayout.customers, RowLayout.items] {
            try forEachRow(layout, where: "true") { row in
                let fingerprint = row.compact.fingerprint(id: row.id, kind: row.kind.rawValue, key: key)
                sums[row.scope, default: .zero] = sums[row.scope, default: .zero] &+ fingerprint
                cells[SumCell(of: row.id), default: 0] &+= fingerprint.low
                if row.kind.isBetweenCustomers { between.append(row) }
            }
        }
        for row in between {
            guard let second = try places(row).second else { continue }
            let fingerprint = row.compact.fingerprint(id: row.id, kind: row.kind.rawValue, key: key)
            sums[second, default: .zero] = sums[second, default: .zero] &+ fingerprint
            cells[SumCell(of: row.id), default: 0] &+= fingerprint.low
        }
        let names = try scopeNames()
        let kept = Dictionary(uniqueKeysWithValues: try scopes().map { ($0.name, $0.digest) })
        return try Dictionary(uniqueKeysWithValues: sums.map { (names[$0.key] ?? "", $0.value) }) == kept && cellSumsHold(cells)
    }

}
