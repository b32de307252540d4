import ProfileModel
import StandardForms
import Testing

struct ContactFormTests {
    @Test(arguments: [
        ("13800138000", "+8613800138000"), ("138 0013 8000", "+8613800138000"), ("138-0013-8000", "+8613800138000"),
        ("+86 138 0013 8000", "+8613800138000"), ("+8613800138000", "+8613800138000"), ("8613800138000", "+8613800138000"),
        ("008613800138000", "+8613800138000"), ("(+86)13800138000", "+8613800138000"), ("（86）13800138000", "+8613800138000"),
        ("１３８００１３８０００", "+8613800138000"), ("013800138000", "+8613800138000"), ("'13800138000", "+8613800138000"),
        ("13800138000.0", "+8613800138000"), ("\u{202A}+8613800138000\u{202C}", "+8613800138000"), ("tel:+8613800138000", "+8613800138000"),
        ("010-62781234", "+861062781234"), ("(010)62781234", "+861062781234"), ("01062781234", "+861062781234"), ("010－62781234", "+861062781234"),
        ("+86 010 62781234", "+861062781234"), ("+86-10-62781234", "+861062781234"), ("0571-87654321", "+8657187654321"),
        ("0790-6543210", "+867906543210"), ("021 6278 1234", "+862162781234"), ("010-62781234转123", "+861062781234;ext=123"),
        ("010-62781234-123", "+861062781234;ext=123"), ("010-62781234 ext. 123", "+861062781234;ext=123"), ("010-62781234 分机：8", "+861062781234;ext=8"),
        ("+861062781234;ext=123", "+861062781234;ext=123"), ("+49 30 1234567", "+49301234567"), ("+49 (0)30 1234567", "+49301234567"),
        ("0049301234567", "+49301234567"), ("+490000000123", "+490000000123"), ("+1 (415) 555-0132", "+14155550132"), ("+44 020 7946 0958", "+442079460958"), ("+44 (0)20-7946-0958", "+442079460958"),
        ("0033 1 42 68 53 00", "+33142685300"), ("+39 06 6982 1234", "+390669821234"), ("+999 12 345 678", "forms.not-a-phone"), ("+8600 2024", "forms.not-a-phone"), ("+1 415.555.0132 x9", "+14155550132;ext=9"),
        ("400-810-8888", "4008108888"), ("95588", "95588"), ("62781234", "62781234"), ("12345678901", "12345678901"), ("030 1234567", "0301234567"),
        ("", "forms.empty"), ("1234", "forms.not-a-phone"), ("1234567890123456", "forms.not-a-phone"), ("1.38E+10", "forms.not-a-phone"),
        ("无", "forms.not-a-phone"), ("13800138000/13900139000", "forms.not-a-phone"), ("+123456", "forms.not-a-phone"),
        ("+1234567890123456", "forms.not-a-phone"), ("+0123456789", "forms.not-a-phone"), ("138+00138000", "forms.not-a-phone"),
        ("13800138000转", "forms.not-a-phone"), ("13800138000转12345678", "forms.not-a-phone"), ("++8613800138000", "forms.not-a-phone"),
        ("13800138000 张伟", "forms.not-a-phone"), ("+", "forms.not-a-phone"), ("---", "forms.not-a-phone"), ("00", "forms.not-a-phone"),
        ("+86", "forms.not-a-phone"), ("(", "forms.not-a-phone"), ("+12345678901a", "forms.not-a-phone"), ("+860", "forms.not-a-phone"),
    ])
    func phones(raw: String, expected: String) { #expect(form(raw, "phone") == expected) }

    @Test(arguments: [
        ("Anna.Schneider@Example.COM", "anna.schneider@example.com"), (" a+b_c-d@x-y.example.org ", "a+b_c-d@x-y.example.org"),
        ("ａｎｎａ＠example．com", "anna@example.com"), ("mailto:a@b.cn", "a@b.cn"), ("张伟@例子.中国", "张伟@例子.中国"), ("Ä@Ö.de", "ä@ö.de"),
        ("a@b", "forms.not-an-email"), ("@b.cn", "forms.not-an-email"), ("a@.cn", "forms.not-an-email"), ("a@b..cn", "forms.not-an-email"),
        (".a@b.cn", "forms.not-an-email"), ("a.@b.cn", "forms.not-an-email"), ("a..b@c.cn", "forms.not-an-email"), ("a@b.cn.", "forms.not-an-email"),
        ("a@-b.cn", "forms.not-an-email"), ("a@b-.cn", "forms.not-an-email"), ("a b@c.cn", "forms.not-an-email"), ("a@b@c.cn", "forms.not-an-email"),
        ("a@b.c", "forms.not-an-email"), ("a@1.23", "forms.not-an-email"), ("a@b_c.cn", "forms.not-an-email"), ("a,b@c.cn", "forms.not-an-email"),
        ("plain", "forms.not-an-email"), ("a@b.cn\u{0}", "forms.not-an-email"), ("@", "forms.not-an-email"),
        (String(repeating: "a", count: 64) + "@b.cn", String(repeating: "a", count: 64) + "@b.cn"),
        (String(repeating: "a", count: 65) + "@b.cn", "forms.not-an-email"),
        ("a@" + String(repeating: "b.", count: 130) + "cn", "forms.not-an-email"),
    ])
    func emails(raw: String, expected: String) { #expect(form(raw, "email") == expected) }

    @Test(arguments: [
        ("https://www.Example.com/", "https://www.example.com"), ("HTTP://Example.com/Path?Q=1", "http://example.com/Path?Q=1"),
        ("www.example.com", "www.example.com"), ("example.com:8080/a", "example.com:8080/a"), ("http://例子.中国/路径", "http://例子.中国/路径"),
        ("ｗｗｗ．example.com", "www.example.com"), ("http://localhost:3000", "http://localhost:3000"), ("https://a.cn#top", "https://a.cn#top"),
        ("无", "forms.not-a-url"), ("http://", "forms.not-a-url"), ("javascript:alert(1)", "forms.not-a-url"), ("a b.cn", "forms.not-a-url"),
        ("http://a.cn/a b", "forms.not-a-url"), ("http://user@a.cn", "forms.not-a-url"), ("http://a..cn", "forms.not-a-url"), ("http://a.cn:99999", "forms.not-a-url"),
        ("http://a.cn:80x", "forms.not-a-url"), ("data:text/html,x", "forms.not-a-url"), ("example.com.", "forms.not-a-url"),
    ])
    func webAddresses(raw: String, expected: String) { #expect(form(raw, "website") == expected) }

    @Test(arguments: [
        ("gender", "男", "male"), ("gender", "F", "female"), ("gender", "Female", "female"), ("gender", "Ｍ", "male"), ("gender", "先 生", "male"),
        ("gender", "外星人", "forms.not-a-choice"), ("gender", "", "forms.empty"), ("gender", "mal", "forms.not-a-choice"), ("consent", "Opt-in", "granted"),
        ("consent", "退订", "withdrawn"), ("education", "硕士研究生", "master"), ("marital_status", "已婚", "married"), ("preferred_channel", "SMS", "sms"),
        ("ownership", "民营企业", "private"),
    ])
    func choices(name: String, raw: String, expected: String) { #expect(form(raw, name) == expected) }

    @Test(arguments: [
        ("code", " C-001 ", "C-001"), ("code", "Ｃ００１", "C001"), ("code", "'00123", "00123"), ("code", "c  1", "c 1"), ("code", "客户1", "客户1"),
        ("code", "--", "forms.not-a-code"), ("code", "a\u{1}b", "forms.control-character"), ("code", "\u{3000}", "forms.empty"), ("code", "'", "forms.not-a-code"),
        ("national_id", "11010519491231002x", "11010519491231002X"),
        ("postcode", "１０００８４", "100084"), ("wechat", "wxid_AbC", "wxid_AbC"), ("wechat", "e\u{301}", "é"),
        ("industry", "I65", "I65"), ("industry", "i6513", "I6513"), ("industry", "Ｉ６５", "I65"), ("industry", "I65 软件和信息技术服务业", "I65"),
        ("industry", "I65软件", "I65"), ("industry", "软件  开发", "I651"), ("industry", "做软件", "做软件"), ("industry", "Z99", "Z99"), ("industry", "T", "T"), ("industry", "t", "T"),
        ("industry", "Textiles", "Textiles"), ("industry", "A股上市", "A股上市"), ("industry", "C3D printing", "C3D printing"),
        ("region", "浙江省\u{3000}杭州市", "浙江省杭州市"), ("region", "Bavaria", "Bavaria"), ("region", "鼓楼区", "鼓楼区"), ("region_code", "330106", "330106"),
    ])
    func codes(name: String, raw: String, expected: String) { #expect(form(raw, name) == expected) }
}
