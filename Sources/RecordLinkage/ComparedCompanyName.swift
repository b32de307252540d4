/// The parts of an organization's name, folded: 苏州 | 华信 | 精密机械 | 有限公司 | 上海分公司.
struct ComparedCompanyName {
    /// The place that the name begins with, or has in brackets.
    private(set) var seat: [UInt16] = []
    /// What distinguishes the name (字号).
    private(set) var brand: [UInt16] = []
    /// What it says of the business.
    private(set) var trade: [UInt16] = []
    /// The branch, shop or office; empty for the organization itself.
    private(set) var branch: [UInt16] = []

    init(_ text: String) {
        if text.utf16.contains(where: isHan) { takeHan(text) } else { takeLatin(text) }
    }

    private mutating func takeHan(_ text: String) {
        var rest = FoldedText.units(of: withoutBrackets(text))[...]
        takeSeat(&rest)
        takeBranch(&rest)
        CompanyWords.dropForm(&rest)
        // A place may stand behind the brand too: 华信科技苏州.
        var words: [ArraySlice<UInt16>] = []
        while let length = CompanyWords.tradeLength(atEndOf: rest), rest.count - length >= 2 {
            words.append(rest.suffix(length))
            rest = rest.dropLast(length)
        }
        brand = Array(rest)
        trade = words.reversed().flatMap { $0 }
    }

    private mutating func takeSeat(_ rest: inout ArraySlice<UInt16>) {
        // 江苏省苏州市…: the last place counts.
        while true {
            let length = PlaceNames.length(atStartOf: rest)
            // A name may be nothing but a place and a trade: 北京银行.
            if length == 0 || rest.count - length < 2 || CompanyWords.tradeLength(atEndOf: rest.dropFirst(length)) == rest.count - length { return }
            if seat.isEmpty || !isBracketed { seat = Array(rest.prefix(length)) }
            rest = rest.dropFirst(length)
            if let mark = rest.first, CompanyWords.placeMarks.contains(mark) { rest = rest.dropFirst() }
        }
    }

    private var isBracketed = false

    /// Takes a place in brackets as the seat: 华信（苏州）科技有限公司. What else stands in brackets is left out.
    private mutating func withoutBrackets(_ text: String) -> String {
        var kept = "", inner = "", depth = 0
        for character in text {
            if "(（[【".contains(character) {
                depth += 1
            } else if ")）]】".contains(character), depth > 0 {
                depth -= 1
                let units = FoldedText.units(of: inner)
                if PlaceNames.length(atStartOf: units[...]) >= max(2, units.count - 1) {
                    seat = Array(units.prefix(PlaceNames.length(atStartOf: units[...])))
                    isBracketed = true
                }
                inner = ""
            } else if depth > 0 {
                inner.append(character)
            } else {
                kept.append(character)
            }
        }
        return kept + inner
    }

    /// 有限公司 with something behind it, or a word for a branch at the end.
    private mutating func takeBranch(_ rest: inout ArraySlice<UInt16>) {
        if let end = CompanyWords.endOfForm(in: rest), end < rest.endIndex {
            branch = Array(rest[end...])
            rest = rest[..<end]
            return
        }
        guard let length = CompanyWords.branchLength(atEndOf: rest) else { return }
        // What the branch is called stands before: a place or a number, two characters at least.
        var start = rest.endIndex - length
        for place in stride(from: start - 2, through: max(rest.startIndex + 2, start - 5), by: -1)
        where PlaceNames.length(atStartOf: rest[place..<start]) == start - place {
            start = place
            break
        }
        if start == rest.endIndex - length, start - rest.startIndex > 4 { start -= 2 }
        branch = Array(rest[start...])
        rest = rest[..<start]
    }

    private mutating func takeLatin(_ text: String) {
        var tokens = FoldedText.units(of: text, keepsSpaces: true).split(separator: 0x20).map { String(decoding: $0, as: UTF16.self) }
        if let place = tokens.firstIndex(where: CompanyWords.latinBranches.contains), place > 0 {
            branch = tokens[max(1, place - 1)...].joined().utf16.map { $0 }
            tokens = Array(tokens[..<max(1, place - 1)])
        }
        while tokens.count > 1, let last = tokens.last, CompanyWords.latinForms.contains(last) { tokens.removeLast() }
        var words: [String] = []
        while tokens.count > 1, let last = tokens.last, CompanyWords.latinTrades.contains(last) { words.append(tokens.removeLast()) }
        brand = Array(tokens.joined().utf16)
        trade = Array(words.reversed().joined().utf16)
    }
}
