public import Causality
internal import GRDB
public import ProfileModel

/// A cell in which several things are said.
public struct ContestedCell: Sendable, Hashable {
    /// The profile; where people differ about a link, the link's row, and about an affiliation the affiliation's.
    public let profile: RowID
    public let field: FieldID
    public let kind: ContestKind
}

extension StoreReader {
    /// Where several things are said, in the order of profiles and fields.
    public func contestedCells(kinds: [ContestKind], field: FieldID? = nil, profile: RowID? = nil) throws -> [ContestedCell] {
        let list = kinds.map { String($0.rawValue) }.joined(separator: ", ")
        var condition = "kind IN (\(list))"
        var arguments: StatementArguments = []
        if let field {
            condition += " AND field = ?"
            arguments += [Int64(bitPattern: field.rawValue)]
        }
        if let profile {
            condition += " AND profile = ?"
            arguments += [profile.data]
        }
        return try Row.fetchAll(database, sql: "SELECT * FROM contested WHERE \(condition) ORDER BY profile, field", arguments: arguments)
            .compactMap { row in
                guard let kind = ContestKind(rawValue: row["kind"]) else { return nil }
                return ContestedCell(profile: try row.id("profile"), field: FieldID(rawValue: StoreReader.unsigned(row["field"])), kind: kind)
            }
    }

    /// How many cells are contested, by kind.
    public func contestedCounts() throws -> [ContestKind: Int] {
        var counts: [ContestKind: Int] = [:]
        for row in try Row.fetchAll(database, sql: "SELECT kind, count(*) AS count FROM contested GROUP BY kind") {
            if let kind = ContestKind(rawValue: row["kind"]) { counts[kind] = row["count"] }
        }
        return counts
    }
}
