internal import CurlHTTP

/// What is asked of an address book.
extension CardDAVSystem {
    /// A card as it was read.
    struct ReadCard {
        enum Content {
            case card(VCard)
            /// It is there, and cannot be read.
            case unreadable(Rejection)
            case gone
        }

        let id: String
        var version: String?
        /// In microseconds since 1970, by the server's clock.
        var stamp: Int64?
        let content: Content
    }

    /// What a question for changes comes to.
    enum Changes {
        case window(Window)
        /// The server no longer knows the token.
        case expired
        /// The server does not tell changes.
        case untold
    }

    private static let namespaces = "xmlns:D=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:carddav\""

    func request(_ method: HTTPRequest.Method, _ id: String = "", headers: [HTTPHeader] = [], xml: String? = nil) -> HTTPRequest {
        request(method, at: session.baseURL + "/" + id, headers: headers, xml: xml)
    }

    /// The same to an absolute address, which the password may go to.
    func request(_ method: HTTPRequest.Method, at url: String, headers: [HTTPHeader], xml: String?) -> HTTPRequest {
        let type = xml == nil ? [] : [HTTPHeader("Content-Type", "application/xml; charset=utf-8")]
        let body = xml.map { "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n" + $0 }
        return HTTPRequest(method, url, headers: [authorization] + headers + type, body: body.map { .bytes(Array($0.utf8)) } ?? .none)
    }

