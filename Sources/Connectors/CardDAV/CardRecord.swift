internal import ProfileModel

/// Cards as records: what one says by a mapping.
enum CardRecord {
    /// What a card is of.
    enum Kind: Sendable, Equatable {
        case individual, organization
        /// A group of cards, a place, a machine: no customer.
        case other
    }

    /// Reads a card's values by the names of a mapping; what is not among them the card does not tell.
    static func fields(_ card: VCard, _ object: MappedObject) -> RemoteFields {
        var fields = RemoteFields()
        for field in object.properties { fields[field.remote] = value(card, CardPlace(field.remote)) }
        return fields
    }

    /// Our id, where the card was made here.
    static func ourID(_ card: VCard) -> String? {
        guard let text = card.text("UID")?.trimmingBlanks else { return nil }
        let id = (text.lowercased().hasPrefix("urn:uuid:") ? String(text.dropFirst(9)) : text).lowercased()
        let isOurs = id.utf8.count == 36 && id.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) || $0 == UInt8(ascii: "-") }
        return isOurs ? id : nil
    }

    /// What a card is of: as it says, as the makers of phones say it, or, where it has no parts of a name, by whether the name is the organization's.
    static func kind(_ card: VCard) -> Kind {
        let said = card.text("KIND") ?? card.text("X-ADDRESSBOOKSERVER-KIND")
        switch said?.trimmingBlanks.lowercased() {
        case "org": return .organization
        case "individual": return .individual
        case .some: return .other
        case nil: break
        }
        if card.text("X-ABSHOWAS")?.trimmingBlanks.uppercased() == "COMPANY" { return .organization }
        let organization = organization(card), name = card.text("FN")?.trimmingBlanks ?? ""
        return !organization.isEmpty && name == organization && nameParts(card).allSatisfy(\.isEmpty) ? .organization : .individual
    }

    static func organization(_ card: VCard) -> String { part(card, "ORG", 0) ?? "" }

    // MARK: Values

    private static func told(_ text: String?) -> RemoteValue { text.map(\.trimmingBlanks).flatMap { $0.isEmpty ? nil : .text($0) } ?? .empty }

    private static func value(_ card: VCard, _ place: CardPlace) -> RemoteValue? {
        switch place {
        case .name: return told(name(card))
        case .date(let name): return date(card, name)
        case .text(let name): return told(card.text(name))
        case .part("N", let index) where index < 2:
            // A name that stands in one part as a whole says nothing of its parts.
            let parts = nameParts(card)
            return parts[0].isEmpty == parts[1].isEmpty ? told(parts[index]) : nil
        case .part(let name, let index): return told(part(card, name, index))
        case .values(let name, let types, let isWithout):
            return .list(places(card, name, types, isWithout).compactMap { place in
                let text = card.text(at: place)?.trimmingBlanks ?? ""
                return text.isEmpty ? nil : address(text)
            })
        case .list(let name):
            return .list(card.places(name).flatMap { card.values(at: $0) }.map(\.trimmingBlanks).filter { !$0.isEmpty })
        }
    }

    /// Where the properties of a name stand that have one of some types, or none of them.
    static func places(_ card: VCard, _ name: String, _ types: [String], _ isWithout: Bool) -> [Int] {
        card.places(name).filter { types.isEmpty || card.property($0).types.isDisjoint(with: types) == isWithout }
    }

    /// A number or an address of mail that is written as the address of a resource, without what says so.
    static func address(_ text: String) -> String {
        for scheme in ["tel:", "mailto:"] where text.lowercased().hasPrefix(scheme) { return String(text.dropFirst(scheme.count).prefix { $0 != ";" && $0 != "?" }) }
        return text
    }

    static func part(_ card: VCard, _ name: String, _ index: Int) -> String? {
        guard let place = card.places(name).first else { return nil }
        let parts = card.components(at: place)
        return parts.indices.contains(index) ? parts[index] : ""
    }

    /// Family and given name; empty where there is none.
    static func nameParts(_ card: VCard) -> [String] { (0..<2).map { part(card, "N", $0)?.trimmingBlanks ?? "" } }

    /// The name that is shown; of parts in Chinese the family name stands first, without a blank, however phones wrote it.
    static func name(_ card: VCard) -> String {
        let shown = card.text("FN")?.trimmingBlanks ?? "", parts = nameParts(card)
        let joined = PersonNameParts.joined(family: parts[0], given: parts[1])
        if shown.isEmpty { return joined.isEmpty ? organization(card).trimmingBlanks : joined }
        let words = shown.split(whereSeparator: \.isWhitespace).joined()
        return joined == parts[0] + parts[1] && (words == joined || words == parts[1] + parts[0]) ? joined : shown
    }

    /// A date as far as it is known; nil where the year is not, because then there is no date.
    private static func date(_ card: VCard, _ name: String) -> RemoteValue? {
        guard let place = card.places(name).first, let text = card.text(at: place)?.trimmingBlanks, !text.isEmpty else { return .empty }
        if text.hasPrefix("-") || !card.property(place).parameter("X-APPLE-OMIT-YEAR").isEmpty { return nil }
        // Hours say nothing of a day.
        let day = text.prefix { $0 != "T" }, digits = day.filter(\.isNumber)
        // `198504` is a month in no standard of dates, `1985-04` is.
        return .text(day.count == digits.count && digits.count == 6 ? "\(digits.prefix(4))-\(digits.suffix(2))" : String(day))
    }
}
