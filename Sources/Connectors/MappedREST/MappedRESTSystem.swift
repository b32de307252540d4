internal import CurlHTTP
internal import ProfileModel

/// Any REST interface of JSON documents, as the settings of its mapping describe it.
///
/// Settings of the system: `authorization` (a header, `Authorization: Bearer {access_token}` by default), `burst` and `per-second`.
/// Settings of an object:
///
/// | key | what it says |
/// |---|---|
/// | `list` | path and query of a page; `{size}`, `{offset}`, `{page}`, `{after}`, `{token}`, `{since}` are filled in, and a query's parameter with nothing to fill in is left out |
/// | `page-size`, `token`, `records` | how many; where in an answer the next page's token and the records are |
/// | `since-form` | `rfc3339` (default), `microseconds`, `milliseconds`, `seconds` |
/// | `id`, `stamp`, `our-id`, `archived`, `deleted`, `version` | where in a record these are |
/// | `get`, `find` | path of one record by `{id}`, of those with `{our-id}` |
/// | `make`, `update`, `remove` | method and path, such as `PATCH /contacts/{id}` |
/// | `record` | where in the answer to `get`, `create` and `update` the record is |
/// | `wrap` | the name under which a body holds the values |
/// | `key-header` | the header that carries an idempotency key |
/// | `look-back-seconds` | how far a window begins before the last one was opened; 60 |
///
/// A field's remote name is the path of a value in a record, with `[]` behind it where that is an array; an association's is that of an id. Pages by `{after}` are in the order of ids, by `{offset}` in a lasting order.
final class MappedRESTSystem: CRMSystem {
    let session: CRMSession
    let mapping: ConnectorMapping
    /// The page that was read last where more is to follow it, and the ids in it.
    private var followed: (object: String, next: PullCursor, ids: Set<String>)?

    init(session: CRMSession, mapping: ConnectorMapping) {
        self.session = session
        self.mapping = mapping
        let burst = mapping.settings["burst"].flatMap { Int($0) }, perSecond = mapping.settings["per-second"].flatMap { Double($0) }
        if let perSecond, perSecond > 0 { session.limit("", to: .init(burst: max(1, burst ?? 1), perSecond: perSecond)) }
    }

    // MARK: Reading

    func discover() throws -> [RemoteObject] {
        try mapping.objects.map { object in
            let first = try page(object, from: PullCursor(), size: 1).records.first ?? .null
            guard case .object(let members) = first else { return RemoteObject(name: object.name, label: object.name, fields: []) }
            return RemoteObject(
                name: object.name, label: object.name,
                fields: members.keys.sorted().map { RemoteField(name: $0, label: $0, type: members[$0]!.typeName) })
        }
    }

    func pull(_ object: MappedObject, from cursor: PullCursor) throws -> PullPage {
        let size = object.number("page-size", or: 100)
        let (documents, token) = try page(object, from: cursor, size: size)
        var page = PullPage(records: [], next: cursor, hasMore: false)
        for document in documents {
            if object.path("deleted").map({ document.value(at: $0).flag ?? false }) ?? false {
                page.tombstones.append(RemoteTombstone(id: try id(document, object), stamp: stamp(document, object)))
            } else {
                page.records.append(try record(document, object))
            }
        }
        let list = object.settings["list"] ?? ""
        if list.contains("{token}") ? token != nil : documents.count >= size && (list.contains("{offset}") || list.contains("{page}") || list.contains("{after}")) {
            let read = (cursor.lastStamp ?? 0) + Int64(documents.count)
            page.next = cursor.advanced(
                lastStamp: read, lastID: try documents.last.map { try id($0, object) }, pageToken: token, serverTime: session.serverTime)
            page.hasMore = true
            try checkProgress(object, from: cursor, to: page.next, ids: Set(documents.map { try id($0, object) }))
        } else {
            followed = nil
            let lookBack = Int64(object.number("look-back-seconds", or: 60)) * 1_000_000
            page.next = cursor.closed(serverTime: session.serverTime, lookBackMicroseconds: lookBack)
            // Without a window all is read each time.
            if !list.contains("{since}") { page.next.since = nil }
        }
        return page
    }

