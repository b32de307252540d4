/// A card of an address book as the lines that it is made of (RFC 6350, RFC 2426; vCard 2.1 as it is met).
///
/// Lines that nobody changes are written back as they came, byte for byte but for the ends of lines, which become CR LF. So whatever a card holds
/// that is not known here stays in it.
struct VCard {
    /// What a card may be without being taken for none.
    static let propertiesMaximum = 20_000

    /// One content line, with its folds.
    private struct Line {
        /// Where it stands in `bytes`, without the end of its last line.
        let range: Range<Int>
        /// Of what stands there now; nil of a line that cannot be read, or stands in a card within the card.
        var property: VCardProperty?
        /// What stands there now instead, folded and without its end.
        var replacement: [UInt8]?
        var isRemoved = false
    }

    /// Why bytes are no card: the codes of refusals.
    enum Fault: String, Error {
        case noCard = "crm.bad-card", unknownVersion = "crm.card-version", severalCards = "crm.several-cards", tooLarge = "crm.card-too-large"
    }

    let bytes: [UInt8]
    /// `2.1`, `3.0` or `4.0`.
    let version: String
    private var lines: [Line]

    /// Reads one card.
    ///
    /// - Complexity: O(bytes); large values are passed over and not copied.
    init(_ bytes: [UInt8]) throws(Fault) {
        self.bytes = bytes
        var reader = VCardLines(bytes), depth = 0, isOver = false, version: String?
        lines = []
        while let line = reader.next() {
            if lines.count >= VCard.propertiesMaximum { throw .tooLarge }
            let mark = line.property.flatMap { ["BEGIN", "END"].contains($0.name) ? $0 : nil }
            if let mark, mark.text(bytes)?.uppercased().trimmingBlanks == "VCARD" {
                if isOver { throw .severalCards }
                depth += mark.name == "BEGIN" ? 1 : -1
                if depth < 0 { throw .noCard }
                isOver = depth == 0
                lines.append(Line(range: line.range))
                continue
            }
            if isOver || depth == 0 { throw .noCard }
            if depth == 1, line.property?.name == "VERSION" { version = version ?? line.property?.text(bytes)?.trimmingBlanks }
            lines.append(Line(range: line.range, property: depth == 1 ? line.property : nil))
        }
        guard isOver else { throw .noCard }
        guard let version, ["2.1", "3.0", "4.0"].contains(version) else { throw .unknownVersion }
        self.version = version
    }

    // MARK: Reading

    /// Where properties of a name stand, in their order; the name in capitals.
    func places(_ name: String) -> [Int] {
        lines.indices.filter { !lines[$0].isRemoved && lines[$0].property?.name == name }
    }

    /// The property of a line.
    func property(_ place: Int) -> VCardProperty { lines[place].property! }

    /// The text of the first property of a name; nil where there is none, or it is no text.
    func text(_ name: String) -> String? { places(name).first.flatMap { text(at: $0) } }

    /// What the property of a line stands in.
    private func source(_ place: Int) -> [UInt8] { lines[place].replacement ?? bytes }

    /// The text that stands at a place.
    func text(at place: Int) -> String? { property(place).text(source(place), version: version) }

    /// The components of a structured value at a place, which are divided by semicolons; none where it is no text.
    func components(at place: Int) -> [String] { property(place).components(source(place), version: version, dividedBy: UInt8(ascii: ";")) }

    /// The same with their escapes, as a line may hold them.
    func encodedComponents(at place: Int) -> [[UInt8]] {
        property(place).encodedComponents(source(place), dividedBy: UInt8(ascii: ";")).map { VCardText.onOneLine($0, version: version) }
    }

    /// The values of a list at a place, which are divided by commas.
    func values(at place: Int) -> [String] { property(place).components(source(place), version: version, dividedBy: UInt8(ascii: ",")) }

    // MARK: Changing

    /// Puts an encoded value in the place of the one that stands there; group, name and parameters stay. The same changes nothing.
    ///
    /// - Parameter dropping: parameters that say of the old value what does not hold of the new one.
    mutating func replace(_ place: Int, by value: [UInt8], dropping: Set<String> = []) {
        let same = VCardText.line(property(place).head(dropping: ["ENCODING", "CHARSET"]), value, version: version)
        let before = lines[place].replacement ?? Array(bytes[lines[place].range])
        if VCardLines.unfolded(before[...]) == VCardLines.unfolded(same[...]) { return }
        let line = VCardText.line(property(place).head(dropping: dropping.union(["ENCODING", "CHARSET"])), value, version: version)
        lines[place].replacement = line
        lines[place].property = VCardProperty(line, 0..<line.count)
    }

    mutating func remove(_ place: Int) { lines[place].isRemoved = true }

    /// Adds a property behind the last of its name, or at the end.
    ///
    /// - Parameter head: the name with parameters, such as `TEL;TYPE=CELL`.
    mutating func add(_ head: String, _ value: [UInt8]) {
        let name = String(head.prefix { $0 != ";" })
        let place = lines.lastIndex { $0.property?.name == name }.map { $0 + 1 } ?? lines.count - 1
        let line = VCardText.line(Array(head.utf8), value, version: version)
        lines.insert(Line(range: 0..<0, property: VCardProperty(line, 0..<line.count), replacement: line), at: place)
    }

    /// Whether anything was changed.
    var isChanged: Bool { lines.contains { $0.isRemoved || $0.replacement != nil } }

    // MARK: Writing

    /// The card as it is now, piece by piece: what stands unchanged is no copy.
    var pieces: [ArraySlice<UInt8>] {
        var pieces: [ArraySlice<UInt8>] = []
        for line in lines where !line.isRemoved {
            if let replacement = line.replacement {
                pieces.append(replacement[...])
            } else {
                var start = line.range.lowerBound
                while let end = bytes[start..<line.range.upperBound].firstIndex(of: 0x0A) {
                    let isPair = end > start && bytes[end - 1] == 0x0D
                    pieces += [bytes[start..<(isPair ? end - 1 : end)], VCardText.lineEnd]
                    start = end + 1
                }
                pieces.append(bytes[start..<line.range.upperBound])
            }
            pieces.append(VCardText.lineEnd)
        }
        return pieces
    }

    /// The card as it is now, as bytes.
    var written: [UInt8] { Array(pieces.joined()) }
}
