import StandardForms
import Testing

struct IndustryTests {
    @Test(arguments: [
        ("I65", "I65"), ("i6513", "I6513"), ("6513", "I6513"), ("65", "I65"), ("软件和信息技术服务业", "I65"), ("软件与信息技术服务", "I65"),
        ("I65 软件和信息技术服务业", "I65"), ("I65软件和信息技术服务业", "I65"), ("制造业", "C"), ("C 制造业", "C"), ("C", "C"), ("641", "I641"),
        ("互联网接入及相关服务", "I641"), ("教育", "P"), ("中药材种植", "A017"), ("农、林、牧、渔业", "A"),
    ])
    func industries(text: String, code: String) { #expect(Industry(text)?.code == code) }

    @Test(arguments: ["软件", "Consulting", "Z99", "I99", "9999", "", "A sports club", "个人", "C罗"])
    func noIndustry(text: String) { #expect(Industry(text) == nil) }

    @Test(arguments: [
        ("做软件的", "I65"), ("互联网", "I64"), ("跨境电商", "F5292"), ("IT", "I"), ("餐饮连锁", "H62"), ("汽车零部件", "C367"), ("4S店", "F5261"),
        ("半导体芯片", "C3973"), ("房地产开发", "K70"), ("水稻种植", "A01"), ("羊的饲养", "A0314"),
    ])
    func proposals(text: String, code: String) { #expect(Industry.proposal(for: text)?.code == code) }

    @Test(arguments: ["个人", "credit", "?", "abc"])
    func noProposal(text: String) { #expect(Industry.proposal(for: text) == nil) }

    /// The standard counts 20 sections, 97 divisions, 473 groups and 1,382 classes, of which the source lacks one.
    @Test func theTableIsWhole() {
        let codes = Set(Industry.all.map(\.code))
        #expect([1, 3, 4, 5].map { length in codes.count { $0.utf8.count == length } } == [20, 97, 473, 1_381])
        for code in codes where code.utf8.count > 1 {
            #expect(codes.contains(String(code.dropLast(code.utf8.count == 3 ? 2 : 1))), "\(code)")
            #expect(Industry(code)?.code == code)
        }
    }
}
