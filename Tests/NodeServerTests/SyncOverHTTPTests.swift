import CurlHTTP
import NodeOperations
import NodeSecurity
import NodeServer
import ProfileModel
import ProfileStore
import Replication
import Testing
import WireFormat

@Suite struct SyncOverHTTPTests {
    private let fleet = Fleet()

    /// Joins a new node to one that is served.
    private func join(_ name: String, to server: Node, at url: String) async throws -> Node {
        let token = try server.admit(name: name)
        let folder = fleet.folder
        return try await onThread { try Node.join(home: "\(folder)/\(name)", name: name, author: name, url: url, token: token).node }
    }

    private func sync(_ node: Node) async throws -> PeerSync {
        let outcome = try await onThread { try node.sync(with: node.peers(named: [])[0]) }
        if let error = outcome.error { throw error }
        return outcome
    }

    private func fill(_ node: Node, _ count: Int, name: String) throws {
        for number in 0..<count {
            let field = [Assignment(field: "name", verb: .set, text: "\(name) \(number)")]
            _ = try node.add(.person, field)
        }
    }

    @Test func carriesWhatEachSideLacks() async throws {
        let server = try fleet.found("branch")
        try fill(server, 30, name: "沈")
        try await fleet.serving(server) { (url) async throws in
            let laptop = try await join("laptop", to: server, at: url)
            try fill(laptop, 20, name: "陆")
            let first = try await sync(laptop)
            #expect(first.report.pulled.changes >= 30)
            #expect(first.report.pushed.changes >= 20)
            let (here, there) = (try laptop.status(), try server.status())
            #expect(here.counts.digest == there.counts.digest)
            #expect(here.counts.customers == 50)
            #expect(there.counts.customers == 50)

            let second = try await sync(laptop)
            #expect(second.report.roundTrips == 1)
            #expect(second.report.bytes < 1024)

            try fill(server, 3, name: "顾")
            let third = try await sync(laptop)
            #expect(third.report.pulled.changes == 3)
            #expect(try laptop.status().counts.digest == server.status().counts.digest)
        }
    }

    /// An answer of many frames, and a push of many pieces that do not compress.
    @Test func carriesManyFramesAndPieces() async throws {
        let server = try fleet.found("branch")
        try fill(server, 200, name: "沈")
        try await fleet.serving(server, change: { $0.limits.sync.frame.rowsMaximum = 16 }) { (url) async throws in
            let laptop = try await join("laptop", to: server, at: url)
            var letters = SystemRandomNumberGenerator()
            for _ in 0..<12 {
                let text = String(decoding: (0..<18_000).map { _ in UInt8.random(in: 0x61...0x7A, using: &letters) }, as: UTF8.self)
                _ = try laptop.add(.person, [
                    Assignment(field: "name", verb: .set, text: "陆"), Assignment(field: "note", verb: .set, text: text),
                ])
            }
            let outcome = try await sync(laptop)
            #expect(outcome.report.pushed.bytes > 100_000)
            #expect(try laptop.status().counts.digest == server.status().counts.digest)
        }
    }

    @Test func servesManyAtOnce() async throws {
        let server = try fleet.found("branch")
        try fill(server, 20, name: "沈")
        try await fleet.serving(server) { (url) async throws in
            var laptops: [Node] = []
            for number in 0..<6 {
                laptops.append(try await join("laptop-\(number)", to: server, at: url))
                try fill(laptops[number], 5, name: "陆 \(number)")
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for laptop in laptops {
                    group.addTask { for _ in 0..<3 { _ = try await sync(laptop) } }
                }
                for _ in 0..<40 {
                    group.addTask {
                        let reply = try await ask(.get, url + "/health", token: nil)
                        #expect(reply.status == 200)
                    }
                }
                try await group.waitForAll()
            }
            for laptop in laptops { _ = try await sync(laptop) }
            let digest = try server.status().counts.digest
            #expect(try server.status().counts.customers == 50)
            for laptop in laptops { #expect(try laptop.status().counts.digest == digest) }
        }
    }

    /// A session goes on where the last one ended when the server was stopped between them.
    @Test func goesOnAfterTheServerWasAway() async throws {
        let server = try fleet.found("branch")
        try fill(server, 5, name: "沈")
        let laptop = try await fleet.serving(server) { (url) async throws in
            let laptop = try await join("laptop", to: server, at: url)
            _ = try await sync(laptop)
            return laptop
        }
        let lost = try await onThread { try laptop.sync(with: laptop.peers(named: [])[0]).error as? any CodedError }
        #expect(lost?.code == "http.unreachable")
        try fill(server, 5, name: "顾")
        try await fleet.serving(server) { (url) async throws in
            let name = try laptop.peers(named: [])[0].name
            let token = try server.admit(name: "laptop")
            _ = try laptop.addPeer(name: name, url: url, token: token)
            let outcome = try await sync(laptop)
            #expect(outcome.report.pulled.changes == 5)
            #expect(try laptop.status().counts.digest == server.status().counts.digest)
        }
    }
}
