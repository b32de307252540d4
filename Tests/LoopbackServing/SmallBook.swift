// An address book over CardDAV for tests: a few lines, with faults on demand.

internal import Foundation
package import Synchronization

/// Answers as servers of address books do (RFC 6352, RFC 6578), and as bad ones do.
package final class SmallBook: Sendable {
    package struct Card: Sendable {
        package var bytes: [UInt8]
        package var version: Int
    }

    package struct State: Sendable {
        package var cards: [String: Card] = [:]
        /// What happened, one entry for each change: the card's name.
        package var log: [String] = []
        /// Tokens before this one are no longer taken, with this status.
        package var oldest = 0
        package var refusal = "403 Forbidden"
        package var hasReports = true
        /// A report of changes tells so many at most.
        package var cut = Int.max
        /// Cards of which a multiget says nothing.
        package var untold: Set<String> = []
        /// Writes that are done and not answered.
        package var lost = 0
        /// What somebody else puts there while the next write is on its way: a card's name and text.
        package var quicker: (name: String, text: String)?
        /// Whether the address books tells neither itself nor anything in it.
        package var tellsNothing = false
        /// What was asked, with the fields that guard a write.
        package var asked: [String] = []
        package var written: [[UInt8]] = []
    }

    package let state = Mutex(State())
    private let server = Mutex<LoopbackServer?>(nil)
    package static let path = "/books/sales"

    package init() {
        server.withLock { slot in
            slot = LoopbackServer { [weak self] connection in
                while let request = connection.readRequest() {
                    guard let self, self.answer(request, connection) else { return }
                }
            }
        }
    }

    package var url: String { server.withLock { $0!.url } + SmallBook.path + "/" }

    package func put(_ name: String, _ text: String) { put(name, Array(text.replacingOccurrences(of: "\n", with: "\r\n").utf8)) }

    package func put(_ name: String, _ bytes: [UInt8]) {
        state.withLock { state in
            state.log.append(name)
            state.cards[name] = Card(bytes: bytes, version: state.log.count)
        }
    }

    package func remove(_ name: String) {
        state.withLock { state in
            state.log.append(name)
            state.cards[name] = nil
        }
    }

    package func text(_ name: String) -> String? { state.withLock { $0.cards[name].map { String(decoding: $0.bytes, as: UTF8.self) } } }

    package func asked(_ prefix: String = "") -> [String] {
        state.withLock { state in
            defer { state.asked = [] }
            return state.asked.filter { $0.hasPrefix(prefix) }
        }
    }

    // MARK: Answering

    private func answer(_ request: Connection.Request, _ connection: Connection) -> Bool {
        let parts = request.line.split(separator: " ").map(String.init), method = parts[0], path = parts[1]
        let name = path.split(separator: "/").dropFirst(2).joined(separator: "/").removingPercentEncoding ?? ""
        let body = String(decoding: request.body, as: UTF8.self)
        let reply: (status: String, fields: [String], body: [UInt8])? = state.withLock { state in
            let guarding = ["if-match", "if-none-match"].compactMap { field in request.field(field).map { " \(field) \($0)" } }.joined()
            let kind = ["sync-collection", "multiget", "query"].first(where: body.contains).map { " " + $0 } ?? ""
            state.asked.append(method + kind + (name.isEmpty ? "" : " " + name) + guarding)
            guard request.field("authorization") == "Basic c2FsZXM6c2VjcmV0" else { return ("401 Unauthorized", [], []) }
            switch method {
            case "PROPFIND" where !path.hasPrefix(SmallBook.path): return SmallBook.multistatus(SmallBook.way(state, path, depth: request.field("depth") ?? ""))
            case "PROPFIND": return SmallBook.multistatus(SmallBook.list(state, depth: request.field("depth") ?? ""))
            case "REPORT": return SmallBook.report(state, body)
            case "GET": return state.cards[name].map { ("200 OK", ["ETag: \"\($0.version)\""], $0.bytes) } ?? ("404 Not Found", [], [])
            default: return SmallBook.write(&state, method, name, request)
            }
        }
        guard let reply else { return false }
        return connection.answer(reply.body, status: reply.status, fields: reply.fields)
    }

    private static func multistatus(_ body: String, token: Int? = nil) -> (String, [String], [UInt8]) {
        let token = token.map { "<d:sync-token>urn:token:\($0)</d:sync-token>" } ?? ""
        let text = "<?xml version='1.0'?><d:multistatus xmlns:d='DAV:' xmlns:c='urn:ietf:params:xml:ns:carddav'>\(body)\(token)</d:multistatus>"
        return ("207 Multi-Status", ["Content-Type: application/xml"], Array(text.utf8))
    }

    private static func response(_ name: String, _ card: Card?, hasData: Bool = false) -> String {
        let href = "<d:href>\(path)/\(name.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed)!)</d:href>"
        guard let card else { return "<d:response>\(href)<d:status>HTTP/1.1 404 Not Found</d:status></d:response>" }
        // Like many servers, what XML cannot hold is not looked for.
        let text = String(decoding: card.bytes, as: UTF8.self).replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
        let data = hasData ? "<c:address-data>\(text)</c:address-data>" : ""
        return "<d:response>\(href)<d:propstat><d:prop><d:getetag>\"\(card.version)\"</d:getetag>\(data)</d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>"
    }

    private static func list(_ state: State, depth: String) -> String {
        if state.tellsNothing { return "" }
        let book = "<d:response><d:href>\(path)/</d:href><d:propstat><d:prop><d:displayname>Customers</d:displayname><d:resourcetype><d:collection/><c:addressbook/></d:resourcetype></d:prop>"
            + "<d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>"
        return book + (depth == "1" ? state.cards.sorted { $0.key < $1.key }.map { response($0.key, $0.value) }.joined() : "")
    }

    /// What leads from the server to the book: the folder of all books.
    private static func way(_ state: State, _ path: String, depth: String) -> String {
        let folder = "<d:response><d:href>\(path)</d:href><d:propstat><d:prop><d:resourcetype><d:collection/></d:resourcetype><c:addressbook-home-set><d:href>/books/</d:href></c:addressbook-home-set>"
            + "</d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>"
        return folder + (path == "/books/" && depth == "1" ? list(state, depth: "0") : "")
    }

    private static func report(_ state: State, _ body: String) -> (String, [String], [UInt8]) {
        if !state.hasReports { return ("501 Not Implemented", [], []) }
        if body.contains("sync-collection") {
            let token = body.firstMatch(of: #/urn:token:(\d+)</#).map { Int($0.1)! }
            if let token, token < state.oldest {
                let body = ["403", "410"].contains(where: state.refusal.hasPrefix) ? "<d:error xmlns:d='DAV:'><d:valid-sync-token/></d:error>" : ""
                return (state.refusal, [], Array(body.utf8))
            }
            let changed = state.log[(token ?? 0)...].prefix(state.cut), end = (token ?? 0) + changed.count
            let told = Set(changed).sorted().filter { token != nil || state.cards[$0] != nil }.map { response($0, state.cards[$0]) }.joined()
            let isCut = end < state.log.count
            let rest = isCut ? "<d:response><d:href>\(path)/</d:href><d:status>HTTP/1.1 507 Insufficient Storage</d:status></d:response>" : ""
            return multistatus(told + rest, token: end)
        }
        if body.contains("addressbook-query") {
            let ids = body.matches(of: #/>([0-9a-f-]{36})</#).map { String($0.1) }
            let found = state.cards.filter { card in ids.contains { String(decoding: card.value.bytes, as: UTF8.self).contains($0) } }
            return multistatus(found.map { response($0.key, $0.value, hasData: true) }.joined())
        }
        let names = body.matches(of: #/href>[^<]*\/([^<\/]+)</#).map { String($0.1).removingPercentEncoding! }
        return multistatus(names.filter { !state.untold.contains($0) }.map { response($0, state.cards[$0], hasData: true) }.joined())
    }

    private static func write(_ state: inout State, _ method: String, _ name: String, _ request: Connection.Request) -> (String, [String], [UInt8])? {
        if let (name, text) = state.quicker {
            state.log.append(name)
            state.cards[name] = Card(bytes: Array(text.utf8), version: state.log.count)
            state.quicker = nil
        }
        let present = state.cards[name]
        if request.field("if-none-match") == "*", present != nil { return ("412 Precondition Failed", [], []) }
        if let wanted = request.field("if-match"), wanted != present.map({ "\"\($0.version)\"" }) { return ("412 Precondition Failed", [], []) }
        if method == "DELETE", present == nil { return ("404 Not Found", [], []) }
        state.log.append(name)
        state.cards[name] = method == "DELETE" ? nil : Card(bytes: request.body, version: state.log.count)
        state.written.append(request.body)
        if state.lost > 0 {
            state.lost -= 1
            return nil
        }
        return (present == nil ? "201 Created" : "204 No Content", [], [])
    }
}
