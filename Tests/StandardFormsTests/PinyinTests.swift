import StandardForms
import Testing

struct PinyinTests {
    /// The hundred most common surnames by the census of 2020 and before, with their readings.
    static let surnames: [(String, String)] = """
        王wang 李li 张zhang 刘liu 陈chen 杨yang 黄huang 赵zhao 吴wu 周zhou 徐xu 孙sun 马ma 朱zhu 胡hu 郭guo 何he 林lin 高gao 罗luo \
        郑zheng 梁liang 谢xie 宋song 唐tang 许xu 韩han 邓deng 冯feng 曹cao 彭peng 曾zeng 肖xiao 田tian 董dong 潘pan 袁yuan 蔡cai 蒋jiang 余yu \
        于yu 杜du 叶ye 程cheng 魏wei 苏su 吕lv 丁ding 任ren 卢lu 姚yao 沈shen 钟zhong 姜jiang 崔cui 谭tan 陆lu 范fan 汪wang 廖liao \
        石shi 金jin 韦wei 贾jia 夏xia 付fu 方fang 邹zou 熊xiong 白bai 孟meng 秦qin 邱qiu 侯hou 江jiang 尹yin 薛xue 闫yan 段duan 雷lei \
        龙long 黎li 史shi 陶tao 贺he 毛mao 郝hao 顾gu 龚gong 邵shao 万wan 覃qin 武wu 钱qian 戴dai 严yan 莫mo 孔kong 向xiang 常chang
        """.split(separator: " ").map { entry in (String(entry.prefix(1)), String(entry.dropFirst())) }

    @Test(arguments: surnames)
    func surnamesAreReadAsTheirBearersDo(surname: String, reading: String) {
        #expect(Pinyin.syllables(of: surname + "伟").first?.first == reading)
    }

    @Test(arguments: [
        ("单雄信", "shan"), ("解缙", "xie"), ("仇英", "qiu"), ("区大相", "ou"), ("查良镛", "zha"), ("盖叫天", "ge"), ("朴树", "piao"), ("乐毅", "yue"),
        ("翟让", "zhai"), ("单于", "chan"), ("尉迟恭", "yu"), ("万俟卨", "mo"), ("长孙无忌", "zhang"), ("張伟", "zhang"), ("陳平", "chen"),
    ])
    func rareReadingsOfSurnames(name: String, reading: String) { #expect(Pinyin.syllables(of: name).first?.first == reading) }

    @Test func surnamesOfTwoCharacters() {
        #expect(Pinyin.syllables(of: "尉迟恭").map { $0[0] } == ["yu", "chi", "gong"])
        #expect(Pinyin.syllables(of: "万俟卨").map { $0[0] }.prefix(2) == ["mo", "qi"])
        #expect(Pinyin.syllables(of: "欧阳修").map { $0[0] } == ["ou", "yang", "xiu"])
    }

    @Test(arguments: [
        ("行", ["xing", "hang"]), ("重", ["zhong", "chong"]), ("长", ["chang", "zhang"]), ("乐", ["le", "yue"]), ("厦", ["sha", "xia"]),
        ("朝", ["chao", "zhao"]), ("银", ["yin"]), ("吕", ["lv"]), ("女", ["nv"]), ("〇", ["ling"]),
    ])
    func readingsOfOneCharacter(character: String, readings: [String]) {
        // Preceded by another character, so that no surname's reading applies.
        #expect(Set(Pinyin.syllables(of: "伟" + character)[1]) == Set(readings))
    }

    @Test func everyCharacterHasAReading() {
        // Characters made in Japan for units and names, which have no reading in Chinese.
        let exceptions = "兙兡嗧桛烪瓧瓰瓱瓼甅".unicodeScalars
        var missing = String.UnicodeScalarView()
        for value in UInt32(0x4E00)...0x9FA5 {
            let scalar = Unicode.Scalar(value)!
            if Pinyin.syllables(of: String(scalar)).isEmpty, !exceptions.contains(scalar) { missing.append(scalar) }
        }
        #expect(String(missing) == "")
    }

    @Test func syllablesAreASCII() {
        for value in UInt32(0x3400)...0x9FFF {
            for syllable in Pinyin.syllables(of: String(Unicode.Scalar(value)!)).joined() {
                #expect((1...6).contains(syllable.utf8.count) && syllable.utf8.allSatisfy { (97...122).contains($0) }, "\(syllable)")
            }
        }
    }

    @Test func keysOfAName() {
        let keys = PinyinKeys.keys(of: "张伟")
        #expect(keys.full == ["zhangwei", "wei"])
        #expect(keys.initials == ["zw", "w"])
    }

    @Test func keysOfOtherReadings() {
        let keys = PinyinKeys.keys(of: "单田芳")
        #expect(keys.full.contains("shantianfang") && keys.full.contains("dantianfang"))
        #expect(keys.initials.contains("stf") && keys.initials.contains("dtf"))
        #expect(PinyinKeys.keys(of: "重庆银行").full.contains { $0.hasPrefix("chongqingyinhang") })
        #expect(PinyinKeys.keys(of: "厦门").full.contains("xiamen"))
    }

    @Test func umlautIsTypedInTwoWays() {
        let keys = PinyinKeys.keys(of: "吕布")
        #expect(keys.full.contains("lvbu") && keys.full.contains("lubu"))
        #expect(keys.initials == ["lb", "b"])
    }

    @Test func runsAreDividedByOtherScripts() {
        #expect(PinyinKeys.keys(of: "张伟Ltd李").full == ["zhangwei", "wei", "li"])
        #expect(PinyinKeys.keys(of: "张　伟").full.contains("zhangwei"))
        #expect(PinyinKeys.keys(of: "买买提·艾力").full.contains { $0.hasPrefix("maimaitiai") })
        #expect(PinyinKeys.keys(of: "Anna").full.isEmpty)
        #expect(PinyinKeys.keys(of: "").initials.isEmpty)
    }

    @Test func keysAreBounded() {
        let keys = PinyinKeys.keys(of: String(repeating: "行", count: 40))
        #expect(keys.initials.allSatisfy { $0.count <= 8 })
        #expect(keys.full.count <= 40 * 8)
        #expect(keys.full.contains("xingxingxingxingxingxingxingxing"))
    }

    @Test func keysAreAppendedWithSpaces() {
        var text = "张伟", output = Array("x".utf8)
        text.withUTF8 { PinyinKeys.appendKeys(of: $0, to: &output) }
        #expect(Set(String(decoding: output, as: UTF8.self).split(separator: " ")) == ["x", "zhangwei", "zw", "wei", "w"])
    }
}
