import Causality
import FleetSupport
import Foundation
import MergeVectors
import NodeOperations
import ProfileModel
import ProfileStore
import Replication
import Testing

/// What is erased is gone everywhere and for ever, whatever arrives in which order.
struct ErasureTests {
    private static let table = "external_id,name,phone,city\n1,张伟,13800138000,上海\n2,李娜,13900139000,北京\n"

    private func erase(_ node: Node, _ id: RowID) throws { _ = try node.erase(id.description, confirmation: id.description) }

    /// Lets every node finish and everybody hear of it.
    private func settle(_ fleet: TestFleet) throws {
        for _ in 0..<2 {
            try fleet.settle()
            for node in fleet.nodes { try node.finishErasures() }
        }
        try fleet.settle()
    }

    private func isGone(_ id: RowID, from node: Node) throws -> Bool {
        try node.store.read { reader in
            try reader.row(id) == nil && reader.history(of: id).isEmpty && reader.isErased(id)
                && reader.belongings(of: id) == 0
        }
    }

    @Test func isGoneEverywhereWithAllThatBelongsToIt() throws {
        let fleet = try TestFleet(3)
        try fleet[0].importText(Self.table, source: "erp", in: fleet.folder)
        try fleet.settle()
        let id = try fleet[0].record("erp:1"), other = try fleet[0].record("erp:2")
        _ = try fleet[1].edit(id.description, [Assignment("city=杭州")], message: "moved")
        _ = try fleet[2].note(id.description, text: "a visit", next: ("2026-12-01", "call"))
        try fleet[0].edit(id, "city=苏州", "tags+=vip")
        try fleet.settle()
        #expect(try fleet[1].conflicts().total == 1)
        try fleet[2].edit(id, "stage=active")
        try erase(fleet[0], id)
        try settle(fleet)
        for node in fleet.nodes {
            #expect(try isGone(id, from: node))
            #expect(try node.conflicts().total == 0)
            #expect(try node.status().counts.events == 0)
            #expect(throws: StoreError.self) { try node.show("erp:1") }
            #expect(try node.value("city", of: other) == "北京")
            let status = try node.erasureStatus("erp:1")
            #expect(status.id == id && status.author == "person 0")
            #expect(status.acknowledged == ["node 0", "node 1", "node 2"] && status.pending.isEmpty)
        }
        #expect(try fleet[0].changes().contains { $0.action == .erased && $0.value == id.description })
    }

    @Test func nothingBringsItBack() throws {
        let fleet = try TestFleet(3)
        try fleet[0].importText(Self.table, source: "erp", in: fleet.folder)
        try fleet.settle()
        let id = try fleet[0].record("erp:1")
        let backup = fleet.folder["backup"]
        _ = try fleet[2].store.backUp(to: backup)
        try erase(fleet[0], id)
        #expect(throws: NodeError("node.erase-stands")) { try fleet[0].undo(nil) }
        // Node 1 has not heard of it, and edits, and meets node 2 after that has heard.
        try fleet[1].edit(id, "city=深圳")
        try fleet.sync(0, 2)
        try fleet.sync(1, 2)
        try fleet.sync(2, 0)
        #expect(try isGone(id, from: fleet[2]) && isGone(id, from: fleet[1]) && isGone(id, from: fleet[0]))
        // The same file once more, with an order of the customer.
        let again = try fleet[2].importText(Self.table, source: "erp", in: fleet.folder)
        #expect(again.rejected == 1 && again.erased == 1 && again.unchanged == 1)
        let orders = try fleet[1].importText("external_id,customer,amount\nO1,1,5\nO2,2,6\n", source: "erp", kind: .event, in: fleet.folder)
        #expect(orders.erased == 1 && orders.created == 1)
        // A copy from before.
        let home = fleet[2].store.home
        try fleet.reopen(0)
        let (restored, _, _) = try Node.restore(backup, to: home, author: "person 2", environment: fleet.environments[2])
        #expect(try !isGone(id, from: restored))
        let outcome = try fleet.transport.session(from: restored, to: fleet[0])
        #expect(outcome.error == nil)
        #expect(try isGone(id, from: restored) && isGone(id, from: fleet[0]))
        try StoreLaws.check(restored)
    }

