import Causality
import FleetSupport
import Foundation
import LimnCommands
import NodeOperations
import ProfileModel
import ProfileStore
import Testing
import WireFormat

@testable import Replication

/// Stores and messages of every version that was released, as this one takes them; see `peers/golden/README.md`.
///
/// `LIMN_WRITE_GOLDEN=1` writes the set of this version first.
@Suite(.serialized) struct GoldenSetTests {
    private static let sets: [GoldenSet] = {
        if ProcessInfo.processInfo.environment["LIMN_WRITE_GOLDEN"] == "1" {
            do { try GoldenSet.write() } catch { preconditionFailure("the set cannot be made: \(error)") }
        }
        return GoldenSet.all
    }()

    private let folder: TestFolder

    init() throws { folder = try TestFolder() }

    /// Opens the set's store.
    ///
    /// - Parameter place: where it believes to stand; it was made in `GoldenFleet.place`.
    private func open(_ set: GoldenSet, as name: String = "golden", place: String) throws -> Node {
        try set.unpack(to: folder[name])
        return try Node.open(home: folder[name], author: "Wang", environment: environment(9, place: place))
    }

    private func environment(_ prefix: UInt8, place: String) -> SimulatedEnvironment {
        SimulatedEnvironment(prefix: prefix, seed: 5, nowMicroseconds: 1_777_000_000_000_000, storePlace: place)
    }

    private func newNode(_ name: String, _ prefix: UInt8) throws -> Node {
        try Node.found(
            home: folder[name], name: name, author: name, deployment: GoldenFleet.deployment, environment: environment(prefix, place: name)).node
    }

