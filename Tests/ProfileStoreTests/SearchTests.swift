import Causality
import Foundation
import NodeOperations
import ProfileModel
import Testing

@testable import ProfileStore

/// A node with a store of its own in a temporary folder, which goes when the value goes.
final class SearchNode {
    let node: Node
    let home: String

    init() throws {
        home = FileManager.default.temporaryDirectory.appendingPathComponent("limn-search-\(UUID())").path
        node = try Node.found(home: home, name: "search", author: "tester").node
    }

    deinit { try? FileManager.default.removeItem(atPath: home) }

    var store: ProfileStore { node.store }

    @discardableResult
    func add(_ kind: RowKind = .person, _ assignments: String..., tags: [String] = []) throws -> RowID {
        try node.add(kind, assignments.map { try Assignment($0) }, tags: tags).id
    }

    /// The ids that a search finds, in the order of the list.
    func find(_ text: String) throws -> [RowID] { try node.find(text).rows.map(\.id) }

    /// The codes of the reasons for which the one customer is found.
    func why(_ text: String) throws -> [String] {
        let rows = try node.find(text).rows
        #expect(rows.count == 1, "\(text)")
        return rows.first?.why.map(\.code) ?? []
    }
}

/// A small generator of numbers that a printed seed repeats (SplitMix64).
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ count: Int) -> Int { Int(next() >> 33) % count }
    mutating func pick<Element>(_ choices: [Element]) -> Element { choices[below(choices.count)] }
}

