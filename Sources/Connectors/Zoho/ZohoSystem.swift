internal import CurlHTTP
internal import ProfileModel

/// Zoho CRM over version 8 of its interface: contacts, accounts, leads, and other modules.
///
/// The address is the interface's of the account's data centre, such as `https://www.zohoapis.com.cn`. The secret is a JSON object with
/// `client_id`, `client_secret` and `refresh_token`; `accounts_url` where it is not `https://accounts.zoho` with the same ending. A field's remote name
/// is its API name; `Account_Name.name` is the name in a lookup. A record that was made here carries our id in a unique field that an administrator
/// makes (`our-id`, by default `External_ID`): so records are only ever made by an upsert.
///
/// A delta is one list since a time, by page tokens, and one of what was deleted. No write starts workflows.
///
/// Source: Zoho's OpenAPI documents of version 8 and its API documentation.
final class ZohoSystem: CRMSystem {
    let session: CRMSession
    private let mapping: ConnectorMapping
    private var isAskingForToken = false

    static let limits: [String: TokenBucket.Limit] = ["": .init(burst: 5, perSecond: 5)]
    static let page = 200, batchMaximum = 100
    private static let deletedMark = "deleted:"

    init(session: CRMSession, mapping: ConnectorMapping) {
        self.session = session
        self.mapping = mapping
    }

    // MARK: Reading

    func discover() throws -> [RemoteObject] {
        try mapping.objects.map { object in
            let response = try session.demand(self) { request(.get, "/crm/v8/settings/fields?module=\(WebAddress.escaped(object.name))") }
            return RemoteObject(
                name: object.name, label: object.name,
                fields: (try document(response)["fields"].items ?? []).compactMap { field in
                    field["api_name"].text.map {
                        RemoteField(
                            name: $0, label: field["field_label"].text ?? $0, type: field["data_type"].text ?? "",
                            isReadOnly: field["read_only"].flag ?? false)
                    }
                })
        }
    }

    func pull(_ object: MappedObject, from cursor: PullCursor) throws -> PullPage {
        if let token = cursor.pageToken, token.hasPrefix(Self.deletedMark) {
            return try deleted(object, cursor, page: Int(token.dropFirst(Self.deletedMark.count)) ?? 1)
        }
        let list = try list(object, ZohoRecord.names(object), since: cursor.since, token: cursor.pageToken)
        // The system has forgotten the page: the window begins anew.
        guard let list else { return PullPage(records: [], next: cursor.rewound, hasMore: true) }
        let properties = ReadProperties(object)
        let records = try list.rows.map { try ZohoRecord.read($0, properties) }
        if let next = list.next {
            return PullPage(records: records, next: cursor.advanced(pageToken: next, serverTime: session.serverTime), hasMore: true)
        }
        // The first time nothing is known that could have been deleted.
        if cursor.since == nil { return PullPage(records: records, next: closed(cursor, object), hasMore: false) }
        return PullPage(
            records: records, next: cursor.advanced(pageToken: Self.deletedMark + "1", serverTime: session.serverTime), hasMore: true)
    }

    private func deleted(_ object: MappedObject, _ cursor: PullCursor, page: Int) throws -> PullPage {
        let since = cursor.since.map { [ZohoRecord.since($0)] } ?? []
        let response = try session.demand(self) {
            request(.get, "/crm/v8/\(object.name)/deleted?type=all&per_page=\(Self.page)&page=\(page)", headers: since)
        }
        let body = try document(response)
        let gone = (body["data"].items ?? []).compactMap { row in
            row["id"].text.map { RemoteTombstone(id: $0, stamp: RemoteTime.microseconds(row["deleted_time"])) }
        }
        guard body.value(at: "info.more_records").flag == true else {
            return PullPage(records: [], tombstones: gone, next: closed(cursor, object), hasMore: false)
        }
        return PullPage(
            records: [], tombstones: gone, next: cursor.advanced(pageToken: "\(Self.deletedMark)\(page + 1)", serverTime: session.serverTime), hasMore: true)
    }

