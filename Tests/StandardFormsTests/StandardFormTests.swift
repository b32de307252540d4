import ProfileModel
import StandardForms
import Testing

/// What a text reads as in a field: the plain text of the value, or the code of the problem.
func form(_ raw: String, _ name: String) -> String {
    guard let field = FieldCatalogue.standard[name] else { return "no field \(name)" }
    return form(raw, field)
}

func form(_ raw: String, _ field: Field) -> String {
    // 2024-05-17T09:30:00Z
    switch StandardForm.read(raw, field: field, now: 1_715_938_200_000_000) {
    case .success(let value): value.plainText
    case .failure(let problem): problem.code
    }
}

func field(_ type: FieldType, _ rules: [FieldRule] = []) -> Field {
    Field(id: FieldID(rawValue: 1 << 63 | 1), name: "made_up", type: type, labelEnglish: "Made up", labelChinese: "虚构", rules: rules)
}

struct TextFormTests {
    @Test(arguments: [
        ("  Anna Schneider ", "Anna Schneider"), ("Anna   Schneider", "Anna Schneider"), ("\u{3000}张伟\u{3000}", "张伟"),
        ("张\u{3000}伟", "张 伟"), ("张伟\u{200B}", "张伟"), ("\u{FEFF}张伟", "张伟"), ("Anna\n\tSchneider", "Anna Schneider"),
        ("\u{A0}张伟\r\n", "张伟"), ("Ｌｉｍｎ 公司", "Ｌｉｍｎ 公司"), ("𠮷野", "𠮷野"), ("A", "A"), ("O'Brien (Jr.)", "O'Brien (Jr.)"),
        ("", "forms.empty"), (" \u{3000}\t", "forms.empty"), ("\u{200B}", "forms.empty"), ("a\u{0}b", "forms.control-character"),
        ("张\u{7}伟", "forms.control-character"), ("a\u{7F}", "forms.control-character"), ("张\u{85}伟", "张 伟"),
        ("张\u{9B}伟", "forms.control-character"),
        (String(repeating: "张", count: 200), String(repeating: "张", count: 200)),
        (String(repeating: "张", count: 201), "forms.too-long"), (String(repeating: "a", count: 201), "forms.too-long"),
    ])
    func namesAreOneLine(raw: String, expected: String) { #expect(form(raw, "name") == expected) }

    @Test func textIsInNormalizationFormC() {
        let bytes = { (raw: String) in try? StandardForm(of: FieldCatalogue.standard["name"]!, now: 0).read(raw).get() }
        #expect(bytes("e\u{301}") == FieldValue.text("\u{E9}").bytes)
        #expect(bytes("が") == bytes("か\u{3099}"))
        #expect(bytes("\u{212B}") == [1, 0xC3, 0x85])
        #expect(bytes("\u{1112}\u{1161}\u{11AB}") == FieldValue.text("한").bytes)
        #expect(bytes("\u{F900}") == FieldValue.text("\u{8C48}").bytes)
        #expect(bytes("q\u{307}\u{323}") == Array("\u{1}q\u{323}\u{307}".utf8))
        #expect(bytes("👩‍💻") == FieldValue.text("👩‍💻").bytes)
    }

    @Test func notesKeepTheirLines() {
        #expect(form("\n  first  line\r\nsecond\n\n\tthird \n", "note") == "first  line\nsecond\n\n\tthird")
        #expect(form("第一行\r第二行\u{2028}第三行\u{3000}", "note") == "第一行\n第二行\n第三行")
        #expect(form("a\u{0}b", "note") == "forms.control-character")
        #expect(form(" \n ", "note") == "forms.empty")
    }

    @Test(arguments: [
        [0xFF], [0x61, 0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE5, 0xBC], [0x80], [0xF8, 0x88, 0x80, 0x80],
    ] as [[UInt8]])
    func invalidUTF8IsRefused(bytes: [UInt8]) {
        for name in ["name", "note", "phone", "code", "birth_date"] {
            let result = bytes.withUnsafeBufferPointer {
                StandardForm.read(bytes: $0, field: FieldCatalogue.standard[name]!, now: 0)
            }
            guard case .failure(let problem) = result else {
                Issue.record("\(name) accepts \(bytes)")
                continue
            }
            #expect(problem.reason == .notUTF8)
        }
    }

    @Test func aProblemLeavesTheOutputAlone() {
        var output: [UInt8] = [1, 2, 3]
        let form = StandardForm(of: FieldCatalogue.standard["email"]!, now: 0)
        let bytes = Array("anna@nowhere".utf8)
        #expect(throws: FormProblem.self) { try bytes.withUnsafeBufferPointer { try form.append($0, to: &output) } }
        #expect(output == [1, 2, 3])
    }

    @Test func problemsNameFieldAndRuleButNotTheValue() {
        let name = FieldCatalogue.standard["name"]!
        guard case .failure(let problem) = StandardForm.read(String(repeating: "秘", count: 300), field: name, now: 0) else {
            Issue.record("too long a name is accepted")
            return
        }
        #expect(problem.parameters == ["field": "name", "limit": "200"])
        guard case .failure(let other) = StandardForm.read("秘密", field: FieldCatalogue.standard["gender"]!, now: 0) else {
            Issue.record("an unknown gender is accepted")
            return
        }
        #expect(other.parameters == ["field": "gender", "choices": "male, female, other, unknown"])
    }

    /// What has been read once reads as itself.
    @Test(arguments: [
        ("name", " 张　伟 "), ("phone", "138 0013 8000"), ("phone", "010-62781234转123"), ("phone", "400-810-8888"),
        ("email", "Anna@Example.COM"), ("website", "HTTP://Example.com/"), ("revenue", "100万元"), ("revenue", "$20"),
        ("birth_date", "1990年1月5日"), ("employees", "1,200人"), ("gender", "先生"), ("industry", "i65 软件"),
        ("credit_code", "91350100m000100y43"), ("height", "175.50"), ("do_not_contact", "是"), ("consent", "同意"),
    ])
    func formsAreFixedPoints(name: String, raw: String) {
        let once = form(raw, name)
        #expect(!once.hasPrefix("forms."))
        #expect(form(once, name) == once)
    }
}
