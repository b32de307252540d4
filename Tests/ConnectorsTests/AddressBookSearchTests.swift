@testable import Connectors
import CurlHTTP
import LoopbackServing
import ProfileModel
import Synchronization
import Testing

/// What stands at each path of a server: a redirect, or the properties of one resource after the other.
private final class Site: Sendable {
    struct State {
        var redirects: [String: (status: String, to: String)] = [:]
        var resources: [String: [(href: String, properties: String)]] = [:]
        var asked: [String] = []
    }

    let state = Mutex(State())

    func answer(_ request: Connection.Request, _ connection: Connection) -> Bool {
        let parts = request.line.split(separator: " ").map(String.init), depth = request.field("depth") ?? ""
        guard request.field("authorization") == "Basic c2FsZXM6c2VjcmV0" else { return connection.answer([], status: "401 Unauthorized") }
        let (redirect, resources) = state.withLock { state in
            state.asked.append("\(parts[0]) \(parts[1]) \(depth)")
            return (state.redirects[parts[1]], state.resources[parts[1]])
        }
        if let redirect { return connection.answer([], status: redirect.status, fields: ["Location: \(redirect.to)"]) }
        guard let resources else { return connection.answer([], status: parts[1] == "/" ? "405 Not Allowed" : "404 Not Found") }
        let told = resources.prefix(depth == "0" ? 1 : .max).map { resource in
            "<d:response><d:href>\(resource.href)</d:href><d:propstat><d:prop>\(resource.properties)</d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>"
        }
        let text = "<d:multistatus xmlns:d='DAV:' xmlns:c='urn:ietf:params:xml:ns:carddav'>\(told.joined())</d:multistatus>"
        return connection.answer(Array(text.utf8), status: "207 Multi-Status", fields: ["Content-Type: application/xml"])
    }
}

@Suite("Where an address book is")
struct AddressBookSearchTests {
    private let site = Site()
    private let server: LoopbackServer

    init() {
        let site = site
        server = LoopbackServer { connection in
            while let request = connection.readRequest() { if !site.answer(request, connection) { return } }
        }
    }

    private func system(_ url: String, secret: String = "sales:secret") throws -> CardDAVSystem {
        let mapping = try CRMSystems.standardMapping("carddav")
        return try CRMSystems.open(
            "carddav", mapping: mapping, baseURL: url, secret: ConnectorSecret(text: secret), client: .init(userAgent: "test"),
            surroundings: StillClock().surroundings, keep: { _ in }
        ).system as! CardDAVSystem
    }

    private func located(_ path: String = "/") throws -> String? { try system(server.url + path).located() }

    private var asked: [String] { site.state.withLock(\.asked) }

    private static let book = "<d:resourcetype><d:collection/><c:addressbook/></d:resourcetype>", folder = "<d:resourcetype><d:collection/></d:resourcetype>"

    private static func principal(_ href: String) -> String { "<d:current-user-principal><d:href>\(href)</d:href></d:current-user-principal>" }

    private static func homes(_ hrefs: String...) -> String {
        "<c:addressbook-home-set>\(hrefs.map { "<d:href>\($0)</d:href>" }.joined())</c:addressbook-home-set>"
    }

    /// A server that leads from its well-known address to a folder with these in it.
    private func lead(to books: [(href: String, properties: String)], by redirect: (status: String, to: String) = ("301 Moved", "/dav/"), home: String = "/dav/books/") {
        site.state.withLock { site in
            site.redirects["/.well-known/carddav"] = redirect
            site.resources["/dav/"] = [("/dav/", Self.folder + Self.principal("/dav/sales/"))]
            site.resources["/dav/sales/"] = [("/dav/sales/", Self.folder + Self.homes(home))]
            site.resources["/dav/books/"] = [("/dav/books/", Self.folder)] + books
        }
    }

    private static let customers = (href: "/dav/books/cus%20tomers/", properties: book + "<d:displayname>Customers</d:displayname>")
    private static let inbox = (href: "/dav/books/inbox/", properties: folder)

    // MARK: The way

    @Test(arguments: ["301 Moved Permanently", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"])
    func theServerLeadsToTheOnlyBook(_ status: String) throws {
        lead(to: [Self.inbox, Self.customers], by: (status, "/dav/"))
        #expect(try located() == server.url + "/dav/books/cus%20tomers/")
        #expect(asked == [
            "PROPFIND / 0", "PROPFIND /.well-known/carddav 0", "PROPFIND /dav/ 0", "PROPFIND /dav/sales/ 0", "PROPFIND /dav/books/ 1",
        ])
    }

    @Test func aBookIsItself() throws {
        site.state.withLock { $0.resources["/b/"] = [("/b/", Self.book + Self.homes("/other/"))] }
        #expect(try located("/b") == nil && located("/b/") == nil)
        #expect(asked == ["PROPFIND /b/ 0", "PROPFIND /b/ 0"])
        // One that has moved is where it is now.
        site.state.withLock { $0.redirects["/old/"] = ("308 Permanent Redirect", server.url + "/b/") }
        #expect(try located("/old") == server.url + "/b/")
    }

