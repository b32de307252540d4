internal import CurlHTTP
internal import ProfileModel

/// HubSpot over version 3 of its interface: contacts, companies, and other kinds of its objects.
///
/// The secret is the token of a private app, or a JSON object with `client_id`, `client_secret` and `refresh_token`. A field's remote name is
/// that of a property, with `[]` behind it where it holds several options. A record that was made here carries our id in a property of its
/// own (`our-id`, by default `limn_id`), which is made where it is missing and has unique values: so records are only ever made by an upsert,
/// and a lost reply is asked after by that property, which unlike a search does not lag behind.
///
/// A delta is one search within the time since the last one, page by page in the order of ids: a search knows 10,000 results and gives equal
/// stamps no order, and neither matters to a window that begins anew behind the last id. What is archived is found by comparing all ids, or in
/// each pull with `set deletes each-pull`, which costs a request for every 100 records that were ever archived.
///
/// An association's remote name is that of the other object, with `[]` behind it: `companies[]`. Parts in decisions are labels of the pair of
/// objects, which are made where they are missing. No clock moves with an association: those of records that changed are read with them, and
/// all when ids are compared.
///
/// Source: HubSpot's OpenAPI documents; limits and error texts from its documentation.
final class HubSpotSystem: CRMSystem {
    let session: CRMSession
    let mapping: ConnectorMapping
    /// The objects that have the property for our id.
    var providedObjects: Set<String> = []
    /// The labels of pairs of objects, by the names of both.
    var labels: [String: [HubSpotLabel]] = [:]
    private var isAskingForToken = false

    /// Within 100 requests in any 10 seconds, and 5 searches in any second.
    static let limits: [String: TokenBucket.Limit] = ["": .init(burst: 10, perSecond: 9), "search": .init(burst: 1, perSecond: 4)]
    static let searchPage = 200, listPage = 100, batchMaximum = 100
    private static let archivedMark = "archived:"

    init(session: CRMSession, mapping: ConnectorMapping) {
        self.session = session
        self.mapping = mapping
    }

    // MARK: Reading

    func discover() throws -> [RemoteObject] {
        try mapping.objects.map { object in
            let response = try session.demand(self) { request(.get, "/crm/v3/properties/\(WebAddress.escaped(object.name))") }
            let properties = try session.document(response)["results"].items ?? []
            return RemoteObject(
                name: object.name, label: object.name,
                fields: properties.compactMap { property in
                    property["name"].text.map {
                        RemoteField(
                            name: $0, label: property["label"].text ?? $0, type: property["type"].text ?? "",
                            isReadOnly: property.value(at: "modificationMetadata.readOnlyValue").flag ?? false)
                    }
                })
        }
    }

    func pull(_ object: MappedObject, from cursor: PullCursor) throws -> PullPage {
        if let token = cursor.pageToken, token.hasPrefix(Self.archivedMark) {
            return try archived(object, cursor, after: String(token.dropFirst(Self.archivedMark.count)))
        }
        guard let since = cursor.since else { return try listed(object, cursor) }
        let response = try session.demand(self, family: "search") {
            request(.post, path(object, "/search"), HubSpotRecord.search(object, since: since, after: cursor.lastID))
        }
        let records = try records(response, object)
        if records.count >= Self.searchPage {
            return PullPage(
                records: records, next: cursor.advanced(lastID: records.last?.id, serverTime: session.serverTime), hasMore: true)
        }
        if object.settings["deletes"] == "each-pull" {
            return PullPage(
                records: records, next: cursor.advanced(pageToken: Self.archivedMark, serverTime: session.serverTime), hasMore: true)
        }
        return PullPage(records: records, next: closed(cursor, object), hasMore: false)
    }

    /// The first time: all there is, as the list gives it.
    private func listed(_ object: MappedObject, _ cursor: PullCursor) throws -> PullPage {
        let (response, next) = try list(object, HubSpotRecord.names(object), after: cursor.pageToken, isArchived: false)
        let records = try records(response, object)
        guard let next else { return PullPage(records: records, next: closed(cursor, object), hasMore: false) }
        return PullPage(records: records, next: cursor.advanced(pageToken: next, serverTime: session.serverTime), hasMore: true)
    }

    private func archived(_ object: MappedObject, _ cursor: PullCursor, after place: String) throws -> PullPage {
        let (response, next) = try list(object, [], after: place.isEmpty ? nil : place, isArchived: true)
        let gone = (try session.document(response)["results"].items ?? []).compactMap { document -> RemoteTombstone? in
            guard let id = document["id"].text, let stamp = RemoteTime.microseconds(document["archivedAt"]), stamp >= cursor.since ?? 0 else { return nil }
            return RemoteTombstone(id: id, stamp: stamp)
        }
        guard let next else { return PullPage(records: [], tombstones: gone, next: closed(cursor, object), hasMore: false) }
        return PullPage(
            records: [], tombstones: gone, next: cursor.advanced(pageToken: Self.archivedMark + next, serverTime: session.serverTime), hasMore: true)
    }

