public import Causality
internal import GRDB
public import ProfileModel

extension StoreReader {
    /// The rows that changed here after a feed number and did not come whole from a neighbour, in the order of the feed.
    ///
    /// - Complexity: the number of rows changed since.
    public func pendingRows(after feed: UInt64) throws -> [(id: RowID, kind: RowKind)] {
        let tables = [RowLayout.customers.table, RowLayout.items.table].map { "SELECT id, kind, feed FROM \($0) WHERE feed > ?1 AND via IS NULL" }
        return try Row.fetchAll(
            database, sql: tables.joined(separator: " UNION ALL ") + " ORDER BY feed", arguments: [Int64(clamping: feed)]
        ).map { (try $0.id("id"), RowKind(rawValue: StoreReader.unsigned($0["kind"]))) }
    }
}
