import Causality
import Connectors
import CurlHTTP
import Foundation
import NodeOperations
import NodeServer
import ProfileStore
import StandinServing
import Testing

/// Messages of systems outside to a real server: only good ones count, and all they do is to ask for one pull.
@Suite("POST /hooks", .serialized)
struct HookTests {
    private let fleet = Fleet()
    private static let secret = "standin-webhook-secret"

    private func node(_ system: String, _ url: String, secret: String, edits: [String] = [], hookSecret: String? = HookTests.secret) throws -> Node {
        let node = try fleet.found("office")
        var mapping = try CRMSystems.standardMapping(system)
        for edit in edits where !edit.contains("deletes") { mapping = try mapping.edited(edit) }
        _ = try node.addConnector(
            name: "crm", system: system, url: url, secret: ConnectorSecret(text: secret), hookSecret: hookSecret, mapping: mapping.text)
        return node
    }

    private func send(_ url: String, _ body: String, _ headers: [(String, String)] = []) async throws -> Int {
        try await onThread {
            try HTTPClient(.init(userAgent: "test")).send(HTTPRequest(
                .post, url, headers: headers.map { HTTPHeader($0.0, $0.1) }, body: .bytes(Array(body.utf8)))).status
        }
    }

    private func asked(_ node: Node) throws -> ConnectorHook? { try node.connectorStatus(["crm"]).first?.hook }

    /// Makes what is due, once the server's clock says so.
    private func dueRounds(_ node: Node) async throws -> [ConnectorRound] {
        try await Task.sleep(for: .milliseconds(1_100))
        return try await onThread { try node.makeDueRounds() }
    }

    @Test(arguments: Vendor.all.filter { ["hubspot", "jiandaoyun"].contains($0.name) })
    func aStandinsMessagesBringTheRecordByOnePull(_ vendor: Vendor) async throws {
        let standin = try Standin(vendor.name, ["--records", "12", "--kind", vendor.object])
        let node = try node(vendor.name, standin.url, secret: vendor.secret(standin.url), edits: vendor.edits)
        let ids = try standin.records(vendor.object).compactMap(\.["id"].text)
        _ = try await onThread { try node.pullConnector("crm") }
        try await fleet.serving(node) { url in
            let hook = url + "/hooks/crm"
            _ = try node.registerHook("crm", url: hook)
            try standin.admin("webhooks", ["url": .string(hook), "secret": .string(HookTests.secret)])
            for id in ids.prefix(9) {
                try standin.admin("edit", ["kind": .string(vendor.object), "ids": [.string(id)], "fields": [vendor.text: "成都"]])
            }
            // Twice, in any order, and some of them never.
            let told = try await onThread { try standin.admin("deliver", ["duplicate": 7, "shuffle": .boolean(true), "lose": 3]) }
            let statuses = try #require(told["batches"].items).map { $0["status"].integer }
            #expect(!statuses.isEmpty && statuses.allSatisfy { $0 == 200 }, "\(statuses)")
            let once = try #require(try asked(node))
            #expect(once.isWaiting && once.lastAt != nil)
            try standin.admin("reset")
            let rounds = try await dueRounds(node)
            #expect(rounds.count == 1 && rounds[0].error == nil)
            for id in ids.prefix(9) { #expect(try node.show("crm:\(id)")[vendor.local] == ["成都"], "the pull reads all, also what was lost") }
            #expect(try asked(node)?.isWaiting == false)
            #expect(try await dueRounds(node).isEmpty, "many messages, one pull")
            // The same once more says nothing new: what a system sends again after a week of trying.
            for batch in try #require(told["batches"].items) {
                guard case .object(let fields) = batch["headers"] else { continue }
                #expect(try await send(batch["url"].text ?? "", batch["body"].text ?? "", fields.map { ($0.key, $0.value.text ?? "") }) == 200)
            }
            #expect(try asked(node)?.isWaiting == false)
        }
    }

