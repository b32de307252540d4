import Causality
import Connectors
import CurlHTTP
import FleetSupport
import Foundation
import MergeVectors
import NodeOperations
import ProfileModel
import ProfileStore
import Testing

/// A Tryton that runs for real: `tools/tryton run -- tools/test TrytonTests`.
@Suite(
    "Tryton for real", .serialized,
    .enabled(if: ProcessInfo.processInfo.environment["LIMN_TRYTON"] != nil, "needs a running Tryton: tools/tryton run -- tools/test TrytonTests"))
struct TrytonTests {
    /// What people do in Tryton.
    final class Desk {
        let url: String, key: String
        private let client = HTTPClient(.init(userAgent: "desk"))

        init() throws {
            let folder = ProcessInfo.processInfo.environment["LIMN_TRYTON"]!
            func text(_ name: String) throws -> String {
                try String(contentsOfFile: folder + "/" + name, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
            }
            url = try text("url")
            key = try text("key")
        }

        @discardableResult
        func send(_ method: HTTPRequest.Method, _ path: String, _ body: JSON? = nil) throws -> JSON {
            let headers = [HTTPHeader("Authorization", "bearer " + key), HTTPHeader("Content-Type", "application/json"), Self.everything]
            for attempt in 0..<5 {
                let response = try client.send(
                    HTTPRequest(method, url + "/rest/model/" + path, headers: headers, body: body.map { .bytes($0.bytes) } ?? .none))
                if response.isSuccess { return JSON(response.body) ?? .null }
                if response.status < 500 || attempt == 4 { throw Disagreement("Tryton answered \(response.status) to \(method) \(path)") }
                Thread.sleep(forTimeInterval: 0.2)
            }
            return .null
        }

        /// What has ended or is not active is shown all the same: `{"active_test":false}`.
        private static let everything = HTTPHeader("X-Tryton-Context", "eyJhY3RpdmVfdGVzdCI6ZmFsc2V9")

        static let names = "f=name&f=active&f=addresses.city&f=contact_mechanisms.type&f=contact_mechanisms.value"

        func add(_ name: String, city: String, phone: String) throws -> Int {
            let made = try send(.post, "party.party", [
                "name": .string(name), "addresses": [["create", [["city": .string(city)]]]],
                "contact_mechanisms": [["create", [["type": "phone", "value": .string(phone)]]]],
            ])
            return Int(made["id"].integer!)
        }

        func party(_ id: Int) throws -> JSON { try send(.get, "party.party/\(id)?\(Self.names)") }

        func city(_ id: Int) throws -> String? { try party(id).value(at: "addresses.0.city").text }

        func phones(_ id: Int) throws -> Set<String> {
            Set((try party(id)["contact_mechanisms"].items ?? []).filter { $0["type"] == "phone" }.compactMap { $0["value"].text })
        }

        func setCity(_ id: Int, _ city: String) throws {
            let address = try party(id).value(at: "addresses.0.id")
            try send(.put, "party.party/\(id)", ["addresses": [["write", [address], ["city": .string(city)]]]])
        }
    }

    let fleet: TestFleet
    let desk: Desk
    let name: String
    var node: Node { fleet[0] }

    init() throws {
        fleet = try TestFleet(2)
        desk = try Desk()
        name = "tryton"
        // Stamps are Tryton's: the clock here is the machine's.
        for environment in fleet.environments { environment.set(nowMicroseconds: Int64(Date().timeIntervalSince1970 * 1_000_000)) }
        _ = try fleet[0].addConnector(name: name, system: "tryton", url: desk.url, secret: ConnectorSecret(text: desk.key))
        _ = try fleet[0].mapConnector(name, edits: ["person.look-back-seconds=5", "party.party.look-back-seconds=5"])
    }

    @discardableResult
    func round(_ node: Node? = nil, reconciles: Bool = false) throws -> ConnectorCounts {
        for environment in fleet.environments { environment.set(nowMicroseconds: Int64(Date().timeIntervalSince1970 * 1_000_000)) }
        return try (node ?? fleet[0]).round(name, reconciles: reconciles)
    }

