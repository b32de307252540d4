internal import Causality
internal import Foundation
internal import GRDB
internal import ProfileModel
internal import Replication

extension StoreWriter {
    private func exists(_ condition: String) throws -> Bool {
        try database.holds("SELECT 1 FROM \(condition) LIMIT 1")
    }

    private func isPlain() throws -> Bool {
        if let known = facts.isPlain { return known }
        let found = try !exists("scopes WHERE name NOT IN ('\(ScopeSet.root)', '\(ScopeSet.shared)')")
        facts.isPlain = found
        return found
    }

    func hasDepartures() throws -> Bool {
        if let known = facts.hasDepartures { return known }
        let found = try exists("departures")
        facts.hasDepartures = found
        return found
    }

    private func hasLeftScopes() throws -> Bool {
        if let known = facts.hasLeftScopes { return known }
        let found = try exists("left_scopes")
        facts.hasLeftScopes = found
        return found
    }

    func name(ofScope number: Int64) throws -> String {
        if let known = facts.scopeNames[number] { return known }
        facts.scopeNames = try scopeNames()
        guard let name = facts.scopeNames[number] else { throw RowBytes.damaged("scope") }
        return name
    }

    func names(_ places: Places) throws -> [String] {
        try places.all.map(name(ofScope:)).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// Whether this node does not hold any of these places.
    func isOutside(_ places: Places) throws -> Bool {
        guard places.isKnown else { return false }
        let held = try node().held
        return try !held.isWhole && !places.all.contains { held.holds(try name(ofScope: $0)) }
    }

    // MARK: Where a row is served

    /// Where a row is served that is written now.
    ///
    /// A customer of which a neighbour has said that it has left, and of which writes are still lacking here, is where the
    /// neighbour said.
    func places(of compact: CompactRow, id: RowID, kind: RowKind, derived: RowTable.Derived) throws -> Places {
        let register = scopeRegister(compact, id: id)
        if kind.isCustomer {
            if try hasDepartures(), let record = try departure(id), !compact.context.covers(record.context), let scope = record.scopes.first {
                return Places(first: try scopeNumber(scope))
            }
            return Places(first: try scopeNumber(register ?? ScopeSet.root))
        }
        guard kind.belongsToCustomers else { return Places(first: try scopeNumber(register ?? ScopeSet.shared)) }
        let home = try scopeNumber(register ?? ScopeSet.root)
        if try isPlain(), try holdsAllScopes() { return Places(first: home) }
        return try places(owner: derived.owner, other: derived.other, home: home)
    }

    /// - Parameter moving: a customer, and where it is taken to be.
    private func places(owner: RowID?, other: RowID?, home: Int64, moving: (id: RowID, place: Int64?)? = nil) throws -> Places {
        func place(_ id: RowID?) throws -> Int64? {
            guard let id else { return nil }
            if let moving, moving.id == id { return moving.place }
            return try self.place(ofCustomer: id)
        }
        let first = try place(owner), second = try place(other)
        guard let known = first ?? second else { return Places(first: home, isKnown: false) }
        return Places(first: known, second: first != nil && second != known ? second : nil)
    }

    /// Where a customer was before it is written: its row's scope, or its stub's.
    func placeBefore(_ id: RowID, _ old: StoredRow?) throws -> Int64? {
        if let old { return old.scope }
        return try hasDepartures() ? place(ofCustomer: id) : nil
    }

    // MARK: What follows from where it is

    /// Brings what belongs to a customer to where the customer is now; each such row gets the next feed number.
    func moveBelongings(of customer: RowID, from before: Int64?, to after: Int64?) throws {
        if before == after { return }
        if try isPlain(), try holdsAllScopes() { return }
        for item in try rows(.items, where: "owner = ?1 OR other = ?1", { $0.bind(1, blob: customer.bytes) }) where item.kind.belongsToCustomers {
            let (owner, other) = try customers(ofItem: item)
            let register = scopeRegister(item.compact, id: item.id)
            let home = try scopeNumber(register ?? ScopeSet.root)
            var old = try places(owner: owner, other: other, home: home, moving: (customer, before))
            old.first = item.scope
            let new = try places(owner: owner, other: other, home: home)
            if old.all == new.all, old.isKnown == new.isKnown { continue }
            let feed = try nextFeed()
            try database.execute(
                sql: "UPDATE item_rows SET scope = ?, feed = ?, via = ? WHERE ordinal = ?",
                // The neighbour from which it came may have let go of it since.
                arguments: [new.first, Int64(bitPattern: feed), old.isKnown ? nil : item.via, item.ordinal])
            forgetRow(item.id)
            let fingerprint = try item.compact.fingerprint(id: item.id, kind: item.kind.rawValue, key: node().key)
            for place in old.all { count(fingerprint, of: item.id, rows: -1, in: place, adding: false) }
            for place in new.all { count(fingerprint, of: item.id, rows: 1, in: place, adding: true) }
            try keepTerritory(of: item.compact, id: item.id, kind: item.kind, places: new, isOwn: false)
        }
    }

    /// Keeps which scopes a row has left, and whether it waits here to be let go of.
    ///
    /// - Parameter isOwn: whether it was written here. What is made here between records that are elsewhere waits for those who
    ///   have them.
    func keepTerritory(of compact: CompactRow, id: RowID, kind: RowKind, places: Places, isOwn: Bool) throws {
        try keepScopesLeft(of: compact, id: id, kind: kind, places: places)
        if try holdsAllScopes() { return }
        if try isOutside(places) || !places.isKnown && kind.isBetweenCustomers && isOwn {
            try wait(id, kind, context: compact.context, places: places)
        } else if try hasDepartures() {
            try database.execute(sql: "DELETE FROM departures WHERE id = ?", arguments: [id.data])
        }
    }

    private func keepScopesLeft(of compact: CompactRow, id: RowID, kind: RowKind, places: Places) throws {
        let field = FieldID.scope.rawValue
        let isMoved = !compact.scopesLeft.isEmpty || compact.exceptions.contains { $0.key.field == field }
        var left = Set<String>()
        if isMoved {
            left.formUnion(compact.scopesLeft)
            for exception in compact.exceptions where exception.key.field == field {
                left.formUnion(exception.writes.compactMap { $0.value.map { FieldValue.plainText(of: $0) } })
            }
        }
        // A customer that waits here is elsewhere than its own cells say.
        if try kind.belongsToCustomers || hasDepartures(), let register = scopeRegister(compact, id: id) { left.insert(register) }
        if !left.isEmpty {
            // Whoever holds a scope above the present one goes on to hold the row.
            let present = try names(places)
            left = left.filter { scope in scope != ScopeSet.shared && !present.contains { ScopeSet([scope]).holds($0) } }
        }
        if left.isEmpty, try !hasLeftScopes() { return }
        try database.execute(sql: "DELETE FROM left_scopes WHERE id = ?", arguments: [id.data])
        for scope in left.sorted() {
            facts.hasLeftScopes = true
            try database.execute(sql: "INSERT INTO left_scopes (id, scope) VALUES (?, ?)", arguments: [id.data, try scopeNumber(scope)])
        }
    }

    private func wait(_ id: RowID, _ kind: RowKind, context: CausalContext, places: Places) throws {
        var record = try hasDepartures() ? departure(id) : nil
        let state: DepartureRecord.State = record?.state == .left ? .left : .waiting
        // What was told of a state before this one says nothing of where this one is.
        if let known = record?.context, known != context, context.covers(known) { record = nil }
        if let record {
            let isThere = try !Set(record.scopes).isDisjoint(with: names(places))
            if !record.context.isEmpty, isThere, record.context.covers(context) { dueRows[id] = kind }
        }
        let scopes = try record.flatMap { $0.context.isEmpty ? nil : $0.scopes } ?? names(places)
        try save(DepartureRecord(id: id, kind: kind, state: state, scopes: scopes, context: record?.context ?? CausalContext()), feed: nil)
    }

    func save(_ record: DepartureRecord, feed: UInt64?, owner: RowID? = nil, other: RowID? = nil) throws {
        var context = RowBytes()
        if !record.context.isEmpty { context.append(record.context) }
        try database.execute(
            sql: "INSERT OR REPLACE INTO departures (id, kind, state, feed, scopes, context, owner, other) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            arguments: [
                record.id.data, Int64(bitPattern: record.kind.rawValue), record.state.rawValue, feed.map { Int64(bitPattern: $0) },
                record.scopes.joined(separator: "\n"), context.bytes.data, owner?.data, other?.data,
            ])
        facts.hasDepartures = true
    }

