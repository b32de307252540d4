internal import Causality
internal import MergeVectors
package import NodeOperations
internal import ProfileModel
internal import ProfileStore
package import Replication

/// What holds of every store at every moment: what is derived equals what it is derived from.
package enum StoreLaws {
    /// - Throws: `Disagreement` that names what does not hold.
    package static func check(_ node: Node) throws {
        let customers = try rows(node).filter(\.kind.isCustomer).map(\.id)
        try node.store.read { reader in
            guard try reader.sumsHold() else { throw Disagreement("the sums of \(node.author)'s store do not hold") }
            let problems = try reader.integrityProblems()
            guard problems.isEmpty else { throw Disagreement("SQLite finds \(problems)") }
            var found = Set<String>()
            for id in customers {
                guard let profile = try reader.profile(of: id) else { throw Disagreement("\(id) has no profile") }
                let members = try reader.linkedMembers(of: id)
                guard try profile.members.map(\.id) == members.filter({ try reader.row($0) != nil }) else {
                    throw Disagreement("\(id) stands with \(profile.members.map(\.id)) and links say \(members)")
                }
                for (field, kind) in profile.contested { found.insert("\(profile.id) \(field.rawValue) \(kind)") }
            }
            for row in try reader.items(.link) where try reader.linkContest(row.id) != nil {
                found.insert("\(row.id) \(FieldID.same.rawValue) \(ContestKind.link)")
            }
            for row in try reader.items(.affiliation) {
                for (field, kind) in try reader.affiliation(row.id)?.contested ?? [] { found.insert("\(row.id) \(field.rawValue) \(kind)") }
            }
            let listed = Set(try reader.contestedCells(kinds: ContestKind.allCases).map { "\($0.profile) \($0.field.rawValue) \($0.kind)" })
            guard listed == found else {
                throw Disagreement("listed but not found \(listed.subtracting(found)), found but not listed \(found.subtracting(listed))")
            }
        }
    }

    /// All rows of a store.
    package static func rows(_ node: Node) throws -> [ReplicaRow] {
        let nobody = Neighbour(node: RowID(high: 0, low: 0), life: Origin(rawValue: 0)), head = try node.store.feedHead()
        return try node.store.changes(after: 0, through: head, rowsMaximum: .max >> 1, toward: nobody).rows.compactMap(\.row)
    }
}
