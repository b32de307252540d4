import Connectors
import Foundation
import StandinServing
import Testing

/// What every system must get right, against servers that answer as the real ones would.
@Suite("Systems are read and written whole", .serialized)
struct StandinTests {
    @Test(arguments: Vendor.all) func equalStampsLoseNothingAndRepeatNothing(_ vendor: Vendor) throws {
        let standin = try Standin(vendor.name, ["--records", String(vendor.crowd), "--equal-stamps"]), asked = try Asked(vendor, standin)
        let all = Set(try standin.records(vendor.object).compactMap { $0["id"].text })
        #expect(all.count == vendor.crowd)
        let first = try asked.pull(from: PullCursor())
        #expect(first.records.count == vendor.crowd)
        #expect(Set(first.records.map(\.id)) == all)
        #expect(Set(first.records.compactMap(\.stamp)).count == 1)
        // A mass update gives all of them one new stamp; a delta reads each once.
        try standin.admin("edit", ["kind": .string(vendor.object), "all": true, "fields": [vendor.text: "changed"]])
        let second = try asked.pull(from: first.next)
        #expect(second.records.count == vendor.crowd)
        #expect(Set(second.records.map(\.id)) == all)
        #expect(second.records.allSatisfy { $0.fields[vendor.text] == .text("changed") })
    }

    @Test(arguments: Vendor.all) func rowsThatShowLateAreSeen(_ vendor: Vendor) throws {
        let standin = try Standin(vendor.name, ["--records", "10"]), asked = try Asked(vendor, standin)
        let first = try asked.pull(from: PullCursor())
        let newest = try #require(first.records.compactMap(\.stamp).max())
        let late: JSON = ["kind": .string(vendor.object), "records": [[vendor.text: "late"]], "stamp": JSON(newest / 1_000 - 5_000)]
        let id = try #require(try standin.admin("create", late)["ids"].items?.first?.text)
        let second = try asked.pull(from: first.next)
        #expect(second.records.contains { $0.id == id })
    }

    @Test func aLaggingIndexIsReadAgain() throws {
        let vendor = Vendor.all[0], standin = try Standin(vendor.name, ["--records", "10"]), asked = try Asked(vendor, standin)
        let first = try asked.pull(from: PullCursor())
        try standin.fault("index-lag=60")
        let id = try #require(try standin.admin("create", ["kind": "contacts", "records": [["jobtitle": "late"]]])["ids"].items?.first?.text)
        let second = try asked.pull(from: first.next)
        #expect(!second.records.contains { $0.id == id })
        try standin.admin("advance", ["seconds": 61])
        let third = try asked.pull(from: second.next)
        #expect(third.records.contains { $0.id == id })
    }

    @Test(arguments: Vendor.all.filter(\.hasTokens)) func aTokenMayEndBetweenPages(_ vendor: Vendor) throws {
        let standin = try Standin(vendor.name, ["--records", "4500"]), asked = try Asked(vendor, standin)
        let page = try asked.system.pull(asked.object, from: PullCursor())
        #expect(page.hasMore)
        try standin.fault("expire-token")
        let rest = try asked.pull(from: page.next)
        #expect(Set((page.records + rest.records).map(\.id)).count == 4_500)
        #expect(try standin.status()["counters"]["token"].integer == 2)
    }

    @Test func aPageTokenMayEnd() throws {
        let vendor = Vendor.all.first { $0.name == "zoho" }!
        let standin = try Standin(vendor.name, ["--records", "1000"]), asked = try Asked(vendor, standin)
        let page = try asked.system.pull(asked.object, from: PullCursor())
        try standin.fault("expire-page")
        let rest = try asked.pull(from: page.next)
        #expect(Set(rest.records.map(\.id)).count == 1_000)
    }

