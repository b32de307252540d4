import StandardForms
import Testing

struct SearchTextTests {
    private func tokens(_ text: String, after: String = "") -> String {
        var text = text, output = Array(after.utf8)
        text.withUTF8 { SearchText.appendTokens(of: $0, to: &output) }
        return String(decoding: output, as: UTF8.self)
    }

    @Test(arguments: [
        ("Anna Schneider", "anna schneider"), ("O'Brien & Sons", "o brien sons"), ("a.b+c@Example.com", "a b c example com"), ("T05", "t05"),
        ("张伟", "张 伟"), ("北京Limn科技2024有限公司", "北 京 limn 科 技 2024 有 限 公 司"), ("Ｌｉｍｎ１２３", "limn123"), ("张　伟，李四。", "张 伟 李 四"),
        ("Müller Straße", "muller strasse"), ("Ångström ŁÓDŹ Œuvre ŽIŽEK", "angstrom lodz oeuvre zizek"), ("cafe\u{301}", "cafe"), ("Øre Ĳ ſ", "ore ij s"),
        ("Иванова", "иванова"), ("ΑΘΗΝΑ", "αθηνα"), ("さくら", "さ く ら"), ("한국", "한국"), ("𠮷野", "𠮷 野"), ("", ""), ("--- !", ""), ("a×b÷c", "a b c"),
        ("二〇二四", "二 〇 二 四"), ("मुंबई", "मुंबई"),
    ])
    func textsAreDivided(text: String, expected: String) { #expect(tokens(text) == expected) }

    @Test func tokensArePartedFromWhatIsThere() {
        #expect(tokens("b", after: "a") == "a b")
        #expect(tokens("伟", after: "a ") == "a 伟")
        #expect(tokens("!", after: "a") == "a")
    }

    @Test func invalidBytesPartWords() {
        let bytes: [UInt8] = [0x61, 0xFF, 0x62, 0xE5, 0xBC]
        var output: [UInt8] = []
        bytes.withUnsafeBufferPointer { SearchText.appendTokens(of: $0, to: &output) }
        #expect(output == Array("a b".utf8))
    }

    @Test(arguments: [
        ("+8613800138000", "8613800138000 13800138000 8000"), ("+861062781234;ext=123", "861062781234 01062781234 62781234 1234"),
        ("+8657187654321", "8657187654321 057187654321 87654321 4321"), ("+49301234567", "49301234567 4567"), ("95588", "95588 5588"), ("", ""),
    ])
    func phonesAreFoundByTheirDigits(phone: String, expected: String) {
        var phone = phone, output: [UInt8] = []
        phone.withUTF8 { SearchText.appendPhoneTokens(of: $0, to: &output) }
        #expect(String(decoding: output, as: UTF8.self) == expected)
    }

    @Test func queriesAreDividedLikeTexts() {
        #expect(SearchText.queryTokens("张伟 Zhang 138") == [
            SearchRun(kind: .characters, tokens: ["张", "伟"], part: 0), SearchRun(kind: .word, tokens: ["zhang"], part: 1),
            SearchRun(kind: .digits, tokens: ["138"], part: 2),
        ])
        #expect(SearchText.queryTokens("A公司b2") == [
            SearchRun(kind: .word, tokens: ["a"], part: 0), SearchRun(kind: .characters, tokens: ["公", "司"], part: 0),
            SearchRun(kind: .word, tokens: ["b2"], part: 0),
        ])
        #expect(SearchText.queryTokens(" \u{3000}").isEmpty)
        #expect(SearchText.queryTokens("LÜ") == [SearchRun(kind: .word, tokens: ["lu"], part: 0)])
    }

    @Test(arguments: [
        ("138 0013 8000", "13800138000"), ("+86 138-0013-8000", "8613800138000"), ("（010）62781234", "01062781234"), ("13800", "13800"),
    ])
    func telephoneNumbersAreOneRun(query: String, digits: String) {
        #expect(SearchText.queryTokens(query) == [SearchRun(kind: .digits, tokens: [digits], part: 0)])
    }

    /// Whatever is a substring of a text in Han characters is found as a phrase.
    @Test func anySubstringIsAPhrase() {
        let name = "上海第一百货有限公司"
        let all = tokens(name).split(separator: " ").map(String.init)
        for start in name.indices {
            var end = start
            while end < name.endIndex {
                end = name.index(after: end)
                let query = SearchText.queryTokens(String(name[start..<end]))
                #expect(query.count == 1 && all.contains(query[0].tokens))
            }
        }
    }
}
