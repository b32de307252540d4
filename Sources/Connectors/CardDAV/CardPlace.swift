/// What a remote name of a mapping means in a card.
///
/// | name | what it holds |
/// |---|---|
/// | `FN` | the name: what is shown of a person, with the parts in `N`; of an organization also `ORG` |
/// | `BDAY` | a date as far as it is known, with the year |
/// | `NOTE`, `X-ANYTHING` | the text of the first property of the name |
/// | `N.family`, `ADR.locality`, `ORG.unit` | a part of the first property of the name |
/// | `TEL[]`, `TEL[home,cell]`, `TEL[!fax,pager]` | the values of all properties of the name, of those with one of these types, or with none of them |
/// | `CATEGORIES[]` | the values of a list |
enum CardPlace {
    case name
    case date(String)
    case text(String)
    case part(name: String, index: Int)
    case values(name: String, types: [String], isWithout: Bool)
    case list(String)

    /// The parts of structured values, in their order (RFC 6350, sections 6.2.2, 6.3.1 and 6.6.4).
    private static let parts: [String: [String]] = [
        "N": ["family", "given", "additional", "prefix", "suffix"],
        "ADR": ["box", "extended", "street", "locality", "region", "code", "country"],
        "ORG": ["name", "unit", "subunit"],
    ]
    /// Properties whose value is a list.
    private static let lists: Set<String> = ["CATEGORIES", "NICKNAME"]
    static let dates: Set<String> = ["BDAY", "ANNIVERSARY"]

    init(_ remote: String) {
        if let open = remote.firstIndex(of: "["), remote.hasSuffix("]") {
            let name = remote[..<open].uppercased(), inside = remote[remote.index(after: open)...].dropLast()
            if CardPlace.lists.contains(name) { self = .list(name); return }
            let isWithout = inside.hasPrefix("!")
            let types = inside.dropFirst(isWithout ? 1 : 0).split(separator: ",").map { $0.trimmingBlanks.lowercased() }
            self = .values(name: name, types: types, isWithout: isWithout)
            return
        }
        let parts = remote.split(separator: ".", maxSplits: 1), name = remote.uppercased()
        if parts.count == 2, let known = CardPlace.parts[parts[0].uppercased()] {
            if let index = known.firstIndex(of: parts[1].lowercased()) ?? Int(parts[1]).flatMap({ (0..<20).contains($0) ? $0 : nil }) {
                self = .part(name: parts[0].uppercased(), index: index)
                return
            }
        }
        if name == "FN" { self = .name } else { self = CardPlace.dates.contains(name) ? .date(name) : .text(name) }
    }
}
