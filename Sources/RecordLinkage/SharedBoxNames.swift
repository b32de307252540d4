/// Boxes of mail that are no person's by their name.
enum SharedBoxNames {
    /// Whether an address names a role, a household, or a telephone that is no mobile one.
    static func isShared(_ mail: Units) -> Bool {
        let box = mail.prefix { $0 != 0x40 && $0 != 0x2B }
        if box.allSatisfy(isDigit) { return isLine(box) }
        // sales, sales2, sales.berlin, sales-team
        let first = box.prefix { !separators.contains($0) && !isDigit($0) }
        return roles.contains(Array(first)) || roles.contains(box.filter { !separators.contains($0) && !isDigit($0) })
    }

    /// A number with its area code, or one at which whoever is called pays.
    private static func isLine(_ digits: Slice<Units>) -> Bool {
        let text = Array(digits)
        if text.first == 0x30 { return (9...13).contains(text.count) }
        return text.count == 10 && (text.starts(with: [0x34, 0x30, 0x30]) || text.starts(with: [0x38, 0x30, 0x30]))
    }

    private static let separators: Set<UInt16> = [0x2E, 0x2D, 0x5F]

    /// RFC 2142 has some; the others are what offices and households call theirs in English, German and Chinese.
    private static let roles = Set(
        [
            "info", "information", "marketing", "sales", "support", "abuse", "noc", "security", "postmaster", "hostmaster", "usenet", "news",
            "webmaster", "www", "uucp", "ftp", "admin", "administrator", "root", "office", "mail", "email", "contact", "contactus", "hello", "hi",
            "hr", "jobs", "job", "career", "careers", "recruit", "recruiting", "recruitment", "service", "services", "customerservice", "customercare",
            "help", "helpdesk", "team", "staff", "reception", "frontdesk", "secretary", "secretariat", "accounts", "account", "accounting", "billing",
            "invoice", "invoices", "finance", "payroll", "legal", "compliance", "privacy", "press", "media", "pr", "order", "orders", "shop", "store",
            "purchase", "purchasing", "procurement", "buying", "export", "import", "logistics", "shipping", "warehouse", "production", "quality",
            "enquiries", "enquiry", "inquiries", "inquiry", "feedback", "booking", "bookings", "reservation", "reservations", "events",
            "noreply", "donotreply", "newsletter", "it", "edv", "tech", "technical", "home", "family", "household",
            "familie", "kontakt", "vertrieb", "verkauf", "einkauf", "buchhaltung", "buero", "sekretariat", "zentrale", "empfang", "verwaltung", "personal",
            "bewerbung", "kundenservice", "kundendienst", "rechnung", "versand", "lager", "praxis", "kanzlei",
            "kefu", "xiaoshou", "xiaoshoubu", "shichang", "shichangbu", "caiwu", "caiwubu", "renshi", "renshibu", "zhaopin", "xingzheng", "xingzhengbu",
            "bangongshi", "caigou", "caigoubu", "shangwu", "waimao", "gongsi", "qiantai", "jiating", "jishu", "jishubu", "yewu", "yewubu",
        ].map { Array($0.utf16) })
}
