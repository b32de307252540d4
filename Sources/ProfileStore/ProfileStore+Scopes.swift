public import Causality
internal import Foundation
internal import GRDB
internal import ProfileModel
public import Replication
public import WireFormat

extension ProfileStore {
    /// What a neighbour said of scopes when they last met.
    public func scopes(of neighbour: NeighbourID) throws -> NeighbourScopes? {
        try read { try $0.scopes(of: neighbour) }
    }

    /// Keeps what it has said, and what follows from it.
    public func saveScopes(_ scopes: NeighbourScopes, of neighbour: NeighbourID, beginsAgain: Bool) throws {
        let before = try self.scopes(of: neighbour)
        var scopes = scopes
        scopes.granted = scopes.granted ?? before?.granted
        if scopes == before, !beginsAgain { return }
        try write { writer in
            try writer.database.execute(
                sql: """
                    INSERT INTO neighbours (node, name, scopes, granted, leaving, scopes_epoch) VALUES (?1, '', ?2, ?3, ?4, ?5)
                    ON CONFLICT (node) DO UPDATE SET scopes = ?2, granted = ?3, leaving = ?4, scopes_epoch = ?5
                    """,
                arguments: [
                    neighbour.data, scopes.holds.column, scopes.granted?.column, scopes.leaving.column,
                    Int64(clamping: scopes.epoch),
                ])
            if let before, beginsAgain || !before.holds.holds(scopes.holds) {
                try writer.database.execute(sql: "UPDATE neighbours SET acknowledged = 0, acknowledged_life = NULL WHERE node = ?", arguments: [neighbour.data])
                // It may have let go of what it once sent.
                for table in [RowLayout.customers.table, RowLayout.items.table] {
                    try writer.database.execute(
                        sql: "UPDATE \(table) SET via = NULL WHERE via IN (SELECT ordinal FROM neighbour_lives WHERE node = ?)",
                        arguments: [neighbour.data])
                }
            }
            if let granted = scopes.granted, let known = before?.granted, !known.holds(granted) {
                try writer.database.execute(sql: "UPDATE neighbours SET cursor = 0, cursor_life = NULL WHERE node = ?", arguments: [neighbour.data])
            }
        }
    }

    /// For each reference the rows that it fits and the neighbour is served.
    public func rows(fitting references: [RowReference], toward neighbour: Neighbour) throws -> [[ReplicaRow]] {
        if neighbour.terms.served.isWhole { return try rows(fitting: references) }
        return try read { reader in
            let served = try ServedFeed(reader, toward: neighbour)
            return try reader.rows(fitting: references).map { found in
                try found.compactMap { row in
                    guard case .row(let whole) = try served.content(of: row, repeating: true) else { return nil }
                    return whole
                }
            }
        }
    }
}

extension ScopeSet {
    /// As a column keeps it: one a line.
    var column: String { (names.isEmpty ? [ScopeSet.shared] : names).joined(separator: "\n") }

    init(column: String) { self.init(column.split(separator: "\n").map(String.init)) }
}

extension StoreReader {
    /// What a neighbour said of scopes when they last met.
    func scopes(of neighbour: NeighbourID) throws -> NeighbourScopes? {
        let row = try Row.fetchOne(database, sql: "SELECT * FROM neighbours WHERE node = ? AND scopes IS NOT NULL", arguments: [neighbour.data])
        guard let row else { return nil }
        return NeighbourScopes(
            holds: ScopeSet(column: row["scopes"]), epoch: StoreReader.unsigned(row["scopes_epoch"]), leaving: ScopeSet(column: row["leaving"] ?? ""),
            granted: (row["granted"] as String?).map { ScopeSet(column: $0) })
    }
}

/// The feed as a neighbour is served that does not hold everything.
///
/// A row is served where it belongs. Of a row that has left, those who held it are told; but a node that holds the row and
/// not the place where it belongs hands the row itself to them, so that what was written before it left finds its way.
struct ServedFeed {
    private let reader: StoreReader
    private let neighbour: Neighbour
    private let held: ScopeSet
    private let via: Int64
    private let names: [Int64: String]
    /// The numbers of the scopes that the neighbour is served, as a list in SQL.
    private let allowed: String
    /// The same of those departures from which it is told.
    private let departing: String

    init(_ reader: StoreReader, toward neighbour: Neighbour) throws {
        self.reader = reader
        self.neighbour = neighbour
        held = try reader.node().held
        via = try reader.lifeNumber(of: neighbour)
        let names = try reader.scopeNames()
        self.names = names
        func list(_ isMember: (String) -> Bool) -> String { names.filter { isMember($0.value) }.keys.sorted().map(String.init).joined(separator: ", ") }
        let terms = neighbour.terms
        allowed = list(terms.served.holds)
        departing = list { terms.served.holds($0) || terms.leaving.holds($0) }
    }

