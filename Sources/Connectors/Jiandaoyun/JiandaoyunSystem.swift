internal import CurlHTTP
internal import ProfileModel

/// 简道云 (Jiandaoyun) over version 5 of its interface: the forms of an application.
///
/// The secret is the API key. The mapping names the application (`app-id`) and each object's form (`entry-id`). A field's remote name is that of a
/// widget, such as `_widget_1001`, or the alias that the form gives it; `_widget_1003.phone` is a part of it, and
/// `_widget_1009.username` a member by the username, which is how members are written. A record that was made here carries our
/// id in a widget (`our-id`), and is made once by its transaction id however often that is sent.
///
/// The interface has no delta and gives rows in the order of ids alone. Where `delta` is `update-time`, rows are asked for by the day of their last
/// change, less a day; otherwise each pull reads all. What was deleted is found by comparing all ids.
///
/// Source: the vendor's open documentation; the filter on `updateTime` is in use and not documented.
final class JiandaoyunSystem: CRMSystem {
    let session: CRMSession
    private let mapping: ConnectorMapping

    /// Within 20 writes and 30 lists in a second.
    static let limits: [String: TokenBucket.Limit] = ["": .init(burst: 4, perSecond: 15), "list": .init(burst: 4, perSecond: 20)]
    static let page = 100
    private static let tooOften: Int64 = 8303, badKey: Int64 = 8301, missing: Int64 = 4001

    init(session: CRMSession, mapping: ConnectorMapping) {
        self.session = session
        self.mapping = mapping
    }

    // MARK: Reading

    func discover() throws -> [RemoteObject] {
        try mapping.objects.map { object in
            let answer = try session.document(session.demand(self) { try request("widget/list", object) })
            return RemoteObject(
                name: object.name, label: object.name,
                fields: (answer["widgets"].items ?? []).compactMap { widget in
                    (widget["widgetName"].text ?? widget["name"].text).map {
                        RemoteField(name: $0, label: widget["label"].text ?? $0, type: widget["type"].text ?? "")
                    }
                })
        }
    }

    func pull(_ object: MappedObject, from cursor: PullCursor) throws -> PullPage {
        let since = object.settings["delta"] == "update-time" ? cursor.since : nil
        let rows = try list(object, filter: since.map(JiandaoyunRecord.changed), after: cursor.lastID)
        let records = try rows.map { try JiandaoyunRecord.read($0, object) }
        if rows.count >= Self.page {
            return PullPage(records: records, next: cursor.advanced(lastID: records.last?.id, serverTime: session.serverTime), hasMore: true)
        }
        let lookBack = Int64(object.number("look-back-seconds", or: 600)) * 1_000_000
        return PullPage(records: records, next: cursor.closed(serverTime: session.serverTime, lookBackMicroseconds: lookBack), hasMore: false)
    }

    private func list(_ object: MappedObject, filter: JSON?, after last: String?) throws -> [JSON] {
        var body: [String: JSON] = ["limit": JSON(Int64(Self.page))]
        if let filter { body["filter"] = filter }
        if let last { body["data_id"] = .string(last) }
        let response = try session.demand(self, family: "list") { try request("data/list", object, body) }
        guard let rows = try session.document(response)["data"].items else { throw ConnectorError.unreadable(object.name) }
        return rows
    }

    func read(_ ids: [String], of object: MappedObject) throws -> [RemoteRecord] {
        try ids.compactMap { id in
            let (response, verdict) = try session.send(self, family: "list") { try request("data/get", object, ["data_id": .string(id)]) }
            switch verdict {
            case .ok: return try JiandaoyunRecord.read(session.document(response)["data"], object)
            case .gone: return nil
            case .reject(let rejection): throw ConnectorError.refused(rejection)
            default: throw ConnectorError.refused(Rejection(code: String(response.status)))
            }
        }
    }

    func find(ourIDs: [String], of object: MappedObject) throws -> [RemoteRecord] {
        let name = try object.demanded("our-id")
        return try ourIDs.pieces(of: Self.page / 2).flatMap { part in
            let condition: JSON = ["field": .string(name), "type": "text", "method": "in", "value": .array(part.map(JSON.string))]
            return try list(object, filter: ["rel": "and", "cond": [condition]], after: nil).map { try JiandaoyunRecord.read($0, object) }
        }
    }

    func verify(_ object: MappedObject, after place: String?) throws -> VerifyPage {
        let records = try list(object, filter: nil, after: place).map { try JiandaoyunRecord.read($0, object) }
        return VerifyPage(clocks: records.map { ($0.id, $0.stamp) }, next: records.count < Self.page ? nil : records.last?.id)
    }

    // MARK: Writing

    func push(_ operations: [PushOperation], to object: MappedObject) throws -> [PushOutcome] {
        try operations.map { PushOutcome(key: $0.key, result: try push($0, object)) }
    }

    private func push(_ operation: PushOperation, _ object: MappedObject) throws -> PushOutcome.Result {
        var body: [String: JSON] = ["is_start_trigger": false]
        var path = "data/update"
        switch operation.action {
        case .create:
            path = "data/create"
            body["transaction_id"] = .string(operation.key)
            body["data"] = JiandaoyunRecord.wrapped(operation, object, ourIDName: try object.demanded("our-id"))
        case .update(let id):
            body["data_id"] = .string(id)
            body["data"] = JiandaoyunRecord.wrapped(operation, object, ourIDName: nil)
        case .delete(let id):
            path = "data/delete"
            body["data_id"] = .string(id)
        }
        let (response, verdict) = try session.send(self) { try request(path, object, body) }
        switch verdict {
        case .ok:
            if case .delete(let id) = operation.action { return .accepted(id: id, record: nil) }
            let record = try JiandaoyunRecord.read(session.document(response)["data"], object)
            return .accepted(id: record.id, record: record)
        case .gone: return .gone
        case .reject(let rejection): return .rejected(rejection)
        default: return .unknown
        }
    }

    private func request(_ path: String, _ object: MappedObject, _ members: [String: JSON] = [:]) throws -> HTTPRequest {
        guard let application = mapping.settings["app-id"] else { throw ConnectorError("crm.mapping-setting", ["object": object.name, "key": "app-id"]) }
        let form = try object.demanded("entry-id")
        let body = JSON.object(members.merging(["app_id": .string(application), "entry_id": .string(form)]) { given, _ in given })
        return session.request(
            .post, "/api/v5/app/entry/\(path)", body, headers: [HTTPHeader("Authorization", "Bearer \(session.secret.value("access_token") ?? "")")])
    }

    // MARK: Answers

    func classify(_ response: HTTPResponse) -> Verdict {
        let verdict = Verdict(status: response, now: session.surroundings.now())
        guard !response.isSuccess || response.body.count < 4_096 else { return verdict }
        let body = JSON(response.body) ?? .null
        guard let code = body["code"].integer else { return verdict }
        switch code {
        case 0: return verdict
        case Self.tooOften: return .retry(afterMicroseconds: 1_000_000)
        case Self.badKey: return .refreshAuthorization
        case Self.missing: return .gone
        // With a good status it is the gateway's trouble, and with that of a busy system it passes too.
        default: return response.isSuccess || response.status >= 429 ? .retry(afterMicroseconds: nil) : .reject(
            Rejection(code: String(code), message: body["msg"].text ?? ""))
        }
    }
}
