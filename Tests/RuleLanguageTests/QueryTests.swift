import Testing

@testable import RuleLanguage

struct QueryTests {
    @Test(arguments: [
        "张伟", "zhangwei", "zw", "13800138000", "+86 138-0013-8000", "acme gmbh", "AT&T", "Tom and Jerry", "Jean-Luc",
        "O'Brien", "华为（深圳）有限公司", "acme (gmbh)", "Made in China", "nothing", "not", "非", "Notting Hill", "非诚勿扰",
        "a@b.example", "上海 且 北京", "this or that", "小明~", "~小明~", "what is this", "phone is", "tag", "标签", "(tag)",
        "contains x", "a, b", "\"", "“上海", "100%", "The box contains pens", "city:上海", "", "((((",
    ])
    func freeText(_ text: String) throws {
        #expect(try Query.parse(text) == .freeText(text))
    }

    @Test func freeTextIsTrimmedAndUnquoted() throws {
        #expect(try Query.parse(" \t张 伟　\n") == .freeText("张 伟"))
        #expect(try Query.parse(#" "a = b" "#) == .freeText("a = b"))
        #expect(try Query.parse("“not x”") == .freeText("not x"))
        #expect(try Query.parse("   ") == .freeText(""))
    }

    @Test(arguments: [
        "city = 上海", "a<1", "tag(vip)", "标签（“x”）", "not tag(vip)", "非标签(x)", "(tag(a) or tag(b))", "phone is empty",
        "((phone is not empty))", "手机 为空", "手机 不为空", "name contains x", "name ~ x", "`a b`~x", "name 包含 x",
        "city in (a, b)", "city not in (a)", "city 属于 （a）", "name not contains x", "not (phone is empty)",
    ])
    func expression(_ text: String) throws {
        #expect(try Query.parse(text) == .expression(Expression.parse(text)))
    }

    @Test(arguments: [
        ("city =", "rules.value-expected"),
        ("= 上海", "rules.condition-expected"),
        ("city = \"上海", "rules.text-not-closed"),
        ("city in (", "rules.value-expected"),
        ("tag(", "rules.value-expected"),
        ("not 张伟", "rules.operator-expected"),
        ("Zhang Wei <z@x.example>", "rules.operator-expected"),
        ("sum(order.amount, 12 months) >= 100000", "rules.not-yet-known-function"),
    ])
    func brokenExpressionIsNoFreeText(_ text: String, _ code: String) {
        let error = #expect(throws: RuleError.self) { try Query.parse(text) }
        #expect(error?.code == code)
    }
}
