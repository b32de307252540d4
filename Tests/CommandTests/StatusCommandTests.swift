import Foundation
import LimnCommands
import Testing

@Suite("limn status, identity, scope and quality")
struct StatusCommandTests {
    @Test func statusHasEveryKey() throws {
        let node = try WorkingNode()
        _ = try node.person("name=张伟", "city=上海")
        let data = try node.data("status")
        let promised: Set<String> = [
            "node", "origin", "name", "author", "customers", "events", "conflicts", "review", "digest", "scopes", "unsent", "peers",
        ]
        #expect(promised.isSubset(of: data.keys))
        #expect(data["node"] as? String == "laptop")
        #expect(data["name"] as? String == "laptop")
        #expect(data["author"] as? String == "An Na")
        #expect(data["customers"] as? Int == 1)
        #expect(data["scopes"] as? [String] == ["/"])
        #expect((data["digest"] as? String)?.count == 32)
        #expect((data["unsent"] as? Int ?? 0) >= 1)
        #expect(data["pending"] is NSNull)
        #expect((data["peers"] as? [Any])?.isEmpty == true)
        #expect(node("status", "--lang", "zh").output.contains("摘要"))
    }

    @Test func pendingListsWhatNobodyHas() throws {
        let pair = try NodePair()
        let id = try pair.laptop.person("name=张伟")
        let pending = try #require(try pair.laptop.data("status", "--pending")["pending"] as? [[String: Any]])
        #expect(pending.contains { $0["id"] as? String == id && $0["kind"] as? String == "person" })
        #expect(try pair.laptop.data("status")["unsent"] as? Int == pending.count)
        #expect(pair.laptop("status", "--pending").output.contains("张伟"))
        try pair.meet()
        #expect((try pair.laptop.data("status", "--pending")["pending"] as? [Any])?.isEmpty == true)
    }

    @Test func digestsAreEqualOnceNodesHaveMet() throws {
        let pair = try NodePair()
        _ = try pair.disagree()
        let digests = try [pair.branch, pair.laptop].map { try $0.data("status")["digest"] as? String }
        #expect(digests[0] != nil)
        #expect(digests[0] == digests[1])
        pair.branch("add", "person", "name=李雷")
        #expect(try pair.branch.data("status")["digest"] as? String != digests[1])
    }

    @Test func anIdentityIsShownAndRenewed() throws {
        let node = try WorkingNode()
        let id = try node.person("name=张伟")
        let before = try node.data("identity")
        #expect((before["origin"] as? String)?.count == 16)
        let renewed = try node.data("identity", "renew")
        #expect(renewed["origin"] as? String != before["origin"] as? String)
        #expect((renewed["lives"] as? [Any])?.count == 2)
        node("edit", id, "city=上海")
        let entries = try #require(try node.data("history", id, "--field", "city")["entries"] as? [[String: Any]])
        #expect((entries[0]["dot"] as? String)?.hasPrefix(renewed["origin"] as! String) == true)
        #expect(entries[0]["node"] as? String == "laptop")
        #expect(node("identity", "renew").error.contains("from here on"))
    }

    @Test func aMovedStoreSaysSoOnce() throws {
        let node = try WorkingNode()
        let id = try node.person("name=张伟", "city=上海")
        let before = try #require(try node.data("identity")["origin"] as? String)
        try FileManager.default.moveItem(atPath: node.home, toPath: node.folder + "/moved")
        try FileManager.default.copyItem(atPath: node.folder + "/moved", toPath: node.home)
        let edited = node("edit", id, "city=北京")
        #expect(edited.exitCode == 0)
        #expect(edited.error.contains("new origin") && edited.error.contains(ProcessInfo.processInfo.hostName) && edited.error.contains(node.home))
        #expect(!node("edit", id, "city=深圳").error.contains("new origin"))
        let data = try node.data("identity")
        let lives = try #require(data["lives"] as? [[String: Any]])
        #expect(lives.map { $0["reason"] as? String } == ["founded", "moved"])
        #expect(lives.allSatisfy { Set($0.keys) == ["origin", "began", "reason", "machine", "path"] })
        #expect(lives[0]["origin"] as? String == before && lives[1]["origin"] as? String == data["origin"] as? String)
        #expect(try node.data("status")["lives"] as? Int == 2)
        #expect(node("identity").output.contains(before) && node("identity", "--lang", "zh").output.contains("位置已变"))
        #expect(node("status").output.contains("found in another place"))
        #expect(node("doctor").output.contains("2 lives"))
        let city = try #require(try node.data("history", id, "--field", "city")["entries"] as? [[String: Any]])
        #expect(city.allSatisfy { $0["node"] as? String == "laptop" }, "earlier lives are the node's too")
    }

    @Test func scopesAreListed() throws {
        let node = try WorkingNode()
        _ = try node.person("name=张伟")
        let scopes = try #require(try node.data("scope", "list")["scopes"] as? [[String: Any]])
        #expect(scopes.contains { $0["scope"] as? String == "/" && $0["customers"] as? Int == 1 })
        #expect(scopes.allSatisfy { Set($0.keys) == ["scope", "customers", "digest"] })
    }

    @Test func qualityCountsWhatIsFilled() throws {
        let node = try WorkingNode()
        _ = try node.person("name=张伟", "city=上海")
        _ = try node.person("name=李雷")
        let data = try node.data("quality")
        #expect(data["records"] as? Int == 2)
        let shares = try #require(data["completeness"] as? [String: Any])
        #expect(shares["name"] as? Double == 1)
        #expect(shares["city"] as? Double == 0.5)
        #expect(shares["email"] as? Double == 0)
        #expect(shares["revenue"] is NSNull)
        #expect((data["overall"] as? Double).map { $0 > 0 && $0 < 1 } == true)
        #expect((data["bySource"] as? [String: Any])?.isEmpty == false)
        let text = node("quality", "--lang", "zh").output
        #expect(text.contains("50 %") && text.contains("完整度"))
        let empty = try WorkingNode()
        #expect(empty("quality").exitCode == 0)
    }
}
