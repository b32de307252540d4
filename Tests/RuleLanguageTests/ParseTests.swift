import Testing

@testable import RuleLanguage

/// What an expression's canonical text is, or the code it is refused with.
func canonical(_ text: String) -> String {
    do throws(RuleError) {
        return try Expression.parse(text).description
    } catch {
        return error.code
    }
}

struct ParseTests {
    @Test(arguments: [
        ("city = 上海", #"city = "上海""#),
        ("city==上海", #"city = "上海""#),
        ("city <> 上海", #"city != "上海""#),
        ("city≠上海", #"city != "上海""#),
        ("a<1", "a < 1"), ("a<=1", "a <= 1"), ("a≤1", "a <= 1"), ("a>-1", "a > -1"), ("a ≥ 1", "a >= 1"),
        ("name ~ 张", #"name contains "张""#),
        ("name contains 张", #"name contains "张""#),
        ("name CONTAINS O'Brien", #"name contains "O'Brien""#),
        ("name not contains x", #"not name contains "x""#),
        ("city in (上海, 'New York', 北京)", #"city in ("上海", "New York", "北京")"#),
        ("city not in (a)", #"not city in ("a")"#),
        ("phone is empty", "phone is empty"),
        ("phone IS NOT EMPTY", "phone is not empty"),
        (#"tag("流失风险")"#, #"tag("流失风险")"#),
        ("tag = 流失风险", #"tag("流失风险")"#),
        ("tags = vip", #"tag("vip")"#),
        ("`Tags` = vip", #"tag("vip")"#),
        ("Tag ('a b')", #"tag("a b")"#),
        ("tag != vip", #"tag != "vip""#),
        ("stage = lead", #"stage = "lead""#),
        ("state = OR or state = in", #"state = "OR" or state = "in""#),
        ("revenue >= 1_000_000.50", "revenue >= 1_000_000.50"),
        ("revenue >= 100万", "revenue >= 100万"),
        ("founded < 2024-01-15", "founded < 2024-01-15"),
        ("founded < 2024-02-30", #"founded < "2024-02-30""#),
        ("at < 2024-01-15T08:00:00Z", "at < 2024-01-15T08:00:00Z"),
        (#"note = "say \"hi\"\n\\ \u{4E0A}""#, #"note = "say \"hi\"\n\\ 上""#),
        ("`a b` = 1", "`a b` = 1"),
        ("`and` = 1", "`and` = 1"),
        (#"`年收入(万元)` = 1"#, "`年收入(万元)` = 1"),
        ("order.amount = 1", "order.amount = 1"),
        ("预算-2024 = 1", "预算-2024 = 1"),
        ("_x = Yahoo!", #"_x = "Yahoo!""#),
        ("email = a.b+c@d.example", #"email = "a.b+c@d.example""#),
        ("phone = +8613800138000", "phone = +8613800138000"),
        ("site = https://example.org/x?y", #"site = "https://example.org/x?y""#),
        ("((a = 1))", "a = 1"),
        ("not not a = 1", "not not a = 1"),
    ])
    func accepts(_ text: String, _ expected: String) {
        #expect(canonical(text) == expected)
    }

    @Test(arguments: [
        ("a = 1 or b = 2 and c = 3", "a = 1 or b = 2 and c = 3"),
        ("a = 1 or (b = 2 and c = 3)", "a = 1 or b = 2 and c = 3"),
        ("(a = 1 or b = 2) and c = 3", "(a = 1 or b = 2) and c = 3"),
        ("not a = 1 and b = 2", "not a = 1 and b = 2"),
        ("(not a = 1) and b = 2", "not a = 1 and b = 2"),
        ("not (a = 1 and b = 2)", "not (a = 1 and b = 2)"),
        ("(a = 1 and b = 2) and c = 3", "(a = 1 and b = 2) and c = 3"),
    ])
    func precedence(_ text: String, _ expected: String) {
        #expect(canonical(text) == expected)
    }

    @Test func precedenceIsInTheTree() throws {
        func leaf(_ name: String) -> Expression {
            .condition(Condition(.field(FieldName(name)), .isEmpty))
        }
        let tree = try Expression.parse("a is empty or b is empty and not c is empty and d is empty")
        #expect(tree == .or([leaf("a"), .and([leaf("b"), .not(leaf("c")), leaf("d")])]))
    }

    @Test(arguments: [
        ("（城市＝“上海”）且（阶段＝lead）", #"(城市 = "上海") and 阶段 = "lead""#),
        ("ｃｉｔｙ＝上海　ａｎｄ　ｒｅｖｅｎｕｅ＞＝１００万", "city = 上海 and revenue >= 100万"),
        ("城市＝‘上海’或者阶段！＝lead", "城市 = 上海 or 阶段 != lead"),
        ("城市=“上海”且阶段=“lead”或阶段=won", "城市 = 上海 and 阶段 = lead or 阶段 = won"),
        ("城市=“上海”并且 阶段 属于（lead、won，lost）", "城市 = 上海 and 阶段 in (lead, won, lost)"),
        ("非（城市＝上海 或 城市＝北京）", "not (城市 = 上海 or 城市 = 北京)"),
        ("非 标签（“流失风险”）", #"not tag("流失风险")"#),
        ("非标签（“流失风险”）且标签(vip)", #"not tag("流失风险") and tag(vip)"#),
        ("手机 为空 且 邮箱 不为空", "手机 is empty and 邮箱 is not empty"),
        ("名称 包含 「科技」 或 名称 不包含 『贸易』", "名称 contains 科技 or not 名称 contains 贸易"),
        ("名称～科技", "名称 contains 科技"),
    ])
    func chinese(_ text: String, _ same: String) {
        #expect(canonical(text) == canonical(same))
        #expect(!canonical(same).hasPrefix("rules."))
    }

    @Test func quotedTextIsKeptAsTyped() throws {
        #expect(canonical("city = “ＡＢ，１”") == #"city = "ＡＢ，１""#)
        #expect(canonical("`ｃ` = 1") == "`ｃ` = 1")
    }

    @Test func numbersKeepWhatWasTyped() throws {
        let tree = try Expression.parse("a = 001.50万")
        guard case .condition(let condition) = tree, case .compare(.equal, let value) = condition.test else {
            Issue.record("no comparison: \(tree)")
            return
        }
        #expect(value.kind == .number)
        #expect(value.written == "001.50万")
        #expect(value.value == "15000")
        #expect(value.column == 5)
    }
}
