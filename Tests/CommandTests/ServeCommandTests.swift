import Foundation
import LimnCommands
import Testing

/// `limn serve` in a thread of its own, until it is stopped.
final class ServingNode {
    let url: String
    private let output = CapturedSink()
    private let interruption = Interruption()
    private let done = DispatchSemaphore(value: 0)
    private let box: ExitBox

    init(_ node: WorkingNode, json: Bool = false) throws {
        let home = node.home, output = output, interruption = interruption
        let box = ExitBox(done)
        self.box = box
        Thread.detachNewThread {
            box.end(with: LimnProgram.run(
                ["serve", "--listen", "127.0.0.1:0", "--home", home] + (json ? ["--json"] : []), environment: [:],
                streams: StandardStreams(input: CannedSource(), output: output, error: CapturedSink()), interruption: interruption))
        }
        while !output.text.contains("\n"), !box.hasEnded { usleep(10_000) }
        let line = output.text.prefix { $0 != "\n" }
        if json {
            let document = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            url = try #require((document?["data"] as? [String: Any])?["url"] as? String)
        } else {
            url = String(line)
        }
    }

    /// Stops the server as SIGTERM does and gives its exit code.
    func stop() -> Int32 {
        interruption.request(15)
        done.wait()
        return box.exitCode
    }

    /// The exit code of a run in another thread.
    private final class ExitBox: @unchecked Sendable {
        private let lock = NSLock()
        private let done: DispatchSemaphore
        private var code: Int32?

        init(_ done: DispatchSemaphore) { self.done = done }

        var hasEnded: Bool { lock.withLock { code != nil } }
        var exitCode: Int32 { lock.withLock { code ?? -1 } }

        func end(with code: Int32) {
            lock.withLock { self.code = code }
            done.signal()
        }
    }
}

@Suite("limn serve, and sync with it")
struct ServeCommandTests {
    @Test func nodesSyncOverHTTP() throws {
        let pair = try NodePair()
        let id = try pair.branch.person("name=张伟", "city=上海")
        let server = try ServingNode(pair.branch)
        #expect(server.url.wholeMatch(of: #/http://127\.0\.0\.1:\d+/#) != nil)
        let token = pair.branch("peer", "token", "laptop").output
        #expect(pair.laptop("peer", "add", "branch", server.url, "--token-file", "-", input: CannedSource(token)).exitCode == 0)
        let data = try pair.laptop.data("sync")
        let peer = try #require((data["peers"] as? [[String: Any]])?.first)
        #expect(peer["state"] as? String == "ok")
        #expect(peer["error"] is NSNull)
        #expect(((peer["pulled"] as? [String: Any])?["changes"] as? Int ?? 0) >= 1)
        #expect((peer["roundTrips"] as? Int ?? 0) >= 1)
        #expect(try pair.laptop.value(id, "city") as? String == "上海")
        let again = try #require((try pair.laptop.data("sync", "branch")["peers"] as? [[String: Any]])?.first)
        #expect(again["roundTrips"] as? Int == 1)
        let status = try #require((try pair.laptop.data("status")["peers"] as? [[String: Any]])?.first)
        #expect(status["lastSync"] is String)
        #expect(status["ahead"] as? Int == 0)
        #expect(status["behind"] as? Int == 0)
        #expect(server.stop() == 0)
    }

    @Test func aWrongTokenIsRefused() throws {
        let pair = try NodePair()
        let server = try ServingNode(pair.branch, json: true)
        let token = pair.laptop("peer", "token", "laptop").output
        pair.laptop("peer", "add", "branch", server.url, "--token-file", "-", input: CannedSource(token))
        let result = pair.laptop("sync", "--json")
        #expect(result.exitCode == 77)
        let peers = try #require((try result.document()["data"] as? [String: Any])?["peers"] as? [[String: Any]])
        #expect(peers[0]["state"] as? String == "failed")
        #expect(server.stop() == 0)
    }

    @Test func anotherDeploymentIsRefused() throws {
        let branch = try WorkingNode(name: "branch"), stranger = try WorkingNode(name: "stranger")
        let server = try ServingNode(branch)
        let token = branch("peer", "token", "stranger").output
        stranger("peer", "add", "branch", server.url, "--token-file", "-", input: CannedSource(token))
        #expect(try stranger.failure("sync", exitCode: 78) == "sync.other-deployment")
        #expect(server.stop() == 0)
    }

    @Test func addressesAreChecked() throws {
        let node = try WorkingNode()
        #expect(try node.failure("serve", "--listen", "nowhere", exitCode: 64) == "server.bad-address")
        #expect(try node.failure("serve", "--listen", "0.0.0.0:0", exitCode: 77) == "server.plain-text-refused")
        let server = try ServingNode(node)
        let port = server.url.split(separator: ":").last!
        #expect(try node.failure("serve", "--listen", "127.0.0.1:\(port)", exitCode: 75) == "server.port-in-use")
        #expect(server.stop() == 0)
    }
}
