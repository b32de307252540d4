internal import CurlHTTP

/// Lists (HubSpot's segments) over version 3 of the interface. A record's clock does not move when it joins or leaves one.
extension HubSpotSystem {
    /// So many lists one search tells, so many members one page, and so many records one change names.
    private static let listsPage = 250, membersPage = 250, membersChanged = 1_000
    private static let listPath = "/crm/v3/lists"

    func lists(of object: MappedObject) throws -> [RemoteList] {
        let type = Self.typeNumber(object)
        var found: [RemoteList] = [], offset: Int64 = 0
        while true {
            let body: JSON = [
                "query": "", "offset": JSON(offset), "count": JSON(Int64(Self.listsPage)), "processingTypes": ["MANUAL", "SNAPSHOT", "DYNAMIC"],
                "additionalProperties": [],
            ]
            let document = try session.document(session.demand(self, family: "search") { request(.post, "\(Self.listPath)/search", body) })
            guard let lists = document["lists"].items else { throw ConnectorError.unreadable("lists") }
            found += try lists.filter { $0["objectTypeId"].text == type }.compactMap(Self.list)
            guard document["hasMore"].flag == true else { return found }
            guard let next = document["offset"].integer, next > offset else { throw ConnectorError.unreadable("lists") }
            offset = next
        }
    }

    func list(_ id: String, of object: MappedObject) throws -> RemoteList? {
        let (response, verdict) = try session.send(self) { request(.get, "\(Self.listPath)/\(WebAddress.escaped(id))") }
        switch verdict {
        case .ok: return try Self.list(session.document(response)["list"])
        case .gone: return nil
        case .reject(let rejection): throw ConnectorError.refused(rejection)
        default: throw ConnectorError.refused(Rejection(code: String(response.status)))
        }
    }

    /// Nil for one that is deleted, which can be called back for ninety days.
    private static func list(_ document: JSON) throws -> RemoteList? {
        guard let id = document["listId"].text, !id.isEmpty, let name = document["name"].text else { throw ConnectorError.unreadable("listId") }
        if document["deletedAt"].text != nil { return nil }
        return RemoteList(id: id, name: name, isComputed: !["MANUAL", "SNAPSHOT"].contains(document["processingType"].text))
    }

    func members(ofList id: String, of object: MappedObject) throws -> [RemoteMembership] {
        var found: [RemoteMembership] = [], place: String?
        repeat {
            let query = "?limit=\(Self.membersPage)" + (place.map { "&after=\(WebAddress.escaped($0))" } ?? "")
            let path = "\(Self.listPath)/\(WebAddress.escaped(id))/memberships/join-order\(query)"
            let document = try session.document(session.demand(self) { request(.get, path) })
            guard let results = document["results"].items else { throw ConnectorError.unreadable("memberships") }
            for one in results {
                guard let record = one["recordId"].text else { throw ConnectorError.unreadable("recordId") }
                found.append(RemoteMembership(record: record, list: id, stamp: RemoteTime.microseconds(one["membershipTimestamp"])))
            }
            let next = document.value(at: "paging.next.after").text
            if next != nil, next == place { throw ConnectorError.unreadable("memberships") }
            place = next
        } while place != nil
        return found
    }

    func memberships(of id: String, of object: MappedObject) throws -> [RemoteMembership] {
        let path = "\(Self.listPath)/records/\(WebAddress.escaped(Self.typeNumber(object)))/\(WebAddress.escaped(id))/memberships"
        let document = try session.document(session.demand(self) { request(.get, path) })
        guard let results = document["results"].items else { throw ConnectorError.unreadable("memberships") }
        return try results.map { one in
            guard let list = one["listId"].text else { throw ConnectorError.unreadable("listId") }
            return RemoteMembership(record: id, list: list, stamp: RemoteTime.microseconds(one["lastAddedTimestamp"]))
        }
    }

    /// The number by which lists name a kind of records; that of an object of one's own is its name.
    private static func typeNumber(_ object: MappedObject) -> String {
        object.settings["object-type"] ?? ["contacts": "0-1", "companies": "0-2"][object.name] ?? object.name
    }

    // MARK: Writing

    /// Puts written records on lists and takes them off; what is refused of that is told beside what is done.
    func listing(_ operations: [PushOperation], _ outcomes: [PushOutcome]) throws -> [PushOutcome] {
        var ids: [String: String] = [:], refusals: [String: [Rejection]] = [:]
        for outcome in outcomes { if case .accepted(let id, _) = outcome.result { ids[outcome.key] = id } }
        for list in Set(operations.flatMap(\.lists.keys)).sorted() {
            let changed = operations.filter { $0.lists[list] != nil && ids[$0.key] != nil }
            for outcome in try pushHalving(changed[...], atMost: Self.membersChanged, send: { part in
                try change(list, part.map { (ids[$0.key]!, $0) })
            }) {
                if case .rejected(let rejection) = outcome.result {
                    let named = Rejection(
                        code: rejection.code, field: PushOperation.field(ofList: list), message: rejection.message, trace: rejection.trace)
                    refusals[outcome.key, default: []].append(named)
                }
            }
        }
        return outcomes.map { outcome in
            refusals[outcome.key].map { PushOutcome(key: outcome.key, result: outcome.result, refusals: outcome.refusals + $0) } ?? outcome
        }
    }

    private func change(_ list: String, _ operations: [(id: String, operation: PushOperation)]) throws -> BatchReply {
        func ids(_ joins: Bool) -> JSON { .array(operations.filter { $0.operation.lists[list] == joins }.map { .string($0.id) }) }
        let body: JSON = ["recordIdsToAdd": ids(true), "recordIdsToRemove": ids(false)]
        let (response, verdict) = try session.send(self) {
            request(.put, "\(Self.listPath)/\(WebAddress.escaped(list))/memberships/add-and-remove", body)
        }
        switch verdict {
        case .ok: break
        case .reject(let rejection): return .refused(rejection)
        default: return .refused(Rejection(code: String(response.status)))
        }
        let missing = Set((try session.document(response)["recordIdsMissing"].items ?? []).compactMap(\.text))
        return .outcomes(operations.map { id, operation in
            // Who is not there is on no list either.
            let isRefused = operation.lists[list] == true && missing.contains(id)
            return PushOutcome(key: operation.key, result: isRefused ? .rejected(Rejection(code: "OBJECT_NOT_FOUND")) : .accepted(id: id, record: nil))
        })
    }
}
