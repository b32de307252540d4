internal import CurlHTTP
internal import ProfileModel

/// Salesforce over its REST interface: accounts, contacts, leads, and other objects.
///
/// The address is that of the organization (My Domain). The secret is an access token, or a JSON object with `client_id` and `client_secret`,
/// and `refresh_token` where the application has one. A field's remote name is the field's API name. A record that was made here carries our
/// id in an external id field that an administrator makes (`our-id`, by default `LimnId__c`): so records are only ever made by an upsert.
///
/// A delta is one query in the order of (SystemModstamp, Id) which goes on behind the last row, with the deleted among the rows; no locator is
/// kept, so none ends. What was deleted is known for 15 days.
///
/// Source: Salesforce's REST API developer guide and SOQL reference.
final class SalesforceSystem: CRMSystem {
    let session: CRMSession
    private let mapping: ConnectorMapping
    private let base: String
    private var isAskingForToken = false
    /// Whether the organization keeps relations of contacts and accounts; nil before that was asked.
    var hasRelations: Bool?

    static let page = 2_000, batchMaximum = 200
    /// Less than the 15 days for which deleted rows are kept.
    static let deletedMicroseconds: Int64 = 14 * 86_400_000_000

    init(session: CRMSession, mapping: ConnectorMapping) {
        self.session = session
        self.mapping = mapping
        base = "/services/data/v\(mapping.settings["api-version"] ?? "62.0")"
    }

    // MARK: Reading

    func discover() throws -> [RemoteObject] {
        try mapping.objects.map { object in
            let document = try session.document(session.demand(self) { request(.get, "/sobjects/\(WebAddress.escaped(object.name))/describe") })
            return RemoteObject(
                name: object.name, label: document["label"].text ?? object.name,
                fields: (document["fields"].items ?? []).compactMap { field in
                    field["name"].text.map {
                        RemoteField(
                            name: $0, label: field["label"].text ?? $0, type: field["type"].text ?? "", isReadOnly: field["updateable"].flag == false)
                    }
                })
        }
    }

    func pull(_ object: MappedObject, from cursor: PullCursor) throws -> PullPage {
        let rows = try rows(at: path(object, from: cursor)), properties = ReadProperties(object)
        var page = PullPage(records: [], next: cursor, hasMore: rows.count >= Self.page)
        if page.hasMore, let last = rows.last {
            let record = try SalesforceRecord.read(last, properties)
            guard let stamp = record.stamp else { throw ConnectorError.unreadable("SystemModstamp") }
            page.next = cursor.advanced(lastStamp: stamp, lastID: record.id, serverTime: session.serverTime)
            if page.next != cursor { session.sendAhead(request(.get, path(object, from: page.next))) }
        } else {
            page.hasMore = false
            // Transactions may show rows up to ten minutes after the stamp that they carry.
            let lookBack = Int64(object.number("look-back-seconds", or: 600)) * 1_000_000
            page.next = cursor.closed(serverTime: session.serverTime, lookBackMicroseconds: lookBack)
        }
        page.records.reserveCapacity(rows.count)
        for row in rows {
            let record = try SalesforceRecord.read(row, properties)
            if properties.members["IsDeleted"].flag == true {
                page.tombstones.append(RemoteTombstone(id: record.id, stamp: record.stamp, mergedInto: row["MasterRecordId"].text))
            } else {
                page.records.append(record)
            }
        }
        page.hasLostDeletes = cursor.since.map { session.serverTime - $0 > Self.deletedMicroseconds } ?? false
        return page
    }

    /// Where the page behind a cursor is.
    private func path(_ object: MappedObject, from cursor: PullCursor) -> String {
        var conditions: [String] = []
        if let since = cursor.since { conditions.append("SystemModstamp >= \(SalesforceRecord.time(since))") }
        if let stamp = cursor.lastStamp, let id = cursor.lastID {
            let time = SalesforceRecord.time(stamp)
            conditions.append("((SystemModstamp = \(time) AND Id > \(SalesforceRecord.quoted(id))) OR SystemModstamp > \(time))")
        }
        // The first time nothing is known that could have been deleted.
        return path(SalesforceRecord.names(object), object, conditions, order: "SystemModstamp, Id", hasDeleted: cursor.since != nil)
    }

