internal import Causality
internal import Foundation
internal import GRDB
public import ProfileModel

extension StoreWriter {
    /// Holds further territories: what neighbours hold of them comes with the next sessions, which begin each feed again.
    public func enter(_ scopes: [String]) throws {
        try setLeaving(ScopeSet(node().leaving.names.filter { !scopes.contains($0) }))
        let before = try node().held, known = try node().scopes.filter { $0 != ScopeSet.shared }
        try setScopes(known + scopes.filter { !known.contains($0) })
        if before.holds(try node().held) { return }
        try database.execute(sql: "UPDATE neighbours SET cursor = 0, cursor_life = NULL")
        let held = try node().held
        for row in try Row.fetchAll(database, sql: "SELECT * FROM departures") {
            let record = try StoreReader.departure(row)
            if try takeAtItsWord(record) { continue }
            // A stub may owe where its row is to a move that was lost with its author: the neighbours say it again.
            let left = try record.state == .gone ? scopesLeft(record.id, owner: nil, other: nil, except: []) : []
            guard (record.scopes + left).contains(where: held.holds) else { continue }
            // What was told of it may be older than what is known of where it is.
            if record.state != .gone, let row = try self.row(record.id, like: record.kind), try isOutside(places(row)) { continue }
            let before = try record.state == .gone && record.kind.isCustomer ? place(ofCustomer: record.id) : nil
            if record.state == .gone { try database.execute(sql: "DELETE FROM left_scopes WHERE id = ?", arguments: [record.id.data]) }
            try database.execute(sql: "DELETE FROM departures WHERE id = ?", arguments: [record.id.data])
            if record.state == .gone, record.kind.isCustomer { try moveBelongings(of: record.id, from: before, to: nil) }
        }
    }

    /// Takes a customer that waits here, because a neighbour once said that it is elsewhere, to be where its own cells say, where that is
    /// held now: who said otherwise may be lost, and else says it again.
    private func takeAtItsWord(_ record: DepartureRecord) throws -> Bool {
        guard record.state.isWaiting, record.kind.isCustomer, let row = try row(record.id, like: record.kind),
            try node().held.holds(scopeRegister(row.compact, id: row.id) ?? ScopeSet.root) else { return false }
        try database.execute(sql: "DELETE FROM departures WHERE id = ?", arguments: [record.id.data])
        try put(row.compact, id: row.id, kind: row.kind, replacing: row)
        return true
    }

    /// Holds these territories no longer: their rows wait here until a neighbour says that it has them.
    ///
    /// - Precondition: the node holds them by these names.
    public func leave(_ scopes: [String]) throws {
        try setLeaving(ScopeSet(node().leaving.names + scopes))
        let left = try node().scopes.filter { !scopes.contains($0) }
        try setScopes(left.isEmpty ? [ScopeSet.shared] : left)
        let held = try node().held
        let names = try scopeNames()
        let kept = names.filter { held.holds($0.value) }.keys.map(String.init).joined(separator: ", ")
        for (number, name) in names where !held.holds(name) {
            try database.execute(
                sql: "INSERT OR IGNORE INTO departures (id, kind, state, scopes, context) SELECT id, kind, 3, ?, x'' FROM customer_rows WHERE scope = ?",
                arguments: [name, number])
            try database.execute(
                sql: """
                    INSERT INTO departures (id, kind, state, scopes, context) SELECT id, kind, 3, ?, x'' FROM item_rows AS i WHERE scope = ?
                        AND NOT (other IS NOT NULL AND EXISTS (SELECT 1 FROM customer_rows AS c WHERE c.id = i.other AND c.scope IN (\(kept))))
                    ON CONFLICT (id) DO UPDATE SET state = 3, feed = NULL, context = x'' WHERE state = 0
                    """,
                arguments: [name, number])
        }
        facts.hasDepartures = nil
        try endLeaving()
    }
}
