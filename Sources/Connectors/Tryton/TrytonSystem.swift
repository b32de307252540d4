internal import CurlHTTP

/// Tryton 8 over its REST interface: parties with their contact mechanisms and addresses.
///
/// The address names the database: `https://erp.example.com/crm`. The secret is the key of a user application named `rest`. A party that
/// was made here carries our id as an identifier without type, `limn:ID`. A field's remote name is that of the party (`name`, `code`),
/// `contact_mechanisms[phone,mobile]` for the values of these types (a new one gets the first), `addresses[0].city` of the first address, or
/// `categories[]` for the names of related records, `categories[!Person,VIP]` for all names but these; one that is missing is made.
///
/// Source: `trytond/protocols/rest` of trytond 8.2; what its answers mean was recorded from a running server.
final class TrytonSystem: CRMSystem {
    let session: CRMSession
    /// The models of which relations hold records, by `MODEL RELATION`.
    private var models: [String: String] = [:]
    /// Whether the module of relations is there, once that was asked, and its types.
    var hasRelations: Bool?
    var relationTypes: [RelationType]?
    /// Parties that are not active are listed all the same.
    static let context = HTTPHeader("X-Tryton-Context", WebAddress.base64(JSON.object(["active_test": false]).bytes))

    init(session: CRMSession) { self.session = session }

    // MARK: Reading

    func discover() throws -> [RemoteObject] {
        let models = try list("ir.model", ["name", "string"], ["name", "in", ["party.party", "party.contact_mechanism", "party.address"]], size: 10)
        let fields = try list("ir.model.field", ["name", "string", "ttype", "model"], [["model", "in", .array(models.map { $0["name"] })]], size: 500)
        return models.compactMap { model in
            guard let name = model["name"].text else { return nil }
            return RemoteObject(
                name: name, label: model["string"].text ?? name,
                fields: fields.filter { $0["model"].text == name }.compactMap { field in
                    field["name"].text.map { RemoteField(name: $0, label: field["string"].text ?? $0, type: field["ttype"].text ?? "") }
                })
        }
    }

    func pull(_ object: MappedObject, from cursor: PullCursor) throws -> PullPage {
        let size = object.number("page-size", or: 200)
        var conditions: [JSON] = []
        if let since = cursor.since { conditions.append(TrytonRecord.changed(since: since, object)) }
        if let last = cursor.lastID.flatMap({ Int64($0) }) { conditions.append(["id", ">", JSON(last)]) }
        let found = try list(object.model, TrytonRecord.names(object), .array(conditions), size: size)
        var records = try associated(found.map { try TrytonRecord.read($0, object) }, of: object)
        let last = records.last?.id
        if let since = cursor.since, cursor.lastID == nil, !object.associations.isEmpty {
            let present = Set(records.map(\.id))
            records += try read(related(since: since, object).filter { !present.contains($0) }, of: object)
        }
        if found.count < size {
            let lookBack = Int64(object.number("look-back-seconds", or: 60)) * 1_000_000
            return PullPage(records: records, next: cursor.closed(serverTime: session.serverTime, lookBackMicroseconds: lookBack), hasMore: false)
        }
        return PullPage(
            records: records, next: cursor.advanced(lastID: last, serverTime: session.serverTime), hasMore: true)
    }

    func read(_ ids: [String], of object: MappedObject) throws -> [RemoteRecord] {
        try associated(documents(ids, of: object).map { try TrytonRecord.read($0, object) }, of: object)
    }

    private func documents(_ ids: [String], of object: MappedObject) throws -> [JSON] {
        var found: [JSON] = []
        for part in stride(from: 0, to: ids.count, by: 100) {
            let numbers = ids[part..<min(part + 100, ids.count)].compactMap { Int64($0) }.map { JSON($0) }
            found += try list(object.model, TrytonRecord.names(object), [["id", "in", .array(numbers)]], size: 100)
        }
        return found
    }

    func find(ourIDs: [String], of object: MappedObject) throws -> [RemoteRecord] {
        let found = try stride(from: 0, to: ourIDs.count, by: 50).flatMap { part in
            let codes = ourIDs[part..<min(part + 50, ourIDs.count)].map { JSON.string(TrytonRecord.mark + $0) }
            return try list(object.model, TrytonRecord.names(object), [["identifiers.code", "in", .array(codes)]], size: 200)
        }.map { try TrytonRecord.read($0, object) }
        return try associated(found, of: object)
    }

    func verify(_ object: MappedObject, after place: String?) throws -> VerifyPage {
        let size = 1_000
        var conditions: [JSON] = []
        if let last = place.flatMap({ Int64($0) }) { conditions.append(["id", ">", JSON(last)]) }
        var plain = object
        (plain.fields, plain.computations) = ([], [])
        let found = try list(object.model, TrytonRecord.names(plain), .array(conditions), size: size)
        let clocks = try found.map { (id: try TrytonRecord.id($0), stamp: TrytonRecord.time($0["write_date"])) }
        var asked: [String: RemoteFields] = [:]
        if !object.asked.isEmpty { for document in found { asked[try TrytonRecord.id(document)] = try TrytonRecord.read(document, plain).fields } }
        return VerifyPage(clocks: clocks, next: found.count < size ? nil : clocks.last?.id, asked: asked)
    }

    /// Records of a model in the order of their ids.
    func list(_ model: String, _ names: [String], _ domain: JSON, size: Int) throws -> [JSON] {
        var query = (["id"] + names).map { "f=" + WebAddress.escaped($0) }
        query.append("d=" + WebAddress.base64(domain.bytes))
        query.append("o=" + WebAddress.base64(JSON.array([["id", "ASC"]]).bytes))
        query.append("s=\(size)")
        let response = try session.demand(self) { request(.get, "/rest/model/\(model)?" + query.joined(separator: "&")) }
        guard let items = try session.document(response).items else { throw ConnectorError.unreadable(model) }
        return items
    }

