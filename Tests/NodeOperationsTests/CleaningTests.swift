import Causality
import FleetSupport
import NodeOperations
import ProfileModel
import ProfileStore
import StandardForms
import Testing

/// What companies have is brought into standard form, each change with its reason, and what was given stays.
struct CleaningTests {
    private static let table = """
        external_id,姓名,手机号,出生日期,省市区,行业,身份证号,需求
        1,张伟,138 0013 8000,1990.1.5,上海浦东,软件和信息技术服务业,110105491231002,降低成本;获客
        2,李娜,+8613900139000,1990-01-05,上海市浦东新区,做软件的,,
        3,王芳,0044 020 7946 0958,农历1990年八月十五,鼓楼区,I65,110105194912310021,上天

        """

    @Test func eachChangeHasItsReasonAndTheGivenValueStays() throws {
        let fleet = try TestFleet(1), node = fleet[0]
        let outcome = try node.importText(Self.table, source: "erp", kind: .person, in: fleet.folder)
        #expect(outcome.created == 3)
        let cleaned = Dictionary(uniqueKeysWithValues: outcome.cleaned.map { ("\($0.key.field) \($0.key.change.rawValue.dropFirst(14))", $0.value) })
        #expect(cleaned == [
            "phone phone": 2, "birth_date date": 1, "birth_date lunar-date": 1, "region region": 1, "industry industry": 1, "national_id identity": 1,
            "needs choice": 2,
        ])
        let zhang = try node.record("erp:1"), wang = try node.record("erp:3")
        let shown = try node.show(zhang.description)
        #expect(shown["phone"] == ["+8613800138000"] && shown["birth_date"] == ["1990-01-05"] && shown["region"] == ["上海市浦东新区"])
        #expect(shown["industry"] == ["I65"] && shown["national_id"] == ["11010519491231002X"] && shown["needs"] == ["cost-reduction", "lead-generation"])
        let history = try node.history(zhang.description)
        func given(_ field: String) -> [String?] { history.filter { $0.field == field }.map(\.given) }
        #expect(given("phone") == ["138 0013 8000"] && given("region") == ["上海浦东"] && given("name") == [nil] && given("birth_date") == ["1990.1.5"])
        #expect(Set(given("needs")) == ["降低成本", "获客"])
        #expect(try node.show(wang.description)["phone"] == ["+442079460958"])
        #expect(try node.show(wang.description)["birth_date"] == ["1990-10-03"])
        #expect(try node.show(wang.description)["region"] == ["鼓楼区"], "what may be several regions is not guessed")
        // Once more changes nothing, and keeps nothing twice.
        let again = try node.importText(Self.table, source: "erp", kind: .person, in: fleet.folder)
        #expect(again.unchanged == 3 && again.cleaned.isEmpty)
        #expect(try node.history(zhang.description).count == history.count)
    }

    @Test func doubtsGoToReviewWithAProposal() throws {
        let fleet = try TestFleet(2), node = fleet[0]
        try node.importText(Self.table, source: "erp", kind: .person, in: fleet.folder)
        let items = try node.reviewItems()
        #expect(Set(items.map(\.reason)) == ["forms.industry-proposed", "forms.not-an-identity", "forms.not-a-choice"])
        let industry = try #require(items.first { $0.field == "industry" })
        #expect(industry.raw == "做软件的" && industry.proposed == "I65")
        #expect(try node.show(industry.record.description)["industry"] == ["做软件的"])
        _ = try node.decide([industry.key], .accept)
        try fleet.settle()
        #expect(try fleet[1].show(industry.record.description)["industry"] == ["I65"])
        #expect(try fleet[1].reviewItems().count == 2)
    }

    @Test func whatWasGivenIsErasedToo() throws {
        let fleet = try TestFleet(1), node = fleet[0]
        try node.importText(Self.table, source: "erp", kind: .person, in: fleet.folder)
        let id = try node.record("erp:1")
        #expect(try !node.store.read { try $0.given(of: id) }.isEmpty)
        _ = try node.erase(id.description, confirmation: id.description)
        #expect(try node.store.read { try $0.given(of: id) }.isEmpty)
        let other = try node.record("erp:3")
        #expect(try node.store.read { try $0.given(of: other) }.count == 2, "what others were given as stays")
    }

    @Test func thousandsOfGivenValuesStayWithTheirCustomers() throws {
        let fleet = try TestFleet(1), node = fleet[0]
        let phones = (0..<3_000).map { "138 \(1_000 + $0) 8000" }
        let table = "external_id,phone,email\n" + phones.enumerated().map { "\($0),\($1),A\($0)@Example.com\n" }.joined()
        try node.importText(table, source: "erp", kind: .person, in: fleet.folder)
        try node.importText("external_id,name,phone\n7,张伟,139 0000 0000\n", source: "erp", kind: .person, in: fleet.folder)
        let erased = try node.record("erp:1500")
        _ = try node.erase(erased.description, confirmation: erased.description)
        let records = try phones.indices.map { try $0 == 1_500 ? erased : node.record("erp:\($0)") }
        try node.store.read { reader in
            for (index, phone) in phones.enumerated() where index != 1_500 {
                let given = try reader.given(of: records[index]).map(\.raw)
                #expect(given == [phone, "A\(index)@Example.com"] + (index == 7 ? ["139 0000 0000"] : []))
            }
            #expect(try reader.given(of: erased).isEmpty)
        }
    }

    @Test func traditionalCharactersAreFoundAsSimplifiedOnes() throws {
        let fleet = try TestFleet(1), node = fleet[0]
        let taipei = try node.add("name=張偉", "company=臺北精密機械"), shanghai = try node.add("name=张伟")
        #expect(Set(try node.find("张伟").rows.map(\.id)) == [taipei, shanghai])
        #expect(Set(try node.find("張偉").rows.map(\.id)) == [taipei, shanghai])
        #expect(try node.find("台北").rows.map(\.id) == [taipei])
        #expect(try node.value("name", of: taipei) == "張偉")
    }
}
