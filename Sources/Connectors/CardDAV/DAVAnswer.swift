/// What a server of address books answers (RFC 4918, section 13): the state of each resource, or why nothing was done.
struct DAVAnswer {
    struct Resource {
        /// As the server wrote it.
        var href = ""
        /// Of the resource as a whole; nil where only its properties have one.
        var status: Int?
        /// Texts of the properties that were found, by their names without namespace.
        var properties: [String: String] = [:]
        /// The resources that properties name, as the server wrote them.
        var references: [String: [String]] = [:]
        /// The names of what it is, without namespace.
        var types: Set<String> = []
        /// The card, where it was asked for; large values that no mapping reads are left out unless they were asked for.
        var card: [UInt8]?
    }

    var resources: [Resource] = []
    /// From where changes are told the next time (RFC 6578, section 6.2).
    var syncToken: String?
    /// The names of what was violated, without namespace, such as `valid-sync-token`.
    var conditions: Set<String> = []

    init() {}

    /// Reads an answer's body.
    ///
    /// - Parameter keepsLarge: whether pictures and sounds stay in the cards.
    init(_ bytes: [UInt8], keepsLarge: Bool = false) throws(XMLElements.Fault) {
        let reader = Reader(keepsLarge: keepsLarge)
        try XMLElements.read(bytes, reader)
        self = reader.answer
        if !reader.isAnswer { throw .unreadable }
    }

    private final class Reader: XMLElements.Reader {
        var answer = DAVAnswer()
        var isAnswer = false
        private let keepsLarge: Bool
        private var path: [String] = []
        private var resource = Resource()
        /// The properties of a group, which hold only if the status behind them says so.
        private var group = Resource()
        private var text: [UInt8] = []
        private var card: CardCollector?
        /// A text other than a card is no longer than this.
        private static let textMaximum = 65_536

        init(keepsLarge: Bool) { self.keepsLarge = keepsLarge }

        private static func local(_ name: String) -> String { name.lastIndex(of: "|").map { String(name[name.index(after: $0)...]) } ?? name }

        func began(_ name: String) {
            if path.isEmpty { isAnswer = ["DAV:|multistatus", "DAV:|error"].contains(name) }
            path.append(Reader.local(name))
            text = []
            switch name {
            case "DAV:|response": resource = Resource()
            case "DAV:|propstat": group = Resource()
            case "urn:ietf:params:xml:ns:carddav|address-data": card = CardCollector(keepsLarge: keepsLarge)
            default: break
            }
        }

        func text(_ bytes: UnsafeBufferPointer<UInt8>) {
            if card != nil { card!.take(bytes) } else if text.count + bytes.count <= Reader.textMaximum { text += bytes }
        }

        func ended(_ name: String) {
            let local = path.removeLast(), parent = path.last
            defer { text = [] }
            var value: String { String(decoding: text, as: UTF8.self).trimmingBlanks }
            switch (parent, local) {
            case ("prop", "address-data"):
                group.card = card?.finish()
                card = nil
            case ("response", "href"): resource.href = value
            case ("response", "status"): resource.status = Reader.status(value)
            case ("propstat", "status"): group.status = Reader.status(value)
            case ("response", "propstat"):
                // What has no status was found.
                if (200..<300).contains(group.status ?? 200) {
                    resource.properties.merge(group.properties) { _, new in new }
                    resource.references.merge(group.references) { _, new in new }
                    resource.types.formUnion(group.types)
                    resource.card = group.card ?? resource.card
                }
            case ("multistatus", "response"): answer.resources.append(resource)
            case ("multistatus", "sync-token"): answer.syncToken = value
            case ("prop", _): group.properties[local] = value
            case ("current-user-principal", "href"), ("addressbook-home-set", "href"):
                if !value.isEmpty { group.references[parent!, default: []].append(value) }
            case ("resourcetype", _): group.types.insert(local)
            case ("error", _): answer.conditions.insert(local)
            default: break
            }
        }

        /// `HTTP/1.1 404 Not Found`.
        private static func status(_ text: String) -> Int? {
            let parts = text.split(separator: " ")
            return parts.count > 1 ? Int(parts[1]) : nil
        }
    }
}

/// Collects a card, without the values of pictures, sounds and keys where nobody reads them.
private struct CardCollector {
    private static let large: Set<String> = ["PHOTO", "LOGO", "SOUND", "KEY"]

    private var bytes: [UInt8] = []
    private let keepsLarge: Bool
    /// Where the line began.
    private var lineStart = 0
    private var isPassedOver = false, isAtLineStart = true

    init(keepsLarge: Bool) { self.keepsLarge = keepsLarge }

    mutating func take(_ piece: UnsafeBufferPointer<UInt8>) {
        if keepsLarge { bytes += piece; return }
        for byte in piece {
            if isAtLineStart {
                // A line that begins with a blank belongs to the one before it.
                if isPassedOver, !VCardLines.isBlank(byte) { isPassedOver = false }
                if !isPassedOver { lineStart = bytes.count }
                isAtLineStart = false
            }
            if byte == 0x0A { isAtLineStart = true } else if isPassedOver { continue }
            if isPassedOver { continue }
            bytes.append(byte)
            if bytes.count - lineStart <= 64, byte == UInt8(ascii: ":") || byte == UInt8(ascii: ";"), isLarge {
                bytes.removeSubrange(lineStart...)
                isPassedOver = true
            }
        }
    }

    /// Whether the line that was begun is of a large property.
    private var isLarge: Bool {
        let name = String(decoding: bytes[lineStart...].dropLast(), as: UTF8.self).uppercased()
        return CardCollector.large.contains(name.lastIndex(of: ".").map { String(name[name.index(after: $0)...]) } ?? name)
    }

    func finish() -> [UInt8] { bytes }
}