    // MARK: Letting go

    /// Lets go of the rows of which it was found in this transaction that they may go.
    func evictDue() throws {
        while let (id, kind) = dueRows.popFirst() { try evict(id, kind) }
    }

    /// Takes a row out of this store and leaves a stub.
    func evict(_ id: RowID, _ kind: RowKind) throws {
        dueRows[id] = nil
        guard let row = try row(id, like: kind) else { return }
        let places = try row.kind.isCustomer ? Places(first: row.scope) : self.places(row)
        let record = try departure(id)
        // What two holders know is not united: both together may be in this node's scopes again.
        let own = row.compact.context, context = record.flatMap { $0.context.covers(own) ? $0.context : nil } ?? own
        let isOlder = record.map { $0.context != row.compact.context && row.compact.context.covers($0.context) } ?? true
        let scopes = try isOlder ? names(places) : record!.scopes
        let (owner, other) = try row.kind.belongsToCustomers ? customers(ofItem: row) : (nil, nil)
        // A stub keeps what its customers have left.
        if !row.kind.isCustomer { try addScopesLeft(scopesLeft(id, owner: owner, other: other, except: scopes), of: id) }
        try noteLetGo(of: row)
        try take(row)
        try save(
            DepartureRecord(id: id, kind: row.kind, state: .gone, scopes: scopes, context: context), feed: nextFeed(), owner: owner, other: other)
        if row.kind.isCustomer, let scope = scopes.first { try moveBelongings(of: id, from: row.scope, to: scopeNumber(scope)) }
    }

