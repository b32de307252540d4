internal import CurlHTTP

/// Parts in decisions: the roles of the relation between a contact and its account.
///
/// Relations are there where the organization allows contacts with several accounts; Salesforce makes one for each account that a contact's lookup
/// names. Where there are none, the lookup is read and written as without roles. Relations to further accounts are left alone.
///
/// Source: Salesforce's object reference, AccountContactRelation, from version 37.0 on.
extension SalesforceSystem {
    static let relation = "AccountContactRelation"
    private static let contactsMaximum = 200

    /// The lookup of which the mapping names roles; nil where it names none.
    static func roleTelling(_ object: MappedObject) -> MappedAssociation? { object.associations.first { $0.tellsRoles && !$0.isList } }

    var tellsRolesApart: Bool { true }

    func associated(_ records: [RemoteRecord], of object: MappedObject) throws -> [RemoteRecord] {
        guard let association = Self.roleTelling(object), !records.isEmpty else { return records }
        let fresh = Dictionary(try read(records.map(\.id), of: object).map { ($0.id, $0.associations) }) { first, _ in first }
        return records.map { record in
            guard let told = fresh[record.id] else { return record }
            var record = record
            let before = record.associations[association.remote] ?? []
            record.associations = told
            if hasRelations == false {
                // Nothing is told of roles: what was told before stands.
                record.associations[association.remote] = told[association.remote]?.map { one in
                    RemoteAssociation(id: one.id, role: before.first { $0.id == one.id }?.role)
                }
            }
            return record
        }
    }

    /// Records whose lookups are told, with the roles.
    func withRoles(_ records: [RemoteRecord], _ object: MappedObject) throws -> [RemoteRecord] {
        guard let association = Self.roleTelling(object) else { return records }
        let relations = try relations(of: records.map(\.id))
        return records.map { record in
            var record = record
            record.associations[association.remote] = record.associations[association.remote]?.map { one in
                let roles = relations.first { $0.contact == record.id && $0.account == one.id }?.roles ?? []
                return RemoteAssociation(id: one.id, role: roles.first { association.role(of: $0) != nil })
            }
            return record
        }
    }

    private struct Relation {
        let id: String, contact: String, account: String
        let roles: [String]
    }

    /// The relations of contacts; none where the organization has no such object.
    private func relations(of contacts: [String]) throws -> [Relation] {
        if contacts.isEmpty || hasRelations == false { return [] }
        do {
            let found = try contacts.pieces(of: Self.contactsMaximum).flatMap { part -> [Relation] in
                let ids = part.map(SalesforceRecord.quoted).joined(separator: ", ")
                let rows = try query(
                    ["Id", "ContactId", "AccountId", "Roles"], MappedObject(name: Self.relation, kind: "event"), ["ContactId IN (\(ids))"], order: "Id")
                return rows.compactMap { row in
                    guard let id = row["Id"].text, let contact = row["ContactId"].text, let account = row["AccountId"].text else { return nil }
                    return Relation(
                        id: id, contact: contact, account: account, roles: (row["Roles"].text ?? "").split(separator: ";").map(String.init))
                }
            }
            hasRelations = true
            return found
        } catch let error as ConnectorError where error.code == "crm.refused" && error.parameters["code"] == "INVALID_TYPE" {
            hasRelations = false
            return []
        }
    }

    /// Brings the roles of written contacts in line; a role that the mapping does not know stays.
    func relating(_ operations: [PushOperation], _ outcomes: [PushOutcome], _ object: MappedObject) throws -> [PushOutcome] {
        guard let association = Self.roleTelling(object) else { return outcomes }
        var ids: [String: String] = [:]
        for outcome in outcomes { if case .accepted(let id, _) = outcome.result { ids[outcome.key] = id } }
        let told = operations.filter { ids[$0.key] != nil && $0.associations[association.remote]?.isEmpty == false }
        let relations = try relations(of: told.compactMap { ids[$0.key] })
        var changes: [(key: String, record: JSON)] = []
        for operation in told {
            guard let wanted = operation.associations[association.remote]?.first, let held = relations.first(where: {
                $0.contact == ids[operation.key] && $0.account == wanted.id
            }) else { continue }
            let roles = held.roles.filter { association.role(of: $0) == nil } + (wanted.role.map { [$0] } ?? [])
            if Set(roles) == Set(held.roles) { continue }
            changes.append((operation.key, [
                "attributes": ["type": .string(Self.relation)], "Id": .string(held.id), "Roles": roles.isEmpty ? .null : .string(roles.joined(separator: ";")),
            ]))
        }
        var refusals: [String: Rejection] = [:]
        for part in changes.pieces(of: Self.contactsMaximum) {
            let response = try session.demand(self) {
                request(.patch, "/composite/sobjects", ["allOrNone": false, "records": .array(part.map(\.record))])
            }
            for (change, result) in zip(part, try session.document(response).items ?? []) where result["success"].flag != true {
                let fault = result["errors"].items?.first ?? .null
                refusals[change.key] = Rejection(
                    code: fault["statusCode"].text ?? "?", field: association.remote, message: fault["message"].text ?? "")
            }
        }
        return outcomes.map { outcome in
            refusals[outcome.key].map { PushOutcome(key: outcome.key, result: outcome.result, refusals: outcome.refusals + [$0]) } ?? outcome
        }
    }
}
