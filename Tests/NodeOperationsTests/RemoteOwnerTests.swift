import Causality
import Connectors
import FleetSupport
import Foundation
import NodeOperations
import ProfileModel
import ProfileStore
import StandinServing
import Testing

/// Who looks after a customer in a system, and tags that are values of a property.
@Suite("Owners, tags, segments and scores in each system", .serialized)
struct RemoteOwnerTests {
    private let fleet: TestFleet
    private var node: Node { fleet[0] }

    init() throws { fleet = try TestFleet(1) }

    /// Where a system keeps the owner, and the ids of two of them.
    struct Case: CustomTestStringConvertible {
        let name: String
        let field: String
        let first: JSON, second: JSON
        let tags: String
        /// A property that says yes or no, one of a number, and one of several values.
        let vip: String, completeness: String, segments: String
        var testDescription: String { name }
        var vendor: Vendor { Vendor.all.first { $0.name == name }! }

        static let all = [
            Case(name: "hubspot", field: "hubspot_owner_id", first: "41629780", second: "41629781", tags: "limn_tags", vip: "limn_vip",
                completeness: "limn_completeness", segments: "limn_segments"),
            Case(name: "salesforce", field: "OwnerId", first: "0055g0000000002AAA", second: "0055g0000000003AAA", tags: "Tags__c",
                vip: "Limn_Vip__c", completeness: "Limn_Completeness__c", segments: "Limn_Segments__c"),
            Case(
                name: "zoho", field: "Owner", first: ["id": "4150868000000225014", "name": "Owner 1"], second: ["id": "4150868000000225015", "name": "Owner 2"],
                tags: "Tag", vip: "Limn_Vip", completeness: "Limn_Completeness", segments: "Limn_Segments"),
        ]
    }

    private func connect(_ one: Case, _ standin: Standin, more: String = "") throws {
        var text = try CRMSystems.standardMapping(one.name).text
        let begin = "object\t\(one.vendor.object)\tperson\n"
        text = text.replacing(begin, with: begin + more)
        try tick()
        _ = try node.addConnector(
            name: "crm", system: one.name, url: standin.url, secret: ConnectorSecret(text: one.vendor.secret(standin.url)), mapping: text)
    }

    private func tick() throws { fleet.environments[0].set(nowMicroseconds: Int64(Date().timeIntervalSince1970 * 1_000_000)) }

    @discardableResult
    private func round() throws -> ConnectorCounts {
        try tick()
        return try node.round("crm")
    }

    private func held(_ id: String, _ field: String, _ one: Case, _ standin: Standin) throws -> JSON {
        try standin.records(one.vendor.object).first { $0["id"].text == id }?["fields"][field] ?? .null
    }

