public import Causality
internal import ProfileModel
internal import ProfileStore

/// What affiliating two customers, or ending that, did.
public struct AffiliationOutcome: Sendable {
    /// The row that says it.
    public let id: RowID
    public let person: RowID
    public let organization: RowID
    public let role: String?
    public let title: String?
    /// Nil where there was nothing to do.
    public let operation: OperationID?
}

extension Node {
    /// Says that a person belongs to an organization, and what the person is there.
    ///
    /// - Parameters:
    ///   - role: the part in decisions, a choice of `decision_role`; nil leaves it as it is, an empty text clears it.
    ///   - title: the title there; nil leaves it as it is, an empty text clears it.
    /// - Throws: `store.no-such-record`, `store.ambiguous-record`, `node.not-person-and-organization`, `node.deleted`, a `forms.*` problem.
    public func affiliate(_ person: String, with organization: String, role: String? = nil, title: String? = nil) throws -> AffiliationOutcome {
        let fields = try store.read { try FieldInput($0) }
        let given = try [(FieldID.decisionRole, role), (.title, title)].compactMap { id, text -> (FieldID, [UInt8]?)? in
            guard let text, let field = fields.catalogue[id] else { return nil }
            return (id, text.trimmingWhitespace.isEmpty ? nil : try fields.bytes(text, for: field))
        }
        let (id, operation, _) = try operate("affiliate \(person) \(organization)") { edition in
            let pair = try edition.personAndOrganization(person, organization)
            for (profile, name) in [(pair.person, person), (pair.organization, organization)] where profile.isDeleted { throw NodeError.deleted(name) }
            let id = try edition.openAffiliation(pair)
            for (field, value) in given {
                let cell = CellKey(field: field.rawValue)
                let reading = try edition.reading(cell, of: [id])
                if reading.isConflict || reading.latest?.write.value != value { try edition.write(cell, value, in: id) }
            }
            return id
        }
        return try outcome(id, operation)
    }

    /// Says that a person no longer belongs to an organization.
    ///
    /// - Throws: as `affiliate`, and `node.not-affiliated`.
    public func endAffiliation(of person: String, with organization: String) throws -> AffiliationOutcome {
        let (id, operation, _) = try operate("affiliate --end \(person) \(organization)") { edition in
            let pair = try edition.personAndOrganization(person, organization)
            let living = try edition.writer.affiliations(of: pair.person).filter { $0.isLiving && pair.organizations.contains($0.organization) }
            guard let first = living.first else { throw NodeError("node.not-affiliated", ["person": person, "organization": organization]) }
            for affiliation in living {
                try edition.write(CellKey(field: FieldID.life.rawValue), Life.deletedValue, in: affiliation.id, isDelete: true)
            }
            return first.id
        }
        return try outcome(id, operation)
    }

    private func outcome(_ id: RowID, _ operation: OperationID?) throws -> AffiliationOutcome {
        try store.read { reader in
            guard let affiliation = try reader.affiliation(id) else { throw StoreError.noSuchRecord(id.description) }
            return AffiliationOutcome(
                id: id, person: try reader.profileID(of: affiliation.person), organization: try reader.profileID(of: affiliation.organization),
                role: Affiliation.text(affiliation.role), title: Affiliation.text(affiliation.title), operation: operation)
        }
    }
}

/// A person and an organization as people named them.
private struct NamedPair {
    let person: Profile
    let organization: Profile
    /// The records that were named.
    let records: (person: RowID, organization: RowID)

    var organizations: Set<RowID> { Set(organization.members.map(\.id)) }
}

extension Edition {
    /// - Throws: `node.not-person-and-organization` where they are not of these kinds, in this order.
    fileprivate func personAndOrganization(_ person: String, _ organization: String) throws -> NamedPair {
        let records = (person: try writer.record(named: person), organization: try writer.record(named: organization))
        let pair = NamedPair(
            person: try writer.livingOrDeletedProfile(records.person), organization: try writer.livingOrDeletedProfile(records.organization),
            records: records)
        guard pair.person.kind == .person, pair.organization.kind == .organization else {
            throw NodeError("node.not-person-and-organization", ["person": person, "organization": organization])
        }
        return pair
    }

    /// The living row between two profiles, and else the one of the records that were named, said to be living.
    fileprivate func openAffiliation(_ pair: NamedPair) throws -> RowID {
        let known = try writer.affiliations(of: pair.person).filter { pair.organizations.contains($0.organization) }
        if let living = known.first(where: { $0.isLiving && !$0.isContested }) { return living.id }
        if let contested = known.first(where: \.isLiving) {
            try write(CellKey(field: FieldID.life.rawValue), Life.livingValue, in: contested.id)
            return contested.id
        }
        let id = try writer.affiliationID(of: pair.records.person, in: pair.records.organization)
        let isNew = try kind(id) == nil
        try open(id, kind: .affiliation)
        if isNew {
            try write(CellKey(field: FieldID.first.rawValue), FieldValue.bytes(text: pair.records.person.description), in: id)
            try write(CellKey(field: FieldID.second.rawValue), FieldValue.bytes(text: pair.records.organization.description), in: id)
        }
        try write(CellKey(field: FieldID.life.rawValue), Life.livingValue, in: id)
        return id
    }
}

extension StoreReader {
    /// What is said of the organizations of a person's records, or of the people of an organization's, ended ones too.
    func affiliations(of profile: Profile) throws -> [Affiliation] { try profile.members.flatMap { try affiliations(of: $0.id) } }
}
