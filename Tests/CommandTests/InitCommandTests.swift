import Foundation
import LimnCommands
import Testing

@Suite("limn init and limn setup")
struct InitCommandTests {
    @Test func foundsANode() throws {
        let node = try WorkingNode(isFounded: false)
        let data = try node.data("init", "--name", "上海", "--scope", "cn/east", "--scope", "cn/north", "--author", "An Na")
        #expect(Set(data.keys) == ["node", "origin", "name", "deployment", "scopes", "home"])
        #expect(data["name"] as? String == "上海")
        #expect(data["node"] as? String == "上海")
        #expect(data["scopes"] as? [String] == ["cn/east", "cn/north"])
        #expect(data["home"] as? String == node.home)
        #expect(UUID(uuidString: try #require(data["deployment"] as? String)) != nil)
    }

    @Test func everythingIsTheScopeWithoutOne() throws {
        let node = try WorkingNode(isFounded: false)
        #expect(try node.data("init", "--name", "hq")["scopes"] as? [String] == ["/"])
    }

    @Test func aStoreIsNeverMadeTwice() throws {
        let node = try WorkingNode()
        #expect(try node.failure("init", "--name", "again", exitCode: 73) == "store.exists")
    }

    @Test func aDeploymentsNodesAgreeOnNaturalIDs() throws {
        let first = try WorkingNode(isFounded: false), second = try WorkingNode(isFounded: false)
        let deployment = try #require(try first.data("init", "--name", "a")["deployment"] as? String)
        #expect(try second.data("init", "--name", "b", "--deployment", deployment)["deployment"] as? String == deployment)
        let table = "external_id,name\n1,Li\n"
        for node in [first, second] { try node.data("import", node.file("t.csv", table), "--source", "erp") }
        #expect(try first.data("show", "erp:1")["id"] as? String == second.data("show", "erp:1")["id"] as? String)
    }

    @Test func wrongArgumentsAreRefused() throws {
        let node = try WorkingNode(isFounded: false)
        #expect(try node.failure("init", exitCode: 64) == "usage.missing-argument")
        #expect(try node.failure("init", "--name", "a", "--deployment", "x", exitCode: 64) == "node.bad-deployment")
        #expect(try node.failure("init", "--name", "a", "--scope", "/cn//", exitCode: 64) == "node.bad-scope")
        #expect(try node.failure("init", "--name", "a:b", exitCode: 64) == "node.bad-name")
        #expect(try node.failure("init", "--name", "a", "--join", "http://127.0.0.1:1", exitCode: 64) == "usage.missing-argument")
        #expect(try node.failure("init", "--name", "a", "--token-file", "f", exitCode: 64) == "usage.missing-argument")
        #expect(
            try node.failure("init", "--name", "a", "--join", "http://127.0.0.1:1", "--token-file", "nowhere", exitCode: 66)
                == "security.token-file-missing")
        #expect(!FileManager.default.fileExists(atPath: node.home + "/limn.sqlite"))
    }

    @Test func theSystemsUserWritesWhereNobodyElseIsNamed() throws {
        let node = try WorkingNode(isFounded: false)
        try node.data("init", "--name", "hq")
        func author(_ arguments: [String], _ environment: [String: String]) throws -> String? {
            let added = node.run(["add", "person", "name=Li", "--json"] + arguments, environment: environment)
            let id = try #require((added.document()["data"] as? [String: Any])?["id"] as? String)
            let fields = try #require(try node.data("show", id)["fields"] as? [String: [String: Any]])
            return fields["name"]?["author"] as? String
        }
        #expect(try author([], ["USER": "worker"]) == "worker")
        #expect(try author([], ["USER": "worker", "LIMN_AUTHOR": "Li"]) == "Li")
        #expect(try author(["--author", "Wu"], ["USER": "worker", "LIMN_AUTHOR": "Li"]) == "Wu")
    }

    @Test func setupAsksOnlyWhereSomebodyAnswers() throws {
        let node = try WorkingNode(isFounded: false)
        let refused = node("setup", "--no-input", input: CannedSource("hq\n", isTerminal: true))
        #expect(refused.exitCode == 64)
        #expect(refused.error.contains("--join"))
        let malformed = node("setup", "--author", "Li", input: CannedSource("hq\nhttp://127.0.0.1:1\nnot-a-token\n", isTerminal: true))
        #expect(malformed.exitCode != 0)
        #expect(!FileManager.default.fileExists(atPath: node.home + "/limn.sqlite"))
    }

    @Test func aMissingStoreNamesTheWayOut() throws {
        let node = try WorkingNode(isFounded: false)
        let english = node("show", "12345678")
        #expect(english.exitCode == 78)
        #expect(english.error.contains("limn init"))
        #expect(node("show", "12345678", "--lang", "zh").error.contains("limn init --name 名称"))
    }
}
