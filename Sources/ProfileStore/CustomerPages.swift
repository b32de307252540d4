public import Causality

/// A stretch of the living customers in the order of their ids.
public struct CustomerPage: Sendable {
    /// Linked records stand once, where the smallest member that is here stands.
    public let profiles: [Profile]
    /// Where the next page begins; nil at the end.
    public let next: RowID?
}

extension StoreReader {
    /// The living profiles behind a record, of at most `limit` records.
    ///
    /// - Complexity: linear in the page; the ids are indexed.
    public func customers(after last: RowID?, limit: Int) throws -> CustomerPage {
        let rows = try rows(.customers, where: "id > ?1 ORDER BY id LIMIT ?2") {
            $0.bind(1, blob: last?.bytes ?? [])
            $0.bind(2, Int64(limit))
        }
        let profiles = try rows.compactMap { row -> Profile? in
            guard let profile = row.profile else { return try Profile([row], reader: self) }
            let members = try members(ofProfile: profile)
            return members.first?.id == row.id ? try Profile(members, reader: self) : nil
        }
        return CustomerPage(profiles: profiles.filter { !$0.isDeleted }, next: rows.count < limit ? nil : rows.last?.id)
    }
}
