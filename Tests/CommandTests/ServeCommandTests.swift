import Foundation
import LimnCommands
import Testing

/// Does work that blocks in a thread of its own: the threads on which tests run are those that a server needs.
func onThread<T: Sendable>(_ work: @escaping @Sendable () -> T) async -> T {
    await withCheckedContinuation { continuation in
        Thread.detachNewThread { continuation.resume(returning: work()) }
    }
}

/// `limn serve` in a thread of its own, until it is stopped.
final class ServingNode {
    let url: String
    private let interruption: Interruption
    private let end: Task<Int32, Never>

    init(_ node: WorkingNode, json: Bool = false) async throws {
        let home = node.home, output = CapturedSink(), interruption = Interruption()
        self.interruption = interruption
        end = Task {
            await onThread {
                LimnProgram.run(
                    ["serve", "--listen", "127.0.0.1:0", "--home", home] + (json ? ["--json"] : []), environment: [:],
                    streams: StandardStreams(input: CannedSource(), output: output, error: CapturedSink()), interruption: interruption)
            }
        }
        while !output.text.contains("\n") { try await Task.sleep(for: .milliseconds(10)) }
        let line = output.text.prefix { $0 != "\n" }
        if json {
            let document = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            #expect(document?["schema"] as? String == "limn.serve/1")
            url = try #require((document?["data"] as? [String: Any])?["url"] as? String)
        } else {
            url = String(line)
        }
    }

    /// Stops the server as SIGTERM does and gives its exit code.
    func stop() async -> Int32 {
        interruption.request(15)
        return await end.value
    }
}

extension WorkingNode {
    /// Runs `limn` on this node in a thread of its own, for commands that call a server of this process.
    func calling(_ arguments: String..., input: String = "", isTerminal: Bool = false) async -> RunResult {
        let arguments = arguments + ["--home", home]
        return await onThread {
            let output = CapturedSink(), error = CapturedSink()
            let exitCode = LimnProgram.run(
                arguments, environment: ["USER": "worker"],
                streams: StandardStreams(input: CannedSource(input, isTerminal: isTerminal), output: output, error: error))
            return RunResult(exitCode: exitCode, output: output.text, error: error.text)
        }
    }

    /// Records a node that serves, with a token that another gave.
    func addPeer(_ name: String, _ server: ServingNode, token: String) throws {
        try #require(self("peer", "add", name, server.url, "--token-file", "-", input: CannedSource(token)).exitCode == 0)
    }
}

extension RunResult {
    /// The peers of the document that `sync` printed.
    var syncedPeers: [[String: Any]] {
        get throws { try #require((document()["data"] as? [String: Any])?["peers"] as? [[String: Any]], "\(error)") }
    }
}

@Suite("limn serve, and sync with it", .serialized)
struct ServeCommandTests {
    @Test func nodesSyncOverHTTP() async throws {
        let pair = try NodePair()
        let id = try pair.branch.person("name=张伟", "city=上海")
        let server = try await ServingNode(pair.branch)
        #expect(server.url.wholeMatch(of: #/http://127\.0\.0\.1:\d+/#) != nil)
        try pair.laptop.addPeer("branch", server, token: pair.branch("peer", "token", "laptop").output)
        let first = await pair.laptop.calling("sync", "--json")
        #expect(first.exitCode == 0, "\(first.output)\(first.error)")
        let peer = try #require(try first.syncedPeers.first)
        #expect(peer["state"] as? String == "ok")
        #expect(peer["error"] is NSNull)
        #expect(((peer["pulled"] as? [String: Any])?["changes"] as? Int ?? 0) >= 1)
        #expect(try pair.laptop.value(id, "city") as? String == "上海")
        let again = try #require(try await pair.laptop.calling("sync", "branch", "--json").syncedPeers.first)
        #expect(again["roundTrips"] as? Int == 1)
        let status = try #require((try pair.laptop.data("status")["peers"] as? [[String: Any]])?.first)
        #expect(status["lastSync"] is String)
        #expect(status["ahead"] as? Int == 0)
        #expect(status["behind"] as? Int == 0)
        #expect(await server.stop() == 0)
    }

    @Test func aNodeIsMadeByJoining() async throws {
        let branch = try WorkingNode(name: "branch"), laptop = try WorkingNode(isFounded: false)
        let id = try branch.person("name=张伟", "city=上海")
        let server = try await ServingNode(branch)
        let token = try laptop.file("token", branch("peer", "token", "laptop").output)
        let wrong = await laptop.calling("init", "--name", "desk", "--join", server.url, "--token-file", token, "--json")
        #expect(wrong.exitCode == 77)
        #expect((try wrong.document()["error"] as? [String: Any])?["code"] as? String == "node.name-differs")
        #expect(!FileManager.default.fileExists(atPath: laptop.home + "/limn.sqlite"))
        let joined = await laptop.calling("init", "--name", "laptop", "--join", server.url, "--token-file", token, "--json")
        #expect(joined.exitCode == 0, "\(joined.error)")
        let data = try #require(try joined.document()["data"] as? [String: Any])
        #expect(Set(data.keys) == ["node", "origin", "name", "deployment", "scopes", "home"])
        #expect(try data["deployment"] as? String == branch.data("identity")["deployment"] as? String)
        #expect((try laptop.data("peer", "list")["peers"] as? [[String: Any]])?.map { $0["name"] as? String } == ["branch"])
        #expect(await laptop.calling("sync").exitCode == 0)
        #expect(try laptop.value(id, "city") as? String == "上海")
        #expect(await server.stop() == 0)
    }

