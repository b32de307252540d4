import CurlHTTP
import Foundation
import NodeOperations
import NodeSecurity
import NodeServer
import ProfileModel
import ProfileStore
import Replication
import Synchronization
import Testing

/// A caller that waits hears of what is new for it, and of nothing else.
@Suite struct WaitingTests {
    private let fleet = Fleet()

    /// A laptop that has met the served branch, and the branch's token for it.
    private struct Pair {
        let branch: Node
        let laptop: Node
        let url: String
        let token: String

        /// The branch as another process has it open.
        func another() throws -> Node { try Node.open(home: branch.store.home, author: "another") }

        func add(_ name: String, to node: Node) throws {
            _ = try node.add(.person, [Assignment(field: "name", verb: .set, text: name)])
        }

        func sync() async throws {
            let outcome = try await onThread { try laptop.sync(with: laptop.peers(named: [])[0]) }
            if let error = outcome.error { throw error }
        }

        func body() throws -> [UInt8] {
            let own = try branch.store.identity()
            return try Waiting(store: laptop.store, neighbour: Neighbour(node: own.node, life: own.life)).body()
        }

        func wait() async throws -> Reply { try await ask(.post, url + "/sync/wait", token: token, .bytes(body())) }

        /// What a request says that is answered once something is new, begun before `body` runs.
        func wait(during body: () async throws -> Void) async throws -> Reply {
            let reply = Task { try await wait() }
            // Long enough for the request to wait in most runs; one that comes later is answered at once.
            try await Task.sleep(for: .milliseconds(200))
            try await body()
            return try await reply.value
        }
    }

    private func served(_ change: (inout NodeServer.Options) -> Void = { _ in }, _ body: (Pair) async throws -> Void) async throws {
        let branch = try fleet.found("branch", in: UUID().uuidString)
        let token = try branch.admit(name: "laptop")
        let home = fleet.folder + "/" + UUID().uuidString
        try await fleet.serving(branch, change: change) { (url) async throws in
            let laptop = try await onThread { try Node.join(home: home, name: "laptop", author: "laptop", url: url, token: token).node }
            try await body(Pair(branch: branch, laptop: laptop, url: url, token: token.text))
        }
    }

    @Test func whatIsNewIsAnnouncedAtOnce() async throws {
        try await served { (pair) async throws in
            // Nothing is held yet: all that there is, is new.
            #expect(try await pair.wait().text == #"{"new":true,"through":0}"#)
        }
    }

    @Test func aChangeByAnotherProcessEndsTheWaiting() async throws {
        try await served { (pair) async throws in
            try await pair.sync()
            let reply = try await pair.wait { () async throws in try pair.add("沈青", to: pair.another()) }
            #expect(reply.text.contains(#""new":true"#))
            try await pair.sync()
            #expect(try pair.laptop.status().counts.digest == pair.branch.status().counts.digest)
        }
    }

    /// What the caller itself pushed is nothing new for it, however long it waits.
    @Test func theCallersOwnRowsAreNoNews() async throws {
        try await served({ $0.limits.waitSeconds = 1 }) { (pair) async throws in
            try await pair.sync()
            try pair.add("陆平", to: pair.laptop)
            let body = try pair.body()
            try await pair.sync()
            let reply = try await ask(.post, pair.url + "/sync/wait", token: pair.token, .bytes(body))
            #expect(reply.status == 200)
            #expect(reply.text.contains(#""new":false"#))
            // From there the next request goes on.
            let branch = try pair.branch.store.identity()
            var waiting = try Waiting(store: pair.laptop.store, neighbour: Neighbour(node: branch.node, life: branch.life))
            let isNews = try waiting.isNews(Array(reply.text.utf8))
            #expect(!isNews)
            let head = try pair.branch.store.feedHead()
            #expect(try String(decoding: waiting.body(), as: UTF8.self).contains(":\(head)\""))
        }
    }

    /// A waiting connection is not one that stands still.
    @Test func waitingOutlivesTheIdleTimeout() async throws {
        try await served({ $0.limits.waitSeconds = 3; $0.limits.idleTimeoutSeconds = 1 }) { (pair) async throws in
            try await pair.sync()
            #expect(try await pair.wait().text.contains(#""new":false"#))
        }
    }

    @Test func stoppingEndsTheWaiting() async throws {
        let (replies, continuation) = AsyncStream.makeStream(of: Reply.self)
        try await served({ $0.limits.waitSeconds = 3_600; $0.limits.stopTimeoutSeconds = 3_600 }) { (pair) async throws in
            try await pair.sync()
            let body = try pair.body()
            let (url, token) = (pair.url, pair.token)
            Task { continuation.yield(try await ask(.post, url + "/sync/wait", token: token, .bytes(body))) }
            try await Task.sleep(for: .milliseconds(300))
        }
        // The server has ended, an hour before either limit.
        let reply = await replies.first { _ in true }
        #expect(reply?.text.contains(#""new":false"#) == true)
    }