    @Test func needsTheWholeIDAndAHolder() throws {
        let fleet = try TestFleet(scopes: [[], ["cn/east"]])
        let west = try fleet[0].add(.person, [Assignment("name=张伟")], scope: "cn/west").id
        let error = #expect(throws: NodeError.self) { try fleet[0].erase(west.description, confirmation: nil) }
        #expect(error?.code == "node.erase-unconfirmed" && error?.parameters["record"] == west.description)
        #expect(throws: NodeError.self) { try fleet[0].erase(west.description, confirmation: RowID(high: 1, low: 1).description) }
        #expect(throws: NodeError.self) { try fleet[0].erasureStatus(west.description) }
        #expect(try fleet[0].value("name", of: west) == "张伟")
    }

    @Test func everyExternalIDIsErased() throws {
        let fleet = try TestFleet(2)
        try fleet[0].importText(Self.table, source: "erp", in: fleet.folder)
        let id = try fleet[0].record("erp:1")
        try fleet[0].edit(id, "external_ids+=crm:9")
        // The other node knows the customer by its other id alone, and has an order of it.
        try fleet[1].importText("external_id,name\n9,张伟\n", source: "crm", in: fleet.folder)
        try fleet[1].importText("external_id,customer,amount\nO1,9,5\n", source: "crm", kind: .event, in: fleet.folder)
        let same = try fleet[1].record("crm:9")
        try erase(fleet[0], id)
        try settle(fleet)
        for node in fleet.nodes {
            #expect(try isGone(id, from: node) && isGone(same, from: node))
            #expect(try node.status().counts.events == 0)
            #expect(try node.importText("external_id,name\n9,张伟\n", source: "crm", in: fleet.folder).erased == 1)
        }
    }