    func query(_ names: [String], _ object: MappedObject, _ conditions: [String], order: String) throws -> [JSONPlace] {
        try rows(at: path(names, object, conditions, order: order))
    }

    private func path(_ names: [String], _ object: MappedObject, _ conditions: [String], order: String, hasDeleted: Bool = false) -> String {
        let filter = conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND ")
        let text = "SELECT \(names.joined(separator: ", ")) FROM \(object.name)\(filter) ORDER BY \(order) LIMIT \(Self.page)"
        return "/\(hasDeleted ? "queryAll" : "query")?q=\(WebAddress.escaped(text))"
    }

    private func rows(at path: String) throws -> [JSONPlace] {
        var document = try session.places(session.demand(self) { request(.get, path) })
        guard var rows = document.member("records")?.items else { throw ConnectorError.unreadable("records") }
        // Wide rows come in smaller pages than the limit asks for.
        while document["done"].flag == false, rows.count < Self.page, let next = document["nextRecordsUrl"].text, next.hasPrefix("/services/data/") {
            document = try session.places(session.demand(self) { absolute(.get, next) })
            guard let more = document.member("records")?.items, !more.isEmpty else { throw ConnectorError.unreadable("records") }
            rows += more
        }
        return rows
    }

    func read(_ ids: [String], of object: MappedObject) throws -> [RemoteRecord] {
        let names = SalesforceRecord.names(object).filter { !["IsDeleted", "MasterRecordId"].contains($0) }
        let properties = ReadProperties(object)
        return try ids.pieces(of: Self.batchMaximum).flatMap { part in
            let body: JSON = ["ids": .array(part.map(JSON.string)), "fields": .array(names.map(JSON.string))]
            let response = try session.demand(self) { request(.post, "/composite/sobjects/\(WebAddress.escaped(object.name))", body) }
            guard let rows = try session.places(response).items else { throw ConnectorError.unreadable(object.name) }
            return try withRoles(rows.filter { !$0.isNull }.map { try SalesforceRecord.read($0, properties) }, object)
        }
    }

    func find(ourIDs: [String], of object: MappedObject) throws -> [RemoteRecord] {
        let properties = ReadProperties(object)
        return try ourIDs.pieces(of: 100).flatMap { part in
            let values = part.map(SalesforceRecord.quoted).joined(separator: ", ")
            return try query(SalesforceRecord.names(object), object, ["\(SalesforceRecord.ourIDName(object)) IN (\(values))"], order: "Id")
        }.map { try SalesforceRecord.read($0, properties) }
    }

    func users() throws -> [RemoteUser] {
        var found: [RemoteUser] = [], last: String?
        while true {
            let behind = last.map { ["Id > \(SalesforceRecord.quoted($0))"] } ?? []
            let rows = try query(["Id", "Name"], MappedObject(name: "User", kind: "person"), behind, order: "Id")
            found += rows.compactMap { row in row["Id"].text.flatMap { id in row["Name"].text.map { RemoteUser(id: id, name: $0) } } }
            guard rows.count >= Self.page, let next = rows.last?["Id"].text, next != last else { return found }
            last = next
        }
    }

    func verify(_ object: MappedObject, after place: String?) throws -> VerifyPage {
        let rows = try query(["Id", "SystemModstamp"], object, place.map { ["Id > \(SalesforceRecord.quoted($0))"] } ?? [], order: "Id")
        let properties = ReadProperties(object)
        let clocks = try rows.map { try SalesforceRecord.read($0, properties) }.map { (id: $0.id, stamp: $0.stamp) }
        return VerifyPage(clocks: clocks, next: rows.count < Self.page ? nil : clocks.last?.id)
    }

    func request(_ method: HTTPRequest.Method, _ path: String, _ body: JSON? = nil) -> HTTPRequest { absolute(method, base + path, body) }

    private func absolute(_ method: HTTPRequest.Method, _ path: String, _ body: JSON? = nil) -> HTTPRequest {
        session.request(method, path, body, headers: [HTTPHeader("Authorization", "Bearer \(session.secret.value("access_token") ?? "")")])
    }

    // MARK: Writing

