import ProfileModel
import Testing

@testable import RuleLanguage

struct RefusalTests {
    @Test(arguments: [
        ("", "rules.nothing-given", 1, nil),
        (" 　", "rules.nothing-given", 1, nil),
        ("city", "rules.operator-expected", 5, "city"),
        ("city 上海", "rules.operator-expected", 6, "上海"),
        ("city =", "rules.value-expected", 7, "city ="),
        ("城市 = = 3", "rules.value-expected", 6, "= 3"),
        ("a =< 3", "rules.value-expected", 4, "< 3"),
        ("city = New York", "rules.connective-expected", 12, "York"),
        ("name = 华为（深圳）", "rules.connective-expected", 10, "（深圳）"),
        ("城市=上海且阶段=lead", "rules.connective-expected", 9, "=lead"),
        ("(a = 1", "rules.bracket-expected", 7, "(a = 1"),
        ("a = 1)", "rules.connective-expected", 6, ")"),
        ("a = 1 and", "rules.condition-expected", 10, "a = 1 and"),
        ("a = 1 and and b = 2", "rules.condition-expected", 11, "and b = 2"),
        ("a = 1 b = 2", "rules.connective-expected", 7, "b = 2"),
        ("()", "rules.condition-expected", 2, ")"),
        ("not", "rules.condition-expected", 4, "not"),
        ("a in b", "rules.bracket-expected", 6, "b"),
        ("a in ()", "rules.value-expected", 7, ")"),
        ("a in (1, )", "rules.value-expected", 10, ")"),
        ("a in (1 2)", "rules.bracket-expected", 9, "2)"),
        ("a is 5", "rules.empty-expected", 6, "5"),
        ("a is not 5", "rules.empty-expected", 10, "5"),
        ("a is", "rules.empty-expected", 5, "a is"),
        ("a not 5", "rules.operator-expected", 3, "not 5"),
        ("2024 = 1", "rules.condition-expected", 1, "2024 = 1"),
        ("-a = 1", "rules.condition-expected", 1, "-a = 1"),
        ("a/b = 1", "rules.condition-expected", 1, "a/b = 1"),
        ("`` = 1", "rules.condition-expected", 1, "`` = 1"),
        ("\"a\" = 1", "rules.condition-expected", 1, "\"a\" = 1"),
        ("a = `b`", "rules.value-expected", 5, "`b`"),
        ("a = \"上海", "rules.text-not-closed", 5, "\"上海"),
        ("a = “上海\"", "rules.text-not-closed", 5, "“上海\""),
        ("`a = 1", "rules.text-not-closed", 1, "`a = 1"),
        (#"a = "\x""#, "rules.bad-escape", 6, #"\x""#),
        (#"a = "\u{110000}""#, "rules.bad-escape", 6, #"\u{110000}""#),
        (#"a = "\u{}""#, "rules.bad-escape", 6, #"\u{}""#),
        (#"a = "\u"#, "rules.bad-escape", 6, #"\u"#),
        (#"a = "\"#, "rules.text-not-closed", 6, #"\"#),
        ("tag()", "rules.value-expected", 5, ")"),
        ("tag(a, b)", "rules.bracket-expected", 6, ", b)"),
        ("👨‍👩‍👧‍👦 = 👨‍👩‍👧‍👦 x", "rules.condition-expected", 1, nil),
        ("a = 👨‍👩‍👧‍👦e\u{301} x", "rules.connective-expected", 8, "x"),
    ] as [(String, String, Int, String?)])
    func refuses(_ text: String, _ code: String, _ column: Int, _ near: String?) {
        let error = #expect(throws: RuleError.self) { try Expression.parse(text) }
        #expect(error?.code == code)
        #expect(error?.column == column)
        #expect(error?.parameters["column"] == String(column))
        if let near { #expect(error?.parameters["near"] == near) }
        if code.hasSuffix("-expected") { #expect(error?.parameters["expected"]?.isEmpty == false) }
    }

    @Test(arguments: [
        ("sum(order.amount, 12 months) >= 100000", "sum", 1),
        ("industry = I65 and repurchase_rate(12 months) >= 0.6", "repurchase_rate", 20),
        ("not count (x) = 1", "count", 5),
    ])
    func namesTheUnknownFunction(_ text: String, _ function: String, _ column: Int) {
        let error = #expect(throws: RuleError.self) { try Expression.parse(text) }
        #expect(error?.reason == .notYetKnownFunction)
        #expect(error?.parameters["function"] == function)
        #expect(error?.column == column)
    }

    @Test func lengthLimit() throws {
        let fits = "a = \"" + String(repeating: "x", count: SourceText.bytesLimit - 6) + "\""
        #expect(fits.utf8.count == 10_000)
        _ = try Expression.parse(fits)
        #expect(canonical(fits + " ") == "rules.too-long")
        let error = #expect(throws: RuleError.self) { try Query.parse(String(repeating: "上", count: 3_334)) }
        #expect(error?.reason == .tooLong)
    }

    @Test func depthLimit() throws {
        func nested(_ count: Int) -> String {
            String(repeating: "(", count: count) + "a = 1" + String(repeating: ")", count: count)
        }
        _ = try Expression.parse(nested(100))
        _ = try Expression.parse(String(repeating: "not ", count: 100) + "a = 1")
        let error = #expect(throws: RuleError.self) { try Expression.parse(nested(101)) }
        #expect(error?.reason == .tooDeep)
        #expect(error?.column == 101)
        #expect(canonical(String(repeating: "not (", count: 51) + "a = 1") == "rules.too-deep")
        #expect(canonical(String(repeating: "(", count: 9_999)) == "rules.too-deep")
        #expect(canonical(String(repeating: "非 ", count: 2_000)) == "rules.too-deep")
    }

    @Test func nestingThatHasEndedDoesNotCount() throws {
        let many = Array(repeating: "not (a = 1 or not b = 2)", count: 150).joined(separator: " and ")
        _ = try Expression.parse(many)
    }

    @Test func nodesLimit() throws {
        func list(_ count: Int) -> String { "a in (" + Array(repeating: "1", count: count).joined(separator: ",") + ")" }
        _ = try Expression.parse(list(999))
        #expect(canonical(list(1_000)) == "rules.too-many-nodes")
        let chain = Array(repeating: "a=1", count: 999).joined(separator: " or ")
        _ = try Expression.parse(chain)
        #expect(canonical(chain + " or a=1") == "rules.too-many-nodes")
    }

    @Test func everyCodeHasATextInBothLanguages() throws {
        let catalogue = try #require(EmbeddedFile.text("messages/rules.txt"))
        let blocks = catalogue.split(separator: "\n\n").map(String.init)
        for reason in RuleError.Reason.allCases {
            let block = try #require(blocks.first { $0.hasPrefix("[\(reason.rawValue)] exit=64") }, "\(reason.rawValue)")
            #expect(block.contains("\nen: ") && block.contains("\nzh: "))
            #expect(block.contains("\nen.hint: ") == block.contains("\nzh.hint: "))
        }
    }
}
