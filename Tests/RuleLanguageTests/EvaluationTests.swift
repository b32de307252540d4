import Testing

@testable import RuleLanguage

struct EvaluationTests {
    private static let customer: [String: [String]] = [
        "city": ["Shanghai 上海"], "revenue": ["1000000.5"], "birth_date": ["1990-05-01"], "vip": ["true"],
        "phone": ["13800138000", "02112345678"], "tag": ["VIP", "流失风险"],
    ]

    private func holds(_ text: String, _ changes: [String: [String]] = [:]) throws -> Bool {
        let customer = Self.customer.merging(changes) { $1 }
        return try checked(text).evaluate { customer[$0] ?? [] }
    }

    @Test(arguments: [
        "city = 'shanghai 上海'", "city != shanghai", "city contains HAI", "city ~ 上", "city > a", "city <= 'SHANGHAI 上海'",
        "revenue > 100万", "revenue < 100.00006万", "revenue = 1_000_000.50", "revenue != 1000000", "revenue in (1, 1000000.5)",
        "birth_date < 1990-05-02", "birth_date >= 1990", "birth_date contains -05-", "vip = yes", "vip != false",
        "phone = 13800138000", "phone = 02112345678", "phone contains 123", "phone in (1, 02112345678)", "phone != 1",
        "tag(vip)", "tag('流失风险') and not tag(新客)", "tag is not empty", "not city is empty",
        "city = x or revenue > 1 and vip = true",
    ])
    func holds(_ text: String) throws {
        #expect(try holds(text, [:]))
    }

    @Test(arguments: [
        "city = 上海", "city != 'SHANGHAI 上海'", "city in (a, b)", "revenue > 1000000.5", "revenue >= 1000000.50000000000000000001",
        "birth_date > 1990-05-01", "birth_date = 1990", "vip = false", "phone != 13800138000", "phone = 2112345678", "tag(v)",
        "tag is empty", "(city = x or revenue > 1) and vip = false",
    ])
    func fails(_ text: String) throws {
        #expect(try !holds(text, [:]))
    }

    @Test(arguments: [[], [""], ["", ""]])
    func anEmptyFieldFailsAllButDifferenceAndEmptiness(_ values: [String]) throws {
        for name in ["city", "revenue", "birth_date", "phone"] {
            let empty = [name: values]
            #expect(try holds("\(name) is empty", empty))
            #expect(try holds("\(name) != 2024", empty))
            #expect(try !holds("\(name) is not empty", empty))
            #expect(try !holds("\(name) = 2024", empty))
            #expect(try !holds("\(name) in (2024)", empty))
            if name != "phone" {
                for sign in ["<", "<=", ">", ">="] { #expect(try !holds("\(name) \(sign) 2024", empty)) }
            }
            if name != "revenue" { #expect(try !holds("\(name) contains 2", empty)) }
        }
        #expect(try holds("not revenue > 5", ["revenue": values]))
    }

    @Test func numbersCompareExactly() throws {
        let one = "12345678901234567890123456789012345678"
        let other = "12345678901234567890123456789012345679"
        #expect(try holds("revenue < \(other)", ["revenue": [one]]))
        #expect(try !holds("revenue = \(other)", ["revenue": [one]]))
        #expect(try holds("revenue = \(one)", ["revenue": [one + ".0"]]))
        #expect(try holds("revenue > -10", ["revenue": ["-9.99"]]))
        #expect(try holds("revenue = 0", ["revenue": ["-0.0"]]))
        for text in ["revenue = 5", "revenue < 5", "revenue > 5", "revenue in (5)"] {
            #expect(try !holds(text, ["revenue": ["unreadable"]]))
        }
        #expect(try holds("revenue != 5", ["revenue": ["unreadable"]]))
    }

    @Test func textsCompareByBytes() throws {
        #expect(try !holds("city = é", ["city": ["e\u{301}"]]))
        #expect(try !holds("city = É", ["city": ["é"]]))
        #expect(try holds("city = CAFÉ", ["city": ["cafÉ"]]))
        #expect(try holds("city < 😀", ["city": ["\u{FF5E}"]]))
    }

    @Test func explainsEveryCondition() throws {
        let tree = try checked("city = x or not (revenue > 5 and tag(vip)) or phone is empty")
        let explanation = tree.explain { Self.customer[$0] ?? [] }
        #expect(!explanation.matches)
        #expect(explanation.because.map(\.condition.description) == [#"city = "x""#, "revenue > 5", #"tag("vip")"#, "phone is empty"])
        #expect(explanation.because.map(\.holds) == [false, true, true, false])
        #expect(explanation.because[2].actual == ["VIP", "流失风险"])
    }

    @Test func asksNoMoreThanItNeedsAndPassesErrorsOn() throws {
        struct Broken: Error {}
        let tree = try checked("city = a or revenue = 1 and phone = 1")
        var asked: [String] = []
        #expect(tree.evaluate { asked.append($0); return ["a"] })
        #expect(asked == ["city"])
        #expect(throws: Broken.self) { try tree.evaluate { _ in throw Broken() } }
    }
}