    @Test func severalAreListedWithTheirNames() throws {
        lead(to: [Self.customers, ("private/", Self.book), (server.url + "/dav/books/cus%20tomers/", Self.book)])
        let error = #expect(throws: ConnectorError.self) { try located() }
        #expect(error?.code == "crm.several-address-books")
        #expect(error?.parameters["books"] == "\n\(server.url)/dav/books/cus%20tomers/ (Customers)\n\(server.url)/dav/books/private/")
    }

    @Test func theRootLeadsWhereNothingIsWellKnown() throws {
        lead(to: [Self.customers])
        site.state.withLock { $0.redirects = ["/": ("302 Found", "dav/")] }
        #expect(try located("/wrong/") == server.url + "/dav/books/cus%20tomers/")
    }

    @Test func whereNothingLeadsToABookThereIsNone() throws {
        #expect(throws: ConnectorError("crm.no-address-book", ["url": server.url + "/"], retry: .afterSomeoneActs)) { try located() }
        lead(to: [Self.inbox])
        #expect(throws: ConnectorError("crm.no-address-book", ["url": server.url + "/"], retry: .afterSomeoneActs)) { try located() }
        #expect(throws: ConnectorError.unauthorized) { try system(server.url, secret: "sales:wrong").located() }
    }

    // MARK: Whom the password is shown

    @Test func redirectsEnd() throws {
        lead(to: [Self.customers], by: ("302 Found", "/1"))
        site.state.withLock { site in for hop in 1...4 { site.redirects["/\(hop)"] = ("302 Found", hop == 4 ? "/dav/" : "/\(hop + 1)") } }
        #expect(try located() != nil)
        site.state.withLock { site in (site.redirects["/4"], site.redirects["/5"]) = (("302 Found", "/5"), ("302 Found", "/dav/")) }
        let error = #expect(throws: ConnectorError.self) { try located() }
        #expect(error?.code == "crm.too-many-redirects")
    }

    @Test func anotherHostIsToldAndNotAsked() throws {
        let other = LoopbackServer { connection in
            while connection.readRequest() != nil { if !connection.answer([], status: "404 Not Found") { return } }
        }
        for place in [other.url + "/dav/", "http://localhost:\(server.port)/dav/", "//127.0.0.2:\(server.port)/"] {
            lead(to: [Self.customers], by: ("301 Moved", place))
            let named = place.hasPrefix("//") ? "http:" + place : place
            #expect(throws: ConnectorError("crm.named-elsewhere", ["url": named], retry: .afterSomeoneActs)) { try located() }
            #expect(asked.count == 2)
            site.state.withLock { $0.asked = [] }
        }
        lead(to: [Self.customers], home: other.url + "/folder/")
        #expect(throws: ConnectorError("crm.named-elsewhere", ["url": other.url + "/folder/"], retry: .afterSomeoneActs)) { try located() }
        lead(to: [(other.url + "/book/", Self.book)])
        #expect(throws: ConnectorError("crm.named-elsewhere", ["url": other.url + "/book/"], retry: .afterSomeoneActs)) { try located() }
        #expect(other.acceptedConnections == 0)
    }

    @Test func lessEncryptionIsRefusedAndMoreIsKept() throws {
        var search = try AddressBookSearch(system("https://cloud.example.com/dav"))
        #expect(throws: ConnectorError.self) { try search.check("http://cloud.example.com/dav/") }
        #expect(throws: ConnectorError.self) { try search.check("https://cloud.example.com:8443/dav/") }
        try search.check("https://CLOUD.example.com:443/dav/")
        search = try AddressBookSearch(system("http://cloud.example.com/dav"))
        try search.check("https://cloud.example.com/dav/")
        #expect(throws: ConnectorError.self) { try search.check("http://cloud.example.com/dav/") }
        #expect(throws: ConnectorError.self) { try search.check("https://cloud.example.com.evil.example/") }
    }

    @Test func whoeverIsOfflineIsTakenAtHisWord() throws {
        // Nobody listens there.
        #expect(try system("http://127.0.0.1:1/b/").located() == nil)
        #expect(throws: HTTPError.self) { try system("http://127.0.0.1:1").located() }
    }

    @Test func referencesAreResolved() {
        for (reference, base, expected) in [
            ("/a", "https://h:1/b/c", "https://h:1/a"), ("a", "https://h/b/c?x=/y", "https://h/b/a"), ("//o/a", "https://h/b", "https://o/a"),
            ("a", "https://h", "https://h/a"), ("HTTP://o/", "https://h/", "HTTP://o/"), ("/ä b", "http://h/", "http://h/%C3%A4%20b"),
        ] { #expect(WebAddress.resolved(reference, against: base) == expected) }
    }
}
