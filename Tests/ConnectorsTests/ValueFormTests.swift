import Connectors
import ProfileModel
import Testing

@Suite("Values are compared in one form")
struct ValueFormTests {
    private func field(_ name: String) throws -> Field { try #require(FieldCatalogue.standard[name]) }

    @Test(arguments: [
        ("phone", "138 0000 0001", "+86 138-0000-0001"), ("email", " A.B@Example.COM ", "a.b@example.com"), ("name", " 张三 ", "张三"),
        ("city", "Cafe\u{301}", "Café"), ("employees", "1,200", "1200"), ("founded", "2020/1/5", "2020-01-05"), ("do_not_contact", "yes", "true"),
    ])
    func waysToWriteOneValueAreOne(_ name: String, _ one: String, _ other: String) throws {
        let field = try field(name), form = ValueForm.standard
        #expect(form.comparable(one, field: field, now: 1_767_225_600_000_000) == form.comparable(other, field: field, now: 1_767_225_600_000_000))
    }

    @Test func differentValuesStayDifferent() throws {
        let form = ValueForm.standard
        #expect(form.comparable("Wang", field: try field("name"), now: 1_767_225_600_000_000) != form.comparable("wang", field: try field("name"), now: 1_767_225_600_000_000))
        #expect(form.comparable("no phone", field: try field("phone"), now: 1_767_225_600_000_000) == "no phone")
    }

    @Test(arguments: ["standard", "text", "phone", "money:CNY", "choice:1=male|2=female", "milliseconds"])
    func aFormsTextReadsBack(_ text: String) throws { #expect(try #require(ValueForm(text: text)).text == text) }

    @Test(arguments: ["money", "choice", "choice:1", "nonsense", "", "text:x"])
    func whatIsNoFormIsRefused(_ text: String) { #expect(ValueForm(text: text) == nil) }

    @Test func millisecondsAreInstants() throws {
        let form = try #require(ValueForm(text: "milliseconds"))
        #expect(form.local("1793503817000") == "2026-11-01T03:30:17Z")
        #expect(form.remote("2026-11-01T03:30:17Z") == "1793503817000")
        #expect(form.local("99999999999999999999") == "99999999999999999999")
    }
}
