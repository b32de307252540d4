internal import Causality
internal import GRDB
internal import ProfileModel

extension StoreWriter {
    /// Brings the columns of all rows in line with the fields and kinds that this version knows, where a version that knew
    /// fewer wrote them: a value moves from the blob into its column, a row gets its owner and its time.
    ///
    /// Neither a state nor a feed number changes, so no neighbour hears of it; but what an earlier version kept although it
    /// is erased goes.
    /// - Complexity: linear in the store.
    func deriveAnew() throws {
        for layout in [RowLayout.customers, RowLayout.items] {
            var last: Int64 = 0
            while true {
                // Exceptions and plain cells without a column are all in the blob: rows without one say what they said.
                let condition = layout.table == RowLayout.customers.table ? "cells IS NOT NULL AND " : ""
                let page = try rows(layout, where: "\(condition)ordinal > ? ORDER BY ordinal LIMIT 500") { $0.bind(1, last) }
                guard let end = page.last?.ordinal else { break }
                last = end
                for row in page { try deriveAnew(row) }
            }
        }
        let erasures = try items(.erasure)
        if erasures.isEmpty { return }
        try begin()
        for erasure in erasures { try applyErasure(erasure.compact, id: erasure.id) }
    }

    private func deriveAnew(_ row: StoredRow) throws {
        var derived = RowTable.Derived()
        if row.kind.isCustomer {
            derived.life = life(of: row.compact, id: row.id, key: try node().key)
            derived.profile = row.profile
        } else {
            derived = try itemColumns(row.compact, id: row.id, kind: row.kind)
            if row.kind == .affiliation { try settleAffiliation(row.compact, id: row.id, life: derived.life) }
        }
        try table(row.kind).put(
            row.compact, id: row.id, kind: row.kind, scope: row.scope, feed: row.feed, via: row.via, derived: derived, replacing: row)
    }
}