    func push(_ operations: [PushOperation], to object: MappedObject) throws -> [PushOutcome] {
        let (creates, updates, deletes) = operations.byAction
        let external = "/composite/sobjects/\(WebAddress.escaped(object.name))/\(WebAddress.escaped(SalesforceRecord.ourIDName(object)))"
        var outcomes = try pushHalving(creates[...], atMost: Self.batchMaximum) { part in
            try collection(part) { request(.patch, external, SalesforceRecord.collection(part, object)) }
        }
        outcomes += try pushHalving(updates[...], atMost: Self.batchMaximum) { part in
            try collection(part) { request(.patch, "/composite/sobjects", SalesforceRecord.collection(part, object)) }
        }
        outcomes += try pushHalving(deletes[...], atMost: Self.batchMaximum) { part in
            let ids = part.compactMap(\.remoteID).joined(separator: ",")
            return try collection(part) { request(.delete, "/composite/sobjects?allOrNone=false&ids=\(WebAddress.escaped(ids))") }
        }
        return try relating(creates + updates, outcomes, object)
    }

    /// A collection's results stand in the order of the request and name nothing; what an answer has not is not known to be done.
    private func collection(_ operations: ArraySlice<PushOperation>, _ request: () -> HTTPRequest) throws -> BatchReply {
        let (response, verdict) = try session.send(self, request)
        switch verdict {
        case .ok: break
        case .reject(let rejection): return .refused(rejection)
        default: return .refused(Rejection(code: String(response.status)))
        }
        guard let results = try session.document(response).items else { throw ConnectorError.unreadable("collection") }
        guard results.count == operations.count else { return .outcomes([]) }
        return .outcomes(zip(operations, results).map { PushOutcome(key: $0.key, result: Self.result($1, of: $0)) })
    }

    private static func result(_ result: JSON, of operation: PushOperation) -> PushOutcome.Result {
        let fault = result["errors"].items?.first ?? .null
        if result["success"].flag == true {
            return (result["id"].text ?? operation.remoteID).map { .accepted(id: $0, record: nil) } ?? .unknown
        }
        switch fault["statusCode"].text {
        case "ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY": return .gone
        // Another holds the row: the next sync tries again.
        case "UNABLE_TO_LOCK_ROW", "SERVER_UNAVAILABLE", "ALL_OR_NONE_OPERATION_ROLLED_BACK": return .unknown
        case let code:
            return .rejected(Rejection(code: code ?? "?", field: fault.value(at: "fields.0").text, message: fault["message"].text ?? ""))
        }
    }

    // MARK: Answers

    func classify(_ response: HTTPResponse) -> Verdict {
        let verdict = Verdict(status: response, now: session.surroundings.now())
        let isSuspect = response.isSuccess && response.body.count < 4_096
        guard !response.isSuccess || isSuspect else { return verdict }
        let fault = (JSON(response.body) ?? .null).items?.first ?? .null
        let message = fault["message"].text ?? ""
        switch fault["errorCode"].text {
        case nil: return response.status == 401 && isAskingForToken ? .reject(Rejection(code: "401")) : verdict
        case "INVALID_SESSION_ID": return .refreshAuthorization
        // The one limit is of requests at once, the other of those in a day.
        case "REQUEST_LIMIT_EXCEEDED": return message.contains("Concurrent") ? .retry(afterMicroseconds: 5_000_000) : .stop(until: nil)
        case "SERVER_UNAVAILABLE", "UNABLE_TO_LOCK_ROW": return .retry(afterMicroseconds: nil)
        case "NOT_FOUND", "ENTITY_IS_DELETED": return .gone
        case let code?: return .reject(Rejection(code: code, field: fault.value(at: "fields.0").text, message: message))
        }
    }

    func refreshAuthorization() throws -> Bool {
        let secret = session.secret
        guard let id = secret.value("client_id") else { return false }
        var fields = [("client_id", id)]
        if let key = secret.value("client_secret") { fields.append(("client_secret", key)) }
        if let token = secret.value("refresh_token") {
            fields += [("grant_type", "refresh_token"), ("refresh_token", token)]
        } else {
            fields.append(("grant_type", "client_credentials"))
        }
        isAskingForToken = true
        defer { isAskingForToken = false }
        let (response, verdict) = try session.send(self) {
            session.form(session.baseURL + "/services/oauth2/token", fields.map { (name: $0.0, value: $0.1) })
        }
        guard verdict == .ok, let renewed = try session.document(response)["access_token"].text else { return false }
        try session.renew(secret.replacing(["access_token": renewed]))
        return true
    }
}
