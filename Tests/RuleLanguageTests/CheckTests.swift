import Testing

@testable import RuleLanguage

struct SomeFields: FieldLookup {
    private let fields: [String: KnownField] = [
        "city": KnownField("city", .text), "城市": KnownField("city", .text), "revenue": KnownField("revenue", .number),
        "birth_date": KnownField("birth_date", .date), "vip": KnownField("vip", .boolean),
        "phone": KnownField("phone", .set), "年收入(万元)": KnownField("x.income", .number),
        "x.income": KnownField("x.income", .number),
    ]

    func field(named name: String) -> KnownField? { fields[name] }
    var fieldNames: [String] { Array(fields.keys) }
}

func checked(_ text: String) throws -> Expression { try Expression.parse(text).check(against: SomeFields()) }

struct CheckTests {
    @Test(arguments: [
        ("城市 = 上海", #"city = "上海""#),
        ("city = 100", #"city = "100""#),
        ("city = 001", #"city = "001""#),
        ("city < m", #"city < "m""#),
        ("phone = 13800138000", #"phone = "13800138000""#),
        ("phone contains 138 and phone != 1", #"phone contains "138" and phone != "1""#),
        ("phone in (1, a)", #"phone in ("1", "a")"#),
        (#"revenue > "100万""#, "revenue > 100万"),
        ("`年收入(万元)` in (1, '2')", "x.income in (1, 2)"),
        ("birth_date >= 2024", "birth_date >= 2024"),
        ("birth_date >= '2024-02'", "birth_date >= 2024-02"),
        ("birth_date = 2024-02-29", "birth_date = 2024-02-29"),
        ("birth_date < 2024-01-15T08:00:00.5Z", "birth_date < 2024-01-15T08:00:00.5Z"),
        ("birth_date contains -02-", #"birth_date contains "-02-""#),
        ("vip = 是 or vip != NO", #"vip = "true" or vip != "false""#),
        ("tag(1) or not 标签 is empty", #"tag("1") or not tag is empty"#),
    ])
    func accepts(_ text: String, _ expected: String) throws {
        let tree = try checked(text)
        #expect(tree.description == expected)
        #expect(try checked(tree.description) == tree)
    }

    @Test(arguments: [
        ("phone < 5", "rules.operator-not-for-field", 1),
        ("city = x and tag >= a", "rules.operator-not-for-field", 14),
        ("vip > true", "rules.operator-not-for-field", 1),
        ("vip contains t", "rules.operator-not-for-field", 1),
        ("revenue ~ 5", "rules.operator-not-for-field", 1),
        ("revenue = many", "rules.not-a-number", 11),
        ("revenue in (1, x)", "rules.not-a-number", 16),
        ("revenue > 2024-01-15", "rules.not-a-number", 11),
        ("revenue = 123456789012345678901234567890123456789", "rules.not-a-number", 11),
        ("birth_date = 2023-02-29", "rules.bad-date", 14),
        ("birth_date = 2024-13", "rules.bad-date", 14),
        ("birth_date = 100万", "rules.bad-date", 14),
        ("birth_date = 2024-01-15T24:00:00Z", "rules.bad-date", 14),
        ("vip = maybe", "rules.not-a-boolean", 7),
        ("city = ''", "rules.empty-value", 8),
        ("tag('')", "rules.empty-value", 5),
        ("not (a = 1)", "rules.unknown-field", 6),
    ])
    func refuses(_ text: String, _ code: String, _ column: Int) {
        let error = #expect(throws: RuleError.self) { try checked(text) }
        #expect(error?.code == code)
        #expect(error?.column == column)
    }

    @Test(arguments: [
        ("ctiy = x", "city"), ("Birth_Dat = 2024", "birth_date"), ("phnoe is empty", "phone"), ("城镇 = x", "城市"),
        ("tg = x", "tag"), ("wholly_other = x", nil),
    ])
    func suggestsTheNearestName(_ text: String, _ nearest: String?) {
        let error = #expect(throws: RuleError.self) { try checked(text) }
        #expect(error?.reason == .unknownField)
        #expect(error?.parameters["nearest"] == nearest)
    }

    @Test func namesTheOperatorAndTheClass() {
        let error = #expect(throws: RuleError.self) { try checked("phone <= 5") }
        #expect(error?.parameters == ["field": "phone", "operator": "<=", "class": "set", "column": "1"])
    }
}