    /// Takes a row out of this store, with all that is derived from it and with its history.
    func take(_ row: StoredRow) throws {
        dueRows[row.id] = nil
        let fingerprint = try row.compact.fingerprint(id: row.id, kind: row.kind.rawValue, key: node().key)
        var places = try row.kind.isCustomer ? Places(first: row.scope) : self.places(row)
        places.first = row.scope
        for place in places.all { count(fingerprint, of: row.id, rows: -1, in: place, adding: false) }
        if row.kind.isCustomer {
            try unindex(row)
            try database.execute(sql: "DELETE FROM aliases WHERE record = ?", arguments: [row.id.data])
            touch(profile: row.profile ?? row.id)
            touch(profile: row.id)
        }
        try database.execute(sql: "DELETE FROM history WHERE record = ?", arguments: [row.id.data])
        if row.kind.isCustomer { try forgetGiven(of: row) }
        try database.execute(sql: "DELETE FROM \(RowLayout.of(row.kind).table) WHERE ordinal = ?", arguments: [row.ordinal])
        forgetRow(row.id)
        if row.kind == .link { try relinkAround(row) }
        if row.kind == .affiliation { try database.run("DELETE FROM contested WHERE profile = ?", [row.id.data]) }
    }

    /// Keeps that a row has left scopes, beside those that it is known to have left.
    func addScopesLeft(_ scopes: [String], of id: RowID) throws {
        for scope in scopes {
            try database.execute(sql: "INSERT OR IGNORE INTO left_scopes (id, scope) VALUES (?, ?)", arguments: [id.data, try scopeNumber(scope)])
            facts.hasLeftScopes = true
        }
    }