    @Test func whoWasLinkedToItGoesToReview() throws {
        let fleet = try TestFleet(2)
        let one = try fleet[0].add("name=张伟"), two = try fleet[0].add("name=张玮"), three = try fleet[0].add("name=张巍")
        _ = try fleet[0].merge(one.description, two.description)
        try fleet.settle()
        // Node 1 links a third record, while node 0 erases the two that it knows to be one.
        _ = try fleet[1].merge(two.description, three.description)
        let outcome = try fleet[0].erase(two.description, confirmation: two.description)
        #expect(outcome.records == 2)
        try settle(fleet)
        for node in fleet.nodes {
            #expect(try isGone(one, from: node) && isGone(two, from: node))
            #expect(try node.show(three.description).members == [three])
            let items = try node.reviewItems()
            #expect(items.map(\.record) == [three] && items.map(\.reason) == ["node.linked-to-erased"])
        }
        try erase(fleet[1], three)
        try settle(fleet)
        for node in fleet.nodes { #expect(try node.reviewItems().isEmpty && isGone(three, from: node)) }
    }

    @Test(arguments: [[0, 1], [1, 0]])
    func aCorrectionToAnotherCustomerAgrees(order: [Int]) throws {
        let fleet = try TestFleet(3)
        try fleet[0].importText(Self.table, source: "erp", in: fleet.folder)
        try fleet[0].importText("external_id,customer,amount\nO1,1,5\n", source: "erp", kind: .event, in: fleet.folder)
        try fleet.settle()
        let id = try fleet[0].record("erp:1")
        try erase(fleet[0], id)
        try fleet[1].importText("external_id,customer,amount\nO1,2,5\n", source: "erp", kind: .event, in: fleet.folder)
        for caller in order { try fleet.sync(caller, 2) }
        try settle(fleet)
        for node in fleet.nodes { #expect(try isGone(id, from: node)) }
    }

    @Test func nothingIsLeftInTheFiles() throws {
        let fleet = try TestFleet(2)
        let words = ["zhuangsunlingyin", "庄孙灵音", "13812349876", "Kvothe Street", "bluebottle"]
        for number in 0..<200 { _ = try fleet[number % 2].add("name=客户\(number)", "city=上海", "note=\(String(repeating: "text ", count: number % 40))") }
        let id = try fleet[0].add("name=庄孙灵音", "phone=13812349876", "address=Kvothe Street 5", "note=bluebottle")
        try fleet.settle()
        for round in 0..<5 {
            try fleet[round % 2].edit(id, "note=bluebottle \(round)", "address=\(round) Kvothe Street")
            _ = try fleet[round % 2].note("phone:13812349876", text: "bluebottle \(round)", next: ("2026-12-01", "bluebottle"))
            _ = try fleet[round % 2].edit("phone:13812349876", [Assignment("stage=active")], message: "bluebottle")
            _ = try fleet[round % 2].find("庄孙灵音")
        }
        try fleet.settle()
        func left(_ node: Node) throws -> [String] {
            let files = try FileManager.default.contentsOfDirectory(atPath: node.store.home)
            let bytes = try files.map { try Data(contentsOf: URL(fileURLWithPath: node.store.home + "/" + $0)) }
            return words.filter { word in bytes.contains { $0.range(of: Data(word.utf8)) != nil } }
        }
        for node in fleet.nodes { _ = try node.find("bluebottle") }
        #expect(try left(fleet[0]).count == words.count)
        try erase(fleet[0], id)
        #expect(try left(fleet[0]) == [])
        try settle(fleet)
        #expect(try left(fleet[1]) == [])
    }

    @Test func aNodeErasesOnlyWhatItMayWrite() throws {
        let fleet = try TestFleet(scopes: [[], []])
        let west = try fleet[1].add(.person, [Assignment("name=张伟")], scope: "cn/west").id
        let east = try fleet[1].add(.person, [Assignment("name=李娜")], scope: "cn/east").id
        try fleet.sync(1, 0)
        try erase(fleet[1], west)
        try erase(fleet[1], east)
        try fleet.sync(1, 0, scopes: ScopeSet(["cn/east"]))
        #expect(try isGone(east, from: fleet[0]))
        #expect(try fleet[0].value("name", of: west) == "张伟")
        let items = try fleet[0].reviewItems()
        #expect(items.map(\.record) == [west] && items.map(\.field) == ["erase"] && items.map(\.raw) == ["person 1"])
        try StoreLaws.check(fleet[0])
    }

    @Test func aNodeThatLetGoOfItKeepsNothing() throws {
        let fleet = try TestFleet(scopes: [[], ["cn/east"]])
        let id = try fleet[0].add(.person, [Assignment("name=张伟")], scope: "cn/east").id
        _ = try fleet[0].note(id.description, text: "a visit")
        for _ in 0..<3 { try fleet.sync(1, 0) }
        _ = try fleet[0].move([id.description], to: "cn/west")
        for _ in 0..<3 { try fleet.sync(1, 0) }
        #expect(try fleet[1].store.read { try $0.row(id) } == nil)
        try erase(fleet[0], id)
        for _ in 0..<3 { try fleet.sync(1, 0) }
        #expect(try isGone(id, from: fleet[1]))
        _ = try fleet[0].move([try fleet[0].add("name=李娜").description], to: "cn/east")
        for _ in 0..<3 { try fleet.sync(1, 0) }
        try TerritoryLaws.check(fleet.nodes)
    }

    /// Found by the simulation: the link counted in both scopes, and was taken out of one.
    @Test func aLinkBetweenTwoScopesGoesFromBoth() throws {
        let fleet = try TestFleet(scopes: [[], ["cn/east"], ["cn/west"]])
        let east = try fleet[0].add(.person, [Assignment("name=张伟")], scope: "cn/east").id
        let west = try fleet[0].add(.person, [Assignment("name=李娜")], scope: "cn/west").id
        for node in 1...2 { try fleet.sync(node, 0) }
        try erase(fleet[1], east)
        _ = try fleet[0].merge(west.description, east.description)
        for node in [2, 1, 2, 1] { try fleet.sync(node, 0) }
        #expect(try isGone(east, from: fleet[0]))
        try TerritoryLaws.check(fleet.nodes)
    }

    /// Found by the simulation: it was erased, and the answer looked for the record that lends its id to both.
    @Test func aRecordLinkedToOneThatIsElsewhereIsErased() throws {
        let fleet = try TestFleet(scopes: [[], ["cn/east"]])
        let west = try fleet[0].add(.person, [Assignment("name=李娜")], scope: "cn/west").id
        let east = try fleet[0].add(.person, [Assignment("name=张伟")], scope: "cn/east").id
        _ = try fleet[0].merge(west.description, east.description)
        try fleet.sync(1, 0)
        let outcome = try fleet[1].erase(east.description, confirmation: east.description)
        #expect(outcome.status.id == east)
        #expect(outcome.records == 1)
    }
}