    /// - Throws: `crm.repeated-page` where a page that is to be followed by another has nothing that the one before it had not: whoever takes no
    ///   notice of the place tells the first page for ever.
    private func checkProgress(_ object: MappedObject, from cursor: PullCursor, to next: PullCursor, ids: Set<String>) throws(ConnectorError) {
        if let followed, followed.object == object.name, followed.next.isAtPlace(of: cursor), !ids.isEmpty, ids.isSubset(of: followed.ids) {
            let list = object.settings["list"] ?? "", place = ["{token}", "{after}", "{offset}"].first(where: list.contains) ?? "{page}"
            throw ConnectorError("crm.repeated-page", ["object": object.name, "place": place], retry: .afterSomeoneActs)
        }
        followed = (object.name, next, ids)
    }

    /// A page of documents and the token of the next; `lastStamp` of the cursor counts what was read.
    private func page(_ object: MappedObject, from cursor: PullCursor, size: Int) throws -> (records: [JSON], token: String?) {
        let list = try object.demanded("list")
        let read = cursor.lastStamp ?? 0
        let path = MappedRESTSystem.filled(list, [
            "size": String(size), "offset": String(read), "page": String(read / Int64(size) + 1), "after": cursor.lastID, "token": cursor.pageToken,
            "since": cursor.since.map { MappedRESTSystem.time($0, object.settings["since-form"]) },
        ])
        let response = try session.demand(self) { request(.get, path) }
        if response.status == 304 { return ([], nil) }
        let document = try session.document(response)
        guard let items = document.value(at: object.path("records") ?? "").items else { throw ConnectorError.unreadable("records") }
        let token = object.path("token").flatMap { document.value(at: $0).text }.flatMap { $0.isEmpty ? nil : $0 }
        return (items, token)
    }

    func read(_ ids: [String], of object: MappedObject) throws -> [RemoteRecord] {
        let get = try object.demanded("get")
        return try ids.compactMap { id in
            let (response, verdict) = try session.send(self) { request(.get, MappedRESTSystem.filled(get, ["id": id])) }
            switch verdict {
            case .ok:
                let document = try session.document(response).value(at: object.path("record") ?? "")
                if object.path("deleted").map({ document.value(at: $0).flag ?? false }) ?? false { return nil }
                return try record(document, object)
            case .gone: return nil
            case .reject(let rejection): throw ConnectorError.refused(rejection)
            default: throw ConnectorError.unreadable("get")
            }
        }
    }

    func find(ourIDs: [String], of object: MappedObject) throws -> [RemoteRecord] {
        let find = try object.demanded("find")
        return try ourIDs.flatMap { ourID in
            let response = try session.demand(self) { request(.get, MappedRESTSystem.filled(find, ["our-id": ourID])) }
            let items = try session.document(response).value(at: object.path("records") ?? "").items ?? []
            return try items.map { try record($0, object) }.filter { $0.ourID == ourID }
        }
    }

    func verify(_ object: MappedObject, after place: String?) throws -> VerifyPage {
        var cursor = PullCursor()
        if let place, let document = JSON(Array(place.utf8)) {
            cursor.lastID = document["id"].text
            cursor.lastStamp = document["read"].integer
            cursor.pageToken = document["token"].text
        }
        let page = try pull(object, from: cursor)
        let clocks = page.records.map { (id: $0.id, stamp: $0.stamp) }
        guard page.hasMore else { return VerifyPage(clocks: clocks, next: nil) }
        let next: JSON = [
            "id": page.next.lastID.map(JSON.string) ?? .null, "read": page.next.lastStamp.map { JSON($0) } ?? .null,
            "token": page.next.pageToken.map(JSON.string) ?? .null,
        ]
        return VerifyPage(clocks: clocks, next: String(decoding: next.bytes, as: UTF8.self))
    }

    // MARK: Writing

