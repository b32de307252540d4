import Causality
import Connectors
import FleetSupport
import Foundation
import NodeOperations
import ProfileModel
import ProfileStore
import StandinServing
import Testing

/// To stand on a list of a system is a tag here, both ways.
@Suite("Lists of a system", .serialized)
struct RemoteListTests: StandinRounds {
    let fleet: TestFleet

    init() throws { fleet = try TestFleet(2) }

    /// A stand-in with contacts, their ids in order, and a list with the first two of them.
    private func began(_ count: Int = 3, edits: [String] = ["contacts.list.VIP.tag=大客户"], _ more: (Standin, [String]) throws -> Void = { _, _ in }) throws
        -> (standin: Standin, ids: [String], list: String)
    {
        let standin = try Standin("hubspot", ["--records", String(count), "--kind", "contacts"])
        let ids = try standin.records("contacts").compactMap { $0["id"].text }
        let list = try make("VIP", of: [ids[0], ids[1]], standin)
        try more(standin, ids)
        try connect("hubspot", standin, edits: edits)
        try round()
        return (standin, ids, list)
    }

    private func make(_ name: String, of members: [String], _ standin: Standin, _ more: [String: JSON] = [:]) throws -> String {
        let body: [String: JSON] = ["name": .string(name), "add": .array(members.map(JSON.string))]
        return try #require(try standin.admin("lists", .object(body.merging(more) { $1 }))["list"].text)
    }

    @discardableResult
    private func change(_ list: String, _ standin: Standin, _ body: [String: JSON] = [:]) throws -> [String] {
        try standin.admin("lists", .object(body.merging(["list": .string(list)]) { $1 }))["members"].items?.compactMap(\.text) ?? []
    }

    private func tags(_ id: String, _ node: Node? = nil) throws -> [String] { try (node ?? self.node).show("crm:\(id)").tags.sorted() }

    private func count(_ kind: String, _ standin: Standin) throws -> Int64 { try standin.status()["counters"][kind].integer ?? 0 }

    @Test func whoeverStandsOnAListHasItsTag() throws {
        let (standin, ids, list) = try began()
        #expect(try ids.map { try tags($0) } == [["大客户"], ["大客户"], []])
        try standin.admin("reset")
        let digest = try node.status().counts.digest
        try round()
        #expect(try count("members", standin) == 0 && count("list-search", standin) == 0, "no clock moves with a list")
        #expect(try round(reconciles: true).updated == 0)
        #expect(try node.status().counts.digest == digest)
        try change(list, standin, ["add": [.string(ids[2])], "remove": [.string(ids[0])]])
        try round(reconciles: true)
        #expect(try ids.map { try tags($0) } == [[], ["大客户"], ["大客户"]])
        #expect(try count("list-write", standin) == 0, "nothing bounces")
        #expect(try node.conflicts().total == 0)
        try StoreLaws.check(node)
    }

    @Test func aRecordThatChangesIsAskedOnWhichListsItStands() throws {
        let (standin, ids, list) = try began()
        try change(list, standin, ["add": [.string(ids[2])]])
        try standin.admin("edit", ["kind": "contacts", "ids": [.string(ids[2])], "fields": ["jobtitle": "经理"]])
        try round()
        #expect(try tags(ids[2]) == ["大客户"])
        // Whoever is new there may stand on a list already.
        let made = try make("contacts", ["firstname": "Mary"], standin)
        try change(list, standin, ["add": [.string(made)]])
        try round()
        #expect(try tags(made) == ["大客户"])
        #expect(try count("members", standin) == 1, "one page, the first time")
    }

