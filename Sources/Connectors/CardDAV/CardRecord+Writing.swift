internal import ProfileModel

/// Values into cards: what differs is changed, all else stays as it stands.
extension CardRecord {
    /// A new card of a customer of ours.
    ///
    /// - Parameters:
    ///   - version: `3.0` or `4.0`.
    ///   - now: microseconds since 1970.
    static func creation(_ operation: PushOperation, _ kind: Kind, version: String, now: Int64) throws -> VCard {
        let uid = version == "4.0" ? "urn:uuid:\(operation.ourID)" : operation.ourID
        let mark = version == "4.0" ? "KIND:org\n" : "X-ABSHOWAS:COMPANY\n"
        let text = "BEGIN:VCARD\nVERSION:\(version)\nPRODID:-//Limn//Limn//EN\nUID:\(uid)\n\(kind == .organization ? mark : "")FN:\nN:;;;;\nEND:VCARD\n"
        var card = try VCard(Array(text.utf8))
        change(&card, operation, kind, now: now)
        return card
    }

    /// Puts the values of an operation into a card.
    static func change(_ card: inout VCard, _ operation: PushOperation, _ kind: Kind, now: Int64) {
        // The name before its parts: who says both says how it is divided.
        let fields = operation.fields.map { (CardPlace($0.key), $0.value) }
        for (place, value) in fields { if case .name = place { setName(&card, value.texts.first ?? "", kind) } }
        for (place, value) in fields {
            let texts = value.texts.filter { !$0.isEmpty }
            switch place {
            case .name: break
            case .date(let name): setDate(&card, name, texts.first ?? "")
            case .text(let name): setText(&card, name, texts.first ?? "")
            case .part(let name, let index): setPart(&card, name, index, texts.first ?? "")
            case .values(let name, let types, let isWithout): setValues(&card, name, types, isWithout, texts)
            case .list(let name): setList(&card, name, texts)
            }
        }
        if card.isChanged, let place = card.places("REV").first {
            let stamp = Timestamp.text(microseconds: now - now % 1_000_000).filter { $0 != "-" && $0 != ":" }
            card.replace(place, by: Array(stamp.utf8), dropping: ["VALUE"])
        }
    }

    // MARK: One place each

    private static func setText(_ card: inout VCard, _ name: String, _ text: String) {
        let isAddress = ["URL", "SOURCE", "IMPP"].contains(name)
        let value = isAddress ? VCardText.plain(text) : VCardText.escaped(text, version: card.version)
        put(&card, name, value, isEmpty: text.isEmpty, dropping: aboutTheOld)
    }

    /// Parameters that say of a value how it is sorted, or written on a letter.
    private static let aboutTheOld: Set<String> = ["SORT-AS", "LABEL", "GEO"]

    /// Puts an encoded value in the first property of a name, or makes one.
    private static func put(_ card: inout VCard, _ name: String, _ value: [UInt8], isEmpty: Bool, dropping: Set<String> = []) {
        if let place = card.places(name).first {
            if isEmpty, name != "FN", name != "N" { card.remove(place) } else { card.replace(place, by: value, dropping: dropping) }
        } else if !isEmpty {
            card.add(name, value)
        }
    }

    private static func setPart(_ card: inout VCard, _ name: String, _ index: Int, _ text: String) {
        let version = card.version
        // The other parts stay as they are written.
        var parts = card.places(name).first.map { card.encodedComponents(at: $0) } ?? []
        // An escape of nothing would take the separator behind it.
        if let last = parts.indices.last, parts[last].reversed().prefix(while: { $0 == UInt8(ascii: "\\") }).count % 2 == 1 { parts[last].append(UInt8(ascii: "\\")) }
        let usual = ["N": 5, "ADR": 7][name] ?? 1
        while parts.count <= max(index, usual - 1) { parts.append([]) }
        parts[index] = VCardText.escaped(text, version: version)
        if name == "ORG" { while parts.count > 1, parts.last?.isEmpty ?? false { parts.removeLast() } }
        setParts(&card, name, parts)
    }

