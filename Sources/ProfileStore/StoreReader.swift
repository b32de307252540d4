public import Causality
internal import GRDB
public import ProfileModel
internal import Replication
internal import WireFormat

/// One snapshot of a store, to read from; valid only within the access that gave it.
public class StoreReader {
    let database: Database
    public let store: ProfileStore

    init(database: Database, store: ProfileStore) {
        self.database = database
        self.store = store
    }

    // MARK: What this node is

    /// What this store is, and how far its counters are.
    public struct Node: Sendable {
        public let deployment: UniqueID
        /// The deployment's hash key.
        public let key: HashKey
        /// The row that describes this node.
        public let id: RowID
        public let name: String
        public let author: String?
        public var scopes: [String] { didSet { held = ScopeSet(scopes) } }
        /// What this node holds.
        public private(set) var held: ScopeSet
        /// What it has left, and of which it may still have rows.
        public var leaving: ScopeSet
        /// The origin of the present life.
        public let origin: Origin
        public var feed: UInt64
        public var sequence: UInt64
        /// Up to this feed number rows are in the search index.
        public var indexed: UInt64
        let machine: String
    }

    private var cachedNode: Node?

    /// What this store is.
    public func node() throws -> Node {
        if let cachedNode { return cachedNode }
        guard let row = try database.first("""
            SELECT n.*, (SELECT origin FROM lives ORDER BY ordinal DESC LIMIT 1) AS origin FROM node AS n
            """) else { throw StoreError("store.damaged", ["path": store.path, "reason": "no node"]) }
        let scopes = (row["scopes"] as String).split(separator: "\n").map(String.init)
        let node = Node(
            deployment: try row.id("deployment"),
            key: HashKey(first: StoreReader.unsigned(row["key_first"]), second: StoreReader.unsigned(row["key_second"])),
            id: try row.id("id"), name: row["name"], author: row["author"],
            scopes: scopes, held: ScopeSet(scopes), leaving: ScopeSet(column: row["leaving"]),
            origin: Origin(rawValue: StoreReader.unsigned(row["origin"])), feed: StoreReader.unsigned(row["feed"]),
            sequence: StoreReader.unsigned(row["sequence"]), indexed: StoreReader.unsigned(row["indexed"]), machine: row["machine"])
        cachedNode = node
        return node
    }

    func forgetNode() { cachedNode = nil }

    private var cachedOrder: SourceOrder?

    /// In which order sources are believed.
    public func sourceOrder() throws -> SourceOrder {
        if let cachedOrder { return cachedOrder }
        let order = try readSourceOrder()
        cachedOrder = order
        return order
    }

    func forgetSourceOrder() { cachedOrder = nil }

    static func unsigned(_ value: Int64) -> UInt64 { UInt64(bitPattern: value) }

    static func id(_ data: some Collection<UInt8>) throws -> UniqueID {
        guard let id = UniqueID(bytes: data) else { throw RowBytes.damaged("id") }
        return id
    }

    // MARK: Rows

    /// The row with this id, of whatever kind.
    public func row(_ id: RowID) throws -> StoredRow? {
        for layout in [RowLayout.customers, RowLayout.items] {
            if let row = try rows(layout, where: "id = ?", { $0.bind(1, blob: id.bytes) }).first { return row }
        }
        return nil
    }

    func rows(_ layout: RowLayout, where condition: String, _ bind: (RawStatement) -> Void = { _ in }) throws -> [StoredRow] {
        var out: [StoredRow] = []
        try forEachRow(layout, where: condition, bind) { out.append($0) }
        return out
    }

    func forEachRow(_ layout: RowLayout, where condition: String, _ bind: (RawStatement) -> Void = { _ in }, _ body: (StoredRow) throws -> Void) throws {
        let statement = try RawStatement(database, sql: layout.selectSQL(where: condition))
        bind(statement)
        defer { statement.reset() }
        while try statement.step() { try body(layout.row(statement, headers: store.headers, in: database)) }
    }

    /// For each reference the rows whose ids it fits, at most `SyncLimits.fittingRowsMaximum`.
    func rows(fitting references: [RowReference]) throws -> [[StoredRow]] {
        let layouts = try [RowLayout.customers, RowLayout.items].map { layout in
            (layout, try RawStatement(database, sql: layout.selectSQL(where: "id >= ? AND id <= ? LIMIT ?")))
        }
        return try references.map { reference in
            let first = reference.ids.lowerBound.bytes, last = reference.ids.upperBound.bytes
            var found: [StoredRow] = []
            for (layout, statement) in layouts {
                statement.bind(1, blob: first)
                statement.bind(2, blob: last)
                statement.bind(3, Int64(SyncLimits.fittingRowsMaximum - found.count))
                while try statement.step() { found.append(try layout.row(statement, headers: store.headers, in: database)) }
                statement.reset()
            }
            return found
        }
    }

    /// The rows of a kind other than customers, in the order of their making here.
    public func items(_ kind: RowKind, owner: RowID? = nil) throws -> [StoredRow] {
        if let owner {
            return try rows(.items, where: "owner = ? AND kind = ? ORDER BY at, ordinal") {
                $0.bind(1, blob: owner.bytes)
                $0.bind(2, Int64(bitPattern: kind.rawValue))
            }
        }
        return try rows(.items, where: "kind = ?\(kind == .event ? "" : " AND kind <> 3") ORDER BY ordinal") { $0.bind(1, Int64(bitPattern: kind.rawValue)) }
    }

    /// Whether there is any row of a kind other than customers.
    public func holds(_ kind: RowKind) throws -> Bool {
        try Bool.fetchOne(
            database, sql: "SELECT EXISTS (SELECT 1 FROM item_rows WHERE kind = ? AND kind <> 3)", arguments: [Int64(bitPattern: kind.rawValue)]) ?? false
    }

    // MARK: Natural ids

    /// The id of a row that has a natural key: the same on every node of the deployment.
    public func naturalID(_ kind: String, _ key: String) throws -> RowID {
        .natural(kind: kind, key: key, hashKey: try node().key)
    }

    /// The id that an external id's own customer has.
    public func customerID(externalID: String) throws -> RowID { try naturalID("customer", externalID) }
}
