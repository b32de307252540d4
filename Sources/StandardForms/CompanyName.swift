/// An organization's name taken apart: 上海华信软件股份有限公司苏州分公司 is 华信软件, of 上海, with a branch.
public struct CompanyName: Hashable, Sendable {
    /// The place in the name: `上海`, also where it stands in brackets, as in 华信（上海）软件有限公司.
    public let place: Region?
    /// What is left without place, legal form and branch: 华信软件.
    public let core: String
    /// How it is constituted: 有限公司, 股份有限公司, GmbH; nil where the name does not say.
    public let legalForm: String?
    /// What it is of its parent: 苏州分公司, 人民路支行; nil where it is no branch. A branch is not its parent.
    public let branch: String?

    public var isBranch: Bool { branch != nil }

    public init(_ text: String) {
        var rest = text.trimmingSpaces().map { $0 == "（" ? "(" : $0 == "）" ? ")" : $0 }.reduce(into: "") { $0.append($1) }
        var place: Region?
        branch = CompanyName.takeBranch(&rest)
        legalForm = CompanyName.takeLegalForm(&rest)
        // A place in brackets, or at the beginning.
        if let open = rest.firstIndex(of: "("), let close = rest[open...].firstIndex(of: ")"), let region = Region(String(rest[rest.index(after: open)..<close])) {
            place = region
            rest.removeSubrange(open...close)
        }
        if place == nil, let leading = Region.leading(rest), leading.scalars < rest.unicodeScalars.count {
            place = leading.region
            rest = String(String.UnicodeScalarView(rest.unicodeScalars.dropFirst(leading.scalars)))
        }
        self.place = place
        core = (rest.hasPrefix("中国") && rest.count > 3 ? String(rest.dropFirst(2)) : rest).trimmingSpaces()
    }

    /// The longest first, so that 有限公司 does not take the end of 股份有限公司.
    private static let legalForms = [
        "(集团)股份有限公司", "集团股份有限公司", "(集团)有限公司", "集团有限公司", "股份有限公司", "有限责任公司", "合伙企业(有限合伙)", "合伙企业(普通合伙)", "个人独资企业", "(有限合伙)",
        "农民专业合作社", "有限公司", "合作社", "集团公司", "总公司", "公司", "集团", "co., ltd.", "co., ltd", "co.,ltd.", "co.,ltd", "co. ltd.", "co. ltd", "limited", "ltd.", "ltd",
        "incorporated", "inc.", "inc", "gmbh & co. kg", "gmbh", "corporation", "corp.", "corp", "llc", "l.l.c.", "plc", "s.a.", "s.r.l.", "ag", "b.v.", "pty",
    ]
    private static let branches = ["分公司", "分行", "支行", "分店", "分部", "分院", "分校", "办事处", "营业部", "营业厅", "代表处", "分理处"]

    private static func takeLegalForm(_ rest: inout String) -> String? {
        let folded = rest.lowercased()
        for form in legalForms where folded.hasSuffix(form) && folded.count > form.count {
            let start = rest.index(rest.endIndex, offsetBy: -form.count)
            // An abbreviation is a word of its own: not the end of another.
            if form.utf8.allSatisfy({ $0 < 0x80 }), let before = rest[..<start].last, before.isLetter { continue }
            let found = String(rest[start...])
            rest = String(rest[..<start]).trimmingSpaces()
            while rest.last == "," || rest.last == "，" { rest.removeLast() }
            return found
        }
        return nil
    }

    /// Takes a branch from the end: what stands after the parent's legal form, or after the name where that has none.
    private static func takeBranch(_ rest: inout String) -> String? {
        guard let kind = branches.first(where: { rest.hasSuffix($0) && rest.count > $0.count }) else { return nil }
        for form in legalForms where !form.utf8.allSatisfy({ $0 < 0x80 }) && form != "公司" {
            guard let range = rest.firstRange(of: form), range.upperBound < rest.endIndex else { continue }
            let branch = String(rest[range.upperBound...])
            rest = String(rest[..<range.upperBound])
            return branch
        }
        // 工商银行苏州分行: what is between belongs to the branch as far as it is a place.
        let stem = rest.dropLast(kind.count)
        for length in [6, 5, 4, 3, 2] where stem.count > length + 1 {
            let place = String(stem.suffix(length))
            if Region(place) != nil {
                rest = String(stem.dropLast(length))
                return place + kind
            }
        }
        rest = String(stem)
        return kind
    }
}