    @Test(arguments: Vendor.all.filter { ["hubspot", "jiandaoyun"].contains($0.name) })
    func forgedMessagesChangeNothing(_ vendor: Vendor) async throws {
        let standin = try Standin(vendor.name, ["--records", "2", "--kind", vendor.object])
        let node = try node(vendor.name, standin.url, secret: vendor.secret(standin.url), edits: vendor.edits)
        try await fleet.serving(node) { url in
            let hook = url + "/hooks/crm"
            _ = try node.registerHook("crm", url: hook)
            // Another's secret, and a good signature under another body or none.
            try standin.admin("webhooks", ["url": .string(hook), "secret": "guessed"])
            try standin.admin("edit", ["kind": .string(vendor.object), "all": .boolean(true), "fields": [vendor.text: "成都"]])
            let forged = try await onThread { try standin.admin("deliver") }
            let refused = try #require(forged["batches"].items)
            #expect(!refused.isEmpty && refused.allSatisfy { $0["status"].integer == 401 })
            try standin.admin("webhooks", ["url": .string(hook), "secret": .string(HookTests.secret)])
            try standin.admin("edit", ["kind": .string(vendor.object), "all": .boolean(true), "fields": [vendor.text: "宁波"]])
            let good = try standin.admin("deliver", ["send": .boolean(false)])
            let batch = try #require(good["batches"].items?.first)
            guard case .object(let fields) = batch["headers"] else { Issue.record("no headers"); return }
            let headers = fields.map { ($0.key, $0.value.text ?? "") }, target = try #require(batch["url"].text), body = try #require(batch["body"].text)
            #expect(try await send(target, body.replacing("宁波", with: "北京"), headers) == 401)
            #expect(try await send(target, body + " ", headers) == 401)
            #expect(try await send(target, body) == 401)
            #expect(try await send(hook.replacing("/crm", with: "/other"), body, headers) == 401, "nobody learns which systems there are")
            #expect(try asked(node)?.lastAt == nil)
            #expect(try node.dueRounds().isEmpty)
            #expect(try await send(target, body, headers) == 200)
            #expect(try asked(node)?.isWaiting == true)
        }
    }