    func push(_ operations: [PushOperation], to object: MappedObject) throws -> [PushOutcome] {
        try operations.map { operation in
            do { return PushOutcome(key: operation.key, result: try push(operation, to: object)) } catch let error as ConnectorError
                where error == .replyLost { return PushOutcome(key: operation.key, result: .unknown) }
        }
    }

    private func push(_ operation: PushOperation, to object: MappedObject) throws -> PushOutcome.Result {
        let answer: (response: HTTPResponse, verdict: Verdict)
        var known: String?
        switch operation.action {
        case .create:
            let (method, path) = try object.action("make")
            answer = try session.send(self, isRepeatable: false) { request(method, path, body(operation, object, isNew: true), key: operation.key, object) }
        case .update(let id):
            known = id
            let (method, path) = try object.action("update")
            answer = try session.send(self) {
                request(method, MappedRESTSystem.filled(path, ["id": id]), body(operation, object, isNew: false), key: operation.key, object)
            }
        case .delete(let id):
            known = id
            let (method, path) = try object.action("remove")
            answer = try session.send(self) { request(method, MappedRESTSystem.filled(path, ["id": id]), key: operation.key, object) }
        }
        switch answer.verdict {
        case .ok:
            let document = (JSON(answer.response.body) ?? .null).value(at: object.path("record") ?? "")
            let record = try? record(document, object)
            guard let id = known ?? record?.id else { throw ConnectorError.unreadable("create") }
            // An answer that only names the record says nothing of its values.
            let isWhole = record.map { found in
                operation.fields.keys.allSatisfy { found.fields[$0] != nil } && operation.associations.keys.allSatisfy { found.associations[$0] != nil }
                    && !(operation.fields.isEmpty && operation.associations.isEmpty)
            } ?? false
            return .accepted(id: id, record: isWhole ? record : nil)
        case .gone: return .gone
        case .reject(let rejection): return .rejected(rejection)
        default: return .conflict
        }
    }

    private func body(_ operation: PushOperation, _ object: MappedObject, isNew: Bool) -> JSON {
        var document = JSON.object([:])
        for (name, value) in operation.fields { document.put(object.document(value, of: name), at: MappedRESTSystem.path(name)[...]) }
        for (name, value) in operation.lookups { document.put(value.document, at: name[...]) }
        if isNew, let path = object.path("our-id") { document.put(.string(operation.ourID), at: path[...]) }
        return object.settings["wrap"].map { .object([$0: document]) } ?? document
    }

    private func request(
        _ method: HTTPRequest.Method, _ path: String, _ body: JSON? = nil, key: String? = nil, _ object: MappedObject? = nil
    ) -> HTTPRequest {
        let template = mapping.settings["authorization"] ?? "Authorization: Bearer {access_token}"
        let parts = template.split(separator: ":", maxSplits: 1).map { String($0.trimmingBlanks) }
        var headers = [HTTPHeader("Accept", "application/json")]
        if parts.count == 2 {
            headers.append(HTTPHeader(parts[0], parts[1].replacing("{access_token}", with: session.secret.value("access_token") ?? "")))
        }
        if let key, let name = object?.settings["key-header"] { headers.append(HTTPHeader(name, key)) }
        if body != nil { headers.append(HTTPHeader("Content-Type", "application/json")) }
        return HTTPRequest(method, session.baseURL + path, headers: headers, body: body.map { .bytes($0.bytes) } ?? .none)
    }

    // MARK: Answers

    func classify(_ response: HTTPResponse) -> Verdict {
        let verdict = Verdict(status: response, now: session.surroundings.now())
        guard case .reject = verdict else { return verdict }
        let document = JSON(response.body) ?? .null
        let error = document["error"]
        let code = error["code"].text ?? document["code"].text ?? error.text ?? String(response.status)
        return .reject(Rejection(
            code: code, field: error["field"].text ?? document["field"].text, message: error["message"].text ?? document["message"].text ?? "",
            trace: response.header("X-Request-Id")))
    }
}

extension PullCursor {
    /// Whether a system is asked for the same page from here, whatever the window.
    fileprivate func isAtPlace(of other: PullCursor) -> Bool { lastID == other.lastID && lastStamp == other.lastStamp && pageToken == other.pageToken }
}
