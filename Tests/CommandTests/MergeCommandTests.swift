import Foundation
import LimnCommands
import Testing

@Suite("limn merge and unmerge")
struct MergeCommandTests {
    @Test func twoRecordsBecomeOneAndComeApart() throws {
        let node = try WorkingNode()
        let a = try node.person("name=张伟", "city=上海"), b = try node.person("name=张伟", "city=北京")
        let merged = try node.data("merge", a, b)
        #expect(Set(merged.keys) == ["id", "members", "operation"])
        #expect(merged["members"] as? [String] == [a, b].sorted())
        #expect(merged["id"] as? String == [a, b].min())
        #expect(try node.conflicts().count == 1)
        #expect(try node.data("merge", a, b)["operation"] is NSNull)
        #expect(try node.data("status")["customers"] as? Int == 1)
        let apart = try node.data("unmerge", a)
        #expect(apart["members"] as? [String] == [a])
        #expect(try node.value(b, "city") as? String == "北京")
        #expect(try node.conflicts().isEmpty)
        #expect(try node.data("status")["customers"] as? Int == 2)
    }

    @Test func threeAreDissolved() throws {
        let node = try WorkingNode()
        let ids = try (1...3).map { try node.person("name=张伟\($0)") }
        node("merge", ids[0], ids[1])
        node("merge", ids[1], ids[2])
        #expect(try node.data("status")["customers"] as? Int == 1)
        node("unmerge", ids[1], "--all")
        #expect(try node.data("status")["customers"] as? Int == 3)
    }

    @Test func talkAndRefusals() throws {
        let node = try WorkingNode()
        let a = try node.person("name=张伟"), b = try node.person("name=张维")
        let result = node("merge", a, b)
        #expect(result.error.hasPrefix("2 records are now one customer, "))
        #expect(result.error.contains("limn undo "))
        #expect(node("unmerge", a, "--lang", "zh").error.hasPrefix("已分开。"))
        #expect(try node.failure("merge", a, a, exitCode: 65) == "node.same-record")
        #expect(try node.failure("unmerge", a, exitCode: 65) == "node.not-linked")
        #expect(try node.failure("merge", a, "ffffffffffff", exitCode: 66) == "store.no-such-record")
    }
}
