internal import GRDB
public import ProfileModel

/// How far the customers of a store were compared with each other.
public struct ComparedState: Sendable, Hashable {
    /// Customers with a greater feed number have changed since.
    public var feed: UInt64
    /// By what they were judged: where that is otherwise now, all are to be compared anew.
    public let basis: String
    /// How many were compared when all were.
    public let records: Int
    /// How many changed ones were compared since.
    public var changes = 0
    /// Links up to this feed number are counted in `decisions`.
    public var links: UInt64
    /// On how many links people have decided since all were compared.
    public var decisions = 0

    public init(feed: UInt64, basis: String, records: Int) {
        self.feed = feed
        self.links = feed
        self.basis = basis
        self.records = records
    }
}

/// A key under which a customer stands that may have to be compared with others under it.
public struct BlockingEntry: Sendable, Comparable {
    let key: UInt32
    let customer: UInt32

    /// - Parameters:
    ///   - key: any 64 bits; of two keys with the same lower half the customers are compared too, to no effect.
    ///   - customer: the ordinal of its row.
    public init(key: UInt64, customer: Int64) {
        self.key = UInt32(truncatingIfNeeded: key)
        self.customer = UInt32(clamping: customer)
    }

    public static func < (a: BlockingEntry, b: BlockingEntry) -> Bool { a.key != b.key ? a.key < b.key : a.customer < b.customer }
}

extension StoreReader {
    /// How far customers were compared; nil where all are to be compared.
    public func comparedState() throws -> ComparedState? {
        guard let row = try database.first("SELECT feed, basis, records, changes, links, decisions FROM compared") else { return nil }
        var state = ComparedState(feed: StoreReader.unsigned(row["feed"]), basis: row["basis"], records: row["records"])
        (state.changes, state.links, state.decisions) = (row["changes"], StoreReader.unsigned(row["links"]), row["decisions"])
        return state
    }

    /// Living customers that changed after a feed number, in the order of their changes.
    ///
    /// - Returns: at most `limit` rows.
    public func livingCustomers(changedAfter feed: UInt64, limit: Int) throws -> [StoredRow] {
        try rows(.customers, where: "feed > ?1 AND life IN (0, 2) ORDER BY feed LIMIT ?2") {
            $0.bind(1, Int64(bitPattern: feed))
            $0.bind(2, Int64(limit))
        }
    }

    /// Under how many blocking keys a customer stands, by its ordinal.
    ///
    /// - Complexity: linear in all blocking keys.
    public func blockingKeyCount(ofCustomer ordinal: Int64) throws -> Int {
        try Int.fetchOne(database, sql: "SELECT count(*) FROM blocking_keys WHERE customer = ?", arguments: [ordinal]) ?? 0
    }

    /// The living customers of a kind under a blocking key; none where there are more than `limit`.
    public func livingCustomers(_ kind: RowKind, underBlockingKey key: UInt64, limit: Int) throws -> [StoredRow] {
        let search = try RawStatement(database, sql: "SELECT customer FROM blocking_keys WHERE key = ? LIMIT ?")
        defer { search.reset() }
        search.bind(1, Int64(BlockingEntry(key: key, customer: 0).key))
        search.bind(2, Int64(limit + 1))
        var ordinals: [Int64] = []
        while try search.step() { ordinals.append(search.int64(0)) }
        if ordinals.count > limit { return [] }
        return try ordinals.flatMap { ordinal in
            try rows(.customers, where: "ordinal = ?1 AND kind = ?2 AND life IN (0, 2)") {
                $0.bind(1, ordinal)
                $0.bind(2, Int64(bitPattern: kind.rawValue))
            }
        }
    }
}

extension StoreWriter {
    /// Keeps how far customers were compared; nil: all are to be compared the next time.
    public func save(compared state: ComparedState?) throws {
        guard let state else { return try database.run("DELETE FROM compared") }
        try database.run(
            "INSERT OR REPLACE INTO compared (single, feed, basis, records, changes, links, decisions) VALUES (1, ?, ?, ?, ?, ?, ?)",
            [
                Int64(bitPattern: state.feed), state.basis, state.records, state.changes, Int64(bitPattern: state.links), state.decisions,
            ])
    }

    /// Forgets all blocking keys.
    public func forgetBlockingKeys() throws { try database.run("DELETE FROM blocking_keys") }

    /// Keeps customers under blocking keys; those that they have already stay.
    ///
    /// - Complexity: quickest in the order of the entries.
    public func keep(blocking entries: some Sequence<BlockingEntry>) throws {
        let insert = try RawStatement(database, sql: "INSERT OR IGNORE INTO blocking_keys (key, customer) VALUES (?, ?)")
        for entry in entries {
            insert.bind(1, Int64(entry.key))
            insert.bind(2, Int64(entry.customer))
            try insert.run()
        }
    }

    /// Forgets the blocking keys of customers that are not here any more.
    ///
    /// - Complexity: linear in the keys.
    public func forgetBlockingOfGone() throws {
        try database.run("DELETE FROM blocking_keys WHERE customer NOT IN (SELECT ordinal FROM customer_rows)")
    }
}