    @Test func aListThatIsReadHalfwaySaysNothing() throws {
        var list = ""
        let (standin, ids, vip) = try began(300, edits: ["contacts.list.VIP.tag=vip", "contacts.list.All.tag=all"]) { standin, ids in
            list = try make("All", of: ids, standin)
        }
        #expect(try ids.filter { try tags($0).contains("all") }.count == 300)
        try change(list, standin, ["remove": .array(ids[..<10].map(JSON.string))])
        try change(vip, standin, ["remove": [.string(ids[0])]])
        // The second page of the longer list, which is read after the page of the shorter.
        try standin.fault("server-error=403/members+2")
        try round(reconciles: true)
        #expect(try ids.filter { try tags($0).contains("all") }.count == 300)
        #expect(try tags(ids[0]) == ["all"], "what the other list says is taken")
        #expect(try node.deadLetters(of: ["crm"]).map(\.letter.field) == ["list All"])
        // It alone is read again in the next round.
        try standin.admin("reset")
        try round()
        #expect(try count("members", standin) == 2)
        #expect(try ids.filter { try tags($0).contains("all") }.count == 290)
        #expect(try node.deadLetters(of: ["crm"]).isEmpty)
    }

    @Test func listsThatMayNotBeReadSayNothing() throws {
        let (standin, ids, list) = try began()
        try change(list, standin, ["remove": [.string(ids[0])]])
        try standin.fault("server-error=403/list-search")
        try round(reconciles: true)
        #expect(try tags(ids[0]) == ["大客户"])
        #expect(try node.deadLetters(of: ["crm"]).map(\.letter.field) == ["lists"])
        try round(reconciles: true)
        #expect(try tags(ids[0]).isEmpty && node.deadLetters(of: ["crm"]).isEmpty)
    }

    @Test func aListIsTheSameUnderAnotherName() throws {
        var second = ""
        let (standin, ids, list) = try began(edits: ["contacts.list.VIP.tag=大客户", "contacts.list.*.direction=both"]) { standin, ids in
            second = try make("展会", of: [ids[2]], standin)
        }
        #expect(try ids.map { try tags($0) } == [["大客户"], ["大客户"], ["展会"]])
        try change(list, standin, ["name": "Gold"])
        try change(second, standin, ["name": "展会 2026"])
        try round(reconciles: true)
        #expect(try ids.map { try tags($0) } == [["大客户"], ["大客户"], ["展会 2026"]], "a tag that the mapping gives stays, else it is the name")
        // Another list that takes the name is another.
        _ = try make("VIP", of: [ids[2]], standin)
        try round(reconciles: true)
        #expect(try ids.map { try tags($0) } == [["大客户"], ["大客户"], ["VIP", "展会 2026"]])
        // Whom a person gave the tag keeps it when the list is gone.
        try node.edit(node.record("crm:\(ids[1])"), "tags+=我们的")
        try change(list, standin, ["deleted": true])
        try change(second, standin, ["deleted": true])
        try round(reconciles: true)
        #expect(try ids.map { try tags($0) } == [[], ["我们的"], ["大客户"]], "the line now means the list that has its name")
    }