    @Test func setupAsksJoinsAndSyncs() async throws {
        let branch = try WorkingNode(name: "branch"), laptop = try WorkingNode(isFounded: false)
        let id = try branch.person("name=张伟", "city=上海")
        let server = try await ServingNode(branch)
        let token = branch("peer", "token", "laptop").output
        let result = await laptop.calling("setup", input: "laptop\n\(server.url)\n\(token)Bo Wen\n", isTerminal: true)
        #expect(result.exitCode == 0, "\(result.error)")
        #expect(!result.error.contains(token.dropLast()) && !result.output.contains(token.dropLast()))
        #expect(result.error.contains("branch"))
        #expect(try laptop.value(id, "city") as? String == "上海")
        let status = try laptop.data("status")
        #expect(status["name"] as? String == "laptop" && status["author"] as? String == "Bo Wen")
        #expect(try status["digest"] as? String == branch.data("status")["digest"] as? String)
        let again = await laptop.calling("setup", input: "laptop\n\(server.url)\n\(token)Bo Wen\n", isTerminal: true)
        #expect(again.exitCode == 73)
        let refused = try WorkingNode(isFounded: false)
        let stranger = refused("peer", "list").exitCode
        #expect(stranger == 78)
        let wrong = await refused.calling("setup", input: "laptop\n\(server.url)\nlimn_\(String(repeating: "0", count: 56))\nBo\n", isTerminal: true)
        #expect(wrong.exitCode == 77)
        #expect(!FileManager.default.fileExists(atPath: refused.home + "/limn.sqlite"))
        #expect(await server.stop() == 0)
    }

    @Test(.timeLimit(.minutes(1))) func watchingCarriesWhatOtherCommandsChange() async throws {
        let pair = try NodePair()
        let id = try pair.branch.person("name=张伟", "city=上海")
        let server = try await ServingNode(pair.branch)
        try pair.laptop.addPeer("branch", server, token: pair.branch("peer", "token", "laptop").output)
        let output = CapturedSink(), interruption = Interruption(), home = pair.laptop.home
        async let exitCode = onThread {
            LimnProgram.run(
                ["sync", "--watch", "--home", home], environment: [:],
                streams: StandardStreams(input: CannedSource(), output: output, error: CapturedSink()), interruption: interruption)
        }
        func arrives(_ city: String, at node: WorkingNode) async throws {
            while node("show", id, "--json").output.contains(city) == false { try await Task.sleep(for: .milliseconds(10)) }
        }
        try await arrives("上海", at: pair.laptop)
        try #require(pair.branch("edit", id, "city=北京").exitCode == 0)
        try await arrives("北京", at: pair.laptop)
        try #require(pair.laptop("edit", id, "city=广州").exitCode == 0)
        try await arrives("广州", at: pair.branch)
        // A session tells of itself after what it brought is there.
        while output.text.split(separator: "\n").count < 3 { try await Task.sleep(for: .milliseconds(10)) }
        interruption.request()
        #expect(await exitCode == 130)
        #expect(await server.stop() == 0)
    }

    @Test func aWrongTokenIsRefused() async throws {
        let pair = try NodePair()
        let server = try await ServingNode(pair.branch, json: true)
        try pair.laptop.addPeer("branch", server, token: pair.laptop("peer", "token", "laptop").output)
        let result = await pair.laptop.calling("sync", "--json")
        #expect(result.exitCode == 77)
        #expect(try result.syncedPeers[0]["state"] as? String == "failed")
        #expect(await server.stop() == 0)
    }

    @Test func anotherDeploymentIsRefused() async throws {
        let branch = try WorkingNode(name: "branch"), stranger = try WorkingNode(name: "stranger")
        let server = try await ServingNode(branch)
        try stranger.addPeer("branch", server, token: branch("peer", "token", "stranger").output)
        let result = await stranger.calling("sync", "--json")
        #expect(result.exitCode == 78)
        #expect((try result.document()["error"] as? [String: Any])?["code"] as? String == "sync.other-deployment")
        #expect(await server.stop() == 0)
    }

    @Test func addressesAreChecked() async throws {
        let node = try WorkingNode()
        #expect(await node.calling("serve", "--listen", "nowhere").exitCode == 64)
        #expect(await node.calling("serve", "--listen", "0.0.0.0:0").exitCode == 77)
        let server = try await ServingNode(node)
        let port = server.url.split(separator: ":").last!
        let taken = await node.calling("serve", "--listen", "127.0.0.1:\(port)", "--json")
        #expect(taken.exitCode == 75)
        #expect((try taken.document()["error"] as? [String: Any])?["code"] as? String == "server.port-in-use")
        #expect(await server.stop() == 0)
    }
}