    /// Basic authentication (RFC 7617), or a token.
    private var authorization: HTTPHeader {
        let secret = session.secret, text = secret.value("access_token") ?? ""
        let pair = secret.value("user").map { "\($0):\(secret.value("password") ?? "")" } ?? (text.contains(":") ? text : nil)
        guard let pair else { return HTTPHeader("Authorization", "Bearer \(text)") }
        let encoded = WebAddress.base64(Array(pair.utf8)).map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 }
        return HTTPHeader("Authorization", "Basic " + String(encoded))
    }

    static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }

    // MARK: Lists

    /// Properties of the address book, and with the depth `1` of all that is in it.
    func properties(_ names: [String], depth: String) throws -> DAVAnswer {
        let xml = "<D:propfind xmlns:D=\"DAV:\"><D:prop>\(names.map { "<D:\($0)/>" }.joined())</D:prop></D:propfind>"
        let response = try session.demand(self) { request(.propfind, headers: [HTTPHeader("Depth", depth)], xml: xml) }
        return try CardDAVSystem.answer(response)
    }

    private static func answer(_ response: HTTPResponse, keepsLarge: Bool = false) throws -> DAVAnswer {
        do { return try DAVAnswer(response.body, keepsLarge: keepsLarge) } catch { throw ConnectorError.unreadable("XML") }
    }

    /// The cards that a list tells, once each; of other resources none.
    func members(_ answer: DAVAnswer) -> [(id: String, version: String?)] {
        var known: Set<String> = []
        return answer.resources.compactMap { resource in
            guard resource.status.map({ (200..<300).contains($0) }) ?? true, !resource.types.contains("collection"),
                let id = CardAddress.id(resource.href, path) else { return nil }
            if let type = resource.properties["getcontenttype"]?.lowercased(), !type.isEmpty, !["vcard", "directory"].contains(where: type.contains) { return nil }
            return known.insert(id).inserted ? (id, resource.properties["getetag"].flatMap { $0.isEmpty ? nil : $0 }) : nil
        }
    }

    /// What has changed since a token; an empty one asks for all that is there.
    func changes(since token: String) throws -> Changes {
        let xml = "<D:sync-collection xmlns:D=\"DAV:\"><D:sync-token>\(CardDAVSystem.escaped(token))</D:sync-token><D:sync-level>1</D:sync-level>"
            + "<D:prop><D:getetag/><D:getcontenttype/></D:prop></D:sync-collection>"
        let (response, verdict) = try session.send(self) { request(.report, headers: [HTTPHeader("Depth", "0")], xml: xml) }
        guard verdict == .ok else {
            let conditions = (try? DAVAnswer(response.body))?.conditions ?? []
            if conditions.contains("valid-sync-token") { return .expired }
            // Without the address book nothing is said of its cards.
            if [404, 410].contains(response.status) { throw ConnectorError.refused(Rejection(code: String(response.status))) }
            return token.isEmpty ? .untold : .expired
        }
        let answer = try CardDAVSystem.answer(response)
        guard let next = answer.syncToken, !next.isEmpty, !next.contains("\n") else {
            if token.isEmpty { return .untold }
            throw ConnectorError.unreadable("sync-token")
        }
        let isCut = answer.resources.contains { $0.status == 507 && CardAddress.isBook($0.href, path) }
        if isCut, next == token { throw ConnectorError.unreadable("sync-token") }
        return .window(Window(
            base: token, target: next, cards: members(answer).sorted { $0.id < $1.id },
            gone: answer.resources.filter { $0.status == 404 || $0.status == 410 }.compactMap { CardAddress.id($0.href, path) }, isCut: isCut))
    }

    /// The token of how all is now; nil where there is none.
    func currentToken() throws -> String? {
        if case .window(let window) = try changes(since: "") { window.target } else { nil }
    }

    // MARK: Cards

    /// Reads cards, each of which is told of once; an answer that cannot be read is asked for again in halves, so that one card spoils no other.
    func cards(_ ids: [String], keepsLarge: Bool = false) throws -> [ReadCard] {
        if ids.isEmpty { return [] }
        let hrefs = ids.map { "<D:href>\(CardDAVSystem.escaped(path + "/" + $0))</D:href>" }.joined()
        let xml = "<C:addressbook-multiget \(CardDAVSystem.namespaces)><D:prop><D:getetag/><D:getlastmodified/><C:address-data/></D:prop>\(hrefs)</C:addressbook-multiget>"
        let answer: DAVAnswer
        do {
            let (response, verdict) = try session.send(self) { request(.report, headers: [HTTPHeader("Depth", "1")], xml: xml) }
            // Who does not know this report is asked card by card.
            guard verdict == .ok else { return try ids.map { try card($0) } }
            answer = try DAVAnswer(response.body, keepsLarge: keepsLarge)
        } catch let error where error is XMLElements.Fault || (error as? HTTPError)?.code == "http.too-large" {
            if ids.count == 1 { return [try card(ids[0])] }
            let middle = ids.count / 2
            return try cards(Array(ids[..<middle]), keepsLarge: keepsLarge) + cards(Array(ids[middle...]), keepsLarge: keepsLarge)
        }
        let told = Dictionary(answer.resources.compactMap { resource in
            CardAddress.id(resource.href, path).map { ($0, resource) }
        }) { first, _ in first }
        // What is not told of may be there all the same.
        return try ids.map { id in try told[id].map { CardDAVSystem.card(id, $0) } ?? card(id) }
    }

    /// Cards that may have one of these for their `UID`.
    func cards(havingUIDs ids: [String]) throws -> [ReadCard] {
        let filters = ids.map { id in
            "<C:prop-filter name=\"UID\"><C:text-match collation=\"i;unicode-casemap\" match-type=\"contains\">\(CardDAVSystem.escaped(id))</C:text-match></C:prop-filter>"
        }.joined()
        let xml = "<C:addressbook-query \(CardDAVSystem.namespaces)><D:prop><D:getetag/><D:getlastmodified/><C:address-data/></D:prop>"
            + "<C:filter test=\"anyof\">\(filters)</C:filter></C:addressbook-query>"
        let (response, verdict) = try session.send(self) { request(.report, headers: [HTTPHeader("Depth", "1")], xml: xml) }
        guard verdict == .ok else { return [] }
        return try CardDAVSystem.answer(response).resources.compactMap { resource in CardAddress.id(resource.href, path).map { CardDAVSystem.card($0, resource) } }
    }

    private static func card(_ id: String, _ resource: DAVAnswer.Resource) -> ReadCard {
        var card: ReadCard
        switch resource.status {
        case 404, 410: card = ReadCard(id: id, content: .gone)
        case let status? where !(200..<300).contains(status): card = ReadCard(id: id, content: .unreadable(Rejection(code: String(status))))
        default: card = ReadCard(id: id, content: content(resource.card ?? []))
        }
        card.version = resource.properties["getetag"].flatMap { $0.isEmpty ? nil : $0 }
        card.stamp = resource.properties["getlastmodified"].flatMap(RetryAfter.httpDate)
        return card
    }

    private static func content(_ bytes: [UInt8]) -> ReadCard.Content {
        do { return .card(try VCard(bytes)) } catch { return .unreadable(Rejection(code: error.rawValue)) }
    }

    /// One card by itself, as the bytes that it is.
    private func card(_ id: String) throws -> ReadCard {
        do {
            let (response, verdict) = try session.send(self) { request(.get, id) }
            switch verdict {
            case .ok:
                return ReadCard(
                    id: id, version: response.header("ETag"), stamp: response.header("Last-Modified").flatMap(RetryAfter.httpDate),
                    content: CardDAVSystem.content(response.body))
            case .gone: return ReadCard(id: id, content: .gone)
            case .reject(let rejection): return ReadCard(id: id, content: .unreadable(rejection))
            default: return ReadCard(id: id, content: .unreadable(Rejection(code: String(response.status))))
            }
        } catch let error as HTTPError where error.code == "http.too-large" {
            return ReadCard(id: id, content: .unreadable(Rejection(code: VCard.Fault.tooLarge.rawValue)))
        }
    }
}
