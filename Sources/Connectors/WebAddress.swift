/// Texts inside addresses (RFC 3986, section 2).
public enum WebAddress {
    /// Everything but unreserved characters percent-encoded, as a path's part or a query's value needs it.
    public static func escaped(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var out: [UInt8] = []
        for unit in text.utf8 {
            switch unit {
            case 48...57, 65...90, 97...122, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"): out.append(unit)
            default: out += [UInt8(ascii: "%"), digits[Int(unit >> 4)], digits[Int(unit & 15)]]
            }
        }
        return String(decoding: out, as: UTF8.self)
    }
}

extension WebAddress {
    /// Base 64 with the alphabet for addresses (RFC 4648, section 5), padded.
    public static func base64(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        var out: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let part = bytes[start..<min(start + 3, bytes.count)]
            let bits = part.reduce(0) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - part.count))
            for place in 0..<4 {
                out.append(place <= part.count ? alphabet[Int(bits >> UInt32(18 - 6 * place) & 63)] : UInt8(ascii: "="))
            }
        }
        return String(decoding: out, as: UTF8.self)
    }
}

extension WebAddress {
    /// The address that a reference names (RFC 3986, section 5.2); what is no ASCII in it percent-encoded.
    ///
    /// - Parameter base: an absolute address.
    public static func resolved(_ reference: String, against base: String) -> String {
        var plain = ""
        for scalar in reference.unicodeScalars { plain += (0x21...0x7E).contains(scalar.value) ? String(scalar) : escaped(String(scalar)) }
        let lower = plain.lowercased()
        if lower.hasPrefix("http://") || lower.hasPrefix("https://") { return plain }
        guard let scheme = base.firstRange(of: "://") else { return plain }
        if plain.hasPrefix("//") { return base[..<scheme.lowerBound] + ":" + plain }
        let hostEnd = base[scheme.upperBound...].firstIndex { "/?#".contains($0) } ?? base.endIndex
        if plain.hasPrefix("/") { return base[..<hostEnd] + plain }
        let path = base[hostEnd...].prefix { $0 != "?" && $0 != "#" }
        return base[..<hostEnd] + (path.lastIndex(of: "/").map { path[...$0] } ?? "/") + plain
    }
}
