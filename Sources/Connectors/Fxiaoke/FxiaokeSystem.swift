internal import CurlHTTP
internal import Foundation
internal import ProfileModel

/// 纷享销客 (Fxiaoke) over version 2 of its open interface: accounts, contacts, leads, and objects of the tenant's own.
///
/// The secret is a JSON object with `app_id`, `app_secret`, `permanent_code` and `user_id`, whose tokens are asked for as needed. A field's remote
/// name is its API name. A record that was made here carries our id in a field that the tenant makes (`our-id`, by default `limn_id__c`); there is
/// no upsert, so a lost reply is asked after by that field.
///
/// A delta asks for what was changed since a time, in the order of ids and behind the last one. What was deleted no interface tells: all ids
/// are compared. An owner is only changed by people there. Answers always have the status 200; `errorCode` says what became of a request.
///
/// Source: the vendor's open platform documentation as others have noted it; nothing of it was seen in a tenant.
final class FxiaokeSystem: CRMSystem {
    let session: CRMSession
    private let mapping: ConnectorMapping
    private var isAskingForToken = false
    /// Whether what is sent must not be sent twice.
    private var isCreating = false
    /// Stands for an answer that does not say whether a record was made.
    private static let unsaid = Verdict.reject(Rejection(code: "unsaid"))

    /// Within 100 calls in any 20 seconds to an interface.
    static let limits: [String: TokenBucket.Limit] = ["": .init(burst: 10, perSecond: 4), "token": .init(burst: 1, perSecond: 0.1)]
    static let page = 100
    /// Midnight in +08:00, when a day's quota is whole again.
    private static let zoneMicroseconds: Int64 = 8 * 3_600_000_000, dayMicroseconds: Int64 = 86_400_000_000

    init(session: CRMSession, mapping: ConnectorMapping) {
        self.session = session
        self.mapping = mapping
    }

    // MARK: Reading

    func discover() throws -> [RemoteObject] {
        try mapping.objects.map { object in
            let answer = try demand("object/describe", ["apiName": .string(object.name), "includeDetail": true], isPlain: true)
            guard case .object(let fields) = answer.value(at: "data.describe.fields") else { throw ConnectorError.unreadable(object.name) }
            return RemoteObject(
                name: object.name, label: answer.value(at: "data.describe.display_name").text ?? object.name,
                fields: fields.sorted { $0.key < $1.key }.map { RemoteField(name: $0, label: $1["label"].text ?? $0, type: $1["type"].text ?? "") })
        }
    }

    func pull(_ object: MappedObject, from cursor: PullCursor) throws -> PullPage {
        var filters: [JSON] = []
        if let since = cursor.since { filters.append(FxiaokeRecord.filter("last_modified_time", "GTE", [String(since / 1_000)])) }
        if let last = cursor.lastID { filters.append(FxiaokeRecord.filter("_id", "GT", [last])) }
        let records = try query(object, filters)
        if records.count >= Self.page {
            return PullPage(records: records, next: cursor.advanced(lastID: records.last?.id, serverTime: session.serverTime), hasMore: true)
        }
        let lookBack = Int64(object.number("look-back-seconds", or: 600)) * 1_000_000
        return PullPage(records: records, next: cursor.closed(serverTime: session.serverTime, lookBackMicroseconds: lookBack), hasMore: false)
    }

    /// A page in the order of ids, empty fields among the rest: what is not there says nothing.
    private func query(_ object: MappedObject, _ filters: [JSON], names: [String]? = nil) throws -> [RemoteRecord] {
        let answer = try demand("data/query", [
            "dataObjectApiName": .string(object.name), "find_explicit_total_num": false, "includeNull": true,
            "search_query_info": [
                "limit": JSON(Int64(Self.page)), "offset": 0, "filters": .array(filters), "orders": [["fieldName": "_id", "isAsc": true]],
                "fieldProjection": .array((names ?? FxiaokeRecord.names(object)).map(JSON.string)),
            ],
        ], object)
        guard let rows = answer.value(at: "data.dataList").items else { throw ConnectorError.unreadable("dataList") }
        return try rows.map { try FxiaokeRecord.read($0, object) }
    }

    func read(_ ids: [String], of object: MappedObject) throws -> [RemoteRecord] {
        try ids.pieces(of: Self.page).flatMap { try query(object, [FxiaokeRecord.filter("_id", "IN", Array($0))]) }
    }

    func find(ourIDs: [String], of object: MappedObject) throws -> [RemoteRecord] {
        // A name may have been made twice by hand: half a page of names leaves room for that.
        try ourIDs.pieces(of: Self.page / 2).flatMap { try query(object, [FxiaokeRecord.filter(FxiaokeRecord.ourIDName(object), "IN", Array($0))]) }
    }

    func verify(_ object: MappedObject, after place: String?) throws -> VerifyPage {
        let records = try query(object, place.map { [FxiaokeRecord.filter("_id", "GT", [$0])] } ?? [], names: ["_id", "last_modified_time"])
        return VerifyPage(clocks: records.map { ($0.id, $0.stamp) }, next: records.count < Self.page ? nil : records.last?.id)
    }

    // MARK: Writing

    func push(_ operations: [PushOperation], to object: MappedObject) throws -> [PushOutcome] {
        try operations.map { operation in
            do { return PushOutcome(key: operation.key, result: try push(operation, object)) } catch let error as ConnectorError where error == .replyLost {
                return PushOutcome(key: operation.key, result: .unknown)
            }
        }
    }

