import ProfileModel

/// What the beginning of a landline number or of a postcode says of the place, by `schema/prefixes.tsv`.
///
/// A mobile number says where it was once given out; people keep it when they move, so nothing is taken from it.
public enum PlacePrefix {
    /// The prefecture or province of a landline number of China in its standard form, `+86…`; nil for every other number.
    public static func region(ofPhone phone: String) -> Region? {
        guard phone.hasPrefix("+86") else { return nil }
        let digits = phone.dropFirst(3).prefix { $0 != ";" }
        let isMobile = digits.count == 11 && digits.first == "1"
        guard !isMobile, digits.count >= 9 else { return nil }
        return PrefixTable.shared.region("0" + digits, of: PrefixTable.shared.areas)
    }

    /// The prefecture or province of a postcode of China; nil where it is not of six digits, or its beginning is not known.
    public static func region(ofPostcode postcode: String) -> Region? {
        guard postcode.utf8.count == 6, postcode.utf8.allSatisfy(\.isDigit) else { return nil }
        return PrefixTable.shared.region(postcode, of: PrefixTable.shared.postcodes)
    }
}

private struct PrefixTable: Sendable {
    private(set) var areas: [String: String] = [:]
    private(set) var postcodes: [String: String] = [:]

    static let shared = PrefixTable()

    private init() {
        TableLines.forEach(in: "prefixes.tsv") { fields in
            if fields[0] == "area" { areas[String(fields[1])] = String(fields[2]) } else { postcodes[String(fields[1])] = String(fields[2]) }
        }
    }

    /// The region of the longest prefix.
    func region(_ text: String, of table: [String: String]) -> Region? {
        for length in stride(from: 4, through: 2, by: -1) {
            if let code = table[String(text.prefix(length))] { return Region(code: code) }
        }
        return nil
    }
}
