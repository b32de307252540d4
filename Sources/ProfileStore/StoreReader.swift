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
        /// How often it has entered or left scopes.
        public var scopesEpoch: UInt64
        /// The origin of the present life.
        public let origin: Origin
        public var feed: UInt64
        public var sequence: UInt64
        /// Up to this ordinal customers are in the search index, but for those that wait.
        public var indexed: UInt64
        let machine: String
        /// What is still to be added to the sums of scopes and cells, as `SumChanges` puts it.
        var waitingSums: [UInt8]

        /// Whether a counter is not where it was.
        func hasMoved(since other: Node) -> Bool {
            feed != other.feed || sequence != other.sequence || indexed != other.indexed || waitingSums != other.waitingSums
        }
    }

    private var statements: [UnsafePointer<UInt8>: RawStatement] = [:]

    /// A statement that is asked for once for each of many records: found by where its text lies, and made once within the access.
    ///
    /// It has no bindings; whoever used it resets it.
    func statement(_ sql: StaticString) throws -> RawStatement {
        if let known = statements[sql.utf8Start] { return known }
        let made = try RawStatement(database, sql: sql.description)
        statements[sql.utf8Start] = made
        return made
    }

    private var cachedNode: Node?

    /// What this store is.
    public func node() throws -> Node {
        if let cachedNode { return cachedNode }
        let statement = try RawStatement(database, sql: """
            SELECT deployment, key_first, key_second, id, name, author, scopes, feed, sequence, indexed, machine, sums,
                (SELECT origin FROM lives ORDER BY ordinal DESC LIMIT 1), leaving, scopes_epoch FROM node
            """)
        defer { statement.reset() }
        guard try statement.step() else { throw StoreError("store.damaged", ["path": store.path, "reason": "no node"]) }
        let scopes = statement.text(6).split(separator: "\n").map(String.init)
        let node = Node(
            deployment: try StoreReader.id(statement.bytes(0)),
            key: HashKey(first: statement.uint64(1), second: statement.uint64(2)), id: try StoreReader.id(statement.bytes(3)),
            name: statement.text(4), author: statement.optionalText(5), scopes: scopes, held: ScopeSet(scopes),
            leaving: ScopeSet(column: statement.text(13)), scopesEpoch: statement.uint64(14), origin: Origin(rawValue: statement.uint64(12)),
            feed: statement.uint64(7), sequence: statement.uint64(8), indexed: statement.uint64(9), machine: statement.text(10),
            waitingSums: Array(statement.bytes(11)))
        cachedNode = node
        return node
    }

    func forgetNode() { cachedNode = nil }
    func keepNode(_ node: Node) { cachedNode = node }

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

    static func id(_ bytes: UnsafeRawBufferPointer) throws -> UniqueID {
        guard let id = UniqueID(bytes: bytes) else { throw RowBytes.damaged("id") }
        return id
    }

    // MARK: Rows

    /// The row with this id, of whatever kind.
    public func row(_ id: RowID) throws -> StoredRow? {
        for layout in [RowLayout.customers, RowLayout.items] {
            if let row = try rows(layout, where: "id = ?", { $0.bind(1, id: id) }).first { return row }
        }
        return nil
    }

    /// The row with this id among rows of kinds that share a table with `kind`.
    public func row(_ id: RowID, like kind: RowKind) throws -> StoredRow? {
        try rows(RowLayout.of(kind), where: "id = ?") { $0.bind(1, id: id) }.first
    }

    /// Whether there may be rows of a kind that stands between two customers; a write transaction knows it without asking for each.
    func mayHold(_ kind: RowKind) throws -> Bool { true }

    /// Whether customers may have external ids from which another id follows than theirs.
    func mayHoldAliases() throws -> Bool { true }

    /// Which of many ids are customers' here; nil where to look for each costs less than a pass over all customers.
    ///
    /// - Complexity: linear in the ids and in the customers, of whom there are at most four times as many.
    package func customers(among ids: some Sequence<RowID>) throws -> Set<RowID>? {
        let asked = Set(ids)
        guard asked.count >= 256, try lastOrdinal() <= 4 * asked.count else { return nil }
        let statement = try RawStatement(database, sql: "SELECT id FROM customer_rows")
        defer { statement.reset() }
        var found = Set<RowID>()
        while try statement.step() {
            let id = try StoreReader.id(statement.bytes(0))
            if asked.contains(id) { found.insert(id) }
        }
        return found
    }

    private func lastOrdinal() throws -> Int64 {
        let statement = try RawStatement(database, sql: "SELECT max(ordinal) FROM customer_rows")
        defer { statement.reset() }
        return try statement.step() ? statement.int64(0) : 0
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
            let ids = reference.ids
            var found: [StoredRow] = []
            for (layout, statement) in layouts {
                statement.bind(1, id: ids.lowerBound)
                statement.bind(2, id: ids.upperBound)
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
            return try rows(.items, where: "owner = ? AND kind = ? AND life <> 3 ORDER BY at, ordinal") {
                $0.bind(1, id: owner)
                $0.bind(2, Int64(bitPattern: kind.rawValue))
            }
        }
        return try rows(.items, where: "kind = ?\(kind == .event ? "" : " AND kind <> 3") AND life <> 3 ORDER BY ordinal") { $0.bind(1, Int64(bitPattern: kind.rawValue)) }
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