    private func digest(_ set: GoldenSet, _ key: String) throws -> String { try #require(try set.expected()[key] as? String) }

    @Test func thisVersionHasASet() {
        #expect(Self.sets.contains { $0.version == LimnProgram.version })
    }

    @Test(arguments: sets) func aStoreMeansWhatItMeant(set: GoldenSet) throws {
        let node = try open(set, place: GoldenFleet.place)
        #expect(try node.status().counts.digest.description == digest(set, "digest"))
        try StoreLaws.check(node)
        let findings = try node.examine().filter { !$0.isFine && ["doctor.integrity", "doctor.sums", "doctor.search", "doctor.copies"].contains($0.name) }
        #expect(findings.map(\.name) == [])
        let expected = try #require(try set.expected()["meaning"])
        let differences = GoldenMeaning.differences(expected, try GoldenMeaning.read(node))
        #expect(differences == [], "\(differences.prefix(5).joined(separator: "\n"))")
    }

    /// On another machine the store begins a new life, works, and syncs with a store of today both ways.
    @Test(arguments: sets) func aStoreGoesOnElsewhere(set: GoldenSet) throws {
        let node = try open(set, place: "elsewhere"), today = try newNode("today", 20)
        let life = try node.store.read { try $0.node().origin }
        let conflict = try #require(try node.conflicts().conflicts.first)
        _ = try node.resolve(conflict.key, .pick(conflict.candidates[0].dot))
        #expect(try node.store.read { try $0.node().origin } != life)
        _ = try node.edit("crm:7", ["city=Turku", "tags+=moved", "audit_due=2030-01-01"].map(Assignment.init))
        _ = try node.undo(nil)
        _ = try node.edit("crm:8", ["city=Turku"].map(Assignment.init))
        let transport = DirectTransport()
        func sync(_ caller: Node, _ answering: Node) throws {
            if let error = try transport.session(from: caller, to: answering).error { throw error }
            #expect(try caller.status().counts.digest == answering.status().counts.digest)
        }
        try sync(node, today)
        _ = try today.edit("crm:9", ["city=Turku", "machines+=press"].map(Assignment.init))
        _ = try node.edit("crm:9", ["city=Tartu"].map(Assignment.init))
        try sync(today, node)
        let third = try newNode("third", 21)
        try sync(third, node)
        try sync(third, today)
        for node in [node, today, third] {
            try StoreLaws.check(node)
            #expect(try node.find("city = Turku").total >= 1)
            #expect(try node.conflicts(of: node.record("crm:9")) == ["field city: Tartu, Turku"])
        }
    }

    /// What a caller and a server of that version sent is taken by a store of today, lean rows and all.
    @Test(arguments: sets) func framesAreTaken(set: GoldenSet) throws {
        let node = try newNode("today", 20)
        let own = try node.status().counts.digest
        var lean = 0
        for session in ["cold", "edits"] {
            for exchange in try set.exchanges(of: session) where exchange.endpoint == .pull || exchange.endpoint == .push {
                let isPush = exchange.endpoint == .push
                var stream = FrameStreamReader()
                stream.append(isPush ? exchange.request : exchange.answer)
                if isPush {
                    let preamble = try MessageCoder.message(PushPreamble.self, from: try #require(try stream.next()))
                    #expect(preamble.party.deployment == GoldenFleet.deployment.id)
                    #expect(try MessageCoder.message(PushReply.self, from: exchange.answer).missing.isEmpty)
                } else {
                    _ = try MessageCoder.message(PullRequest.self, from: exchange.request)
                }
                let receiver = FrameReceiver(
                    store: node.store, from: Neighbour(node: RowID(high: 1, low: isPush ? 1 : 2), life: Origin(rawValue: isPush ? 1 : 2)),
                    hashKey: GoldenFleet.deployment.key, limits: SyncLimits())
                while let item = try stream.next() {
                    lean += try Frame.read(item, hashKey: GoldenFleet.deployment.key).rows.count { if case .lean = $0.body { true } else { false } }
                    try receiver.take([item])
                }
                #expect(stream.isAtEnd && receiver.missing.isEmpty && receiver.count.rows > 0)
            }
        }
        #expect(lean > 20)
        #expect(try (node.status().counts.digest &- own).description == digest(set, "exchangedDigest"))
        try StoreLaws.check(node)
    }

    private func rows(_ stream: [UInt8]) throws -> [WireRow] {
        var reader = FrameStreamReader()
        reader.append(stream)
        var rows: [WireRow] = []
        while let item = try reader.next() { rows += try Frame.read(item, hashKey: GoldenFleet.deployment.key).rows }
        #expect(reader.isAtEnd)
        return rows
    }

    /// A caller of that version is answered by its own store in the hands of this one: hellos, comparisons, repairs.
    @Test(arguments: sets) func callersAreAnswered(set: GoldenSet) throws {
        let node = try open(set, place: GoldenFleet.place)
        let caller = try #require(try set.expected()["caller"] as? [String: String])
        let admission = Admission(name: try #require(caller["name"]), node: RowID(caller["node"] ?? ""), scopes: .whole)
        func answer(_ exchange: GoldenFleet.Exchange) throws -> (status: Int, body: [UInt8]) {
            let work = SyncResponder(store: node.store, environment: node.environment).exchange(exchange.endpoint, admission: admission)
            #expect(work.receive(exchange.request))
            let response = work.finish()
            switch response.body {
            case .bytes(let bytes): return (response.status, bytes)
            case .stream(let source):
                var body: [UInt8] = []
                while let piece = try source.next() { body += piece }
                return (response.status, body)
            }
        }
        var endpoints: Set<SyncEndpoint> = []
        for exchange in try set.exchanges(of: "repair") {
            endpoints.insert(exchange.endpoint)
            let (status, body) = try answer(exchange)
            #expect(status == 200, "\(exchange.endpoint)")
            switch exchange.endpoint {
            case .verify:
                var then = WordItemReader(limits: SyncLimits()), now = WordItemReader(limits: SyncLimits())
                try then.append(exchange.answer)
                try now.append(body)
                #expect(now.words == then.words && now.isAtEnd && then.isAtEnd)
                let reply = try MessageCoder.message(ComparisonReply.self, from: try #require(then.message))
                #expect(try MessageCoder.message(ComparisonReply.self, from: try #require(now.message)).head == reply.head)
            case .push:
                let reply = try MessageCoder.message(PushReply.self, from: body)
                #expect(try reply == MessageCoder.message(PushReply.self, from: exchange.answer))
            case .fetch:
                let then = try rows(exchange.answer), now = try rows(body)
                #expect(!then.isEmpty && then == now)
            default: Issue.record("a repair has no \(exchange.endpoint)")
            }
        }
        #expect(endpoints == [.verify, .fetch, .push])
        #expect(try node.status().counts.digest.description == digest(set, "repairedDigest"))
        // Hellos last: what they show of tickets long since replaced may begin a new life.
        for session in ["cold", "edits", "decided"] {
            let hellos = try set.exchanges(of: session).filter { $0.endpoint == .hello }
            #expect(!hellos.isEmpty)
            for hello in hellos {
                #expect(try answer(hello).status == 200)
                let reply = try MessageCoder.message(Handshake.self, from: hello.answer)
                #expect(SyncProtocol.versions.overlaps(reply.protocolRange))
            }
        }
    }
}