    /// - Parameter parts: with their escapes.
    private static func setParts(_ card: inout VCard, _ name: String, _ parts: [[UInt8]]) {
        let value = Array(parts.joined(separator: [UInt8(ascii: ";")]))
        put(&card, name, value, isEmpty: parts.allSatisfy(\.isEmpty), dropping: aboutTheOld)
    }

    /// The name that is shown, and its parts where they make another name: phones show these.
    private static func setName(_ card: inout VCard, _ name: String, _ kind: Kind) {
        let before = CardRecord.name(card), organization = organization(card).trimmingBlanks
        setText(&card, "FN", name)
        let parts = nameParts(card)
        if kind == .organization {
            if organization.isEmpty || organization == before { setPart(&card, "ORG", 0, name) }
            if !parts.allSatisfy(\.isEmpty) { setParts(&card, "N", [[], [], [], [], []]) }
        } else if PersonNameParts.joined(family: parts[0], given: parts[1]) != name {
            let (family, given) = PersonNameParts.split(name)
            setParts(&card, "N", [family, given, "", "", ""].map { VCardText.escaped($0, version: card.version) })
        }
    }

    /// A date in the basic form, which vCard 4 demands, or the extended one.
    private static func setDate(_ card: inout VCard, _ name: String, _ text: String) {
        let isWhole = text.utf8.count == 10
        let value = card.version == "4.0" && isWhole ? text.filter { $0 != "-" } : text
        put(&card, name, VCardText.plain(value), isEmpty: text.isEmpty, dropping: ["VALUE", "X-APPLE-OMIT-YEAR", "CALSCALE"])
    }

    /// The values of all properties of a name and some types: what is too many takes what is missing, so that a number keeps its label.
    private static func setValues(_ card: inout VCard, _ name: String, _ types: [String], _ isWithout: Bool, _ wanted: [String]) {
        let present = places(card, name, types, isWithout).map { (place: $0, text: address(card.text(at: $0)?.trimmingBlanks ?? "")) }
        var surplus = present.filter { !wanted.contains($0.text) }
        var missing = wanted.filter { value in !present.contains { $0.text == value } }
        while let first = surplus.first, !missing.isEmpty {
            surplus.removeFirst()
            let written = card.text(at: first.place)?.trimmingBlanks ?? ""
            // What was an address of a resource stays one.
            let scheme = ["tel:", "mailto:"].first { written.lowercased().hasPrefix($0) }
            let text = missing.removeFirst()
            if let scheme { card.replace(first.place, by: VCardText.plain(scheme + text.filter { $0 != " " })) } else {
                card.replace(first.place, by: VCardText.escaped(text, version: card.version))
            }
        }
        for (place, _) in surplus { card.remove(place) }
        for text in missing { card.add(head(name, isWithout ? nil : types.first, text, card.version), VCardText.escaped(text, version: card.version)) }
    }

    /// A new property: with the type that the mapping says, or the one that phones expect.
    private static func head(_ name: String, _ type: String?, _ text: String, _ version: String) -> String {
        var type = type
        if type == nil, name == "TEL" { type = isMobile(text) ? "cell" : "voice" }
        if type == nil, name == "EMAIL", version != "4.0" { type = "internet" }
        guard let type else { return name }
        return version == "4.0" ? "\(name);TYPE=\(type)" : version == "3.0" ? "\(name);TYPE=\(type.uppercased())" : "\(name);\(type.uppercased())"
    }

    /// Whether a number is of a mobile telephone in China.
    private static func isMobile(_ number: String) -> Bool {
        let digits = number.filter(\.isNumber), own = digits.hasPrefix("86") ? digits.dropFirst(2) : digits[...]
        return own.count == 11 && own.hasPrefix("1") && !own.hasPrefix("10")
    }

    /// All values in the first property of a name; others of it are taken away.
    private static func setList(_ card: inout VCard, _ name: String, _ wanted: [String]) {
        let version = card.version
        for place in card.places(name).dropFirst() { card.remove(place) }
        let value = Array(wanted.map { VCardText.escaped($0, version: version) }.joined(separator: [UInt8(ascii: ",")]))
        put(&card, name, value, isEmpty: wanted.isEmpty)
    }
}