    @Test func aTagHereIsAPlaceOnTheListThere() throws {
        let (standin, ids, list) = try began()
        let record = try node.record("crm:\(ids[2])")
        try node.edit(record, "tags+=大客户", "tags+=only-here")
        #expect(try round().written == 1)
        #expect(try change(list, standin) == ids)
        #expect(try count("batch-update", standin) == 0, "nothing else of the record is written")
        let digest = try node.status().counts.digest
        for _ in 0..<3 { #expect(try round(reconciles: true).written == 0) }
        #expect(try node.status().counts.digest == digest)
        try node.edit(node.record("crm:\(ids[0])"), "tags-=大客户")
        try node.edit(node.record("crm:\(ids[1])"), "tags-=大客户", "title=经理")
        // A reply is lost after all was done.
        try standin.fault("drop-after/list-write*9")
        _ = try? round()
        try standin.admin("faults", ["clear": true])
        try round()
        #expect(try change(list, standin) == [ids[2]])
        try standin.admin("reset")
        for _ in 0..<2 { #expect(try round(reconciles: true).written == 0) }
        #expect(try count("list-write", standin) == 0)
        #expect(try ids.map { try tags($0) } == [[], [], ["only-here", "大客户"]])
        try StoreLaws.check(node)
    }

    @Test func aBatchThatIsRefusedIsHalvedAndTheRestIsDone() throws {
        let (standin, ids, list) = try began(6)
        for id in ids[2...] { try node.edit(node.record("crm:\(id)"), "tags+=大客户") }
        // All four, then the first two, then the first alone.
        try standin.fault("server-error=400/list-write*3")
        let counts = try round()
        #expect(counts.refused == 1)
        #expect(try change(list, standin).count == 5)
        #expect(try node.deadLetters(of: ["crm"]).map(\.letter.field) == ["list \(list)"])
        #expect(try round().written == 0, "the same is not tried again")
        _ = try node.retryDeadLetters([], of: "crm")
        try round()
        #expect(try Set(change(list, standin)) == Set(ids))
    }

    @Test func whoIsMadeThereStandsOnTheList() throws {
        let (standin, _, list) = try began(edits: ["contacts.list.VIP.tag=大客户", "contacts.create=all"])
        let made = try node.add("name=王芳", "tags=大客户")
        try standin.fault("drop-after/list-write*9")
        for _ in 0..<3 {
            _ = try? round()
            try standin.admin("advance", ["seconds": 60])
            try standin.admin("faults", ["clear": true])
        }
        let there = try #require(try standin.records("contacts").first { $0["fields"]["limn_id"].text == made.description }?["id"].text)
        #expect(try change(list, standin).contains(there))
        #expect(try standin.records("contacts").count == 4)
        try standin.admin("reset")
        #expect(try round().written == 0 && count("list-write", standin) == 0)
    }

    @Test func whatBothSidesChangedGoesToTheLaterWord() throws {
        let (standin, ids, list) = try began()
        // The clock here goes on from there, and never back.
        // Both take off: nothing is left to say.
        try node.edit(node.record("crm:\(ids[0])"), "tags-=大客户")
        try change(list, standin, ["remove": [.string(ids[0])]])
        // Both put on.
        try node.edit(node.record("crm:\(ids[2])"), "tags+=大客户")
        try change(list, standin, ["add": [.string(ids[2])]])
        try node.round("crm")
        #expect(try count("list-write", standin) == 0, "they are asked before anything is written")
        #expect(try ids.map { try tags($0) } == [[], ["大客户"], ["大客户"]])
        // Whom we put on and somebody there takes off later is not put on again, and keeps the tag that a person gave.
        try change(list, standin, ["remove": [.string(ids[2])]])
        for _ in 0..<2 { #expect(try node.round("crm", reconciles: true).written == 0) }
        #expect(try change(list, standin) == [ids[1]])
        #expect(try tags(ids[2]) == ["大客户"])
        // Whoever says it here once more means it.
        try node.edit(node.record("crm:\(ids[2])"), "tags-=大客户")
        try node.round("crm")
        try node.edit(node.record("crm:\(ids[2])"), "tags+=大客户")
        try node.round("crm")
        #expect(try Set(change(list, standin)) == [ids[1], ids[2]])
        // Whom we took off and somebody there puts on later stays on it.
        try node.edit(node.record("crm:\(ids[1])"), "tags-=大客户")
        try node.round("crm")
        try change(list, standin, ["add": [.string(ids[1])]])
        for _ in 0..<2 { #expect(try node.round("crm", reconciles: true).written == 0) }
        #expect(try Set(change(list, standin)) == [ids[1], ids[2]])
        try StoreLaws.check(node)
    }

    @Test func aListThatIsComputedThereIsNeverWritten() throws {
        let (standin, ids, _) = try began(edits: ["contacts.list.leads.tag=线索", "contacts.list.VIP.direction=in"]) { standin, ids in
            try standin.admin("edit", ["kind": "contacts", "ids": [.string(ids[2])], "fields": ["lifecyclestage": "customer"]])
            _ = try make("leads", of: [], standin, ["processing": "DYNAMIC", "rule": ["lifecyclestage", "lead"]])
        }
        #expect(try ids.map { try tags($0) } == [["VIP", "线索"], ["VIP", "线索"], []])
        try node.edit(node.record("crm:\(ids[0])"), "tags-=线索", "tags-=VIP")
        try node.edit(node.record("crm:\(ids[2])"), "tags+=线索", "tags+=VIP")
        for _ in 0..<2 { #expect(try round(reconciles: true).written == 0) }
        #expect(try count("list-write", standin) == 0 && standin.status()["marks"]["dynamic-list-written"] == .null)
        #expect(try ids.map { try tags($0) } == [[], ["VIP", "线索"], ["VIP", "线索"]])
        #expect(try node.deadLetters(of: ["crm"]).isEmpty)
    }

    @Test func twoOwnersMakeTheSameRows() throws {
        let (standin, ids, list) = try began()
        let secret = try ConnectorSecret(text: #require(Vendor.all.first { $0.name == "hubspot" }).secret(standin.url))
        try fleet.settle()
        _ = try fleet[1].takeOverConnector("crm", secret: secret)
        let digest = try fleet[1].status().counts.digest
        _ = try fleet[1].round("crm")
        #expect(try fleet[1].status().counts.digest == digest, "what was said before is not said again")
        // Who left while nobody read the list is taken off it by the next owner, who never knew that they stood on it.
        try fleet.settle()
        let made = try make("展会", of: ids, standin)
        _ = try fleet[1].mapConnector("crm", edits: ["contacts.list.展会.tag=展会"])
        _ = try fleet[1].round("crm")
        try fleet.settle()
        try change(made, standin, ["remove": [.string(ids[1])]])
        try change(list, standin, ["remove": [.string(ids[0])], "add": [.string(ids[2])]])
        try tick()
        _ = try node.takeOverConnector("crm", secret: secret)
        _ = try node.round("crm")
        let wanted = [["展会"], ["大客户"], ["大客户", "展会"]]
        #expect(try ids.map { try tags($0) } == wanted)
        try fleet.settle()
        #expect(try ids.map { try tags($0, fleet[1]) } == wanted)
        #expect(try node.conflicts().total == 0)
        #expect(try count("list-write", standin) == 0)
        try fleet.check()
    }

    @Test func aNodeThatNeverReadAListTakesNothingBack() throws {
        let (standin, ids, _) = try began(edits: ["contacts.list.VIP.tag=大客户", "contacts.list.展会.tag=展会"]) { standin, ids in
            _ = try make("展会", of: [ids[2]], standin)
        }
        try fleet.settle()
        let vendor = try #require(Vendor.all.first { $0.name == "hubspot" })
        _ = try fleet[1].takeOverConnector("crm", secret: ConnectorSecret(text: vendor.secret(standin.url)))
        try standin.fault("server-error=404/members")
        _ = try fleet[1].round("crm")
        #expect(try ids.map { try tags($0, fleet[1]) } == [["大客户"], ["大客户"], ["展会"]])
    }

    @Test func linesAreCheckedAndShown() throws {
        let (standin, ids, _) = try began(edits: ["contacts.list.Nobody knows.tag=x"])
        defer { withExtendedLifetime(standin) {} }
        #expect(try node.deadLetters(of: ["crm"]).map { "\($0.letter.field): \($0.letter.code)" } == ["list Nobody knows: crm.no-such-list"])
        let connector = try node.mapConnector("crm", edits: ["contacts.list.Nobody knows=", "contacts.list.VIP.direction=in"])
        #expect(try node.mapping(of: connector).contains("list\tVIP\t-\tin\n"))
        // Another mapping is read at once.
        try round()
        #expect(try tags(ids[0]) == ["VIP"])
        #expect(try node.deadLetters(of: ["crm"]).isEmpty)
        let error = #expect(throws: NodeError.self) {
            try node.addConnector(
                name: "other", system: "zoho", url: "http://127.0.0.1:1", secret: ConnectorSecret(text: "x"),
                mapping: "object\tContacts\tperson\nlist\tVIP\n")
        }
        #expect(error?.code == "crm.no-lists")
    }
}
