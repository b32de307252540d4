import Foundation
import LimnCommands
import Testing

@Suite("limn sync where nobody answers")
struct SyncCommandTests {
    /// A node with a peer at a port of this machine on which nothing listens.
    static func node() throws -> WorkingNode {
        let node = try WorkingNode()
        let token = node("peer", "token", "x").output
        try #require(node("peer", "add", "hq", "http://127.0.0.1:1", "--token-file", "-", input: CannedSource(token)).exitCode == 0)
        return node
    }

    @Test func anUnreachablePeerStillPrintsTheDocument() throws {
        let node = try Self.node()
        let result = node("sync", "--json")
        #expect(result.exitCode == 69)
        #expect(result.error == "")
        let document = try result.document()
        #expect(document["schema"] as? String == "limn.sync/1")
        let peers = try #require((document["data"] as? [String: Any])?["peers"] as? [[String: Any]])
        #expect(peers.count == 1)
        #expect(Set(["name", "state", "pulled", "pushed", "roundTrips", "milliseconds", "error"]).isSubset(of: peers[0].keys))
        #expect(peers[0]["name"] as? String == "hq")
        #expect(peers[0]["state"] as? String == "failed")
        for direction in ["pulled", "pushed"] {
            #expect(Set((peers[0][direction] as? [String: Any] ?? [:]).keys) == ["changes", "rows", "bytes"])
        }
        let error = try #require(peers[0]["error"] as? [String: Any])
        #expect(error["code"] as? String == "http.unreachable")
    }

    @Test func failuresAreToldUnderQuietToo() throws {
        let node = try Self.node()
        #expect(node("sync", "hq", "--quiet").error.hasPrefix("error: hq: "))
        #expect(node("sync", "--lang", "zh").error.hasPrefix("错误："))
        #expect(node("sync").output.contains("failed"))
    }

    @Test func peersMustBeKnown() throws {
        let node = try Self.node()
        #expect(try node.failure("sync", "nobody", exitCode: 66) == "node.no-such-peer")
        let alone = try WorkingNode()
        #expect(try alone.failure("sync", exitCode: 78) == "node.no-peers")
    }

    @Test func watchingEndsCleanlyWhenAsked() async throws {
        let node = try Self.node()
        let output = CapturedSink(), interruption = Interruption(), home = node.home
        async let exitCode = onThread {
            LimnProgram.run(
                ["sync", "--watch", "--json", "--home", home], environment: [:],
                streams: StandardStreams(input: CannedSource(), output: output, error: CapturedSink()), interruption: interruption)
        }
        while output.text.isEmpty { try await Task.sleep(for: .milliseconds(10)) }
        interruption.request()
        #expect(await exitCode == 130)
        let lines = output.text.split(separator: "\n")
        #expect(!lines.isEmpty)
        for line in lines {
            let document = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            #expect(document?["schema"] as? String == "limn.sync/1")
        }
    }
}