    private func push(_ operation: PushOperation, _ object: MappedObject) throws -> PushOutcome.Result {
        var values: [String: JSON] = ["dataObjectApiName": .string(object.name)]
        for (name, value) in operation.fields where name != "owner" { values[MappedRESTSystem.path(name)] = object.document(value, of: name) }
        for (name, value) in operation.lookups { values[name] = value.document }
        switch operation.action {
        case .create:
            values[FxiaokeRecord.ourIDName(object)] = .string(operation.ourID)
            isCreating = true
            defer { isCreating = false }
            let (answer, verdict) = try send("data/create", ["object_data": .object(values)], object, isRepeatable: false)
            guard verdict == .ok else { return verdict == Self.unsaid ? .unknown : result(verdict) }
            // The id is not always told: it is then found by ours.
            if let id = answer["dataId"].text { return .accepted(id: id, record: nil) }
            return try find(ourIDs: [operation.ourID], of: object).first.map { .accepted(id: $0.id, record: $0) } ?? .unknown
        case .update(let id):
            values["_id"] = .string(id)
            let (_, verdict) = try send("data/update", ["object_data": .object(values)], object)
            return verdict == .ok ? .accepted(id: id, record: nil) : try missing(id, object) ? .gone : result(verdict)
        case .delete(let id):
            // The first of two steps, which people there can take back.
            let body: JSON = ["dataObjectApiName": .string(object.name), "object_data_id": .string(id)]
            let (_, verdict) = try send("data/invalid", body, object)
            return verdict == .ok ? .accepted(id: id, record: nil) : try missing(id, object) ? .gone : result(verdict)
        }
    }

    /// No code says that a record is gone.
    private func missing(_ id: String, _ object: MappedObject) throws -> Bool { try read([id], of: object).isEmpty }

    private func result(_ verdict: Verdict) -> PushOutcome.Result {
        if case .reject(let rejection) = verdict { return .rejected(rejection) }
        return .unknown
    }

    // MARK: Requests

    private func demand(_ path: String, _ data: JSON, _ object: MappedObject? = nil, isPlain: Bool = false) throws -> JSON {
        let (answer, verdict) = try send(path, data, object, isPlain: isPlain)
        if case .reject(let rejection) = verdict { throw ConnectorError.refused(rejection) }
        return answer
    }

    /// - Parameter isPlain: whether the body is `data` itself.
    private func send(
        _ path: String, _ data: JSON, _ object: MappedObject?, isRepeatable: Bool = true, isPlain: Bool = false
    ) throws -> (answer: JSON, verdict: Verdict) {
        let custom = object?.name.hasSuffix("__c") == true ? "custom/" : ""
        let body = isPlain ? data : ["data": data, "triggerApprovalFlow": false, "triggerWorkFlow": false]
        let (response, verdict) = try session.send(self, isRepeatable: isRepeatable) {
            let secret = session.secret
            return session.request(.post, "/cgi/crm/\(custom)v2/\(path)?thirdTraceId=\(UUID().uuidString)", body, headers: [
                HTTPHeader("authorization", "Bearer \(secret.value("access_token") ?? "")"), HTTPHeader("x-fs-ea", secret.value("ea") ?? ""),
                HTTPHeader("x-fs-userid", secret.value("user_id") ?? ""),
            ])
        }
        return (verdict == Self.unsaid ? .null : try session.document(response), verdict)
    }

    // MARK: Answers

    func classify(_ response: HTTPResponse) -> Verdict {
        guard response.isSuccess else { return Verdict(status: response, now: session.surroundings.now()) }
        // A page of HTML, or a body that was cut: the gateway's and not the system's.
        guard let body = JSON(response.body), let code = body["errorCode"].integer else { return isUnsaid ? Self.unsaid : .retry(afterMicroseconds: nil) }
        switch code {
        case 0: return .ok
        case 20016 where !isAskingForToken, 20017 where !isAskingForToken: return .refreshAuthorization
        case 30004, 14001: return .retry(afterMicroseconds: 20_000_000)
        case 30002:
            let now = session.serverTime + Self.zoneMicroseconds
            return .stop(until: (now / Self.dayMicroseconds + 1) * Self.dayMicroseconds - Self.zoneMicroseconds)
        case 30003: return .stop(until: nil)
        case -1, 50009: return isUnsaid ? Self.unsaid : .retry(afterMicroseconds: nil)
        default: return .reject(Rejection(code: String(code), message: body["errorMessage"].text ?? "", trace: body["traceId"].text))
        }
    }

    /// Whether an answer that is none leaves open what was done.
    private var isUnsaid: Bool { isCreating && !isAskingForToken }

    func refreshAuthorization() throws -> Bool {
        let secret = session.secret
        guard let app = secret.value("app_id"), let key = secret.value("app_secret"), let code = secret.value("permanent_code") else { return false }
        isAskingForToken = true
        defer { isAskingForToken = false }
        let (response, verdict) = try session.send(self, family: "token") {
            session.request(.post, "/oauth2.0/token?thirdTraceId=\(UUID().uuidString)", [
                "appId": .string(app), "appSecret": .string(key), "permanentCode": .string(code), "grantType": "app_secret",
            ], headers: [])
        }
        guard verdict == .ok else { return false }
        let answer = try session.document(response)
        guard let token = answer["accessToken"].text, let account = answer["ea"].text else { return false }
        try session.renew(secret.replacing(["access_token": token, "ea": account]))
        return true
    }
}