    @Test func vectorsOfTheVendorsAreTaken() throws {
        // HubSpot's signature of a message of 2026-10-31, and 简道云's, computed from their documents.
        let clock = StandingClock(microseconds: 1_793_503_818_000_000)
        let node = try Node.found(home: fleet.folder + "/vectors", name: "v", author: "v", environment: clock).node
        _ = try node.addConnector(
            name: "hubspot", system: "hubspot", url: "https://api.hubapi.com", secret: ConnectorSecret(text: "t"), hookSecret: "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy")
        _ = try node.registerHook("hubspot", url: "https://node.example/hooks/hubspot?a=b%20c")
        let body = Array(#"[{"eventId":1,"subscriptionId":12345,"portalId":62515,"occurredAt":1564113600000,"subscriptionType":"contact.creation","attemptNumber":0,"objectId":123,"changeSource":"CRM","changeFlag":"NEW","appId":54321}]"#.utf8)
        func hubSpot(_ time: String) throws -> HookReceipt {
            try node.receiveHook("hubspot", HookMessage(
                target: "/behind/a/proxy", host: "inside", headers: [
                    "x-hubspot-signature-v3": "vsUobOggiNvv5YUObZzdQ045JXQ1pSXnj4VJvIdn9Jw=", "x-hubspot-request-timestamp": time,
                ], body: body))
        }
        guard case .taken = try hubSpot("1793503817883") else { Issue.record("a good signature was refused"); return }
        #expect(try hubSpot("1793503817884") == .unverified)
        for time in ["", "-1", "99999999999999999999", "NaN", "9223372036854775807"] { #expect(try hubSpot(time) == .unverified) }
        clock.advance(seconds: 301)
        #expect(try hubSpot("1793503817883") == .unverified, "older than five minutes")
        _ = try node.addConnector(
            name: "jdy", system: "jiandaoyun", url: "https://api.jiandaoyun.com", secret: ConnectorSecret(text: "t"), hookSecret: "test-secret")
        let rows = Array(#"{"op":"data_update","data":{"_id":"d1","appId":"a","entryId":"e","_widget_1":"海辰医疗"},"opTime":1793503817883}"#.utf8)
        func jiandaoyun(_ query: String) throws -> HookReceipt {
            try node.receiveHook("jdy", HookMessage(
                target: "/hooks/jdy" + query, host: nil, headers: ["x-jdy-signature": "c25190bc011b9579c39ed725d84f3b5c9c85724c"], body: rows))
        }
        guard case .taken = try jiandaoyun("?nonce=n0nce&timestamp=1793503817") else { Issue.record("a good signature was refused"); return }
        for query in ["?nonce=n0nce&timestamp=1793503818", "?nonce=n0nce", "", "?nonce=n0nce:&timestamp=1793503817"] {
            #expect(try jiandaoyun(query) == .unverified)
        }
    }

    @Test func zohoRepeatsTheTokenAndSalesforceTheAddress() async throws {
        let node = try fleet.found("office")
        for (name, system) in [("zoho", "zoho"), ("sf", "salesforce"), ("erp", "tryton")] {
            _ = try node.addConnector(name: name, system: system, url: "https://x.example.com/\(name)", secret: ConnectorSecret(text: "token"))
        }
        try await fleet.serving(node) { url in
            // Nobody has asked for messages yet.
            #expect(try await send(url + "/hooks/sf?token=", "<x/>") == 401)
            #expect(try await send(url + "/hooks/zoho", #"{"token":""}"#) == 401)
            let zoho = try node.registerHook("zoho", url: url + "/hooks/zoho"), token = try #require(zoho.token)
            #expect(token.count <= 50 && zoho.address == url + "/hooks/zoho")
            #expect(try await send(zoho.address, #"{"token":"\#(token)","module":"Contacts","ids":["1"],"channel_id":"1"}"#) == 200)
            for body in [#"{"token":"\#(token)x"}"#, #"{"token":null}"#, #"{"token":["\#(token)"]}"#, "[]"] {
                #expect(try await send(zoho.address, body) == 401, "\(body)")
            }
            for body in ["", "<html>", #"{"token":"\#(token)""#, String(repeating: "[", count: 100_000)] { #expect(try await send(zoho.address, body) == 400) }
            let salesforce = try node.registerHook("sf", url: url + "/hooks/sf")
            #expect(salesforce.address.hasPrefix(url + "/hooks/sf?token=") && salesforce.token == nil)
            #expect(try node.registerHook("sf").address == salesforce.address, "asked again it is the same")
            let reply = try await ask(.post, salesforce.address, token: nil, .bytes(Array("<soapenv:Envelope/>".utf8)))
            #expect(reply.status == 200 && reply.text.contains("<Ack>true</Ack>"), "else it is sent again for a day")
            #expect(try await send(String(salesforce.address.dropLast()), "<x/>") == 401)
            #expect(try await send(url + "/hooks/sf", "<x/>") == 401)
            try node.removeHook("sf")
            #expect(try await send(salesforce.address, "<y/>") == 401)
            #expect(try node.connectorStatus(["erp"]).first?.hook == nil)
        }
    }

    @Test func aMappingSaysHowAnySystemSigns() async throws {
        let mapping = "set\thook-signature-header\tX-Signature\nset\thook-signature-prefix\tsha256=\nobject\tcontacts\tperson\nfield\tname\tname\n"
        let node = try fleet.found("office")
        _ = try node.addConnector(
            name: "rest", system: "rest", url: "https://x.example.com", secret: ConnectorSecret(text: "token"), hookSecret: "key", mapping: mapping)
        try await fleet.serving(node) { url in
            // RFC 2104's construction, computed elsewhere: HMAC-SHA256 of this text under "key".
            let text = "The quick brown fox jumps over the lazy dog", hash = "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8"
            for (body, signature, status) in [(text, "sha256=" + hash, 200), (text, hash, 401), (text + ".", "sha256=" + hash, 401)] {
                let answer = try await send(url + "/hooks/rest", body, [("X-Signature", signature)])
                #expect(answer == status, "\(signature)")
            }
        }
    }

    @Test func whatIsTooLargeTooOftenOrElsewhereIsTurnedAway() async throws {
        let node = try fleet.found("office")
        _ = try node.addConnector(name: "sf", system: "salesforce", url: "https://x.example.com", secret: ConnectorSecret(text: "token"), hookSecret: "key")
        func limit(_ options: inout NodeServer.Options) {
            options.limits.hookBytesMaximum = 1_000
            options.limits.hookBurst = 6
            options.limits.hooksPerSecond = 0
        }
        try await fleet.serving(node, change: limit) { url in
            let hook = url + "/hooks/sf?token=key"
            #expect(try await ask(.get, hook, token: nil).status == 405)
            #expect(try await ask(.post, url + "/hooks/", token: nil).status == 404)
            #expect(try await ask(.post, url + "/hooks/%FF", token: nil).status == 404)
            let long = String(repeating: "x", count: 1_001)
            #expect(try await send(hook, long) == 413)
            #expect(try await ask(.post, hook, token: nil, .pieces(30, of: 50)).status == 413, "also where its length was not told")
            #expect(try await send(hook, String(long.dropLast())) == 200)
            #expect(try await ask(.post, url + "/hooks/sf", token: "key", .bytes(Array("y".utf8))).status == 200)
            for _ in 0..<2 { #expect(try await send(url + "/hooks/sf?token=kez", "z") == 401) }
            let late = try await ask(.post, hook, token: nil, .bytes([1]))
            #expect(late.status == 429 && late.code == "hook.too-many")
            let known = try node.connectorStatus(["sf"]).first?.hook
            #expect(known?.asked == 2)
        }
    }

    @Test func aNoisySystemSilencesNoOther() async throws {
        let node = try fleet.found("office")
        for name in ["loud", "quiet"] {
            _ = try node.addConnector(name: name, system: "salesforce", url: "https://x.example.com", secret: ConnectorSecret(text: "token"), hookSecret: "key")
        }
        func limit(_ options: inout NodeServer.Options) {
            options.limits.hookBurst = 3
            options.limits.hooksPerSecond = 0
        }
        try await fleet.serving(node, change: limit) { url in
            for number in 0..<5 {
                #expect(try await send(url + "/hooks/loud?token=bad", "x\(number)") == (number < 3 ? 401 : 429))
            }
            // Made-up names share one allowance.
            for number in 0..<5 {
                #expect(try await send(url + "/hooks/made-up-\(number)?token=key", "y") == (number < 3 ? 401 : 429))
            }
            #expect(try await send(url + "/hooks/quiet?token=key", "z") == 200)
            #expect(try await send(url + "/hooks/loud?token=key", "z") == 429)
            // One that is added later has an allowance of its own, as soon as it is known.
            _ = try node.addConnector(name: "late", system: "salesforce", url: "https://x.example.com", secret: ConnectorSecret(text: "token"), hookSecret: "key")
            try await Task.sleep(for: .milliseconds(1_100))
            #expect(try await send(url + "/hooks/late?token=key", "z") == 200)
        }
    }

    @Test func whatIsRememberedIsBounded() throws {
        let clock = StandingClock(microseconds: 1_793_503_818_000_000)
        let node = try Node.found(home: fleet.folder + "/bounded", name: "v", author: "v", environment: clock).node
        func tell(_ events: ClosedRange<Int>) throws {
            try node.store.write { writer in
                try writer.ask(
                    for: "crm", events: events.map { [UInt8($0)] }, notBefore: clock.now(), forgetBefore: .init(rawValue: clock.now().rawValue - 10_000_000),
                    maximum: 5)
            }
            clock.advance(seconds: 1)
        }
        func unseen(_ events: ClosedRange<Int>) throws -> [Int] {
            try node.store.read { try $0.unseenEvents(events.map { [UInt8($0)] }, of: "crm") }.map { Int($0[0]) }
        }
        try tell(1...3)
        #expect(try unseen(1...4) == [4])
        try tell(4...7)
        #expect(try unseen(4...7).isEmpty && unseen(1...3).count == 2, "the oldest go first")
        clock.advance(seconds: 20)
        try tell(8...8)
        #expect(try unseen(1...8) == Array(1...7), "and all that is old")
    }
}
