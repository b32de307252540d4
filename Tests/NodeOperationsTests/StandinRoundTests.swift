import Causality
import Connectors
import FleetSupport
import Foundation
import NodeOperations
import ProfileModel
import ProfileStore
import StandinServing
import Testing

/// A node and each of the systems, both ways.
@Suite("Rounds with each system", .serialized)
struct StandinRoundTests {
    private let fleet: TestFleet
    private var node: Node { fleet[0] }

    init() throws { fleet = try TestFleet(1) }

    private func connect(_ vendor: Vendor, _ standin: Standin) throws {
        var mapping = try CRMSystems.standardMapping(vendor.name)
        for edit in vendor.edits where !edit.contains("deletes") { mapping = try mapping.edited(edit) }
        try tick()
        _ = try node.addConnector(
            name: "crm", system: vendor.name, url: standin.url, secret: ConnectorSecret(text: vendor.secret(standin.url)), mapping: mapping.text)
    }

    /// Stamps are the system's: the clock here is the machine's.
    private func tick() throws { fleet.environments[0].set(nowMicroseconds: Int64(Date().timeIntervalSince1970 * 1_000_000)) }

    @discardableResult
    private func round(reconciles: Bool = false) throws -> ConnectorCounts {
        try tick()
        return try node.round("crm", reconciles: reconciles)
    }

    private func held(_ id: String, _ field: String, _ vendor: Vendor, _ standin: Standin) throws -> String? {
        try standin.records(vendor.object).first { $0["id"].text == id }?["fields"][field].text
    }

    @Test(arguments: Vendor.all) func editsTravelBothWaysAndNothingEchoes(_ vendor: Vendor) throws {
        let standin = try Standin(vendor.name, ["--records", "30", "--kind", vendor.object])
        try connect(vendor, standin)
        #expect(try round().created == 30)
        let id = try #require(try standin.records(vendor.object).first?["id"].text), record = try node.record("crm:\(id)")
        #expect(try node.value("name", of: record) != nil)
        try node.edit(record, "\(vendor.local)=上海")
        #expect(try round().written == 1)
        #expect(try held(id, vendor.text, vendor, standin) == "上海")
        let digest = try node.status().counts.digest
        for _ in 0..<3 {
            let counts = try round()
            #expect((counts.written, counts.updated) == (0, 0))
        }
        #expect(try node.status().counts.digest == digest)
        // Both change the same field.
        try node.edit(record, "\(vendor.local)=北京")
        try standin.admin("edit", ["kind": .string(vendor.object), "ids": [.string(id)], "fields": [vendor.text: "宁波"]])
        try round()
        #expect(try held(id, vendor.text, vendor, standin) == "宁波", "nobody is overwritten")
        #expect(try node.conflicts(of: record) == ["source \(vendor.local): 北京, 宁波"])
        let key = try #require(node.conflicts().conflicts.first?.key)
        _ = try node.resolve(key, .value("北京"))
        try round()
        #expect(try held(id, vendor.text, vendor, standin) == "北京")
        #expect(try node.conflicts().total == 0)
    }

    @Test(arguments: Vendor.all) func nothingNewIsOneRequestForEachKind(_ vendor: Vendor) throws {
        let standin = try Standin(vendor.name, ["--records", "30", "--kind", vendor.object])
        try connect(vendor, standin)
        try round()
        try round()
        try standin.admin("reset")
        try round()
        guard case .object(let counters) = try standin.status()["counters"] else { Issue.record("no counters"); return }
        // Zoho tells what was deleted by a list of its own.
        let kinds = try CRMSystems.standardMapping(vendor.name).objects.count
        #expect(counters.values.compactMap(\.integer).reduce(0, +) == Int64(vendor.name == "zoho" ? 2 * kinds : kinds), "\(counters)")
    }

    @Test(arguments: Vendor.all) func aRecordIsMadeOnceThoughTheReplyWasLost(_ vendor: Vendor) throws {
        let standin = try Standin(vendor.name)
        try connect(vendor, standin)
        _ = try node.mapConnector("crm", edits: ["\(vendor.object).create=all"])
        try round()
        let kind: RowKind = try CRMSystems.standardMapping(vendor.name)[object: vendor.object]!.kind == "person" ? .person : .organization
        let made = try node.add(kind, [Assignment("name=王芳"), Assignment("\(vendor.local)=成都")]).id
        try standin.fault("drop-after/\(vendor.create)")
        _ = try? round()
        try round()
        let there = try standin.records(vendor.object)
        #expect(there.map { $0["fields"][vendor.ourID].text } == [made.description])
        #expect(try node.record("crm:\(there[0]["id"].text ?? "")") == made)
        #expect(try round().written == 0)
        #expect(try node.status().counts.customers == 1)
    }

