import Causality
import Connectors
import CurlHTTP
import FleetSupport
import Foundation
import NodeOperations
import ProfileModel
import ProfileStore
import Testing

extension TrytonTests.Desk {
    /// The id of a record with a name, made where there is none.
    func id(_ name: String, in model: String, _ more: [String: JSON] = [:]) throws -> JSON {
        let known = (try send(.get, "\(model)?f=name").items ?? []).first { $0["name"].text == name }
        return try known?["id"] ?? send(.post, model, .object(more.merging(["name": .string(name)]) { $1 }))["id"]
    }

    @discardableResult
    func add(_ name: String, _ categories: String...) throws -> Int {
        let ids = try categories.map { try id($0, in: "party.category") }
        let made = try send(.post, "party.party", [
            "name": .string(name), "addresses": [["create", [["city": "杭州"]]]], "categories": [["add", .array(ids)]],
        ])
        return Int(made["id"].integer!)
    }

    func categories(_ id: Int) throws -> Set<String> {
        Set((try send(.get, "party.party/\(id)?f=categories.name")["categories"].items ?? []).compactMap { $0["name"].text })
    }

    func categorize(_ party: Int, _ word: String, _ category: String) throws {
        try send(.put, "party.party/\(party)", ["categories": [[.string(word), [id(category, in: "party.category")]]]])
    }
}

/// Parties that are people and parties that are organizations, and their categories.
extension TrytonTests {
    private func kind(_ party: Int, _ node: Node? = nil) throws -> RowKind { try (node ?? self.node).show("\(name):\(party)").kind }

    private func tags(_ party: Int) throws -> Set<String> { Set(try node.show("\(name):\(party)").tags) }

    /// Whether a round says nothing and hears nothing new, also when all ids are compared.
    func isQuiet() throws -> Bool {
        try [false, true].allSatisfy { reconciles in
            let counts = try round(reconciles: reconciles)
            return (counts.written, counts.made, counts.updated, counts.created, counts.gone) == (0, 0, 0, 0, 0)
        }
    }

    /// Leaves all that was written so far before the next window, which begins with a second of Tryton's clock.
    func leaveBehind() throws {
        for _ in 0..<2 {
            Thread.sleep(forTimeInterval: 1.1)
            #expect(try isQuiet())
        }
    }

    @Test func aCategorySaysWhichPartiesArePeople() throws {
        let person = try desk.add("王芳", "Person"), company = try desk.add("海辰科技")
        try round()
        #expect(try kind(person) == .person && kind(company) == .organization)
        let record = try node.record("\(name):\(person)")
        try node.edit(record, "city=宁波")
        #expect(try round().written == 1)
        #expect(try desk.city(person) == "宁波" && desk.categories(person) == ["Person"])
        try desk.setCity(person, "温州")
        try round()
        #expect(try node.value("city", of: record) == "温州")
        #expect(try isQuiet() && node.deadLetters().isEmpty)
        try StoreLaws.check(node)
    }

    @Test func anOrganizationBecomesAPersonAndNothingIsLost() throws {
        let party = try desk.add("李明"), other = try desk.add("海辰科技")
        try round()
        let record = try node.record("\(name):\(party)")
        try node.edit(record, "industry=医疗")
        try fleet.settle()
        #expect(try kind(party, fleet[1]) == .organization)
        try desk.categorize(party, "add", "Person")
        try round()
        #expect(try kind(party) == .person && kind(other) == .organization)
        #expect(try node.record("\(name):\(party)") == record && node.value("industry", of: record) != nil)
        try fleet.settle()
        #expect(try kind(party, fleet[1]) == .person)
        try fleet[1].edit(record, "city=宁波")
        try fleet.settle()
        try round()
        #expect(try desk.city(party) == "宁波")
        #expect(try isQuiet() && !node.show(record.description).isDeleted)
        try StoreLaws.check(node)
    }

    @Test func aPersonStaysOneWhateverItsCategoriesSay() throws {
        let party = try desk.add("赵敏", "Person"), stranger = try desk.add("路人")
        try round()
        let record = try node.record("\(name):\(party)")
        try desk.categorize(party, "remove", "Person")
        try desk.setCity(party, "上海")
        try round()
        #expect(try kind(party) == .person && node.value("city", of: record) == "上海")
        #expect(try node.deadLetters().map { "\($0.letter.code) \($0.letter.remoteID)" } == ["crm.other-kind \(party)"])
        try node.edit(record, "city=宁波")
        try round()
        #expect(try desk.city(party) == "宁波")
        #expect(try isQuiet() && node.deadLetters().count == 1)
        try desk.categorize(party, "add", "Person")
        try round()
        #expect(try isQuiet() && node.deadLetters().isEmpty)
        // A party that no condition finds is not taken, and stays where it was taken before.
        _ = try node.mapConnector(name, edits: ["party.party.where=categories[] = Company"])
        let unknown = try desk.add("新路人")
        try desk.setCity(stranger, "苏州")
        try round(reconciles: true)
        #expect(try node.value("city", of: node.record("\(name):\(stranger)")) == "苏州")
        #expect(throws: StoreError.self) { try node.record("\(name):\(unknown)") }
        try desk.categorize(unknown, "add", "Company")
        try round()
        #expect(try kind(unknown) == .organization && isQuiet())
        try StoreLaws.check(node)
    }

    @Test func aPersonWhoIsMadeHereIsOneThere() throws {
        _ = try node.mapConnector(name, edits: ["person.create=tag = 新客户"])
        let record = try node.add(.person, [Assignment("name=孙悦")], tags: ["新客户"]).id
        #expect(try round().made == 1)
        let external = try #require(try node.show(record.description)["external_ids"].first { $0.hasPrefix("\(name):") })
        let party = try #require(Int(external.dropFirst(name.count + 1)))
        #expect(try desk.categories(party) == ["Person", "新客户"])
        #expect(try isQuiet() && kind(party) == .person && tags(party) == ["新客户"])
    }

    @Test func categoriesAreTags() throws {
        let mark = "VIP\(UInt32.random(in: 0...(.max)))", party = try desk.add("海辰科技", mark, mark + "a")
        try round()
        #expect(try tags(party) == [mark, mark + "a"])
        let record = try node.record("\(name):\(party)")
        try node.edit(record, "tags+=重点", "tags-=\(mark)a")
        #expect(try round().written == 1)
        #expect(try desk.categories(party) == [mark, "重点"] && isQuiet())
        // What people say here stays here; the later word stands there.
        try desk.categorize(party, "remove", "重点")
        try round()
        #expect(try tags(party) == [mark, "重点"] && isQuiet() && desk.categories(party) == [mark])
        try desk.categorize(party, "remove", mark)
        try round()
        #expect(try tags(party) == ["重点"])
        try desk.categorize(party, "add", mark)
        try round()
        #expect(try tags(party) == ["重点", mark])
        // A category with another name is another tag, though no party was touched.
        _ = try node.mapConnector(name, edits: ["party.party.look-back-seconds=0"])
        try leaveBehind()
        try desk.send(.put, "party.category/\(desk.id(mark, in: "party.category").integer!)", ["name": .string(mark + "二")])
        try round()
        #expect(try tags(party) == ["重点", mark + "二"] && isQuiet())
        try StoreLaws.check(node)
    }
}