    @Test func aPartyIsACustomerAndAnEditTravelsBack() throws {
        let id = try desk.add("海辰医疗 \(UInt32.random(in: 0...(.max)))", city: "杭州", phone: "0571-88886666")
        _ = try round()
        let record = try node.record("\(name):\(id)")
        #expect(try node.value("city", of: record) == "杭州")
        #expect(try node.show(record.description)["phone"] == ["+8657188886666"])
        #expect(try node.show(record.description).kind == .organization)
        try node.edit(record, "city=宁波", "phone+=13800000001")
        #expect(try round().written == 1)
        #expect(try desk.city(id) == "宁波")
        #expect(try desk.phones(id).count == 2)
        for _ in 0..<2 {
            let again = try round()
            #expect((again.updated, again.written) == (0, 0), "the echo is silent")
        }
        #expect(try node.conflicts(of: record).isEmpty)
        try node.edit(record, "phone-=+8657188886666")
        _ = try round()
        #expect(try desk.phones(id).count == 1)
    }

    @Test func whatIsMadeHereIsMadeThereOnce() throws {
        _ = try node.mapConnector(name, edits: ["party.party.create=all"])
        let record = try node.add(.organization, [Assignment("name=新客户"), Assignment("city=成都")]).id
        #expect(try round().made == 1)
        #expect(try round().made == 0)
        let parties = try desk.send(.get, "party.party?\(Desk.names)&f=identifiers.code").items ?? []
        let made = parties.filter { ($0["identifiers"].items ?? []).contains { $0["code"].text == "limn:\(record)" } }
        #expect(made.count == 1)
        let id = try #require(made.first?["id"].integer.map { Int($0) })
        #expect(try node.record("\(name):\(id)") == record)
        #expect(try desk.city(id) == "成都")
    }

    @Test func inactiveAndDeletedPartiesAreDeleted() throws {
        let id = try desk.add("停用客户", city: "苏州", phone: "0512-66666666"), other = try desk.add("消失客户", city: "苏州", phone: "0512-66666667")
        _ = try round()
        try desk.send(.put, "party.party/\(id)", ["active": false])
        try desk.send(.delete, "party.party/\(other)")
        _ = try round()
        #expect(try node.show("\(name):\(id)").isDeleted)
        var options = ConnectorOptions()
        options.reconciles = true
        options.acceptsDeletes = true
        _ = try node.syncConnector(name, options: options)
        #expect(try node.show("\(name):\(other)").isDeleted)
    }

    /// Both sides edit at random, another node too; conflicts are decided there; in the end all agree.
    @Test func bothSidesEditUntilTheyAgree() throws {
        let seed = ProcessInfo.processInfo.environment["LIMN_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 1...100_000)
        var random = SplitMix64(seed: seed)
        let cities = ["杭州", "宁波", "温州", "上海", "苏州"]
        let parties = try (0..<6).map { try desk.add("客户\(seed)-\($0)", city: "杭州", phone: "0571-8888000\($0)") }
        _ = try round()
        try fleet.settle()
        let rounds = ProcessInfo.processInfo.environment["LIMN_ROUNDS"].flatMap { Int($0) } ?? 12
        for _ in 0..<rounds {
            for _ in 0..<4 {
                let party = parties[Int(random.next() % 6)], city = cities[Int(random.next() % 5)]
                switch random.next() % 6 {
                case 0, 1: try desk.setCity(party, city)
                case 2, 3: try fleet[Int(random.next() % 2)].edit(node.record("\(name):\(party)"), "city=\(city)")
                case 4: try fleet[1].edit(node.record("\(name):\(party)"), "phone+=1380000\(1_000 + random.next() % 9)")
                default: try desk.send(.put, "party.party/\(party)", ["name": .string("客户\(seed)-\(random.next() % 99)")])
                }
            }
            if random.next() % 2 == 0 { _ = try round() }
            if random.next() % 2 == 0 { try fleet.settle() }
            if random.next() % 4 == 0 {
                _ = try fleet[1].resolveAll(ConflictFilter(), by: .policy(random.next() % 2 == 0 ? .latest : .longest))
            }
        }
        try fleet.comeToRest("seed \(seed)") { try round() }
        for party in parties {
            let record = try node.record("\(name):\(party)"), there = try desk.party(party)
            #expect(try node.value("city", of: record) == there.value(at: "addresses.0.city").text, "seed \(seed)")
            #expect(try node.value("name", of: record) == there["name"].text, "seed \(seed)")
            #expect(try node.show(record.description)["phone"].count == desk.phones(party).count, "seed \(seed)")
        }
        try fleet.settle()
    }
}
