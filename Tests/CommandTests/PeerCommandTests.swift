import Foundation
import LimnCommands
import Testing

@Suite("limn peer")
struct PeerCommandTests {
    @Test func aTokenIsAllThatIsPrinted() throws {
        let node = try WorkingNode()
        let result = node("peer", "token", "laptop")
        #expect(result.output.wholeMatch(of: #/limn_[0-9a-z]{56}\n/#) != nil)
        #expect(result.error == "")
        let data = try node.data("peer", "token", "phone", "--scope", "cn/east", "--scope", "cn/north", "--role", "reader", "--once")
        #expect((data["token"] as? String)?.hasPrefix("limn_") == true)
        #expect(data["scopes"] as? [String] == ["cn/east", "cn/north"])
        #expect(data["once"] as? Bool == true)
        #expect(try node.failure("peer", "token", "x", "--role", "king", exitCode: 64) == "usage.invalid-value")
        let peers = try #require(try node.data("peer", "list")["peers"] as? [[String: Any]])
        #expect(peers.map { $0["name"] as? String } == ["laptop", "phone"])
        #expect(peers.allSatisfy { $0["url"] is NSNull })
        #expect((peers[1]["admitted"] as? [String: Any])?["role"] as? String == "reader")
    }

    @Test func aPeerIsRecordedWithoutConnecting() throws {
        let node = try WorkingNode()
        let token = try WorkingNode(name: "hq")("peer", "token", "laptop").output
        let file = try node.file("token", token)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
        let added = try node.data("peer", "add", "hq", "https://hq.example.com", "--token-file", file)
        #expect(Set(added.keys) == ["name", "url", "node", "addedAt", "lastSync", "ahead", "behind", "admitted"])
        #expect(added["name"] as? String == "hq")
        #expect(added["url"] as? String == "https://hq.example.com")
        #expect(added["lastSync"] is NSNull && added["ahead"] is NSNull && added["admitted"] is NSNull)
        let fromInput = node("peer", "add", "lan", "http://127.0.0.1:1", "--token-file", "-", input: CannedSource(token))
        #expect(fromInput.exitCode == 0)
        #expect(fromInput.error.contains("To take it back: limn peer remove lan"))
        #expect(try node.data("peer", "show", "lan")["url"] as? String == "http://127.0.0.1:1")
        #expect(node("peer", "show", "lan", "--lang", "zh").output.contains("从未"))
        #expect(node("peer", "list").output.contains("https://hq.example.com"))
        #expect(!node("peer", "list", "--json").output.contains(token.trimmingCharacters(in: .whitespacesAndNewlines)))
        #expect(node("peer", "remove", "lan").exitCode == 0)
        #expect(try node.failure("peer", "show", "lan", exitCode: 66) == "node.no-such-peer")
        #expect(try node.failure("peer", "remove", "lan", exitCode: 66) == "node.no-such-peer")
    }

    @Test func plainTextBeyondThisMachineNeedsConsent() throws {
        let node = try WorkingNode()
        let token = node("peer", "token", "x").output
        let file = try node.file("token", token)
        #expect(try node.failure("peer", "add", "hq", "http://hq.example.com", "--token-file", file, exitCode: 77) == "http.plain-text-refused")
        #expect(node("peer", "add", "hq", "http://hq.example.com", "--token-file", file, "--insecure").exitCode == 0)
        #expect(try node.failure("peer", "add", "hq", "https://hq", "--token-file", "/nonexistent", exitCode: 66) == "security.token-file-missing")
        let garbage = try node.file("garbage", "not a token")
        #expect(try node.failure("peer", "add", "hq", "https://hq", "--token-file", garbage, exitCode: 77) == "security.token-malformed")
        #expect(try node.failure("peer", "add", "hq", "https://hq", exitCode: 64) == "usage.missing-argument")
    }

    @Test func aTokenFileThatOthersReadIsTold() throws {
        let node = try WorkingNode()
        let file = try node.file("token", node("peer", "token", "x").output)
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file)
        #expect(node("peer", "add", "hq", "https://hq", "--token-file", file).error.contains(file))
    }
}