    /// A piece of the feed; it goes on until there is a row or the end.
    func page(after feed: UInt64, through: UInt64, rowsMaximum: Int) throws -> FeedPage {
        var after = feed
        while true {
            var entries = try entries(after: after, through: through, limit: rowsMaximum)
            entries.sort { $0.feed < $1.feed }
            let isLast = entries.count < rowsMaximum
            if !isLast { entries.removeSubrange(rowsMaximum...) }
            let end = isLast ? through : entries[rowsMaximum - 1].feed
            let rows = entries.compactMap { entry in entry.content.map { FeedRow(feed: entry.feed, content: $0) } }
            if !rows.isEmpty || end >= through { return FeedPage(rows: rows, through: end) }
            after = end
        }
    }

    private func entries(after feed: UInt64, through: UInt64, limit: Int) throws -> [(feed: UInt64, content: FeedRow.Content?)] {
        var out: [(feed: UInt64, content: FeedRow.Content?)] = []
        func bind(_ statement: RawStatement) {
            statement.bind(1, Int64(bitPattern: feed))
            statement.bind(2, Int64(clamping: through))
            statement.bind(3, via)
            statement.bind(4, Int64(limit))
        }
        let left = "(SELECT id FROM left_scopes WHERE scope IN (\(departing)))"
        let hasLeft = try Bool.fetchOne(reader.database, sql: "SELECT EXISTS \(left)") ?? false
        let span = "feed > ?1 AND feed <= ?2", isNew = "(via IS NULL OR via <> ?3)", order = "ORDER BY feed LIMIT ?4"
        let customers = "\(span) AND (scope IN (\(allowed)) AND \(isNew)" + (hasLeft ? " OR id IN \(left)" : "") + ") \(order)"
        try reader.forEachRow(.customers, where: customers, bind) { out.append(($0.feed, try content(of: $0))) }
        let second = "other IS NOT NULL AND (SELECT c.scope FROM customer_rows AS c WHERE c.id = other) IN (\(allowed))"
        let items = "\(span) AND ((scope IN (\(allowed)) OR \(second)) AND \(isNew)"
            + (hasLeft ? " OR id IN \(left) OR owner IN \(left) OR other IN \(left)" : "") + ") \(order)"
        try reader.forEachRow(.items, where: items, bind) { out.append(($0.feed, try content(of: $0))) }
        guard hasLeft else { return out }
        let stubs = try Row.fetchAll(
            reader.database, sql: "SELECT * FROM departures WHERE state = 2 AND \(span) AND id IN \(left) ORDER BY feed LIMIT ?3",
            arguments: [Int64(bitPattern: feed), Int64(clamping: through), limit])
        for stub in stubs { out.append((StoreReader.unsigned(stub["feed"]), try content(of: StoreReader.departure(stub)))) }
        return out
    }

    /// What the neighbour is told of a row; nil for nothing.
    ///
    /// - Parameter repeating: whether it is told again what came from it.
    func content(of row: StoredRow, repeating isRepeated: Bool = false) throws -> FeedRow.Content? {
        let places = try reader.places(row).all.compactMap { names[$0] }
        let whole = FeedRow.Content.row(ReplicaRow(id: row.id, kind: row.kind, row: row.compact))
        if places.contains(where: neighbour.terms.served.holds) { return row.via == via && !isRepeated ? nil : whole }
        let (owner, other) = try row.kind.belongsToCustomers ? reader.customers(ofItem: row) : (nil, nil)
        let left = try reader.scopesLeft(row.id, owner: owner, other: other, except: places)
        guard places.contains(where: held.holds) else {
            return (row.via != via || isRepeated) && left.contains(where: neighbour.terms.served.holds) ? whole : nil
        }
        guard left.contains(where: isTold) else { return nil }
        return departed(row.id, row.kind, row.compact.context, places, left)
    }

    private func content(of stub: DepartureRecord) throws -> FeedRow.Content? {
        if stub.scopes.contains(where: neighbour.terms.served.holds) { return nil }
        let left = try reader.scopesLeft(stub.id, owner: nil, other: nil, except: stub.scopes)
        guard left.contains(where: isTold) else { return nil }
        return departed(stub.id, stub.kind, stub.context, stub.scopes, left)
    }

    private func isTold(_ left: String) -> Bool { neighbour.terms.served.holds(left) || neighbour.terms.leaving.holds(left) }

    private func departed(_ id: RowID, _ kind: RowKind, _ context: CausalContext, _ scopes: [String], _ left: [String]) -> FeedRow.Content {
        let scopes = scopes.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        return .departed(Departure(id: id, kind: kind, row: DepartedRow(context: context, scopes: scopes, scopesLeft: left)))
    }
}

extension StoreReader {
    /// The number of a neighbour's life, -1 where nothing came from it.
    fileprivate func lifeNumber(of neighbour: Neighbour) throws -> Int64 {
        try Int64.fetchOne(
            database, sql: "SELECT ordinal FROM neighbour_lives WHERE node = ? AND life = ?",
            arguments: [neighbour.node.data, neighbour.life.signed]) ?? -1
    }
}
