import Causality
import NodeOperations
import NodeServer
import ProfileModel
import ProfileStore
import Replication
import Testing

@Suite struct VerifyOverHTTPTests {
    private let fleet = Fleet()

    @Test func findsAndRepairsOverHTTP() async throws {
        let server = try fleet.found("branch")
        for number in 0..<300 { _ = try server.add(.person, [Assignment(field: "name", verb: .set, text: "沈 \(number)")]) }
        try await fleet.serving(server) { (url) async throws in
            let token = try server.admit(name: "laptop"), folder = fleet.folder
            let laptop = try await onThread { try Node.join(home: "\(folder)/laptop", name: "laptop", author: "laptop", url: url, token: token).node }
            let peer = try laptop.peers(named: [])[0]
            let equal = try await onThread {
                let outcome = laptop.sync(with: peer)
                if let error = outcome.error { throw error }
                return try laptop.verify(with: peer, isRepairing: false)
            }
            #expect(equal.isEqual && equal.roundTrips == 1 && equal.differences.isEmpty && equal.bytes < 2048)
            let there = try server.add(.person, [Assignment(field: "name", verb: .set, text: "顾")]).id
            let here = try laptop.add(.person, [Assignment(field: "name", verb: .set, text: "陆")]).id
            let both = try #require(try laptop.find("沈 7").rows.first?.id)
            _ = try laptop.edit(both.description, [Assignment(field: "city", verb: .set, text: "上海")])
            _ = try server.edit(both.description, [Assignment(field: "city", verb: .set, text: "北京")])
            let found = try await onThread { try laptop.verify(with: peer, isRepairing: false) }
            #expect(!found.isEqual && found.roundTrips == 2 && found.repaired == nil)
            #expect(Dictionary(uniqueKeysWithValues: found.differences.map { ($0.id, $0.place) }) == [there: .there, here: .here, both: .both])
            #expect(found.differences.first { $0.id == here }?.name == "陆")
            let repaired = try await onThread { try laptop.verify(with: peer, isRepairing: true) }
            #expect(repaired.differences.count == 3)
            #expect(try #require(repaired.repaired) == (2, 2))
            #expect(try laptop.status().counts.digest == server.status().counts.digest)
            #expect(try laptop.status().counts.conflicts == 1)
            #expect(try laptop.store.read { try $0.sumsHold() } && server.store.read { try $0.sumsHold() })
            #expect(try await onThread { try laptop.verify(with: peer, isRepairing: false) }.isEqual)
        }
    }
}
