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

extension StoreWriter {
    /// Has the list of conflicts brought in line with a profile at the end of the transaction.
    func touch(profile: RowID) { touchedProfiles.updateValue(nil, forKey: profile) }

    /// Brings the list of conflicts in line with the profiles that the transaction touched.
    func settleProfiles() throws {
        guard !touchedProfiles.isEmpty else { return }
        let delete = try RawStatement(database, sql: "DELETE FROM contested WHERE profile = ?")
        let insert = try RawStatement(database, sql: "INSERT INTO contested (profile, field, kind) VALUES (?, ?, ?)")
        for (profile, alone) in touchedProfiles {
            delete.bind(1, id: profile)
            try delete.run()
            for (field, kind) in try alone?.contestedAlone(as: profile, key: node().key) ?? contested(profile) {
                insert.bind(1, id: profile)
                insert.bind(2, Int64(bitPattern: field.rawValue))
                insert.bind(3, kind.rawValue)
                try insert.run()
            }
        }
        touchedProfiles = [:]
    }

    private func contested(_ profile: RowID) throws -> [(field: FieldID, kind: ContestKind)] {
        let members = try members(ofProfile: profile)
        guard !members.isEmpty, try profileID(of: profile) == profile else { return [] }
        return try Profile(members, reader: self).contested
    }
}
