internal import CurlHTTP

/// An address book that is shared over CardDAV (RFC 6352): Nextcloud, Radicale, iCloud and the address books of mail servers.
///
/// The address is that of the address book, `https://cloud.example.com/remote.php/dav/addressbooks/users/sales/customers/`, which `located` finds. The secret is `USER:PASSWORD` in
/// one line, or an object with `user` and `password`; a line without a colon is a token. A card's id is its name in the address book. A card that was made
/// here is called by our id, which is also its `UID`, so one whose answer was lost is found again and never made twice.
///
/// Settings of an object: `kind` is `individual` (default) or `org`, `version` of new cards is `3.0` (default) or `4.0`, `page-size` is how many cards are
/// read at once; 100. What remote names mean `CardPlace` says.
///
/// What has changed is asked by a token (RFC 6578). A token that the server no longer takes, or a server that has none, is made up for by comparing the
/// versions of all cards.
final class CardDAVSystem: CRMSystem {
    let session: CRMSession
    private let mapping: ConnectorMapping
    /// The path of the address book, without the slash at its end.
    let path: String
    /// What the change reports under way told, by object.
    private var windows: [String: Window] = [:]
    /// Of what kind cards were, by id: the other kind's reading need not ask for them again.
    private var kinds: [String: (version: String, kind: CardRecord.Kind)] = [:]
    private static let kindsMaximum = 200_000

    /// What has changed between two tokens.
    struct Window {
        let base: String, target: String
        /// In the order of ids, so that a reading that was cut goes on behind the last.
        var cards: [(id: String, version: String?)]
        var gone: [String]
        /// Whether the server told only a part, and the rest from the target on.
        var isCut: Bool
    }

    init(session: CRMSession, mapping: ConnectorMapping) {
        self.session = session
        self.mapping = mapping
        path = CardAddress.path(session.baseURL)
    }

    func located() throws -> String? {
        var search = try AddressBookSearch(self)
        do {
            let url = try search.url()
            return url == session.baseURL + "/" ? nil : url
        } catch where !path.isEmpty && CardDAVSystem.isOutOfReach(error) {
            // Whoever is offline can name a book all the same.
            return nil
        }
    }

    private static func isOutOfReach(_ error: any Error) -> Bool {
        switch error as? HTTPError {
        case .unreachable, .timedOut, .interrupted, .tls: true
        default: (error as? ConnectorError)?.code == "crm.unavailable"
        }
    }

    // MARK: Reading

    func discover() throws -> [RemoteObject] {
        let book = try properties(["displayname", "resourcetype"], depth: "0").resources.first
        try check(book)
        let label = book?.properties["displayname"].flatMap { $0.isEmpty ? nil : $0 }
        return mapping.objects.map { object in
            let names = [
                "FN", "N.family", "N.given", "TEL[]", "EMAIL[]", "ADR.street", "ADR.locality", "ADR.region", "ADR.code", "ADR.country", "ORG.name", "ORG.unit",
                "TITLE", "ROLE", "NICKNAME", "BDAY", "NOTE", "URL", "CATEGORIES[]",
            ]
            return RemoteObject(
                name: object.name, label: label ?? object.name,
                fields: names.map { RemoteField(name: $0, label: $0, type: $0.hasSuffix("]") ? "list" : CardPlace.dates.contains($0) ? "date" : "text") })
        }
    }

    func pull(_ object: MappedObject, from cursor: PullCursor) throws -> PullPage {
        var place = SyncPlace(cursor.pageToken)
        if case .versions = place { return versionsPage(cursor) }
        let base = place.base
        if windows[object.name]?.base != base || !place.isOpen {
            switch try changes(since: base) {
            case .window(var window):
                // What was told behind the first token is told again from there.
                if let target = place.target { window = window.reaching(target) }
                windows[object.name] = window
            case .expired: return try versionsPage(cursor, token: base.isEmpty ? nil : currentToken())
            case .untold: return versionsPage(cursor)
            }
        }
        guard let window = windows[object.name] else { throw ConnectorError.unreadable("sync-collection") }
        let size = max(1, object.number("page-size", or: 100))
        let left = window.cards[window.place(behind: cursor.lastID)...], part = left.prefix(size)
        var page = PullPage(records: [], next: cursor, hasMore: left.count > size)
        let others = part.filter { isOfAnotherKind($0.id, $0.version, object) }.map(\.id), known = Set(others)
        let read = try records(part.map(\.id).filter { !known.contains($0) }, of: object)
        page.records = read.records
        if cursor.lastID == nil { page.tombstones = window.gone.map { RemoteTombstone(id: $0) } }
        // What has become one of another kind is none of this any more.
        if !base.isEmpty { page.tombstones += (others + read.others).map { RemoteTombstone(id: $0) } }
        if page.hasMore {
            place = .open(base: base, target: window.target)
            page.next = cursor.advanced(lastID: part.last?.id, pageToken: place.text, serverTime: session.serverTime)
        } else {
            windows[object.name] = nil
            page.next = CardDAVSystem.closed(cursor, .token(window.target))
            // What has gone before the first token nobody tells.
            page.hasLostDeletes = base.isEmpty && !window.isCut
            page.hasMore = window.isCut
        }
        return page
    }

    private static func closed(_ cursor: PullCursor, _ place: SyncPlace) -> PullCursor {
        var next = PullCursor(generation: cursor.generation)
        next.pageToken = place.text
        return next
    }