    /// Whether a record of the very second of `since` is told is not documented: the look-back covers it.
    private func closed(_ cursor: PullCursor, _ object: MappedObject) -> PullCursor {
        cursor.closed(serverTime: session.serverTime, lookBackMicroseconds: Int64(object.number("look-back-seconds", or: 60)) * 1_000_000)
    }

    /// A page in the order of ids; nil where its token is no longer known.
    private func list(_ object: MappedObject, _ names: [String], since: Int64?, token: String?) throws -> (rows: [JSON], next: String?)? {
        var query = "/crm/v8/\(object.name)?fields=\(WebAddress.escaped(names.joined(separator: ",")))&per_page=\(Self.page)&sort_by=id&sort_order=asc"
        if let token { query += "&page_token=\(WebAddress.escaped(token))" }
        let (response, verdict) = try session.send(self) { request(.get, query, headers: since.map { [ZohoRecord.since($0)] } ?? []) }
        switch verdict {
        case .ok: break
        case .reject(let rejection) where token != nil && rejection.field == "page_token": return nil
        case .reject(let rejection): throw ConnectorError.refused(rejection)
        default: throw ConnectorError.refused(Rejection(code: String(response.status)))
        }
        let body = try document(response)
        let isMore = body.value(at: "info.more_records").flag ?? false
        return (body["data"].items ?? [], isMore ? body.value(at: "info.next_page_token").text : nil)
    }

    /// An answer's body; nothing found and nothing changed are answers without one.
    private func document(_ response: HTTPResponse) throws -> JSON { response.body.isEmpty ? .object([:]) : try session.document(response) }

    func read(_ ids: [String], of object: MappedObject) throws -> [RemoteRecord] {
        let properties = ReadProperties(object)
        return try ids.pieces(of: Self.batchMaximum).flatMap { part in
            let names = WebAddress.escaped(ZohoRecord.names(object).joined(separator: ","))
            let path = "/crm/v8/\(object.name)?fields=\(names)&ids=\(WebAddress.escaped(part.joined(separator: ",")))"
            return try (document(session.demand(self) { request(.get, path) })["data"].items ?? []).map { try ZohoRecord.read($0, properties) }
        }
    }

    /// By COQL, which reads the records and not the index of searches.
    func find(ourIDs: [String], of object: MappedObject) throws -> [RemoteRecord] {
        let name = ZohoRecord.ourIDName(object)
        return try ourIDs.pieces(of: 50).flatMap { part in
            let values = part.map { "'" + $0.replacing("\\", with: "\\\\").replacing("'", with: "\\'") + "'" }.joined(separator: ", ")
            let query = "select id, \(name) from \(object.name) where \(name) in (\(values)) limit 200"
            let rows = try document(session.demand(self) { request(.post, "/crm/v8/coql", ["select_query": .string(query)]) })["data"].items ?? []
            return try read(rows.compactMap { $0["id"].text }, of: object)
        }
    }

    func users() throws -> [RemoteUser] {
        var found: [RemoteUser] = [], page = 1
        while true {
            let body = try document(session.demand(self) { request(.get, "/crm/v8/users?type=AllUsers&per_page=\(Self.page)&page=\(page)") })
            let users = body["users"].items ?? []
            found += users.compactMap { user in user["id"].text.flatMap { id in user["full_name"].text.map { RemoteUser(id: id, name: $0) } } }
            if users.isEmpty || body.value(at: "info.more_records").flag != true { return found }
            page += 1
        }
    }

    func verify(_ object: MappedObject, after place: String?) throws -> VerifyPage {
        guard let list = try list(object, ["Modified_Time"], since: nil, token: place) else { throw ConnectorError.unreadable("page_token") }
        let properties = ReadProperties(object)
        let clocks = try list.rows.map { try ZohoRecord.read($0, properties) }.map { (id: $0.id, stamp: $0.stamp) }
        return VerifyPage(clocks: clocks, next: list.next)
    }

    func request(_ method: HTTPRequest.Method, _ path: String, _ body: JSON? = nil, headers: [HTTPHeader] = []) -> HTTPRequest {
        let token = HTTPHeader("Authorization", "Zoho-oauthtoken \(session.secret.value("access_token") ?? "")")
        return session.request(method, path, body, headers: [token] + headers)
    }

