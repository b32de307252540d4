import Foundation
import Testing

@Suite struct ScopeCommandTests {
    private func node(_ scopes: String...) throws -> WorkingNode {
        let node = try WorkingNode(isFounded: false)
        let result = node.run(["init", "--name", "branch", "--author", "An Na"] + scopes.flatMap { ["--scope", $0] })
        try #require(result.exitCode == 0, "\(result.error)")
        return node
    }

    private func customers(_ node: WorkingNode) throws -> [String: Int] {
        let scopes = try #require(try node.data("scope", "list")["scopes"] as? [[String: Any]])
        for scope in scopes { #expect(Set(scope.keys) == ["scope", "customers", "digest"]) }
        return Dictionary(uniqueKeysWithValues: scopes.map { ($0["scope"] as? String ?? "", $0["customers"] as? Int ?? -1) })
    }

    @Test func movesAndAssigns() throws {
        let node = try node()
        let id = try #require(try node.data("add", "person", "name=张伟", "--scope", "cn/east")["id"] as? String)
        _ = try node.data("add", "person", "name=李娜", "--scope", "cn/east/shanghai")
        #expect(try customers(node) == ["*": 0, "cn/east": 1, "cn/east/shanghai": 1])
        let moved = try node.data("move", id, "--scope", "cn/west")
        #expect(moved["changed"] as? Int == 1)
        #expect(try node.data("move", id, "--scope", "cn/west")["changed"] as? Int == 0)
        #expect(try customers(node)["cn/west"] == 1)
        let assigned = try node.data("assign", "--where", #"scope = "cn/east/shanghai""#, "--to", "韩梅梅", "--scope", "cn/north")
        #expect(assigned["changed"] as? Int == 1)
        #expect(try customers(node) == ["*": 0, "cn/west": 1, "cn/north": 1])
        #expect(node("undo").exitCode == 0)
        #expect(try customers(node)["cn/east/shanghai"] == 1)
        #expect(try node.failure("move", id, "--scope", "cn//west", exitCode: 64) == "node.bad-scope")
        _ = try node.failure("assign", "--to", "x", exitCode: 64)
    }

    @Test func writesOnlyWhatItHolds() throws {
        let node = try node("cn/east")
        let id = try #require(try node.data("add", "person", "name=张伟")["id"] as? String)
        #expect(try customers(node)["cn/east"] == 1)
        #expect(try node.failure("add", "person", "name=x", "--scope", "cn/west", exitCode: 77) == "node.outside-scopes")
        let table = try node.file("t.csv", "name\nx\n")
        #expect(try node.failure("import", table, "--scope", "cn/eastern", exitCode: 77) == "node.outside-scopes")
        #expect(try node.data("move", id, "--scope", "cn/west")["changed"] as? Int == 1)
        #expect(try node.failure("edit", id, "city=北京", exitCode: 77) == "node.outside-scopes")
        #expect(try customers(node)["cn/west"] == nil)
    }

    @Test func entersAndLeaves() throws {
        let node = try node("cn/east")
        for name in ["a", "b", "c"] { _ = try node.data("add", "person", "name=\(name)") }
        #expect(try node.data("scope", "enter", "cn/west")["held"] as? [String] == ["cn/east", "cn/west"])
        #expect(try node.failure("scope", "leave", "cn", exitCode: 66) == "node.scope-not-held")
        let left = node("scope", "leave", "cn/east", "--lang", "en")
        #expect(left.output == "This node holds cn/west.\n")
        #expect(left.error.contains("3 customers stay until a peer that holds cn/east has them."))
        let again = try node.data("scope", "enter", "cn/east")
        #expect((again["waiting"] as? [Any])?.isEmpty == true)
        #expect(try customers(node)["cn/east"] == 3)
    }
}