    /// Ten minutes of look-back by default: the index that searches read lags.
    private func closed(_ cursor: PullCursor, _ object: MappedObject) -> PullCursor {
        cursor.closed(serverTime: session.serverTime, lookBackMicroseconds: Int64(object.number("look-back-seconds", or: 600)) * 1_000_000)
    }

    private func list(_ object: MappedObject, _ names: [String], after place: String?, isArchived: Bool) throws -> (HTTPResponse, next: String?) {
        var query = "?limit=\(Self.listPage)&archived=\(isArchived)"
        if !names.isEmpty { query += "&properties=" + WebAddress.escaped(names.joined(separator: ",")) }
        if let place { query += "&after=" + WebAddress.escaped(place) }
        let response = try session.demand(self) { request(.get, path(object, query)) }
        return (response, try session.document(response).value(at: "paging.next.after").text)
    }

    private func records(_ response: HTTPResponse, _ object: MappedObject) throws -> [RemoteRecord] {
        guard let items = try session.document(response)["results"].items else { throw ConnectorError.unreadable(object.name) }
        let properties = ReadProperties(object)
        return try items.map { try HubSpotRecord.read($0, properties) }
    }

    func read(_ ids: [String], of object: MappedObject) throws -> [RemoteRecord] { try read(ids, by: nil, of: object) }

    func find(ourIDs: [String], of object: MappedObject) throws -> [RemoteRecord] {
        try provideOurID(object)
        return try read(ourIDs, by: HubSpotRecord.ourIDName(object), of: object)
    }

    /// By ids, or by a property of unique values. An id that was merged into another gives that other.
    private func read(_ ids: [String], by property: String?, of object: MappedObject) throws -> [RemoteRecord] {
        let found = try ids.pieces(of: Self.batchMaximum).flatMap { part in
            var body: [String: JSON] = [
                "inputs": .array(part.map { ["id": .string($0)] }), "properties": .array(HubSpotRecord.names(object).map(JSON.string)),
                "propertiesWithHistory": [],
            ]
            if let property { body["idProperty"] = .string(property) }
            return try records(session.demand(self) { request(.post, path(object, "/batch/read"), .object(body)) }, object)
        }
        return try associated(found, of: object)
    }

    func verify(_ object: MappedObject, after place: String?) throws -> VerifyPage {
        let (response, next) = try list(object, [HubSpotRecord.stampName(object)], after: place, isArchived: false)
        return VerifyPage(clocks: try records(response, object).map { ($0.id, $0.stamp) }, next: next)
    }

    func path(_ object: MappedObject, _ rest: String) -> String { "/crm/v3/objects/\(WebAddress.escaped(object.name))\(rest)" }

    func request(_ method: HTTPRequest.Method, _ path: String, _ body: JSON? = nil) -> HTTPRequest {
        session.request(method, path, body, headers: [HTTPHeader("Authorization", "Bearer \(session.secret.value("access_token") ?? "")")])
    }

    // MARK: Answers

    func classify(_ response: HTTPResponse) -> Verdict {
        let verdict = Verdict(status: response, now: session.surroundings.now())
        switch response.status {
        case 200..<300:
            // An error's body with a good status has been seen: nothing was done.
            guard response.body.count < 4_096, let document = JSON(response.body), document["status"].text == "error" else { return .ok }
            return .retry(afterMicroseconds: nil)
        case 401 where !isAskingForToken: return .refreshAuthorization
        case 404: return .gone
        case 423, 477: return .retry(afterMicroseconds: RetryAfter.microseconds(response, now: session.surroundings.now()))
        case 429: return limited(response)
        case 400..<500: return .reject(HubSpotRecord.rejection(JSON(response.body) ?? .null, status: response.status))
        default: return verdict
        }
    }

    /// A daily quota ends at midnight of the account's time zone, which the answer does not tell.
    private func limited(_ response: HTTPResponse) -> Verdict {
        if (JSON(response.body) ?? .null)["policyName"].text == "DAILY" { return .stop(until: nil) }
        let interval = response.header("X-HubSpot-RateLimit-Interval-Milliseconds").flatMap { Int64($0) }.map { min(max($0, 0), 60_000) * 1_000 }
        return .retry(afterMicroseconds: RetryAfter.microseconds(response, now: session.surroundings.now()) ?? interval)
    }

    func refreshAuthorization() throws -> Bool {
        let secret = session.secret
        guard let id = secret.value("client_id"), let key = secret.value("client_secret"), let token = secret.value("refresh_token") else { return false }
        isAskingForToken = true
        defer { isAskingForToken = false }
        let (response, verdict) = try session.send(self, family: "token") {
            session.form(session.baseURL + "/oauth/v1/token", [
                ("grant_type", "refresh_token"), ("client_id", id), ("client_secret", key), ("refresh_token", token),
            ])
        }
        guard verdict == .ok, let renewed = try session.document(response)["access_token"].text else { return false }
        try session.renew(secret.replacing(["access_token": renewed]))
        return true
    }
}
