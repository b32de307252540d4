public import Causality
internal import ProfileModel
internal import ProfileStore

/// What linking or separating records did.
public struct LinkOutcome: Sendable {
    /// The id of the profile.
    public let id: RowID
    /// The records of the profile now.
    public let members: [RowID]
    public let operation: OperationID?
}

extension Node {
    /// Says that two records are one customer.
    public func merge(_ a: String, _ b: String) throws -> LinkOutcome {
        let (record, operation, _) = try operate("merge \(a) \(b)") { edition in
            let first = try edition.writer.record(named: a), second = try edition.writer.record(named: b)
            guard first != second else { throw NodeError("node.same-record", ["record": first.description]) }
            _ = try edition.writer.livingOrDeletedProfile(first)
            _ = try edition.writer.livingOrDeletedProfile(second)
            if try !edition.writer.linkedMembers(of: first).contains(second) { try edition.join(first, second) }
            return first
        }
        return try linkOutcome(record, operation)
    }

    /// Takes a record out of its profile, or dissolves the profile.
    ///
    /// What was edited while they were linked stays on the record where it was written; all else returns exactly.
    public func unmerge(_ name: String, dissolving: Bool = false) throws -> LinkOutcome {
        let (record, operation, _) = try operate("unmerge \(name)") { edition in
            let record = try edition.writer.record(named: name)
            let members = try edition.writer.linkedMembers(of: record)
            let rest = members.filter { $0 != record }
            guard !rest.isEmpty else { throw NodeError("node.not-linked", ["record": record.description]) }
            for other in rest { try edition.say(same: false, of: RecordPair(record, other)) }
            if dissolving {
                for (index, a) in rest.enumerated() { for b in rest[(index + 1)...] { try edition.say(same: false, of: RecordPair(a, b)) } }
            } else {
                try edition.keepTogether(rest, apart: record)
            }
            return record
        }
        return try linkOutcome(record, operation)
    }

    private func linkOutcome(_ record: RowID, _ operation: OperationID?) throws -> LinkOutcome {
        try store.read { reader in
            LinkOutcome(id: try reader.profileID(of: record), members: try reader.linkedMembers(of: record), operation: operation)
        }
    }
}

extension Edition {
    /// A person's word that two records are one, and with them their profiles.
    func join(_ first: RowID, _ second: RowID) throws {
        try say(same: true, of: RecordPair(first, second))
        try takeBack(apart: first, second)
    }

    /// A person's word on whether two records are one.
    package func say(same: Bool, of pair: RecordPair) throws {
        let id = try openLink(pair)
        try write(CellKey(field: FieldID.same.rawValue), same ? FieldValue.linkYes : FieldValue.linkNo, in: id)
    }

    /// The row of a link, made where it is absent.
    private func openLink(_ pair: RecordPair) throws -> RowID {
        let id = try writer.linkID(pair)
        let isNew = try kind(id) == nil
        try open(id, kind: .link)
        if isNew {
            try write(CellKey(field: FieldID.first.rawValue), FieldValue.bytes(text: pair.first.description), in: id)
            try write(CellKey(field: FieldID.second.rawValue), FieldValue.bytes(text: pair.second.description), in: id)
        }
        return id
    }

    /// Says yes where people kept apart a record of one profile and a record of the other, which are one from here on.
    fileprivate func takeBack(apart first: RowID, _ second: RowID) throws {
        let left = try writer.linkedMembers(of: first), right = try writer.linkedMembers(of: second)
        for verdict in try writer.verdicts(aroundMembers: [first, second]).sorted(by: { $0.pair < $1.pair }) where verdict.byPerson && !verdict.isSame {
            let pair = verdict.pair
            let joins = left.contains(pair.first) && right.contains(pair.second) || left.contains(pair.second) && right.contains(pair.first)
            if joins, pair != RecordPair(first, second) { try say(same: true, of: pair) }
        }
    }

    /// Says yes between the remaining records that only the one taken out had held together.
    fileprivate func keepTogether(_ rest: [RowID], apart record: RowID) throws {
        let taken = Set(rest.map { RecordPair(record, $0) })
        var verdicts = try writer.verdicts(aroundMembers: [record] + rest).filter { !taken.contains($0.pair) }
        verdicts += taken.map { LinkVerdict(pair: $0, isSame: false, byPerson: true) }
        for (a, b) in zip(rest, rest.dropFirst()) where !ProfilePartition(verdicts)[a].contains(b) {
            let pair = RecordPair(a, b)
            try say(same: true, of: pair)
            verdicts.removeAll { $0.pair == pair }
            verdicts.append(LinkVerdict(pair: pair, isSame: true, byPerson: true))
        }
    }
}
