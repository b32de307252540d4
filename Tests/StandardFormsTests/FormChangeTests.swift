import Foundation
import ProfileModel
import StandardForms
import Testing

/// Each change that a form makes has its reason.
struct FormChangeTests {
    private func changes(_ raw: String, _ name: String) throws -> [FormChange] {
        let form = StandardForm(of: try #require(FieldCatalogue.standard[name]), now: 1_715_938_200_000_000)
        let bytes = try form.read(raw).get()
        var raw = raw
        return raw.withUTF8 { form.changes(from: $0, to: bytes) }
    }

    @Test(arguments: [
        ("张伟", "name", []), (" 张伟 ", "name", [.spaces]), ("张伟\u{200B}", "name", [.spaces]), ("Anna  Berg", "name", [.spaces]), ("e\u{301}a", "name", [.characters]),
        ("2024-01-15", "first_contact_date", []), ("2024.1.15", "first_contact_date", [.date]), ("２０２４年１月１５日", "first_contact_date", [.width, .date]),
        ("45306", "first_contact_date", [.spreadsheetDate]), ("农历1990年八月十五", "birth_date", [.lunarDate]), ("二〇二四年一月十五日", "first_contact_date", [.date]),
        ("+8613800138000", "phone", []), ("138 0013 8000", "phone", [.phone]), ("１３８００１３８０００", "phone", [.width, .phone]),
        ("1,200人", "employees", [.number]), ("1200", "employees", []), ("100万元", "revenue", [.money]), ("男", "gender", [.choice]), ("male", "gender", []),
        ("上海浦东", "region", [.region]), ("上海市浦东新区", "region", []), ("软件和信息技术服务业", "industry", [.industry]), ("I65", "industry", []),
        ("110105491231002", "national_id", [.identity]), ("11010519491231002x", "national_id", [.letterCase]), ("Anna@Example.COM", "email", [.letterCase]),
        ("'00123", "code", [.characters]), (" 2024.1.15", "first_contact_date", [.spaces, .date]),
    ] as [(String, String, [FormChange])])
    func reasons(raw: String, field: String, expected: [FormChange]) throws { #expect(try changes(raw, field) == expected) }

    @Test func everyReasonHasATextInBothLanguages() throws {
        let text = try #require(EmbeddedFile.text("messages/forms.txt"))
        for change in FormChange.allCases {
            let block = text.components(separatedBy: "\n\n").first { $0.hasPrefix("[\(change.rawValue)]\n") }
            #expect(block?.contains("\nen: ") == true && block?.contains("\nzh: ") == true, "\(change)")
        }
    }
}
