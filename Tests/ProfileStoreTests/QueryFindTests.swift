import Causality
import NodeOperations
import ProfileModel
import RuleLanguage
import Testing

@testable import ProfileStore

struct QueryFindTests {
    private func people() throws -> (here: SearchNode, zhang: RowID, li: RowID, firm: RowID) {
        let here = try SearchNode()
        let zhang = try here.add(
            .person, "name=张伟", "phone=13800138000", "city=上海", "gender=男", "birth_date=1980-05-17", "income=250000", "stage=active",
            "interests=Golf;茶", tags: ["VIP", "wholesale"])
        let li = try here.add(.person, "name=Li Na", "email=Li@Example.com", "city=北京", "do_not_contact=是", "nickname=娜娜")
        let firm = try here.add(.organization, "name=上海华为技术有限公司", "employees=1200", "revenue=1.5亿", "industry=I65", "city=上海")
        return (here, zhang, li, firm)
    }

    @Test func expressionsFindWhatTheySay() throws {
        let (here, zhang, li, firm) = try people()
        func finds(_ text: String, _ ids: RowID...) throws { #expect(try Set(here.find(text)) == Set(ids), "\(text)") }
        try finds("city = 上海", zhang, firm)
        try finds("city = 上海 and kind = organization", firm)
        try finds("name = \"li na\"", li)
        try finds("name ~ 华为", firm)
        try finds("phone = 138-0013-8000", zhang)
        try finds("phone ~ 0013", zhang)
        try finds("email = li@example.COM", li)
        try finds("gender = 男", zhang)
        try finds("收入 >= 20万", zhang)
        try finds("revenue > 100000000 and employees < 1_201", firm)
        try finds("not revenue > 5", zhang, li)
        try finds("birth_date < 1990", zhang)
        try finds("birth_date >= 1980-05 and birth_date < 1980-06", zhang)
        try finds("tag(vip)", zhang)
        try finds("not tag(\"VIP\")", li, firm)
        try finds("interests = golf and interests = 茶", zhang)
        try finds("interests ~ ol", zhang)
        try finds("do_not_contact = yes", li)
        try finds("nickname = 娜娜", li)
        try finds("nickname is empty", zhang, firm)
        try finds("stage in (active, lead)", zhang)
        try finds("conflict = false", zhang, li, firm)
        try finds("conflict = yes")
        try finds("id = \"\(li)\"", li)
        try finds("id != \"\(li)\"", zhang, firm)
        try finds("updated > 2020-01-01", zhang, li, firm)
        try finds("created < 2020-01-01")
        try finds("scope = /", zhang, li, firm)
        #expect(try here.node.find(nil).rows.map(\.id) == [firm, li, zhang])
        #expect(try here.node.matching("city = 上海") == [zhang, firm].sorted())
    }

    @Test func deletedCustomersAreFoundOnlyWhereTheyAreAskedFor() throws {
        let (here, zhang, li, firm) = try people()
        _ = try here.node.delete(zhang.description)
        #expect(try here.find("city = 上海") == [firm])
        #expect(try here.find("deleted = true") == [zhang])
        #expect(try here.find("deleted = true and name = 张伟") == [zhang])
        #expect(try Set(here.find("deleted = true or city = 北京")) == [zhang, li])
        #expect(try here.node.find("deleted = yes").rows.first?.isDeleted == true)
    }

    @Test func rowsCarryColumnsAndReasons() throws {
        let (here, zhang, _, _) = try people()
        let row = try #require(try here.node.find("city = 上海 and tag(VIP)", columns: ["姓名", "phone", "tags", "note"]).rows.first)
        #expect(row.id == zhang)
        #expect(row.kind == .person)
        #expect(row.scope == "/")
        #expect(row.fields.map(\.name) == ["name", "phone", "tags", "note"])
        #expect(row.fields.map(\.value) == [.text("张伟"), .list(["+8613800138000"]), .list(["VIP", "wholesale"]), nil])
        #expect(row.why.map(\.parameters) == [["condition": "city = \"上海\""], ["condition": "tag(\"VIP\")"]])
    }

    @Test func explainTellsEachCondition() throws {
        let (here, zhang, _, _) = try people()
        let explanation = try here.node.explain(zhang.description, "city = 北京 or income > 100000")
        #expect(explanation.matches)
        #expect(explanation.because.map(\.holds) == [false, true])
        #expect(explanation.because.map(\.actual) == [["上海"], ["250000"]])
    }

    @Test func unknownFieldsNameTheNearest() throws {
        let here = try SearchNode()
        for run in [{ _ = try here.node.find("nmae = x") }, { _ = try here.node.matching("nmae = x") }] {
            let error = #expect(throws: RuleError.self) { try run() }
            #expect(error?.code == "rules.unknown-field")
            #expect(error?.parameters["nearest"] == "name")
        }
    }

    @Test func linkedRecordsAreOneCustomer() throws {
        let (here, zhang, li, firm) = try people()
        let profile = try here.node.merge(zhang.description, li.description).id
        #expect(try here.find("kind = person") == [profile])
        #expect(try here.find("tag(VIP) and email = li@example.com and nickname is not empty") == [profile])
        #expect(try here.node.find(nil).total == 2)
        #expect(try Set(here.node.matching("conflict = true")) == [profile])
        _ = try here.node.delete(profile.description)
        #expect(try here.find("kind = person").isEmpty)
        #expect(try here.find("deleted = true") == [profile])
        #expect(try here.node.find(nil).rows.map(\.id) == [firm])
    }

    @Test func pagesOfAnExpressionAreWhole() throws {
        let here = try SearchNode()
        let ids = try (0..<23).map { try here.add(.person, "name=N\($0)", "city=\($0 % 2 == 0 ? "上海" : "北京")") }
        var seen: [RowID] = [], next: String?
        repeat {
            let page = try here.node.find("city = 上海", limit: 5, after: next)
            #expect(page.total == 12)
            seen += page.rows.map(\.id)
            next = page.next
        } while next != nil
        #expect(seen == ids.enumerated().filter { $0.offset % 2 == 0 }.map(\.element).reversed())
    }

    @Test func longExpressionsReachSQL() throws {
        let (here, zhang, _, _) = try people()
        let any = (0..<480).map { "city = X\($0)" }.joined(separator: " or ")
        #expect(try here.find("(\(any)) or name = 张伟") == [zhang])
        let nots = String(repeating: "not ", count: 96)
        #expect(try here.find("\(nots) name = 张伟") == [zhang])
        let deep = (0..<30).reduce("name = 张伟") { "(not (city = X\($1) or \($0)) or code = Y\($1))" }
        #expect(try here.find(deep) == [zhang])
        #expect(try !here.find("not \(deep)").contains(zhang))
    }
}
