internal import CurlHTTP

/// What two records are to each other, beside that they belong together.
struct HubSpotLabel: Equatable {
    let category: String
    let type: Int64
    let text: String
}

/// Associations over version 4 of the interface.
extension HubSpotSystem {
    /// So many records one request asks about, and so many associations one changes.
    private static let associationsMaximum = 1_000, changesMaximum = 100

    /// Records with what belongs to them; of a record of which nothing is told, nothing is said.
    func associated(_ records: [RemoteRecord], of object: MappedObject) throws -> [RemoteRecord] {
        if records.isEmpty || object.associations.isEmpty { return records }
        var records = records
        for association in object.associations {
            let told = try associations(of: records.map(\.id), object, association)
            for index in records.indices {
                records[index].associations[association.remote] = told[records[index].id]?.map { RemoteAssociation(id: $0.id, role: role($0.labels, association)) }
            }
        }
        return records
    }

    private typealias Told = (id: String, labels: [HubSpotLabel])

    private func associations(of ids: [String], _ object: MappedObject, _ association: MappedAssociation) throws -> [String: [Told]] {
        var told: [String: [Told]] = [:]
        for part in ids.pieces(of: Self.associationsMaximum) {
            let response = try session.demand(self) {
                request(.post, pairPath(object, association, "/batch/read"), ["inputs": .array(part.map { ["id": .string($0)] })])
            }
            let document = try session.document(response)
            guard let results = document["results"].items else { throw ConnectorError.unreadable(association.name) }
            for result in results {
                guard let id = result.value(at: "from.id").text else { throw ConnectorError.unreadable(association.name) }
                told[id] = try (result["to"].items ?? []).map(read)
                if let place = result.value(at: "paging.next.after").text { told[id]! += try rest(of: id, after: place, object, association) }
            }
            // What belongs to nothing is told as an error.
            for fault in document["errors"].items ?? [] where ["OBJECT_NOT_FOUND", "NO_ASSOCIATIONS_FOUND"].contains(fault["category"].text) || fault["subCategory"].text?.hasSuffix("NO_ASSOCIATIONS_FOUND") == true {
                for id in (fault.value(at: "context.fromObjectId").items ?? []).compactMap(\.text) where told[id] == nil { told[id] = [] }
            }
        }
        return told
    }

    /// Of a record with more than a page of others those behind a place.
    private func rest(of id: String, after place: String, _ object: MappedObject, _ association: MappedAssociation) throws -> [Told] {
        var found: [Told] = [], next: String? = place
        while let place = next {
            let path = "/crm/v4/objects/\(WebAddress.escaped(object.name))/\(WebAddress.escaped(id))/associations/\(WebAddress.escaped(association.name))"
            let document = try session.document(session.demand(self) { request(.get, "\(path)?limit=500&after=\(WebAddress.escaped(place))") })
            found += try (document["results"].items ?? []).map(read)
            next = document.value(at: "paging.next.after").text
            if next == place { throw ConnectorError.unreadable(association.name) }
        }
        return found
    }

    private func read(_ document: JSON) throws -> Told {
        guard let id = document["toObjectId"].text else { throw ConnectorError.unreadable("toObjectId") }
        let labels = (document["associationTypes"].items ?? []).compactMap { type in
            type["typeId"].integer.map { HubSpotLabel(category: type["category"].text ?? "", type: $0, text: type["label"].text ?? "") }
        }
        return (id, labels)
    }

    /// Of several labels the first that is a part in decisions.
    private func role(_ labels: [HubSpotLabel], _ association: MappedAssociation) -> String? {
        labels.sorted { $0.type < $1.type }.first { association.role(of: $0.text) != nil }?.text
    }

    private func pairPath(_ object: MappedObject, _ association: MappedAssociation, _ rest: String) -> String {
        "/crm/v4/associations/\(WebAddress.escaped(object.name))/\(WebAddress.escaped(association.name))\(rest)"
    }

    // MARK: Writing

    /// Brings what belongs to written records in line; what is refused of that is told beside what is done.
    func associating(_ operations: [PushOperation], _ outcomes: [PushOutcome], _ object: MappedObject) throws -> [PushOutcome] {
        var ids: [String: String] = [:], refusals: [String: [Rejection]] = [:]
        for outcome in outcomes { if case .accepted(let id, _) = outcome.result { ids[outcome.key] = id } }
        for association in object.associations {
            let changed = operations.filter { $0.associations[association.remote] != nil && ids[$0.key] != nil }
            if changed.isEmpty { continue }
            let present = try associations(of: changed.map { ids[$0.key]! }, object, association)
            for outcome in try pushHalving(changed[...], atMost: Self.changesMaximum, send: { part in
                try change(part.map { (ids[$0.key]!, $0) }, present, object, association)
            }) {
                if case .rejected(let rejection) = outcome.result {
                    let named = Rejection(code: rejection.code, field: association.remote, message: rejection.message, trace: rejection.trace)
                    refusals[outcome.key, default: []].append(named)
                }
            }
        }
        return outcomes.map { refusals[$0.key] == nil ? $0 : PushOutcome(key: $0.key, result: $0.result, refusals: refusals[$0.key]!) }
    }

