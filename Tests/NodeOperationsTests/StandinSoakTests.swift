import Causality
import Connectors
import FleetSupport
import Foundation
import MergeVectors
import NodeOperations
import ProfileModel
import ProfileStore
import StandinServing
import Testing

/// Both sides edit and make records at random while the line and the system do what they can; in the end both sides agree.
@Suite("Whatever happens on the way, both sides come to agree", .serialized)
struct StandinSoakTests {
    private let fleet: TestFleet
    private let clock = Clock()
    private var node: Node { fleet[0] }

    init() throws { fleet = try TestFleet(1) }

    /// The clock of both sides: the machine's, and an hour more after each step, so that tokens end.
    private final class Clock {
        var offset: Int64 = 0
        var now: Int64 { Int64(Date().timeIntervalSince1970 * 1_000_000) + offset }
    }

    static let faults =
        "rate-limit?0.05*0, html?0.05*0, server-error=503?0.05*0, drop-before?0.05*0, drop-after?0.08*0, malformed?0.03*0, truncated?0.03*0, ok-error?0.03*0"

    private func round() throws -> ConnectorCounts {
        fleet.environments[0].set(nowMicroseconds: clock.now)
        return try node.round("crm")
    }

    @Test(arguments: Vendor.all) func bothSidesAgreeInTheEnd(_ vendor: Vendor) throws {
        let seed = ProcessInfo.processInfo.environment["LIMN_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 1...100_000)
        var random = SplitMix64(seed: seed)
        let standin = try Standin(vendor.name, ["--records", "12", "--kind", vendor.object, "--seed", String(seed % 1_000_000)])
        try connect(vendor, standin)
        _ = try round()
        try standin.fault(Self.faults + (vendor.name == "fxiaoke" ? "" : ", expire-token?0.03*0"))
        for step in 0..<12 {
            for _ in 0..<Int(random.next() % 5) { try act(&random, step, vendor, standin) }
            if random.next() % 2 == 0 { _ = try? round() }
            clock.offset += 3_700_000_000
            try standin.admin("advance", ["seconds": 3_700])
            if random.next() % 5 == 0 { _ = try node.resolveAll(ConflictFilter(), by: .policy(.latest)) }
        }
        try standin.admin("faults", ["clear": true])
        var isQuiet = false
        for _ in 0..<12 where !isQuiet {
            let counts = try round()
            let decided = try node.resolveAll(ConflictFilter(), by: .policy(.latest))
            isQuiet = (counts.written, counts.made, counts.updated, counts.created) == (0, 0, 0, 0) && decided.resolved == 0
        }
        #expect(isQuiet, "LIMN_SEED=\(seed)")
        try compare(vendor, standin, "LIMN_SEED=\(seed)")
    }

    private func connect(_ vendor: Vendor, _ standin: Standin) throws {
        var mapping = try CRMSystems.standardMapping(vendor.name)
        for edit in vendor.edits where !edit.contains("deletes") { mapping = try mapping.edited(edit) }
        mapping = try mapping.edited("\(vendor.object).create=all")
        fleet.environments[0].set(nowMicroseconds: clock.now)
        _ = try node.addConnector(
            name: "crm", system: vendor.name, url: standin.url, secret: ConnectorSecret(text: vendor.secret(standin.url)), mapping: mapping.text)
    }

    /// One edit or one new record, on either side.
    private func act(_ random: inout SplitMix64, _ step: Int, _ vendor: Vendor, _ standin: Standin) throws {
        let value = ["上海", "北京", "宁波", "成都"][Int(random.next() % 4)] + String(step), there = try standin.records(vendor.object)
        let id = there[Int(random.next() % UInt64(there.count))]["id"].text ?? "?"
        switch random.next() % 8 {
        case 0, 1, 2:
            guard let record = try? node.record("crm:\(id)") else { return }
            try node.edit(record, "\(vendor.local)=\(value)")
        case 3, 4, 5: try standin.admin("edit", ["kind": .string(vendor.object), "ids": [.string(id)], "fields": [vendor.text: .string(value)]])
        case 6:
            let kind: RowKind = try CRMSystems.standardMapping(vendor.name)[object: vendor.object]!.kind == "person" ? .person : .organization
            _ = try node.add(kind, [Assignment("name=王芳\(step)"), Assignment("\(vendor.local)=\(value)")])
        default:
            let name = vendor.name == "jiandaoyun" ? "_widget_1001" : vendor.needed.keys.first.map { String($0.prefix { $0 != "+" }) } ?? "name"
            try standin.admin("create", ["kind": .string(vendor.object), "records": [[name: .string("李\(step)"), vendor.text: .string(value)]]])
        }
    }

    private func compare(_ vendor: Vendor, _ standin: Standin, _ comment: Comment) throws {
        let there = try standin.records(vendor.object)
        let ours = there.compactMap { $0["fields"][vendor.ourID].text }
        #expect(Set(ours).count == ours.count, comment)
        #expect(try node.status().counts.customers == there.count, comment)
        #expect(try node.deadLetters().isEmpty, comment)
        for document in there {
            guard let id = document["id"].text else { continue }
            let record = try node.record("crm:\(id)")
            #expect(try node.value(vendor.local, of: record) == document["fields"][vendor.text].text, comment)
        }
        try StoreLaws.check(node)
    }
}
