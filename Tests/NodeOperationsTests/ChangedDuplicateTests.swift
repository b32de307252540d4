import Causality
import FleetSupport
import NodeEnvironment
import NodeOperations
import ProfileModel
import ProfileStore
import Testing

/// Searches that compare only what changed since all customers were compared.
struct ChangedDuplicateTests {
    /// Keeps to changes in stores of any size.
    private let search: DuplicateSearch

    init() {
        var search = DuplicateSearch()
        search.comparesChangesFrom = 1
        self.search = search
    }

    private func whole() -> DuplicateSearch {
        var whole = search
        whole.comparesAll = true
        return whole
    }

    /// What the links of a node say, and of which pairs.
    private func links(_ node: Node) throws -> Set<String> {
        Set(try node.store.read { try $0.linkStatements() }.map { "\($0.pair) \(String(describing: $0.verdict?.isSame)) \($0.evidence ?? "")" })
    }

    @Test func changesAloneFindWhatComparingAllFinds() throws {
        let fleet = try TestFleet(2), node = fleet[0]
        try node.importText(PlantedDuplicates.firstTable, source: "erp", kind: .person, in: fleet.folder)
        #expect(try node.findDuplicates(search).comparedAll)
        try node.importText(PlantedDuplicates.secondTable, source: "fair", kind: .person, in: fleet.folder, named: "second.csv")
        try fleet.settle()
        let found = try node.findDuplicates(search)
        #expect(!found.comparedAll && found.records == PlantedDuplicates.planted && found.linked > PlantedDuplicates.planted * 3 / 4)
        #expect(try fleet[1].findDuplicates(whole()).linked == found.linked)
        #expect(try links(node) == links(fleet[1]))
        // Nothing has changed since, so nothing is compared.
        #expect(try node.findDuplicates(search).records == 0)
        try StoreLaws.check(node)
    }

    @Test func oneNewRecordIsComparedWithAll() throws {
        let fleet = try TestFleet(1), node = fleet[0]
        try PlantedDuplicates.load(node, in: fleet.folder)
        _ = try node.findDuplicates(search)
        let known = try node.show("erp:p1"), before = try node.quality().duplicates
        try node.importText(
            "external_id,name,birth_date,phone\n1,\(known["name"][0]),\(known["birth_date"][0]),\(known["phone"][0])\n", source: "event", kind: .person,
            in: fleet.folder, named: "event.csv")
        let found = try node.findDuplicates(search)
        #expect(!found.comparedAll && found.records == 1 && found.linked == 1)
        let after = try node.quality().duplicates
        #expect(after.linkedRecords == before.linkedRecords + 1)
        #expect(try after.waitingPairs == node.duplicates().count)
        #expect(try node.show("event:1").members.contains(node.record("erp:p1")))
    }

    @Test func aProposalToAChangedRecordIsWithdrawn() throws {
        let fleet = try TestFleet(1), node = fleet[0]
        try PlantedDuplicates.load(node, in: fleet.folder)
        var search = search
        search.linkAbove = 1
        _ = try node.findDuplicates(search)
        let pair = try #require(try node.duplicates().first)
        try node.edit(pair.b, "name=欧阳娜娜", "birth_date=1931-01-01", "phone=18912345678", "email=other@example.com", "address=广州市天河区体育西路1号")
        let found = try node.findDuplicates(search)
        #expect(!found.comparedAll && found.records == 1)
        #expect(try !node.duplicates().contains { $0.key == pair.key })
    }

    @Test func whatMayJudgeOtherwiseComparesAll() throws {
        let fleet = try TestFleet(2), node = fleet[0]
        try PlantedDuplicates.load(node, in: fleet.folder)
        #expect(try node.findDuplicates(search).comparedAll)
        var other = search
        other.linkAbove = 0.9
        #expect(try node.findDuplicates(other).comparedAll, "another bound")
        #expect(try node.findDuplicates(search).comparedAll)
        #expect(try !node.findDuplicates(search).comparedAll)
        if let pair = try node.duplicates().first {
            _ = try node.decideDuplicates([pair.key], isSame: false)
            #expect(try node.findDuplicates(search).comparedAll, "a decision refines the model")
        }
        let many = (0..<PlantedDuplicates.people / 3).map { "\($0),张\($0)\n" }.joined()
        try node.importText("external_id,name\n" + many, source: "list", kind: .person, in: fleet.folder, named: "list.csv")
        #expect(try node.findDuplicates(search).comparedAll, "much has changed")
        var small = DuplicateSearch()
        small.comparesChangesFrom = 10_000
        #expect(try node.findDuplicates(small).records == 0, "what an earlier search kept is used")
        _ = try node.add(.organization, [Assignment(field: "name", verb: .set, text: "上海华信科技有限公司")])
        #expect(try node.findDuplicates(search).comparedAll, "there is no model of organizations")
    }

    @Test func anErasedCustomerLeavesNoKey() throws {
        let fleet = try TestFleet(1), node = fleet[0]
        try PlantedDuplicates.load(node, in: fleet.folder)
        _ = try node.findDuplicates(search)
        let record = try node.record("erp:p3")
        let ordinal = try node.store.read { try #require(try $0.row(record)).ordinal }
        #expect(try node.store.read { try $0.blockingKeyCount(ofCustomer: ordinal) } > 5)
        _ = try node.erase(record.description, confirmation: record.description)
        try node.finishErasures()
        #expect(try node.store.read { try $0.blockingKeyCount(ofCustomer: ordinal) } == 0)
    }
}
