public import Causality
internal import ProfileModel
internal import ProfileStore

/// What an operation on one record did.
public struct RecordOutcome: Sendable {
    public let id: RowID
    /// Nil where there was nothing to do.
    public let operation: OperationID?
}

extension Node {
    /// Deletes every record of a profile; what others edit meanwhile is a conflict, and nothing is lost.
    public func delete(_ name: String) throws -> RecordOutcome { try setLife(name, deleted: true, command: "delete") }

    /// Restores every record of a profile.
    public func restore(_ name: String) throws -> RecordOutcome { try setLife(name, deleted: false, command: "restore") }

    private func setLife(_ name: String, deleted: Bool, command: String) throws -> RecordOutcome {
        let (id, operation, _) = try operate("\(command) \(name)") { edition in
            let record = try edition.writer.record(named: name)
            let profile = try edition.writer.livingOrDeletedProfile(record)
            if profile.isDeleted != deleted || profile.lives.contains(.conflict) {
                try edition.setLife(of: profile, deleted: deleted)
            }
            return profile.id
        }
        return RecordOutcome(id: id, operation: operation)
    }
}

extension Edition {
    /// Writes `life` on every record of a profile.
    func setLife(of profile: Profile, deleted: Bool) throws {
        for member in profile.members {
            try write(
                CellKey(field: FieldID.life.rawValue), deleted ? Life.deletedValue : Life.livingValue, in: member.id, isDelete: deleted)
        }
    }
}

extension StoreReader {
    /// The profile of a record, deleted or not.
    func livingOrDeletedProfile(_ record: RowID) throws -> Profile {
        guard let profile = try profile(of: record) else { throw StoreError.noSuchRecord(record.description) }
        return profile
    }
}
