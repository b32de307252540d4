import Causality
import Connectors
import FleetSupport
import Foundation
import LoopbackServing
import NodeEnvironment
import NodeOperations
import ProfileModel
import Synchronization

/// A REST interface of contacts with faults on demand: its records, its clock, and what it does wrong next.
final class SmallCRM: Sendable {
    struct Contact {
        var fields: [String: JSON]
        var updatedAt: Int64
    }

    struct State {
        var contacts: [Int: Contact] = [:]
        var nextID = 1
        /// Replies to writes that are lost after the write is done.
        var lostReplies = 0
        /// Statuses of the next answers; 0 answers as it should.
        var statuses: [Int] = []
        /// What the system makes of a value that is written.
        var rewrite: @Sendable (String, String) -> String = { _, value in value }
        var requests: [String] = []
        var creates = 0
        /// Records as they were, which stand first in the page behind an id: systems tell some twice while they change.
        var echoes: [(after: Int, id: Int, contact: Contact)] = []
        /// Is told of each request before it is answered; the answer waits for it.
        var asked: @Sendable (_ line: String) -> Void = { _ in }
        /// Parameters of a list that are taken no notice of.
        var unheeded: Set<String> = []
        /// How long an answer takes.
        var delayMicroseconds: Int64 = 0
    }

    let state = Mutex(State())
    let environment: SimulatedEnvironment
    private let server = Mutex<LoopbackServer?>(nil)

    init(_ environment: SimulatedEnvironment) {
        self.environment = environment
        server.withLock { $0 = LoopbackServer { [unowned self] connection in
            while let request = connection.readRequest() { if !self.answer(request, connection) { return } }
        } }
    }

    var url: String { server.withLock { $0!.url } }

    static let mapping = """
        set\tauthorization\tAuthorization: Bearer {access_token}
        object\tcontacts\tperson
        set\tlist\t/contacts?updated_since={since}&after={after}&limit={size}
        set\tpage-size\t50
        set\tsince-form\tmicroseconds
        set\trecords\tdata
        set\tstamp\tupdated_at
        set\tour-id\texternal_ref
        set\tarchived\tarchived
        set\tget\t/contacts/{id}
        set\tfind\t/contacts?external_ref={our-id}
        set\tmake\tPOST /contacts
        set\tupdate\tPATCH /contacts/{id}
        set\tremove\tDELETE /contacts/{id}
        set\tlook-back-seconds\t1
        field\tname\tname\tboth\tignore\ttext\tmanual
        field\tcity\tcity\tboth\tclear\ttext\tmanual
        field\ttitle\ttitle\tboth\tclear\ttext\tlocal
        field\tstage\tstage\tboth\tclear\ttext\tremote
        field\tphone\tphone\tboth\tclear\tphone\tmanual
        field\ttags\ttags[]\tboth\tclear\ttext\tmanual
        """

    // MARK: What people do in the system

    @discardableResult
    func add(_ fields: [String: JSON]) -> Int {
        let now = environment.now().rawValue
        return state.withLock { state in
            let id = state.nextID
            state.nextID += 1
            state.contacts[id] = Contact(fields: fields, updatedAt: now)
            return id
        }
    }

    /// So many contacts, n1 and on.
    func addMany(_ count: Int) { for number in 1...count { add(["name": .string("n\(number)"), "city": "杭州"]) } }

    func set(_ id: Int, _ name: String, _ value: JSON) {
        let now = environment.now().rawValue
        state.withLock {
            $0.contacts[id]?.fields[name] = value
            $0.contacts[id]?.updatedAt = now
        }
    }

    func remove(_ id: Int) { state.withLock { $0.contacts[id] = nil } }

    func value(_ id: Int, _ name: String) -> String? { state.withLock { $0.contacts[id]?.fields[name]?.text } }

    func values(_ id: Int, _ name: String) -> [String] { state.withLock { $0.contacts[id]?.fields[name]?.items?.compactMap(\.text) ?? [] } }

    var count: Int { state.withLock(\.contacts.count) }

    /// How many requests began with this since the last question.
    func requests(_ prefix: String = "") -> Int {
        state.withLock { state in
            let count = state.requests.filter { $0.hasPrefix(prefix) }.count
            state.requests = []
            return count
        }
    }

    // MARK: Answers