    @Test func whoeverIsNotAdmittedDoesNotWait() async throws {
        try await served { (pair) async throws in
            try await pair.sync()
            let body = try pair.body()
            #expect(try await ask(.post, pair.url + "/sync/wait", token: nil, .bytes(body)).status == 401)
            let other = try pair.branch.admit(name: "other").text
            #expect(try await ask(.post, pair.url + "/sync/wait", token: other, .bytes(body)).code == "sync.not-admitted")
            #expect(try await ask(.get, pair.url + "/sync/wait", token: pair.token).status == 405)
            let reply = try await pair.wait { () async throws in _ = try pair.branch.store.write { try $0.dismiss(name: "laptop") }; try pair.add("顾", to: pair.branch) }
            #expect(reply.status == 401)
        }
    }

    @Test func aCallerWaitsOnlySoOften() async throws {
        try await served({ $0.limits.waitingPerCallerMaximum = 1; $0.limits.requestsMaximum = 2 }) { (pair) async throws in
            try await pair.sync()
            let reply = try await pair.wait { () async throws in
                #expect(try await pair.wait().code == "server.busy")
                // Waiting takes no place among the requests under way.
                #expect(try await ask(.get, pair.url + "/health", token: nil).status == 200)
                try pair.add("沈", to: pair.branch)
            }
            #expect(reply.status == 200)
        }
    }

    // MARK: Both ends

    /// Keeps the laptop in step while the body runs.
    private func live(
        _ laptop: Node, pace: LiveSync.Pace = LiveSync.Pace(), _ body: (_ outcomes: @Sendable () -> [PeerSync]) async throws -> Void
    ) async throws {
        let cancellation = Cancellation()
        let outcomes = Outcomes()
        let running = Task {
            try await onThread { try LiveSync(of: laptop, pace: pace, cancellation: cancellation).run { outcomes.append($0) } }
        }
        let result: Result<Void, any Error>
        do { result = .success(try await body { outcomes.all }) } catch { result = .failure(error) }
        cancellation.cancel()
        try await running.value
        try result.get()
    }

    private final class Outcomes: Sendable {
        private let list: Mutex<[PeerSync]> = Mutex([])

        var all: [PeerSync] { list.withLock { $0 } }
        func append(_ outcome: PeerSync) { list.withLock { $0.append(outcome) } }
    }

    private func until(_ isDone: () throws -> Bool) async throws { while try !isDone() { try await Task.sleep(for: .milliseconds(5)) } }

    private func haveMet(_ pair: Pair) throws -> Bool { try pair.laptop.status().counts.digest == pair.branch.status().counts.digest }

    @Test(.timeLimit(.minutes(1))) func aChangeOnEitherSideArrivesOnTheOther() async throws {
        try await served { (pair) async throws in
            let laptopElsewhere = try Node.open(home: pair.laptop.store.home, author: "elsewhere")
            try await live(pair.laptop) { (outcomes) async throws in
                try await until { try haveMet(pair) }
                for round in 1...5 {
                    for (direction, node) in [("pushed", laptopElsewhere), ("pulled", try pair.another())] {
                        try pair.add("\(direction) \(round)", to: node)
                        let began = ContinuousClock.now
                        try await until { try haveMet(pair) }
                        print("a change was \(direction) after \(ContinuousClock.now - began)")
                    }
                }
                #expect(outcomes().allSatisfy { $0.error == nil })
                // Nothing goes round and round.
                #expect(outcomes().count < 40)
            }
        }
    }

    /// A server that does not let anybody wait, as those of earlier versions, is asked again and again.
    @Test(.timeLimit(.minutes(1))) func aServerThatCannotAnnounceIsAsked() async throws {
        try await served({ $0.limits.waitingMaximum = 0 }) { (pair) async throws in
            var pace = LiveSync.Pace()
            pace.pauseMilliseconds = 50
            try await live(pair.laptop, pace: pace) { (_) async throws in
                try await until { try haveMet(pair) }
                try pair.add("沈", to: pair.branch)
                try await until { try haveMet(pair) }
            }
        }
    }

    /// The server goes away and comes back; nobody gives a command.
    @Test(.timeLimit(.minutes(1))) func aServerThatComesBackIsFound() async throws {
        var kept: (laptop: Node, branch: Node, port: Substring)?
        try await served { (pair) async throws in
            try await pair.sync()
            kept = (pair.laptop, pair.branch, pair.url.split(separator: ":").last!)
        }
        let (laptop, branch, port) = try #require(kept)
        var pace = LiveSync.Pace()
        (pace.pauseMilliseconds, pace.longestPauseMilliseconds) = (20, 100)
        try await live(laptop, pace: pace) { (outcomes) async throws in
            try await until { outcomes().contains { $0.error != nil } }
            let again = try Node.open(home: branch.store.home, author: "branch")
            try await fleet.serving(again, change: { $0.address = try! ListenAddress("127.0.0.1:\(port)") }) { (url) async throws in
                _ = try again.add(.person, [Assignment(field: "name", verb: .set, text: "沈")])
                try await until { try laptop.status().counts.digest == again.status().counts.digest }
            }
        }
    }
}
