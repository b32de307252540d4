import Foundation
import Testing

/// A sync goes on where a connection broke, however often it breaks.
@Suite("A line that breaks") struct BrokenLineTests {
    @Test(.timeLimit(.minutes(2))) func aLineThatBreaksEveryFewKilobytesCarriesEverything() async throws {
        let pair = try NodePair()
        for (node, word) in [(pair.branch, "B"), (pair.laptop, "L")] {
            let rows = (0..<400).map { "\(word)\($0),客户\(word)\($0),\(13_800_000_000 + $0)" }
            try Data((["id,name,phone"] + rows).joined(separator: "\n").utf8).write(to: URL(filePath: node.home + "/\(word).csv"))
            try #require(node("import", node.home + "/\(word).csv", "--source", word, "--key", "id").exitCode == 0)
        }
        let server = try await ServingNode(pair.branch)
        let proxy = try CuttingProxy(to: server.url, cuttingAfter: 8 << 10)
        defer { proxy.stop() }
        let token = try #require(pair.branch("peer", "token", "laptop").output.split(separator: "\n").first)
        try Data(token.utf8).write(to: URL(filePath: pair.laptop.home + "/token"))
        try #require(pair.laptop("peer", "add", "branch", proxy.url, "--token-file", pair.laptop.home + "/token").exitCode == 0)
        let result = await pair.laptop.calling("sync", "--json")
        #expect(result.exitCode == 0, "\(result.error)")
        #expect(proxy.cuts >= 3)
        for node in [pair.branch, pair.laptop] { #expect(try node.data("status")["customers"] as? Int == 800) }
        #expect(try pair.laptop.data("status")["digest"] as? String == pair.branch.data("status")["digest"] as? String)
        #expect(await server.stop() == 0)
    }
}