    @Test(arguments: Vendor.all) func whatIsDeletedIsFound(_ vendor: Vendor) throws {
        let standin = try Standin(vendor.name, ["--records", "10"]), asked = try Asked(vendor, standin)
        let first = try asked.pull(from: PullCursor())
        let gone = first.records[3].id
        try standin.admin("delete", ["kind": .string(vendor.object), "ids": [.string(gone)]])
        let second = try asked.pull(from: first.next)
        #expect(!second.records.contains { $0.id == gone })
        if vendor.tellsDeletes { #expect(second.tombstones.map(\.id) == [gone]) }
        let ids = try asked.ids()
        #expect(ids == Set(first.records.map(\.id)).subtracting([gone]))
        #expect(try asked.system.read([gone, first.records[0].id], of: asked.object).map(\.id) == [first.records[0].id])
    }

    @Test(arguments: Vendor.all) func valuesGoThereAndBack(_ vendor: Vendor) throws {
        let standin = try Standin(vendor.name), asked = try Asked(vendor, standin)
        let text = "O'Neil \\ \"海辰\""
        let made = try asked.system.push([Self.creation("k1", vendor, text)], to: asked.object)
        let id = try #require(made.first?.acceptedID)
        let record = try #require(try asked.system.read([id], of: asked.object).first)
        #expect(record.fields[vendor.text] == .text(text))
        for (name, value) in vendor.needed { #expect(record.fields[name] == value) }
        #expect(record.ourID == "our-k1")
        #expect(try asked.system.find(ourIDs: ["our-k1", "our-none"], of: asked.object).map(\.id) == [id])
        let changes = [
            PushOperation(key: "k2", action: .update(id: id), fields: [vendor.text: .empty], ourID: "our-k1"),
        ]
        #expect(try asked.system.push(changes, to: asked.object).compactMap(\.acceptedID) == [id])
        #expect(try asked.system.read([id], of: asked.object).first?.fields[vendor.text] == .empty)
        let ends = try asked.system.push([PushOperation(key: "k3", action: .delete(id: id), fields: [:], ourID: "our-k1")], to: asked.object)
        #expect(ends.compactMap(\.acceptedID) == [id])
        #expect(try asked.system.read([id], of: asked.object).isEmpty)
        #expect(try standin.status()["marks"] == [:])
    }

    @Test(arguments: Vendor.all) func aLostReplyMakesNothingTwice(_ vendor: Vendor) throws {
        let standin = try Standin(vendor.name), asked = try Asked(vendor, standin)
        // A first request, so that there is a token and an open connection.
        _ = try asked.system.find(ourIDs: ["our-none"], of: asked.object)
        try standin.fault("drop-after/\(vendor.create)")
        let outcomes = try asked.system.push([Self.creation("k1", vendor, "a"), Self.creation("k2", vendor, "b")], to: asked.object)
        #expect(Set(outcomes.map(\.key)) == ["k1", "k2"])
        let unknown = outcomes.filter { $0.result == .unknown }.map { "our-" + $0.key }
        let found = try asked.system.find(ourIDs: ["our-k1", "our-k2"], of: asked.object)
        #expect(Set(found.compactMap(\.ourID)) == ["our-k1", "our-k2"])
        #expect(found.count == 2)
        #expect(unknown.allSatisfy { our in found.contains { $0.ourID == our } })
        let there = try standin.records(vendor.object).map { $0["fields"][vendor.ourID].text }
        #expect(there.count == 2)
    }

    @Test(arguments: Vendor.all.filter { $0.bad != nil }) func oneBadRecordSpoilsNoOther(_ vendor: Vendor) throws {
        let standin = try Standin(vendor.name), asked = try Asked(vendor, standin), bad = try #require(vendor.bad)
        let spoiled = Self.creation("k2", vendor, "b", [bad.field: bad.value])
        let outcomes = try asked.system.push([Self.creation("k1", vendor, "a"), spoiled, Self.creation("k3", vendor, "c")], to: asked.object)
        let byKey = Dictionary(outcomes.map { ($0.key, $0) }) { first, _ in first }
        #expect(byKey["k1"]?.acceptedID != nil)
        #expect(byKey["k3"]?.acceptedID != nil)
        guard case .rejected(let rejection)? = byKey["k2"]?.result else { Issue.record("\(vendor.name): \(outcomes)"); return }
        #expect(!rejection.code.isEmpty)
        #expect(try standin.records(vendor.object).count == 2)
    }

    @Test(arguments: ["hubspot", "salesforce", "zoho"]) func aMissingResultIsNotTakenForDone(_ name: String) throws {
        let vendor = Vendor.all.first { $0.name == name }!, standin = try Standin(name), asked = try Asked(vendor, standin)
        _ = try asked.system.find(ourIDs: ["our-none"], of: asked.object)
        try standin.fault("missing-result/\(vendor.create)")
        let operations = (1...3).map { Self.creation("k\($0)", vendor, "a") }
        let outcomes = try asked.system.push(operations, to: asked.object)
        #expect(outcomes.count == 3)
        #expect(outcomes.contains { $0.result == .unknown })
        // The same again makes nothing twice.
        #expect(try asked.system.push(operations, to: asked.object).compactMap(\.acceptedID).count == 3)
        #expect(try standin.records(vendor.object).count == 3)
    }

    @Test(arguments: Vendor.all) func troubleOnTheWayPasses(_ vendor: Vendor) throws {
        let standin = try Standin(vendor.name, ["--records", "10"]), asked = try Asked(vendor, standin)
        _ = try asked.pull(from: PullCursor())
        for fault in ["rate-limit", "rate-limit=3", "html=502", "server-error=503", "ok-error", "drop-before"] {
            try standin.fault(fault)
            #expect(try asked.pull(from: PullCursor()).records.count == 10, "\(fault)")
        }
        try standin.fault("malformed*9")
        let error = #expect(throws: ConnectorError.self) { try asked.pull(from: PullCursor()) }
        #expect(["crm.unreadable-answer", "crm.unavailable"].contains(error?.code ?? ""))
        try standin.admin("faults", ["clear": true])
        #expect(try asked.pull(from: PullCursor()).records.count == 10)
    }

    @Test(arguments: Vendor.all.filter { $0.name != "jiandaoyun" }) func aSpentQuotaSuspends(_ vendor: Vendor) throws {
        let standin = try Standin(vendor.name, ["--records", "10"]), asked = try Asked(vendor, standin)
        let first = try asked.pull(from: PullCursor())
        try standin.fault("daily-quota")
        let error = #expect(throws: ConnectorError.self) { try asked.pull(from: first.next) }
        #expect(error?.code == "crm.suspended")
        // Only one of them has a day that is known to end at midnight, eight hours before that of UTC.
        if vendor.name == "fxiaoke" {
            let until = try #require(error?.suspendedUntil)
            #expect(until > asked.session.serverTime)
            #expect((until + 8 * 3_600_000_000) % 86_400_000_000 == 0)
        }
    }

    @Test(arguments: Vendor.all) func fieldsAreDiscovered(_ vendor: Vendor) throws {
        let standin = try Standin(vendor.name), asked = try Asked(vendor, standin)
        let object = try #require(try asked.system.discover().first { $0.name == vendor.object })
        #expect(object.fields.contains { $0.name == vendor.text })
    }

    private static func creation(_ key: String, _ vendor: Vendor, _ text: String, _ more: [String: RemoteValue] = [:]) -> PushOperation {
        let fields = vendor.needed.merging([vendor.text: .text(text)]) { _, new in new }.merging(more) { _, new in new }
        return PushOperation(key: key, action: .create, fields: fields, ourID: "our-" + key)
    }
}

extension PushOutcome {
    var acceptedID: String? {
        if case .accepted(let id, _) = result { return id }
        return nil
    }
}