    private func answer(_ request: Connection.Request, _ connection: Connection) -> Bool {
        environment.advance(microseconds: state.withLock(\.delayMicroseconds))
        state.withLock(\.asked)(request.line)
        let parts = request.line.split(separator: " ").map(String.init), now = environment.now().rawValue
        guard request.field("authorization") == "Bearer secret" else { return connection.answer([], status: "401 Unauthorized") }
        let (status, body, isLost) = state.withLock { state -> (String, JSON, Bool) in
            state.requests.append(request.line)
            if !state.statuses.isEmpty {
                let status = state.statuses.removeFirst()
                if status != 0 { return ("\(status) Fault", ["error": ["code": "fault", "message": "no"]], false) }
            }
            let (status, body) = SmallCRM.reply(parts[0], parts[1], JSON(request.body) ?? .null, now, &state)
            var isLost = false
            if parts[0] != "GET", state.lostReplies > 0 {
                state.lostReplies -= 1
                isLost = true
            }
            return (status, body, isLost)
        }
        if isLost { return false }
        return connection.answer(body.bytes, status: status, fields: ["Content-Type: application/json"])
    }

    private static func reply(_ method: String, _ target: String, _ body: JSON, _ now: Int64, _ state: inout State) -> (String, JSON) {
        let address = URLComponents(string: target)!
        let items = (address.queryItems ?? []).filter { !state.unheeded.contains($0.name) }, query = Dictionary(items.map { ($0.name, $0.value ?? "") }) { first, _ in first }
        let id = address.path.split(separator: "/").dropFirst().first.flatMap { Int($0) }
        func document(_ id: Int, _ contact: Contact) -> JSON {
            var members = contact.fields
            members["id"] = JSON(Int64(id))
            members["updated_at"] = JSON(contact.updatedAt)
            return .object(members)
        }
        func write(_ id: Int) {
            guard case .object(let members) = body else { return }
            for (name, value) in members {
                state.contacts[id, default: Contact(fields: [:], updatedAt: now)].fields[name] = value.text.map { .string(state.rewrite(name, $0)) } ?? value
            }
            state.contacts[id]?.updatedAt = now
        }
        switch (method, id) {
        case ("GET", nil):
            var found = state.contacts.sorted { $0.key < $1.key }
            if let kind = query["kind"] { found = found.filter { $0.value.fields["kind"]?.text == kind } }
            if let ours = query["external_ref"] { found = found.filter { $0.value.fields["external_ref"]?.text == ours } }
            if let since = query["updated_since"].flatMap({ RemoteTime.microseconds($0) }) { found = found.filter { $0.value.updatedAt >= since } }
            if let after = query["after"].flatMap({ Int($0) }) { found = found.filter { $0.key > after } }
            let after = query["after"].flatMap { Int($0) } ?? 0, echoes = state.echoes.filter { $0.after == after && query["external_ref"] == nil }
            let echoed = echoes.filter { query["kind"] == nil || $0.contact.fields["kind"]?.text == query["kind"] }.map { document($0.id, $0.contact) }
            return ("200 OK", ["data": .array(echoed + found.prefix(query["limit"].flatMap { Int($0) } ?? 1_000).map(document))])
        case ("GET", let id?):
            guard let contact = state.contacts[id] else { return ("404 Not Found", .null) }
            return ("200 OK", document(id, contact))
        case ("POST", nil):
            if body["name"].text == "refused" { return ("422 Unprocessable", ["error": ["code": "bad-name", "field": "name", "message": "refused"]]) }
            let id = state.nextID
            state.nextID += 1
            state.creates += 1
            write(id)
            return ("201 Created", document(id, state.contacts[id]!))
        case ("PATCH", let id?):
            guard state.contacts[id] != nil else { return ("404 Not Found", .null) }
            if body["name"].text == "refused" { return ("422 Unprocessable", ["error": ["code": "bad-name", "field": "name", "message": "refused"]]) }
            write(id)
            return ("200 OK", document(id, state.contacts[id]!))
        case ("DELETE", let id?):
            return state.contacts.removeValue(forKey: id) == nil ? ("404 Not Found", .null) : ("204 No Content", .null)
        default: return ("405 Method Not Allowed", .null)
        }
    }
}

extension Node {
    /// Adds a small system.
    func add(_ crm: SmallCRM, name: String = "crm", mapping: String = SmallCRM.mapping) throws {
        _ = try addConnector(name: name, system: "rest", url: crm.url, secret: ConnectorSecret(text: "secret"), mapping: mapping)
    }

    @discardableResult
    func round(_ name: String = "crm", reconciles: Bool = false) throws -> ConnectorCounts {
        var options = ConnectorOptions()
        options.sleep = { _ in }
        options.reconciles = reconciles
        return try syncConnector(name, options: options)
    }
}
