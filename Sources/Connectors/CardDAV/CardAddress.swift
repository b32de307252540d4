/// Addresses of cards, as servers write them in one way or another.
enum CardAddress {
    /// The path of an address or of a reference, without its host, its query and the slash at its end.
    static func path(_ url: String) -> String {
        var rest = url[...]
        if let scheme = rest.firstRange(of: "://") {
            rest = rest[scheme.upperBound...]
            rest = rest.firstIndex(of: "/").map { rest[$0...] } ?? ""
        }
        rest = rest.prefix { $0 != "?" && $0 != "#" }
        return String(rest.last == "/" ? rest.dropLast() : rest)
    }

    /// A card's id: its name in the address book, in one way to write it; nil of the book itself and of what is a folder.
    static func id(_ href: String, _ book: String) -> String? {
        let plain = href.prefix { $0 != "?" && $0 != "#" }
        if plain.last == "/" || isBook(href, book) { return nil }
        guard let name = plain.split(separator: "/").last.flatMap({ decoded($0) }), !name.isEmpty else { return nil }
        return WebAddress.escaped(name)
    }

    static func isBook(_ href: String, _ book: String) -> Bool { segments(path(href)) == segments(book) }

    private static func segments(_ path: String) -> [String?] { path.split(separator: "/").map(decoded) }

    /// What a new card of ours is called.
    static func name(_ ourID: String) -> String { ourID + ".vcf" }

    /// A part of a path without percent-encoding; nil where it is none.
    private static func decoded(_ text: Substring) -> String? {
        var out: [UInt8] = [], bytes = Array(text.utf8)[...]
        while let byte = bytes.popFirst() {
            guard byte == UInt8(ascii: "%") else { out.append(byte); continue }
            guard bytes.count >= 2, let value = UInt8(String(decoding: bytes.prefix(2), as: UTF8.self), radix: 16) else { return nil }
            out.append(value)
            bytes = bytes.dropFirst(2)
        }
        return String(validating: out, as: UTF8.self)
    }
}
