import Foundation
import LimnCommands
import Testing

@Suite("limn review")
struct ReviewCommandTests {
    /// A node that imported two persons whose dates of birth nobody understands.
    static func node() throws -> WorkingNode {
        let node = try WorkingNode()
        let table = try node.file("a.csv", "external_id,name,birth_date\n1,张伟,last spring\n2,李雷,soon\n")
        try #require(node("import", table, "--source", "crm").exitCode == 0)
        return node
    }

    @Test func whatWaitsIsListed() throws {
        let node = try Self.node()
        let items = try #require(try node.data("review")["items"] as? [[String: Any]])
        #expect(items.count == 2)
        #expect(items.allSatisfy { Set($0.keys) == ["key", "record", "field", "raw", "proposed", "reason", "source"] })
        #expect(Set(items.compactMap { $0["raw"] as? String }) == ["last spring", "soon"])
        #expect(items.allSatisfy { $0["field"] as? String == "birth_date" && $0["source"] as? String == "crm" })
        #expect(items.allSatisfy { ($0["record"] as? String)?.count == 36 })
        #expect(try node.data("review", "list")["items"] is [Any])
        let text = node("review", "--lang", "zh")
        #expect(text.output.contains("张伟") && text.output.contains("last spring") && text.output.contains("原文"))
    }

    @Test func itemsAreFixedAndRejected() throws {
        let node = try Self.node()
        let items = try #require(try node.data("review")["items"] as? [[String: Any]])
        let keys = items.compactMap { $0["key"] as? String }
        let record = try #require(items[0]["record"] as? String)
        #expect(try node.failure("review", "fix", keys[0], "not a date", exitCode: 65).hasPrefix("forms."))
        let fixed = try node.data("review", "fix", keys[0], "1990-02-03")
        #expect(fixed["done"] as? Int == 1)
        #expect(fixed["operation"] is String)
        #expect(try node.value(record, "birth_date") as? String == "1990-02-03")
        let rejected = node("review", "reject", keys[1])
        #expect(rejected.error.hasPrefix("Decided 1 item.\nTo take it back: limn undo "))
        #expect(node("review").error == "Nothing waits for review.\n")
        #expect(try node.failure("review", "accept", keys[0], exitCode: 66) == "node.no-such-item")
    }
}