    // MARK: Writing

    func push(_ operations: [PushOperation], to object: MappedObject) throws -> [PushOutcome] {
        let (creates, updates, deletes) = operations.byAction
        var outcomes = try pushHalving(creates[...], atMost: Self.batchMaximum) { part in
            try batch(part) {
                request(.post, "/crm/v8/\(object.name)/upsert", [
                    "data": .array(part.map { ZohoRecord.row($0, object) }), "duplicate_check_fields": [.string(ZohoRecord.ourIDName(object))], "trigger": [],
                ])
            }
        }
        outcomes += try pushHalving(updates[...], atMost: Self.batchMaximum) { part in
            try batch(part) { request(.put, "/crm/v8/\(object.name)", ["data": .array(part.map { ZohoRecord.row($0, object) }), "trigger": []]) }
        }
        outcomes += try pushHalving(deletes[...], atMost: Self.batchMaximum) { part in
            let ids = part.compactMap(\.remoteID).joined(separator: ",")
            return try batch(part) { request(.delete, "/crm/v8/\(object.name)?ids=\(WebAddress.escaped(ids))&wf_trigger=false") }
        }
        return outcomes
    }

    /// An answer's items stand in the order of the request; where one is missing it is not known which.
    private func batch(_ operations: ArraySlice<PushOperation>, _ request: () -> HTTPRequest) throws -> BatchReply {
        let (response, verdict) = try session.send(self, request)
        switch verdict {
        case .ok: break
        case .reject(let rejection): return .refused(rejection)
        default: return .refused(Rejection(code: String(response.status)))
        }
        guard let items = try session.document(response)["data"].items else { throw ConnectorError.unreadable("data") }
        guard items.count == operations.count else { return .outcomes([]) }
        return .outcomes(zip(operations, items).map { PushOutcome(key: $0.key, result: ZohoRecord.result($1, of: $0)) })
    }

    // MARK: Answers

    func classify(_ response: HTTPResponse) -> Verdict {
        let verdict = Verdict(status: response, now: session.surroundings.now())
        guard !response.isSuccess || response.body.count < 4_096, response.status != 304 else { return verdict }
        let body = JSON(response.body) ?? .null
        switch body["code"].text {
        // Each record's answer stands in the body, whatever the status.
        case nil where body["data"].items != nil: return .ok
        case nil: return response.status == 401 && isAskingForToken ? .reject(Rejection(code: "401")) : verdict
        case "INVALID_TOKEN", "AUTHENTICATION_FAILURE": return isAskingForToken ? .reject(Rejection(code: "401")) : .refreshAuthorization
        case "TOO_MANY_REQUESTS":
            return response.header("X-API-CREDITS-REMAINING") == "0" ? .stop(until: nil) : .retry(afterMicroseconds: RetryAfter.microseconds(
                response, now: session.surroundings.now()))
        case "INTERNAL_ERROR": return .retry(afterMicroseconds: nil)
        case "RECORD_MODIFIED": return .conflict
        case let code?:
            let field = body.value(at: "details.param_name").text ?? body.value(at: "details.api_name").text
            return .reject(Rejection(code: code, field: field, message: body["message"].text ?? ""))
        }
    }

    func refreshAuthorization() throws -> Bool {
        let secret = session.secret
        guard let id = secret.value("client_id"), let key = secret.value("client_secret"), let token = secret.value("refresh_token") else { return false }
        let accounts = secret.value("accounts_url") ?? session.baseURL.replacing("://www.zohoapis.", with: "://accounts.zoho.")
        isAskingForToken = true
        defer { isAskingForToken = false }
        let (response, verdict) = try session.send(self) {
            session.form(accounts + "/oauth/v2/token", [
                ("refresh_token", token), ("client_id", id), ("client_secret", key), ("grant_type", "refresh_token"),
            ])
        }
        // A refused token is told with a good status.
        guard verdict == .ok, let renewed = try session.document(response)["access_token"].text else { return false }
        try session.renew(secret.replacing(["access_token": renewed]))
        return true
    }
}
