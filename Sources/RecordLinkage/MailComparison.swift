extension FoldedText {
    /// An address of mail in lower case; nothing where there is no @.
    static func mail(_ text: String) -> [UInt16] {
        let units = text.lowercased().utf16.filter { $0 > 0x20 }
        return units.contains(0x40) ? units : []
    }
}

/// Compares addresses of mail: any of one record with any of the other.
enum MailComparison {
    static let same: UInt8 = 1, sameLocalPart: UInt8 = 2, close: UInt8 = 3, different: UInt8 = 4
    /// A shorter local part says little.
    private static let tellingLocalPart = 5

    static func level(_ a: (UInt32, UInt32), _ b: (UInt32, UInt32), _ codes: TextView) -> (level: UInt8, shared: UInt32) {
        if a.0 == 0 || b.0 == 0 { return (0, 0) }
        if a.0 == b.0 || a.0 == b.1 { return (same, a.0) }
        if a.1 != 0, a.1 == b.0 || a.1 == b.1 { return (same, a.1) }
        var best = level(codes.text(a.0), codes.text(b.0))
        if a.1 != 0 { best = min(best, level(codes.text(a.1), codes.text(b.0))) }
        if b.1 != 0 { best = min(best, level(codes.text(a.0), codes.text(b.1))) }
        return (best, 0)
    }

    private static func level(_ a: Units, _ b: Units) -> UInt8 {
        let localA = localPart(a), localB = localPart(b)
        if localA.count >= tellingLocalPart, localA.count == localB.count, localA.elementsEqual(localB) { return sameLocalPart }
        // Two people of one name have addresses that differ in a number or a letter of the box: a number is no slip.
        return editDistance(a, b, limit: 1) <= 1 && haveSameDigits(a, b) ? close : different
    }

    private static func haveSameDigits(_ a: Units, _ b: Units) -> Bool { a.lazy.filter(isDigit).elementsEqual(b.lazy.filter(isDigit)) }

    private static func localPart(_ mail: Units) -> Units { Units(rebasing: mail.prefix { $0 != 0x40 }) }
}

/// The domains by which organizations are told apart.
enum MailDomain {
    /// The domain of a web address without `www`.
    static func site(of text: String) -> [UInt16] {
        var text = text.lowercased()[...]
        if let scheme = text.firstRange(of: "://") { text = text[scheme.upperBound...] }
        if text.hasPrefix("www.") { text = text.dropFirst(4) }
        return Array(text.prefix { $0 != "/" && $0 != ":" && $0 != "?" }.utf16)
    }

    /// The domain of an address of mail, where it is not one of those that give addresses to everybody.
    static func site(ofMail mail: [UInt16]) -> [UInt16] {
        guard let at = mail.lastIndex(of: 0x40) else { return [] }
        let domain = Array(mail[(at + 1)...])
        return open.contains(domain) ? [] : domain
    }

    private static let open = Set(
        [
            "qq.com", "163.com", "126.com", "139.com", "189.cn", "sina.com", "sina.cn", "sohu.com", "foxmail.com", "yeah.net", "aliyun.com",
            "gmail.com", "hotmail.com", "outlook.com", "live.com", "yahoo.com", "yahoo.com.cn", "icloud.com", "vip.qq.com", "tom.com",
            "21cn.com", "wo.cn", "gmx.de", "web.de", "proton.me", "mail.com", "example.com",
        ].map { Array($0.utf16) })
}
