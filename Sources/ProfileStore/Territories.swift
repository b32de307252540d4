public import Causality
internal import GRDB
package import ProfileModel

extension RowKind {
    /// Whether rows of this kind belong to customers, and are served where these are.
    ///
    /// Rows of all other kinds, those that this version does not know among them, are definitions: they are served in the
    /// scope that they name, and without one everywhere.
    package var belongsToCustomers: Bool {
        self == .event || isBetweenCustomers || self == .task || self == .review || self == .message
    }

    /// Whether rows of this kind stand between two customers, whom they name as `first` and `second`, and belong to both.
    package var isBetweenCustomers: Bool { self == .link || self == .affiliation }
}

/// Where a row is served.
struct Places: Equatable {
    /// The number of its scope, as its table keeps it.
    var first: Int64
    /// Of what stands between customers in two scopes the other one's.
    var second: Int64?
    /// Whether it is known where it belongs: of a row that belongs to customers, whether one of them is known here.
    var isKnown = true

    var all: [Int64] { second.map { [first, $0] } ?? [first] }
}

/// A row outside what this node holds.
struct DepartureRecord {
    enum State: Int64 {
        /// A neighbour said so, and this node's own rows do not.
        case toldOf = 0
        case waiting = 1
        case gone = 2
        /// As `waiting`, of a scope that this node held and left: others may have let go because this node had the row.
        case left = 3

        var isWaiting: Bool { self == .waiting || self == .left }
    }

    let id: RowID
    let kind: RowKind
    let state: State
    /// Where it is, by name.
    let scopes: [String]
    /// What is held there.
    let context: CausalContext
}

extension StoreReader {
    /// The names of scopes by their numbers.
    func scopeNames() throws -> [Int64: String] {
        Dictionary(uniqueKeysWithValues: try Row.fetchAll(database, sql: "SELECT ordinal, name FROM scopes").map { ($0["ordinal"], $0["name"]) })
    }

    func departure(_ id: RowID) throws -> DepartureRecord? {
        try Row.fetchOne(database, sql: "SELECT * FROM departures WHERE id = ?", arguments: [id.data]).map(StoreReader.departure)
    }

    static func departure(_ row: Row) throws -> DepartureRecord {
        let context = try (row.bytes("context") ?? []).withUnsafeBytes { buffer in
            var bytes = RowBytes.Reader(buffer)
            return buffer.isEmpty ? CausalContext() : try bytes.context()
        }
        guard let state = DepartureRecord.State(rawValue: row["state"]) else { throw RowBytes.damaged("departure") }
        return DepartureRecord(
            id: try row.id("id"), kind: RowKind(rawValue: unsigned(row["kind"])), state: state,
            scopes: (row["scopes"] as String).split(separator: "\n").map(String.init), context: context)
    }

    /// The number of the scope of a customer that is here or has been; nil where it is not known.
    func place(ofCustomer id: RowID) throws -> Int64? {
        let statement = try RawStatement(database, sql: "SELECT scope FROM customer_rows WHERE id = ?")
        statement.bind(1, blob: id.bytes)
        defer { statement.reset() }
        if try statement.step() { return statement.int64(0) }
        return try Int64.fetchOne(
            database,
            sql: "SELECT s.ordinal FROM departures AS d JOIN scopes AS s ON s.name = d.scopes WHERE d.id = ? AND d.state = 2",
            arguments: [id.data])
    }

    /// The customers to which a stored row belongs.
    func customers(ofItem row: StoredRow) throws -> (owner: RowID?, other: RowID?) {
        guard let found = try Row.fetchOne(database, sql: "SELECT owner, other FROM item_rows WHERE ordinal = ?", arguments: [row.ordinal])
        else { return (nil, nil) }
        return (try found.optionalID("owner"), try found.optionalID("other"))
    }

    /// Where a stored row is served.
    func places(_ row: StoredRow) throws -> Places {
        if !row.kind.belongsToCustomers { return Places(first: row.scope) }
        let (owner, other) = try customers(ofItem: row)
        let first = try owner.flatMap { try place(ofCustomer: $0) }, second = try other.flatMap { try place(ofCustomer: $0) }
        guard let known = first ?? second else { return Places(first: row.scope, isKnown: false) }
        return Places(first: known, second: first != nil && second != known ? second : nil)
    }

    /// The scopes that a row, or the customers to which it belongs, have left, by name, less those where it is.
    func scopesLeft(_ id: RowID, owner: RowID?, other: RowID?, except places: [String]) throws -> [String] {
        var ids = [id.data]
        ids += [owner, other].compactMap { $0?.data }
        let marks = ids.map { _ in "?" }.joined(separator: ", ")
        let names = try String.fetchAll(
            database, sql: "SELECT DISTINCT s.name FROM left_scopes AS l JOIN scopes AS s ON s.ordinal = l.scope WHERE l.id IN (\(marks))",
            arguments: StatementArguments(ids))
        return names.filter { left in !places.contains { ScopeSet([left]).holds($0) } }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// The scopes where a row belongs, by name; nothing where that is not known here.
    public func scopesKnown(of row: StoredRow) throws -> [String] {
        let places = try places(row), names = try scopeNames()
        return places.isKnown ? places.all.compactMap { names[$0] } : []
    }

    /// Whether this store has a row, what it knows of it, and where it takes it to be: for those who look for a fault.
    package func whereabouts(of id: RowID) throws -> String {
        func text(_ context: CausalContext) -> String { context.entries.map { "\($0.origin):\($0.sequence)" }.joined(separator: " ") }
        let held = try row(id).map { "is here [\(text($0.compact.context))] in \(try scopesKnown(of: $0)), feed \($0.feed)" } ?? "is not here"
        return try held + (departure(id).map { ", \($0.state) [\(text($0.context))] to \($0.scopes)" } ?? "")
    }

    /// The scopes that a row, or the customers to which it belongs, have left: for those who look for a fault.
    package func scopesLeft(by row: StoredRow) throws -> [String] {
        let (owner, other) = try row.kind.belongsToCustomers ? customers(ofItem: row) : (nil, nil)
        return try scopesLeft(row.id, owner: owner, other: other, except: scopesKnown(of: row))
    }

    /// The rows that wait here until somebody else has them who holds their scope.
    public func waitingRows() throws -> Set<RowID> {
        Set(try Row.fetchAll(database, sql: "SELECT id FROM departures WHERE state IN (1, 3)").map { try $0.id("id") })
    }

    /// Whether any row waits here.
    func isAnythingWaiting() throws -> Bool { try database.holds("SELECT 1 FROM departures WHERE state IN (1, 3) LIMIT 1") }

    /// So many customers wait here until somebody else has them who holds their scope, by scope.
    public func waitingDepartures() throws -> [(scope: String, customers: Int)] {
        try Row.fetchAll(database, sql: """
            SELECT s.name, count(*) AS customers FROM departures AS d JOIN customer_rows AS c ON c.id = d.id
            JOIN scopes AS s ON s.ordinal = c.scope WHERE d.state IN (1, 3) AND c.life IN (0, 2) GROUP BY s.name ORDER BY s.name
            """).map { ($0["name"], $0["customers"]) }
    }
}