/// The seed of LIMN_SEED, else a fresh one; printed so that a failure can be repeated.
func printedSeed(_ test: String = #function) -> UInt64 {
    let seed = ProcessInfo.processInfo.environment["LIMN_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0...UInt64(UInt32.max))
    print("\(test): LIMN_SEED=\(seed)")
    return seed
}

struct SearchTests {
    @Test func aChineseNameIsFoundByAnyPartByPinyinAndByInitials() throws {
        let here = try SearchNode()
        let id = try here.add(.person, "name=张伟明", "phone=13800138000")
        try here.add(.person, "name=李娜", "phone=13911112222")
        for text in ["张", "伟", "明", "张伟", "伟明", "张伟明", "zhangweiming", "zhangwei", "weim", "zwm", "zw", "ZhangWei", "zhang wei", "张 伟明"] {
            #expect(try here.find(text) == [id], "\(text)")
        }
        for text in ["张明", "明伟", "张伟明明", "zm", "hangwei", "张李"] { #expect(try here.find(text).isEmpty, "\(text)") }
        #expect(try here.why("伟明") == ["found.by-text"])
        #expect(try here.why("zhangw") == ["found.by-pinyin"])
        #expect(try here.why("zwm") == ["found.by-initials"])
        #expect(try here.why("zwm 8000") == ["found.by-initials", "found.by-digits"])
    }

    @Test func surnamesAreReadAsSurnames() throws {
        let here = try SearchNode()
        let shan = try here.add(.person, "name=单雄信"), lu = try here.add(.person, "name=吕布")
        for text in ["shanxiongxin", "shan", "sxx"] { #expect(try here.find(text) == [shan], "\(text)") }
        for text in ["lvbu", "lubu", "lv", "lu", "lü", "LÜ", "lb"] { #expect(try here.find(text) == [lu], "\(text)") }
    }

    @Test func surnamesComeBeforeOtherNamesAndTextsThatReadAlike() throws {
        let here = try SearchNode()
        let surname = try here.add(.person, "name=单雄信"), prefix = try here.add(.person, "name=商鞅")
        let company = try here.add(.organization, "name=上海商贸有限公司")
        try here.add(.person, "name=王五", "company=山东商会")
        #expect(try here.find("shan").prefix(2) == [surname, prefix])
        #expect(try here.find("shang").first == prefix && here.find("shang").contains(company))
        let page = try here.node.find("shan", limit: 1)
        #expect(page.total == 4 && page.rows.map(\.id) == [surname])
        #expect(try here.node.find("shan", limit: 1, after: page.next).rows.map(\.id) == [prefix])
    }

    @Test func aCompanyIsFoundByAnySubstring() throws {
        let here = try SearchNode()
        let id = try here.add(.organization, "name=上海华为技术有限公司", "short_name=华为")
        try here.add(.organization, "name=上海为华贸易有限公司")
        for text in ["华为技术", "海华为", "术有限公", "上海华为技术有限公司", "hwjs", "huaweijishu", "上海 技术"] {
            #expect(try here.find(text) == [id], "\(text)")
        }
        #expect(try here.find("有限公司").count == 2)
        #expect(try here.find("司").count == 2)
    }

    @Test func digitsOfATelephoneNumberAreFoundAnywhere() throws {
        let here = try SearchNode()
        let mobile = try here.add(.person, "name=A", "phone=138 0013 8421"), landline = try here.add(.person, "name=B", "phone=010-62781234")
        let digits = Array("8613800138421")
        for length in 4...digits.count {
            for start in 0...(digits.count - length) {
                let run = String(digits[start..<start + length])
                #expect(try here.find(run).contains(mobile), "\(run)")
            }
        }
        for text in ["010-62781234", "01062781234", "+86 10 6278 1234", "6278 1234", "1234", "0106278"] {
            #expect(try here.find(text) == [landline], "\(text)")
        }
        #expect(try here.find("13800138422").isEmpty)
        #expect(try here.find("00138421 6278").isEmpty)
        #expect(try here.why("8421") == ["found.by-digits"])
    }

    @Test func wordsOfOtherScriptsAreFoundByTheirBeginning() throws {
        let here = try SearchNode()
        let id = try here.add(
            .person, "name=Renée O'Connor-Böhm", "email=renee.o_connor+crm@Example-Firma.de", "company=A公司", "wechat=wx_renee88",
            "code=KH-00123", "external_ids=erp:F00D-0000-1111-2222-3333-4444")
        for text in [
            "renee", "RENÉE", "bohm", "o'connor", "conn", "renee.o_connor+crm@example-firma.de", "example-firma.de", "A公司", "公司", "wx_renee88", "renee8", "88",
            "KH-00123", "kh 001", "F00D-0000-1111-2222-3333-4444", "erp:F00D-0000-1111-2222-3333-4444",
        ] {
            #expect(try here.find(text) == [id], "\(text)")
        }
        for text in ["enee", "firma.com", "Z公司", "KH-00124"] { #expect(try here.find(text).isEmpty, "\(text)") }
        let long = try here.add(.organization, "name=Donaudampfschifffahrtsgesellschaft Привет-Преобразование")
        for text in ["donaudampfschifffahrt", "donaudampfschifffahrtsgesellschaft", "преобразование", "преобразо", "привет преобразован"] {
            #expect(try here.find(text) == [long], "\(text)")
        }
        for text in ["donaudampfschiffreise", "преобразователь"] { #expect(try here.find(text).isEmpty, "\(text)") }
    }

    @Test func signsOfTheMatchSyntaxAreWords() throws {
        let here = try SearchNode()
        let id = try here.add(.person, "name=AND OR NOT near")
        for text in ["AND", "or NOT", "near", "“and” or", "and*", "(and", "and)", "near:and", "^and", "- and", "{and} +or", "near(and or)"] {
            #expect(try here.find("'\(text)'") == [id], "\(text)")
        }
        for text in ["\"", "*", "()", "''", "#", "#1234", "。"] { _ = try here.store.read { try $0.search(text, limit: 10) } }
    }

    @Test func wholeMatchesComeFirstAndPagesAreWhole() throws {
        let here = try SearchNode()
        let whole = try here.add(.person, "name=张伟")
        let longer = try (0..<25).map { try here.add(.person, "name=张伟\(["明", "国", "东"][$0 % 3])", "note=\($0)") }
        let page = try here.node.find("张伟", limit: 10)
        #expect(page.total == 26)
        #expect(page.rows.map(\.id) == [whole] + longer.reversed().prefix(9))
        var seen = page.rows.map(\.id), next = page.next
        while let cursor = next {
            let page = try here.node.find("张伟", limit: 10, after: cursor)
            #expect(page.total == 26)
            seen += page.rows.map(\.id)
            next = page.next
        }
        #expect(seen == [whole] + longer.reversed())
        #expect(try here.node.find("zhangwei").rows.first?.id == whole)
        #expect(throws: StoreError("store.bad-cursor")) { try here.node.find("张伟", after: "x") }
        #expect(try here.node.matching("张伟") == seen.sorted())
    }

    @Test func theIndexFollowsEditsDeletesAndUndo() throws {
        let here = try SearchNode()
        let id = try here.add(.person, "name=张伟", "phone=13800138000;13911112222").description
        _ = try here.node.edit(id, [Assignment("name=李四"), Assignment("phone-=13911112222")])
        #expect(try here.find("张伟").isEmpty)
        #expect(try here.find("zw").isEmpty)
        #expect(try here.find("2222").isEmpty)
        #expect(try here.find("lisi").count == 1)
        _ = try here.node.delete(id)
        for text in ["李四", "8000", "lisi"] { #expect(try here.find(text).isEmpty) }
        _ = try here.node.restore(id)
        for text in ["李四", "8000", "lisi"] { #expect(try here.find(text).count == 1) }
        _ = try here.node.undo(nil)
        #expect(try here.find("李四").isEmpty)
    }

    @Test func telephoneAndEmailNameARecord() throws {
        let here = try SearchNode()
        let id = try here.add(.person, "name=张伟", "phone=13800138000", "email=Zhang.Wei@Example.com")
        try here.add(.person, "name=李四", "phone=13800138001", "email=wei@example.com")
        try here.store.read { (reader) throws -> Void in
            for name in ["phone:13800138000", "phone:+86 138-0013-8000", "phone:+8613800138000", "email:zhang.wei@example.com"] {
                #expect(try reader.record(named: name) == id, "\(name)")
            }
            #expect(try reader.records(named: "phone:8000").isEmpty)
            #expect(try reader.records(named: "email:zhang@example.com").isEmpty)
        }
    }

    @Test func linkedRecordsAreFoundOnceByWhatEitherHolds() throws {
        let here = try SearchNode()
        let a = try here.add(.person, "name=张伟", "phone=13800138000"), b = try here.add(.person, "name=Wei Zhang", "email=wei@firm.example")
        try here.add(.person, "name=王伟", "phone=13911112222")
        let profile = try here.node.merge(a.description, b.description).id
        for text in ["张伟", "firm", "8000", "张伟 firm", "zhang 8000 example"] { #expect(try here.find(text) == [profile], "\(text)") }
        #expect(try here.node.find("伟").total == 2)
        _ = try here.node.unmerge(a.description)
        #expect(try here.find("张伟 firm").isEmpty)
        #expect(try here.find("张伟") == [a])
    }

    @Test func textOfADeletedCustomerIsGoneAfterOptimize() throws {
        let here = try SearchNode()
        for number in 0..<50 { try here.add(.person, "name=Filler\(number)", "email=filler\(number)@example.com") }
        let id = try here.add(.person, "name=Zyxwvutsr Qponmlkj", "email=zyxwvutsr@example.com").description
        #expect(try here.find("zyxwvutsr").count == 1)
        let file = here.home + "/limn.sqlite"
        // The index holds texts in lower case, the row does not.
        func holds(_ text: String) throws -> Bool { try Data(contentsOf: URL(fileURLWithPath: file)).range(of: Data(text.utf8)) != nil }
        try here.store.truncateLog()
        #expect(try holds("qponmlkj"))
        _ = try here.node.delete(id)
        #expect(try here.find("zyxwvutsr").isEmpty)
        try here.store.write { try $0.optimizeSearch() }
        try here.store.truncateLog()
        #expect(try !holds("qponmlkj"))
        #expect(try here.find("filler7").count == 1)
    }
}