    /// A page that tells nothing but that all versions have to be compared.
    private func versionsPage(_ cursor: PullCursor, token: String? = nil) -> PullPage {
        PullPage(records: [], next: CardDAVSystem.closed(cursor, token.map(SyncPlace.token) ?? .versions), hasMore: false, hasLostDeletes: true)
    }

    func read(_ ids: [String], of object: MappedObject) throws -> [RemoteRecord] { try records(ids, of: object).records }

    func find(ourIDs: [String], of object: MappedObject) throws -> [RemoteRecord] {
        let named = try records(ourIDs.map(CardAddress.name), of: object).records.filter { $0.ourID != nil }
        let found = Set(named.compactMap(\.ourID)), missing = ourIDs.filter { !found.contains($0) }
        // A server may have called them otherwise.
        return try named + missing.pieces(of: 50).flatMap { try cards(havingUIDs: Array($0)) }.compactMap { card in
            guard case .card(let read) = card.content, isOf(object, read) else { return nil }
            let record = record(card.id, read, card, object)
            return record.ourID.map(missing.contains) ?? false ? record : nil
        }
    }

    func verify(_ object: MappedObject, after place: String?) throws -> VerifyPage {
        let answer = try properties(["getetag", "getcontenttype", "resourcetype"], depth: "1")
        let book = answer.resources.first { CardAddress.isBook($0.href, path) }
        // An answer that does not even tell of the book says nothing of what is in it.
        guard book != nil || !answer.resources.isEmpty else { throw ConnectorError.unreadable("addressbook") }
        try check(book)
        let cards = members(answer)
        return VerifyPage(
            clocks: cards.map { (id: $0.id, stamp: nil) }, next: nil,
            versions: Dictionary(cards.compactMap { card in card.version.map { (card.id, $0) } }) { first, _ in first })
    }

    /// - Throws: `crm.unreadable-answer` where an address is of something other than an address book.
    private func check(_ book: DAVAnswer.Resource?) throws {
        if let book, !book.types.isEmpty, !book.types.contains("addressbook") { throw ConnectorError.unreadable("addressbook") }
    }

    // MARK: Records

    /// Reads cards; `others` are there and of another kind.
    private func records(_ ids: [String], of object: MappedObject) throws -> (records: [RemoteRecord], others: [String]) {
        var records: [RemoteRecord] = [], others: [String] = []
        for part in ids.pieces(of: max(1, object.number("page-size", or: 100))) {
            for card in try cards(Array(part)) {
                switch card.content {
                case .gone: break
                case .unreadable(let rejection):
                    var record = RemoteRecord(id: card.id, version: card.version)
                    record.unreadable = rejection
                    records.append(record)
                case .card(let read):
                    if kinds.count < CardDAVSystem.kindsMaximum, let version = card.version { kinds[card.id] = (version, CardRecord.kind(read)) }
                    if isOf(object, read) { records.append(record(card.id, read, card, object)) } else { others.append(card.id) }
                }
            }
        }
        return (records, others)
    }

    private func record(_ id: String, _ read: VCard, _ card: ReadCard, _ object: MappedObject) -> RemoteRecord {
        RemoteRecord(
            id: id, stamp: card.stamp, fields: CardRecord.fields(read, object), version: card.version, ourID: CardRecord.ourID(read))
    }

    static func kind(_ object: MappedObject) -> CardRecord.Kind { object.settings["kind"] == "org" ? .organization : .individual }

    private func isOf(_ object: MappedObject, _ card: VCard) -> Bool { CardRecord.kind(card) == CardDAVSystem.kind(object) }

    private func isOfAnotherKind(_ id: String, _ version: String?, _ object: MappedObject) -> Bool {
        kinds[id].map { $0.version == version && $0.kind != CardDAVSystem.kind(object) } ?? false
    }

    // MARK: Answers

    func classify(_ response: HTTPResponse) -> Verdict {
        let verdict = Verdict(status: response, now: session.surroundings.now())
        guard case .reject = verdict else { return verdict }
        let conditions = (try? DAVAnswer(response.body))?.conditions.sorted() ?? []
        return .reject(Rejection(code: conditions.first ?? String(response.status), message: conditions.joined(separator: ", ")))
    }
}

extension CardDAVSystem.Window {
    /// The same with another token at its end.
    func reaching(_ target: String) -> Self { Self(base: base, target: target, cards: cards, gone: gone, isCut: isCut) }

    /// Where the first card behind an id stands.
    ///
    /// - Complexity: O(log cards).
    func place(behind id: String?) -> Int {
        guard let id else { return 0 }
        var low = 0, high = cards.count
        while low < high {
            let middle = (low + high) / 2
            if cards[middle].id <= id { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// How far the changes of an address book were read, as a cursor keeps it.
enum SyncPlace {
    /// The server tells no changes: versions are compared each time.
    case versions
    /// All until a token.
    case token(String)
    /// Some of what has changed between two tokens.
    case open(base: String, target: String)

    init(_ text: String?) {
        let parts = (text ?? "").split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        switch (parts[0], parts.count) {
        case ("versions", _): self = .versions
        case ("token", 2): self = .token(parts[1])
        case ("open", 3): self = .open(base: parts[1], target: parts[2])
        default: self = .token("")
        }
    }

    var text: String {
        switch self {
        case .versions: "versions"
        case .token(let token): "token\n\(token)"
        case .open(let base, let target): "open\n\(base)\n\(target)"
        }
    }

    var base: String {
        switch self {
        case .versions: ""
        case .token(let token), .open(let token, _): token
        }
    }

    var target: String? { if case .open(_, let target) = self { target } else { nil } }

    var isOpen: Bool { target != nil }
}