    private func change(
        _ operations: [(id: String, operation: PushOperation)], _ present: [String: [Told]], _ object: MappedObject, _ association: MappedAssociation
    ) throws -> BatchReply {
        var archived: [JSON] = [], unlabelled: [JSON] = [], plain: [JSON] = [], labelled: [JSON] = []
        for (id, operation) in operations {
            let wanted = operation.associations[association.remote] ?? [], held = present[id] ?? []
            let from: JSON = ["id": .string(id)]
            let ended = held.filter { one in !wanted.contains { $0.id == one.id } }
            if !ended.isEmpty { archived.append(["from": from, "to": .array(ended.map { ["id": .string($0.id)] })]) }
            for other in wanted {
                let known = held.first { $0.id == other.id }, to: JSON = ["id": .string(other.id)]
                let roles = (known?.labels ?? []).filter { association.role(of: $0.text) != nil && $0.text != other.role }
                if !roles.isEmpty, association.tellsRoles { unlabelled.append(["from": from, "to": to, "types": .array(roles.map(Self.type))]) }
                if let role = other.role, association.tellsRoles {
                    if known?.labels.contains(where: { $0.text == role }) == true { continue }
                    labelled.append(["from": from, "to": to, "types": [Self.type(try label(role, object, association))]])
                } else if known == nil {
                    plain.append(["from": from, "to": to])
                }
            }
        }
        for (inputs, path) in [(archived, "/batch/archive"), (unlabelled, "/batch/labels/archive"), (plain, "/batch/associate/default"), (labelled, "/batch/create")]
        where !inputs.isEmpty {
            let (response, verdict) = try session.send(self) { request(.post, pairPath(object, association, path), ["inputs": .array(inputs)]) }
            switch verdict {
            case .ok: break
            case .reject(let rejection): return .refused(rejection)
            default: return .refused(Rejection(code: String(response.status)))
            }
            if let fault = (JSON(response.body) ?? .null)["errors"].items?.first { return .refused(HubSpotRecord.rejection(fault, status: response.status)) }
        }
        return .outcomes(operations.map { PushOutcome(key: $0.operation.key, result: .accepted(id: $0.id, record: nil)) })
    }

    private static func type(_ label: HubSpotLabel) -> JSON {
        ["associationCategory": .string(label.category), "associationTypeId": JSON(label.type)]
    }

    /// The label of a pair of objects, made where the account does not have it.
    private func label(_ text: String, _ object: MappedObject, _ association: MappedAssociation) throws -> HubSpotLabel {
        let pair = "\(object.name) \(association.name)"
        func listed() throws -> [HubSpotLabel] {
            let document = try session.document(session.demand(self) { request(.get, pairPath(object, association, "/labels")) })
            return (document["results"].items ?? []).compactMap { label in
                label["typeId"].integer.map { HubSpotLabel(category: label["category"].text ?? "", type: $0, text: label["label"].text ?? "") }
            }
        }
        let known = try labels[pair] ?? listed()
        labels[pair] = known
        if let label = known.first(where: { $0.text == text }) { return label }
        let name = "limn_" + String(text.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
        _ = try session.demand(self) { request(.post, pairPath(object, association, "/labels"), ["label": .string(text), "name": .string(name)]) }
        // What is answered has labels of both directions: which is which is told by the list.
        let made = try listed()
        labels[pair] = made
        guard let label = made.first(where: { $0.text == text }) else { throw ConnectorError.unreadable("labels") }
        return label
    }
}

extension HubSpotSystem {
    /// Owners, by their names and else by their mail addresses.
    func users() throws -> [RemoteUser] {
        var found: [RemoteUser] = [], place: String?
        repeat {
            let path = "/crm/v3/owners?limit=500" + (place.map { "&after=\(WebAddress.escaped($0))" } ?? "")
            let document = try session.document(session.demand(self) { request(.get, path) })
            for owner in document["results"].items ?? [] {
                guard let id = owner["id"].text else { continue }
                let name = PersonNameParts.joined(family: owner["lastName"].text ?? "", given: owner["firstName"].text ?? "")
                if let name = name.isEmpty ? owner["email"].text : name { found.append(RemoteUser(id: id, name: name)) }
            }
            let next = document.value(at: "paging.next.after").text
            if next != nil, next == place { throw ConnectorError.unreadable("owners") }
            place = next
        } while place != nil
        return found
    }
}