    @Test(arguments: Case.all) func anOwnerHasAnIDThereAndANameHere(_ one: Case) throws {
        let standin = try Standin(one.name, ["--records", "2", "--kind", one.vendor.object])
        let id = try #require(try standin.records(one.vendor.object).first?["id"].text)
        try standin.admin("edit", ["kind": .string(one.vendor.object), "ids": [.string(id)], "fields": [one.field: one.first]])
        try connect(one, standin)
        try round()
        let record = try node.record("crm:\(id)")
        #expect(try node.value("owner", of: record) == "Owner 1")
        try standin.admin("edit", ["kind": .string(one.vendor.object), "ids": [.string(id)], "fields": [one.field: one.second]])
        try round()
        #expect(try node.value("owner", of: record) == "Owner 2")
        try node.edit(record, "owner=Owner 1")
        #expect(try round().written == 1)
        let there = try held(id, one.field, one, standin)
        #expect(there["id"].text ?? there.text == one.first["id"].text ?? one.first.text)
        for _ in 0..<2 { #expect(try round().written == 0) }
        #expect(try node.conflicts().total == 0)
        // A record that returns is read with the name.
        if one.name != "zoho" {
            for action in ["delete", "restore"] {
                try standin.admin(action, ["kind": .string(one.vendor.object), "ids": [.string(id)]])
                try tick()
                try node.round("crm", reconciles: true)
            }
            #expect(try node.value("owner", of: record) == "Owner 1")
        }
        // A name that is nobody's stays here, and somebody hears of it; the rest goes.
        try node.edit(record, "owner=王芳", "\(one.vendor.local)=宁波")
        let counts = try round()
        #expect((counts.written, counts.refused) == (1, 1))
        #expect(try held(id, one.vendor.text, one, standin).text == "宁波")
        #expect(try node.deadLetters(of: ["crm"]).map(\.letter.code) == ["crm.no-such-user"])
        #expect(try round().refused == 0)
    }

    /// Whoever works with the system is known when the pages behind the first are read.
    @Test func ownersOnPagesThatAreReadAheadHaveNames() throws {
        let one = Case.all[1], standin = try Standin(one.name, ["--records", "4100", "--kind", one.vendor.object])
        let ids = try standin.records(one.vendor.object).compactMap { $0["id"].text }
        try standin.admin("edit", ["kind": .string(one.vendor.object), "ids": .array(ids.map(JSON.string)), "fields": [one.field: one.first]])
        try connect(one, standin)
        #expect(try round().created == 4_100)
        for id in ids where id.hasSuffix("7") || id == ids.last { #expect(try node.value("owner", of: node.record("crm:\(id)")) == "Owner 1") }
    }

    @Test func aMemberOfJiandaoyunIsWrittenByTheUsername() throws {
        let vendor = try #require(Vendor.all.first { $0.name == "jiandaoyun" }), widget = "_widget_1009"
        let standin = try Standin(vendor.name, ["--records", "1", "--kind", vendor.object])
        let id = try #require(try standin.records(vendor.object).first?["id"].text)
        try standin.admin("edit", ["kind": .string(vendor.object), "ids": [.string(id)], "fields": [widget: "zhangwei"]])
        let field = "field\towner\t\(widget).username\tboth\tignore\tchoice:zhangwei=张伟|liming=李明\n"
        var mapping = try ConnectorMapping(text: CRMSystems.standardMapping(vendor.name).text + field)
        for edit in vendor.edits { mapping = try mapping.edited(edit) }
        try tick()
        _ = try node.addConnector(
            name: "crm", system: vendor.name, url: standin.url, secret: ConnectorSecret(text: vendor.secret(standin.url)), mapping: mapping.text)
        try round()
        let record = try node.record("crm:\(id)")
        #expect(try node.value("owner", of: record) == "张伟")
        try node.edit(record, "owner=李明")
        #expect(try round().written == 1)
        #expect(try standin.records(vendor.object).first { $0["id"].text == id }?["fields"][widget].text == "liming")
        for _ in 0..<2 { #expect(try round().written == 0) }
        #expect(try node.conflicts().total == 0)
        #expect(try standin.status()["marks"]["member-without-username"] == .null)
    }

    @Test(arguments: Case.all) func segmentsAndScoresAreWrittenAndPutBack(_ one: Case) throws {
        let standin = try Standin(one.name, ["--records", "3", "--kind", one.vendor.object])
        let ids = try standin.records(one.vendor.object).compactMap { $0["id"].text }
        try connect(
            one, standin,
            more: """
                segment\tvip\t\(one.vip)\ttag = vip
                segment\tvip.\t\(one.segments)[]\ttag = vip\tchoice:vip=vip.
                segment\t老客户\t\(one.segments)[]\ttag = 老客户
                score\tcompleteness\t\(one.completeness)

                """)
        #expect(try round().written == 3, "each has a score")
        let record = try node.record("crm:\(ids[0])")
        try node.edit(record, "tags+=vip", "tags+=老客户")
        #expect(try round().written == 1)
        func segments() throws -> Set<String> {
            let there = try held(ids[0], one.segments, one, standin)
            return Set(there.items?.compactMap(\.text) ?? there.text?.split(separator: ";").map(String.init) ?? [])
        }
        #expect(try held(ids[0], one.vip, one, standin).flag == true)
        #expect(try segments() == ["vip", "老客户"])
        let score = try #require(try held(ids[0], one.completeness, one, standin).integer)
        #expect((1...99).contains(score))
        let digest = try node.status().counts.digest
        for _ in 0..<2 { #expect(try round().written == 0) }
        // Somebody there knows better, and does not.
        let no: JSON = one.name == "hubspot" ? "false" : false
        try standin.admin("edit", ["kind": .string(one.vendor.object), "ids": [.string(ids[0])], "fields": [one.vip: no, one.completeness: "1"]])
        #expect(try round().written == 1)
        #expect(try held(ids[0], one.vip, one, standin).flag == true)
        #expect(try held(ids[0], one.completeness, one, standin).integer == score)
        #expect(try node.status().counts.digest == digest)
        try node.edit(record, "tags-=vip")
        #expect(try round().written == 1)
        #expect(try held(ids[0], one.vip, one, standin).flag == false)
        #expect(try segments() == ["老客户"])
        #expect(try held(ids[1], one.vip, one, standin).flag != true)
        #expect(try node.conflicts().total == 0 && node.deadLetters().isEmpty)
        for _ in 0..<2 { #expect(try round().written == 0) }
    }

    @Test(arguments: Case.all) func tagsAreValuesOfAProperty(_ one: Case) throws {
        let standin = try Standin(one.name, ["--records", "2", "--kind", one.vendor.object])
        let id = try #require(try standin.records(one.vendor.object).first?["id"].text)
        try connect(one, standin, more: "field\ttags\t\(one.tags)[]\tboth\tclear\ttext\n")
        try round()
        let record = try node.record("crm:\(id)")
        try node.edit(record, "tags+=vip", "tags+=拜访")
        #expect(try round().written == 1)
        func tags() throws -> Set<String> {
            let there = try held(id, one.tags, one, standin)
            return Set(there.items?.compactMap { $0["name"].text } ?? there.text?.split(separator: ";").map(String.init) ?? [])
        }
        #expect(try tags() == ["vip", "拜访"])
        for _ in 0..<2 { #expect(try round().written == 0) }
        let changed: JSON = one.name == "zoho" ? [["name": "拜访"], ["name": "老客户"]] : "拜访;老客户"
        try standin.admin("edit", ["kind": .string(one.vendor.object), "ids": [.string(id)], "fields": [one.tags: changed]])
        try round()
        #expect(try Set(node.show(record.description).tags) == ["vip", "拜访", "老客户"], "what a person put on stays, what the system put on is added")
        try node.edit(record, "tags-=拜访", "tags-=老客户", "tags-=vip")
        try round()
        #expect(try tags().isEmpty)
        #expect(try node.show(record.description).tags.isEmpty)
    }
}