    /// After all that a neighbour had to tell: asks again for what belongs to customers that have come back.
    func recoverBelongings() throws {
        guard try hasDepartures() else { return }
        let held = try node().held
        let scopes = try scopeNames().filter { held.holds($0.value) }.keys.map(String.init).joined(separator: ", ")
        let lacking = try Row.fetchAll(database, sql: """
            SELECT d.id FROM departures AS d WHERE d.state = 2 AND d.owner IS NOT NULL
                AND EXISTS (SELECT 1 FROM customer_rows AS c WHERE c.id IN (d.owner, d.other) AND c.scope IN (\(scopes)))
            """)
        if lacking.isEmpty { return }
        for row in lacking {
            try database.execute(sql: "DELETE FROM departures WHERE id = ?", arguments: [row["id"] as Data])
            try database.execute(sql: "DELETE FROM left_scopes WHERE id = ?", arguments: [row["id"] as Data])
        }
        try database.execute(sql: "UPDATE neighbours SET cursor = 0, cursor_life = NULL")
    }

    /// Whether a neighbour that has acknowledged a row knows of it, and of the customers to which it belongs, all that is
    /// known here: else it may take the row to be elsewhere, and rely on this node in its turn.
    private func isAcknowledged(_ record: DepartureRecord, through feed: UInt64, life: Int64) throws -> Bool {
        guard let row = try self.row(record.id, like: record.kind), row.compact.context.covers(record.context) else { return false }
        if row.kind.isCustomer { return true }
        let (owner, other) = try customers(ofItem: row)
        for id in [owner, other].compactMap(\.self) {
            let told = try departure(id)
            guard let customer = try self.row(id, like: .person) else {
                let stub = try Int64.fetchOne(database, sql: "SELECT feed FROM departures WHERE id = ?", arguments: [id.data])
                if let stub, stub > Int64(bitPattern: feed) { return false }
                continue
            }
            guard customer.feed <= feed || customer.via == life,
                customer.compact.context.covers(told?.context ?? CausalContext()) else { return false }
        }
        return true
    }

    /// Ends what is said of scopes that were left, where no row of them is left.
    func endLeaving() throws {
        if try node().leaving != .nothing, try !isAnythingWaiting() { try setLeaving(.nothing) }
    }

    /// Lets go of waiting rows of which a neighbour that holds their scope has just said that it holds them.
    ///
    /// What it said when they met last does not count: it may have been put back to an older state since. As it holds the scope at a
    /// moment at which this node has left it, of two that leave the same scope at most one relies on the other.
    ///
    /// - Parameters:
    ///   - acknowledged: the neighbour holds this node's feed through this number.
    ///   - limit: at most so many rows.
    /// - Returns: how many went.
    func releaseDepartures(to neighbour: Neighbour, through acknowledged: UInt64, limit: Int = 5_000) throws -> Int {
        let node = try node()
        guard try isAnythingWaiting(), let known = try scopes(of: neighbour.node) else {
            try endLeaving()
            return 0
        }
        // Whoever holds everything lets go of nothing.
        let keepsAll = known.holds.isWhole && known.granted?.isWhole ?? true
        let trusted = try scopeNames().filter { _, name in
            !node.held.holds(name) && known.holds.holds(name) && known.granted?.holds(name) ?? true
        }.keys.map(String.init).joined(separator: ", ")
        if trusted.isEmpty { return 0 }
        let life: Int64 = try lifeNumber(of: neighbour)
        var count = 0
        // A customer goes after what belongs to it: where it is says where that is.
        for table in [RowLayout.items.table, RowLayout.customers.table] {
            let found = try Row.fetchAll(
                database,
                sql: """
                    SELECT d.* FROM departures AS d JOIN \(table) AS r ON r.id = d.id
                    WHERE d.state IN (1, 3) AND r.scope IN (\(trusted)) AND (r.feed <= ?1 OR r.via = ?2)
                        AND NOT EXISTS (
                            SELECT 1 FROM item_rows AS i JOIN departures AS e ON e.id = i.id
                            WHERE (i.owner = d.id OR i.other = d.id) AND e.state IN (1, 3))
                    LIMIT ?3
                    """,
                arguments: [Int64(clamping: acknowledged), life, limit - count])
            for row in found {
                let record = try StoreReader.departure(row)
                guard try keepsAll || isAcknowledged(record, through: acknowledged, life: life) else { continue }
                try evict(record.id, record.kind)
                count += 1
            }
        }
        if count == 0 { try endLeaving() }
        return count
    }
}
