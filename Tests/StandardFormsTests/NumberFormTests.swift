import ProfileModel
import StandardForms
import Testing

struct NumberFormTests {
    @Test(arguments: [
        ("1200", "1200"), ("1,200", "1200"), ("１２００", "1200"), ("1,234,567", "1234567"), ("3万", "30000"), ("1.5万", "15000"),
        ("500人", "500"), ("007", "7"), ("+5", "5"), ("12.00", "12"), ("-0", "0"), ("1e3", "1000"), ("10000001", "forms.out-of-range"),
        ("-1", "forms.out-of-range"), ("99999999999999999999", "forms.out-of-range"), ("1.5", "forms.not-an-integer"),
        ("1,20", "forms.not-an-integer"), ("1,2000", "forms.not-an-integer"), (",100", "forms.not-an-integer"),
        ("100-499人", "forms.not-an-integer"), ("约500", "forms.not-an-integer"), ("", "forms.empty"), ("1 2", "forms.not-an-integer"),
        ("１２a", "forms.not-an-integer"), ("1..2", "forms.not-an-integer"), ("-", "forms.not-an-integer"),
    ])
    func integers(raw: String, expected: String) { #expect(form(raw, "employees") == expected) }

    @Test func integersHave64Bits() {
        #expect(form("9223372036854775807", field(.integer)) == "9223372036854775807")
        #expect(form("-9223372036854775808", field(.integer)) == "-9223372036854775808")
        #expect(form("9223372036854775808", field(.integer)) == "forms.out-of-range")
    }

    @Test(arguments: [
        ("175", "175"), ("175.50", "175.5"), ("0175.0", "175"), ("1,750.25", "1750.25"), (".5", "0.5"), ("-0.0", "0"), ("-.25", "-0.25"),
        ("60%", "0.6"), ("0.5%", "0.005"), ("1.2E+5", "120000"), ("1.25e-3", "0.00125"), ("−3", "-3"), ("１．５", "1.5"), ("1.2.3", "forms.not-a-number"),
        ("5.", "forms.not-a-number"), ("abc", "forms.not-a-number"), ("1.000,5", "forms.not-a-number"), ("NaN", "forms.not-a-number"),
        ("1e99", "forms.not-a-number"), ("1,000.123456789012345678901234567890", "1000.12345678901234567890123456789"),
    ])
    func decimals(raw: String, expected: String) { #expect(form(raw, field(.decimal)) == expected) }

    @Test(arguments: [("30", "30"), ("29.99", "forms.out-of-range"), ("260.0", "260"), ("260.01", "forms.out-of-range")])
    func rangesAreInclusive(raw: String, expected: String) { #expect(form(raw, "height") == expected) }

    @Test(arguments: [("-10", "-10"), ("-10.5", "forms.out-of-range"), ("-9.5", "-9.5"), ("0.5", "0.5"), ("1", "forms.out-of-range")])
    func rangesBelowZero(raw: String, expected: String) {
        let field = field(.decimal, [.range(-10, 0)])
        #expect(form(raw, field) == (raw == "0.5" ? "forms.out-of-range" : expected))
    }

    @Test(arguments: [
        ("1,000.50", "1000.5 CNY"), ("¥1000", "1000 CNY"), ("￥1,000", "1000 CNY"), ("100万元", "1000000 CNY"), ("100万", "1000000 CNY"),
        ("1.5亿元", "150000000 CNY"), ("3千万", "30000000 CNY"), ("5百万元整", "5000000 CNY"), ("USD 20", "20 USD"), ("usd20", "20 USD"),
        ("20 USD", "20 USD"), ("$20.00", "20 USD"), ("HK$ 20", "20 HKD"), ("20欧元", "20 EUR"), ("€1,234.5", "1234.5 EUR"), ("100万美元", "1000000 USD"),
        ("人民币100万元", "1000000 CNY"), ("RMB 50", "50 CNY"), ("1000 CNY", "1000 CNY"), ("-5元", "-5 CNY"), ("¥-5", "-5 CNY"), ("0", "0 CNY"),
        ("1万亿元", "1000000000000 CNY"), ("３００元", "300 CNY"), ("澳门元5", "5 MOP"), ("5新加坡元", "5 SGD"),
        ("20 XYZ", "forms.unknown-currency"), ("XYZ 20", "forms.unknown-currency"), ("¥20 USD", "forms.not-an-amount"),
        ("10-20万", "forms.not-an-amount"), ("面议", "forms.not-an-amount"), ("元", "forms.not-an-amount"), ("", "forms.empty"),
        ("1.000,50", "forms.not-an-amount"), ("20 USDT", "forms.unknown-currency"),
    ])
    func amounts(raw: String, expected: String) { #expect(form(raw, "revenue") == expected) }

    @Test(arguments: [
        ("是", "true"), ("否", "false"), ("TRUE", "true"), ("No", "false"), ("1", "true"), ("0", "false"), ("√", "true"), ("×", "false"),
        ("Ｙ", "true"), ("没有", "false"), ("maybe", "forms.not-a-boolean"), ("是的吧", "forms.not-a-boolean"), ("2", "forms.not-a-boolean"),
    ])
    func booleans(raw: String, expected: String) { #expect(form(raw, "do_not_contact") == expected) }
}
