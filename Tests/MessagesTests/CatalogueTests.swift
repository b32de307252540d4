import Messages
import Testing

@Suite("The catalogue of texts")
struct CatalogueTests {
    static let sample = Catalogue(
        text: """
            # A comment.

            [store.row-missing] exit=66
            en: There is no row {id}.
            en.hint: Look at {place}: it helps.
            zh: 没有记录 {id}。

            [label.rows]
            en: {count} {count?row|rows}
            zh: {count} 行

            [help.long]
            en: First line.
              Second line.
              [third] line: with signs
            zh: 第一行。
              第二行。
            """)

    @Test func fillsParametersInBothLanguages() {
        #expect(Self.sample.text("store.row-missing", ["id": "7"], in: .english) == "There is no row 7.")
        #expect(Self.sample.text("store.row-missing", ["id": "7"], in: .chinese) == "没有记录 7。")
    }

    @Test func keepsPlaceholdersOfAbsentParametersAndNeverReadsValues() {
        #expect(Self.sample.text("store.row-missing", [:], in: .english) == "There is no row {id}.")
        #expect(Self.sample.text("store.row-missing", ["id": "{id}{place}"], in: .english) == "There is no row {id}{place}.")
    }

    @Test func choosesWordsByCount() {
        #expect(Self.sample.text("label.rows", ["count": "1"], in: .english) == "1 row")
        #expect(Self.sample.text("label.rows", ["count": "0"], in: .english) == "0 rows")
        #expect(Self.sample.text("label.rows", ["count": "1"], in: .chinese) == "1 行")
    }

    @Test func joinsContinuedLines() {
        #expect(Self.sample.text("help.long", in: .english) == "First line.\nSecond line.\n[third] line: with signs")
        #expect(Self.sample.text("help.long", in: .chinese) == "第一行。\n第二行。")
    }

    @Test func fallsBackToTheCodeAndToAnInternalError() {
        #expect(Self.sample.text("store.unheard-of", in: .english) == "store.unheard-of")
        #expect(Self.sample.hint("store.unheard-of", in: .english) == nil)
        #expect(Self.sample.exitCode("store.unheard-of") == 70)
        #expect(Self.sample.exitCode("label.rows") == 70)
    }

    @Test func givesHintsAndExitCodes() {
        #expect(Self.sample.exitCode("store.row-missing") == 66)
        #expect(Self.sample.hint("store.row-missing", ["place": "home"], in: .english) == "Look at home: it helps.")
        // The other language has no hint of its own: the English one is better than none.
        #expect(Self.sample.hint("store.row-missing", ["place": "home"], in: .chinese) == "Look at home: it helps.")
    }

    @Test func leavesBracesThatAreNoPlaceholders() {
        #expect(MessageTemplate.fill("{ \"a\": {} } {x y} {", ["a": "1"]) == "{ \"a\": {} } {x y} {")
        #expect(MessageTemplate.fill("{a}{a?one|more}{b?one|more}", ["a": "1", "b": "2"]) == "1onemore")
        #expect(MessageTemplate.placeholders("{a} {b?c|d} {e f}") == ["a", "b"])
    }

    @Test(arguments: [
        ("zh", Language.chinese), ("zh_CN.UTF-8", .chinese), ("zh-Hans", .chinese), ("en_GB", .english), ("EN", .english),
    ])
    func readsNamesOfLanguages(tag: String, language: Language) {
        #expect(Language(tag: tag) == language)
    }

    @Test func choosesTheLanguageInOrder() {
        let everything = ["LIMN_LANG": "zh", "LC_ALL": "en_US.UTF-8", "LANG": "en_US.UTF-8"]
        #expect(Language.chosen(flag: .english, environment: everything) == .english)
        #expect(Language.chosen(flag: nil, environment: everything) == .chinese)
        #expect(Language.chosen(flag: nil, environment: ["LC_ALL": "zh_CN.UTF-8", "LANG": "en_US"]) == .chinese)
        #expect(Language.chosen(flag: nil, environment: ["LC_ALL": "C.UTF-8", "LANG": "zh_CN.UTF-8"]) == .english)
        #expect(Language.chosen(flag: nil, environment: ["LC_ALL": "", "LANG": "zh_CN.UTF-8"]) == .chinese)
        #expect(Language.chosen(flag: nil, environment: ["LIMN_LANG": "xx", "LANG": "zh_CN"]) == .chinese)
        #expect(Language.chosen(flag: nil, environment: [:]) == .english)
    }

    @Test func speaksTheLanguageOfTheTask() {
        #expect(Language.current == .english)
        Language.$current.withValue(.chinese) {
            #expect(Self.sample.text("label.rows", ["count": "3"]) == "3 行")
        }
    }
}