    @Test(arguments: Vendor.all) func whatTheSystemWritesOtherwiseIsTakenOnce(_ vendor: Vendor) throws {
        let standin = try Standin(vendor.name, ["--records", "3", "--kind", vendor.object])
        try connect(vendor, standin)
        try round()
        let id = try #require(try standin.records(vendor.object).first?["id"].text), record = try node.record("crm:\(id)")
        try standin.fault("rewrite")
        let phone = try #require(try node.show(record.description)["phone"].first)
        try node.edit(record, "phone-=\(phone)", "phone+=13912345678")
        #expect(try round().written == 1)
        for _ in 0..<3 { #expect(try round().written == 0) }
        #expect(try node.show(record.description)["phone"] == ["+8613912345678"])
        #expect(try node.conflicts().total == 0)
    }

    @Test(arguments: Vendor.all.filter { ["hubspot", "salesforce"].contains($0.name) }) func whatIsMergedThereIsOneHere(_ vendor: Vendor) throws {
        let standin = try Standin(vendor.name, ["--records", "5", "--kind", vendor.object])
        try connect(vendor, standin)
        try round()
        let ids = try standin.records(vendor.object).compactMap { $0["id"].text }
        try standin.admin("merge", ["kind": .string(vendor.object), "winner": .string(ids[0]), "loser": .string(ids[1])])
        try round()
        try round(reconciles: true)
        let (winner, loser) = (try node.show("crm:\(ids[0])"), try node.show("crm:\(ids[1])"))
        #expect(winner.id == loser.id)
        #expect(!winner.isDeleted)
        #expect(try node.status().counts.customers == 4)
        try StoreLaws.check(node)
    }

    @Test(arguments: Vendor.all) func whatIsGoneThereIsDeletedHere(_ vendor: Vendor) throws {
        let standin = try Standin(vendor.name, ["--records", "5", "--kind", vendor.object])
        try connect(vendor, standin)
        try round()
        let id = try #require(try standin.records(vendor.object).first?["id"].text)
        try standin.admin("delete", ["kind": .string(vendor.object), "ids": [.string(id)]])
        try round(reconciles: true)
        #expect(try node.show("crm:\(id)").isDeleted)
        #expect(try node.status().counts.customers == 4)
        try StoreLaws.check(node)
    }

    @Test func allKindsAreComparedInTheRoundInWhichThatIsDue() throws {
        let vendor = try #require(Vendor.all.first { $0.name == "hubspot" })
        let standin = try Standin(vendor.name, ["--records", "3", "--kind", "contacts"])
        let made = try standin.admin("create", ["kind": "companies", "records": [["name": "华信科技"]]])
        let company = try #require(made["ids"].items?.first?.text), contact = try #require(try standin.records("contacts").first?["id"].text)
        try connect(vendor, standin)
        try round()
        try standin.admin("delete", ["kind": "contacts", "ids": [.string(contact)]])
        try standin.admin("delete", ["kind": "companies", "ids": [.string(company)]])
        try round()
        #expect(try !node.show("crm:\(contact)").isDeleted, "only the comparison of all ids tells it")
        fleet.environments[0].advance(microseconds: 25 * 3_600_000_000)
        try node.round("crm")
        #expect(try node.show("crm:\(contact)").isDeleted)
        #expect(try node.show("crm:company-\(company)").isDeleted)
    }

    @Test func aRoundThatFailsBetweenTwoKindsComparesTheSecondInTheNext() throws {
        let vendor = try #require(Vendor.all.first { $0.name == "hubspot" })
        let standin = try Standin(vendor.name, ["--records", "3", "--kind", "contacts"])
        let made = try standin.admin("create", ["kind": "companies", "records": [["name": "华信科技"]]])
        let company = try #require(made["ids"].items?.first?.text)
        try connect(vendor, standin)
        try round()
        try standin.admin("delete", ["kind": "companies", "ids": [.string(company)]])
        fleet.environments[0].advance(microseconds: 25 * 3_600_000_000)
        // Once contacts are read, nothing is told of companies.
        var options = ConnectorOptions()
        options.sleep = { _ in }
        options.progress = { _ in try? standin.fault("malformed/search*0") }
        #expect(throws: (any Error).self) { try node.syncConnector("crm", options: options) }
        #expect(try !node.show("crm:company-\(company)").isDeleted)
        try standin.admin("faults", ["clear": true])
        try node.round("crm")
        #expect(try node.show("crm:company-\(company)").isDeleted)
    }
}
