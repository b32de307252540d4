internal import CurlHTTP
internal import ProfileModel

/// Finds the address book of whoever signs in, where the address is of its server or of a folder there (RFC 6764, section 6; RFC 6352, sections 6.2.3
/// and 7.1.1).
///
/// The password goes to the host of that address alone, and never where less is encrypted: what a server names elsewhere is told and not asked.
struct AddressBookSearch {
    /// So many redirects of one request are followed.
    static let redirectsMaximum = 5

    private struct Book {
        let url: String
        let name: String
    }

    private let system: CardDAVSystem
    /// Where requests go; another one only from plain text to encryption.
    private var origin: HTTPOrigin

    /// - Throws: `http.bad-url`.
    init(_ system: CardDAVSystem) throws(HTTPError) {
        self.system = system
        origin = try HTTPOrigin(system.session.baseURL)
    }

    /// The address of the only address book.
    ///
    /// - Throws: `crm.no-address-book`, `crm.several-address-books`, `crm.named-elsewhere`, `crm.too-many-redirects`, and as every request.
    mutating func url() throws -> String {
        let given = system.session.baseURL + "/", server = WebAddress.resolved("/", against: given)
        var asked: Set<String> = []
        for start in [given, WebAddress.resolved("/.well-known/carddav", against: given), server] where asked.insert(start).inserted {
            guard let (url, answer) = try properties(start, depth: "0"), let resource = answer.resources.first else { continue }
            if resource.types.contains("addressbook") { return url }
            let books = try homes(of: resource, at: url).flatMap { try self.books(in: $0) }
            var known: Set<String> = []
            let each = books.filter { known.insert(CardAddress.path($0.url)).inserted }
            if each.count > 1 { throw AddressBookSearch.several(each) }
            if let book = each.first { return book.url }
        }
        throw ConnectorError("crm.no-address-book", ["url": given], retry: .afterSomeoneActs)
    }

    private static func several(_ books: [Book]) -> ConnectorError {
        let lines = books.sorted { $0.url < $1.url }.map { $0.name.isEmpty ? $0.url : "\($0.url) (\($0.name))" }
        return ConnectorError("crm.several-address-books", ["books": lines.map { "\n" + $0 }.joined()], retry: .afterSomeoneActs)
    }

    /// The folders that hold the address books of whoever signs in: as a resource tells it, or the principal that it names.
    private mutating func homes(of resource: DAVAnswer.Resource, at url: String) throws -> [String] {
        let homes = resource.references["addressbook-home-set"] ?? []
        if !homes.isEmpty { return homes.map { WebAddress.resolved($0, against: url) } }
        guard let principal = resource.references["current-user-principal"]?.first,
            let (place, answer) = try properties(WebAddress.resolved(principal, against: url), depth: "0") else { return [] }
        return (answer.resources.first?.references["addressbook-home-set"] ?? []).map { WebAddress.resolved($0, against: place) }
    }

    private mutating func books(in home: String) throws -> [Book] {
        guard let (url, answer) = try properties(home, depth: "1") else { return [] }
        return try answer.resources.filter { $0.types.contains("addressbook") }.map { resource in
            let place = WebAddress.resolved(resource.href, against: url)
            try check(place)
            let name = (resource.properties["displayname"] ?? "").split(whereSeparator: \.isWhitespace).joined(separator: " ")
            return Book(url: place, name: name)
        }
    }

    // MARK: Asking

    private static let wanted = "<D:propfind xmlns:D=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:carddav\"><D:prop><D:resourcetype/><D:displayname/>"
        + "<D:current-user-principal/><C:addressbook-home-set/></D:prop></D:propfind>"

    /// What a resource tells of itself, and with the depth `1` of what is in it, and where it was found; nil where nothing answers so.
    private mutating func properties(_ url: String, depth: String) throws -> (url: String, answer: DAVAnswer)? {
        var url = url
        for _ in 0...AddressBookSearch.redirectsMaximum {
            try check(url)
            let (response, verdict) = try system.session.send(system) {
                system.request(.propfind, at: url, headers: [HTTPHeader("Depth", depth)], xml: AddressBookSearch.wanted)
            }
            if [301, 302, 307, 308].contains(response.status) {
                guard let place = response.header("Location"), !place.isEmpty else { throw ConnectorError.unreadable("Location") }
                url = WebAddress.resolved(place, against: url)
                continue
            }
            // A page to sign in is no answer.
            guard verdict == .ok, let answer = try? DAVAnswer(response.body) else { return nil }
            return (url, answer)
        }
        throw ConnectorError("crm.too-many-redirects", ["url": url, "count": String(AddressBookSearch.redirectsMaximum)], retry: .afterSomeoneActs)
    }

    /// - Throws: `crm.named-elsewhere` where an address is of another host or port, or less is encrypted.
    mutating func check(_ url: String) throws {
        guard let there = try? HTTPOrigin(url) else { throw ConnectorError.unreadable("Location") }
        if there == origin { return }
        guard there.host == origin.host, there.isEncrypted, !origin.isEncrypted else {
            throw ConnectorError("crm.named-elsewhere", ["url": url], retry: .afterSomeoneActs)
        }
        origin = there
    }
}
