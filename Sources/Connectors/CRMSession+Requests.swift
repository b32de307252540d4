internal import CurlHTTP

extension CRMSession {
    /// A request to a path of the system, with a JSON body where there is one.
    func request(_ method: HTTPRequest.Method, _ path: String, _ body: JSON? = nil, headers: [HTTPHeader]) -> HTTPRequest {
        let type = body == nil ? [] : [HTTPHeader("Content-Type", "application/json")]
        return HTTPRequest(method, baseURL + path, headers: headers + type, body: body.map { .bytes($0.bytes) } ?? .none)
    }

    /// A form as token endpoints take it (RFC 6749, appendix B), to an absolute address.
    func form(_ url: String, _ fields: [(name: String, value: String)]) -> HTTPRequest {
        let text = fields.map { "\(WebAddress.escaped($0.name))=\(WebAddress.escaped($0.value))" }.joined(separator: "&")
        return HTTPRequest(
            .post, url, headers: [HTTPHeader("Content-Type", "application/x-www-form-urlencoded")], body: .bytes(Array(text.utf8)))
    }
}

extension Collection where Index == Int {
    /// The elements in pieces of at most `size`.
    func pieces(of size: Int) -> [SubSequence] {
        stride(from: startIndex, to: endIndex, by: size).map { self[$0..<Swift.min($0 + size, endIndex)] }
    }
}

extension [PushOperation] {
    /// What is to be made, changed and taken away: systems have a request for each.
    var byAction: (creates: [PushOperation], updates: [PushOperation], deletes: [PushOperation]) {
        var (creates, updates, deletes): ([PushOperation], [PushOperation], [PushOperation]) = ([], [], [])
        for operation in self {
            switch operation.action {
            case .create: creates.append(operation)
            case .update: updates.append(operation)
            case .delete: deletes.append(operation)
            }
        }
        return (creates, updates, deletes)
    }
}

extension PushOperation {
    /// The system's id of the record; nil for one that is to be made.
    var remoteID: String? {
        switch action {
        case .create: nil
        case .update(let id), .delete(let id): id
        }
    }
}