    func request(_ method: HTTPRequest.Method, _ path: String, _ body: JSON? = nil) -> HTTPRequest {
        var headers = [HTTPHeader("Authorization", "bearer \(session.secret.value("access_token") ?? "")"), TrytonSystem.context]
        if body != nil { headers.append(HTTPHeader("Content-Type", "application/json")) }
        return HTTPRequest(method, session.baseURL + path, headers: headers, body: body.map { .bytes($0.bytes) } ?? .none)
    }

    // MARK: Writing

    func push(_ operations: [PushOperation], to object: MappedObject) throws -> [PushOutcome] {
        let ids = operations.compactMap { if case .update(let id) = $0.action { id } else { nil } }
        let documents = try documents(ids, of: object), records = try associated(documents.map { try TrytonRecord.read($0, object) }, of: object)
        let present = Dictionary(zip(documents, records).map { ($1.id, ($0, $1)) }) { first, _ in first }
        return try operations.map { operation in
            do {
                let result = try push(operation, to: object, present)
                guard case .accepted(let id, let record?) = result, !object.associations.isEmpty else { return PushOutcome(key: operation.key, result: result) }
                let refusals = try relate(operation, id, object)
                return PushOutcome(key: operation.key, result: .accepted(id: id, record: try associated([record], of: object)[0]), refusals: refusals)
            } catch let error as ConnectorError where error == .replyLost { return PushOutcome(key: operation.key, result: .unknown) }
        }
    }

    private func push(
        _ operation: PushOperation, to object: MappedObject, _ present: [String: (document: JSON, record: RemoteRecord)]
    ) throws -> PushOutcome.Result {
        let names = TrytonRecord.names(object).map { "f=" + WebAddress.escaped($0) }.joined(separator: "&")
        switch operation.action {
        case .create:
            let body = TrytonRecord.creation(operation, ids: try ids(operation, object))
            return try result(session.send(self, isRepeatable: false) { request(.post, "/rest/model/\(object.model)?f=id&\(names)", body) }, object)
        case .update(let id):
            guard let (document, record) = present[id] else { return .gone }
            if let version = operation.version, record.version != version { return .conflict }
            let body = TrytonRecord.change(operation, of: document, ids: try ids(operation, object))
            // What only its relations say moves no clock of the party.
            if body == .object([:]) { return .accepted(id: id, record: record) }
            return try result(session.send(self) { request(.put, "/rest/model/\(object.model)/\(WebAddress.escaped(id))?f=id&\(names)", body) }, object)
        case .delete(let id):
            let (_, verdict) = try session.send(self) { request(.put, "/rest/model/\(object.model)/\(WebAddress.escaped(id))", ["active": false]) }
            return switch verdict {
            case .ok: .accepted(id: id, record: nil)
            case .gone: .gone
            case .reject(let rejection): .rejected(rejection)
            default: .conflict
            }
        }
    }

    /// The ids of the related records that an operation names, such as categories; those that are missing are made.
    private func ids(_ operation: PushOperation, _ object: MappedObject) throws -> [String: [String: JSON]] {
        var found: [String: [String: JSON]] = [:]
        for (relation, names) in TrytonRecord.wantedNames(operation) where !names.isEmpty {
            let model = try model(of: relation, object)
            let known = try list(model, ["name"], [["name", "in", .array(names.sorted().map(JSON.string))]], size: 1_000)
            for one in known { if let name = one["name"].text, found[relation]?[name] == nil { found[relation, default: [:]][name] = one["id"] } }
            for name in names.sorted() where found[relation]?[name] == nil {
                let made = try session.demand(self, isRepeatable: false) { request(.post, "/rest/model/\(model)", ["name": .string(name)]) }
                found[relation, default: [:]][name] = try session.document(made)["id"]
            }
        }
        return found
    }

    /// The model of which a relation holds records.
    private func model(of relation: String, _ object: MappedObject) throws -> String {
        let path = "\(object.model) \(relation)"
        if let known = models[path] { return known }
        let told = try list("ir.model.field", ["relation"], [["model", "=", .string(object.model)], ["name", "=", .string(relation)]], size: 1)
        guard let model = told.first?["relation"].text else { throw ConnectorError.refused(Rejection(code: "no-relation", field: relation)) }
        models[path] = model
        return model
    }

    private func result(_ answer: (response: HTTPResponse, verdict: Verdict), _ object: MappedObject) throws -> PushOutcome.Result {
        switch answer.verdict {
        case .ok:
            let record = try TrytonRecord.read(session.document(answer.response), object)
            return .accepted(id: record.id, record: record)
        case .gone: return .gone
        case .reject(let rejection): return .rejected(rejection)
        default: return .conflict
        }
    }

    // MARK: Answers

    func classify(_ response: HTTPResponse) -> Verdict {
        let verdict = Verdict(status: response, now: session.surroundings.now())
        switch response.status {
        case 403: return .refreshAuthorization
        case 400:
            let document = JSON(response.body) ?? .null
            return .reject(Rejection(code: "400", message: document["message"].text ?? ""))
        case 500 where !response.body.contains(TrytonSystem.internalError):
            // The page names what the server tripped over, such as a field that it does not have.
            return .reject(Rejection(code: "500", message: String(decoding: response.body.prefix(400), as: UTF8.self)))
        default: return verdict
        }
    }

    /// What a server says that is overloaded or has lost its database.
    private static let internalError = Array("The server encountered an internal error".utf8)
}
