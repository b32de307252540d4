import Foundation
import LimnCommands
import Testing

@Suite("limn tag")
struct TagCommandTests {
    @Test func tagsComeAndGo() throws {
        let node = try WorkingNode()
        let id = try node.person("name=Li")
        let added = try node.data("tag", "add", id, "VIP", "老客户")
        #expect(Set(added.keys) == ["id", "tags", "operation"])
        #expect(added["id"] as? String == id)
        #expect(Set(added["tags"] as? [String] ?? []) == ["VIP", "老客户"])
        let removed = try node.data("tag", "remove", id, "VIP")
        #expect(removed["tags"] as? [String] == ["老客户"])
        #expect(try node.data("tag", "remove", id, "VIP")["operation"] is NSNull)
        #expect(node("tag", "add", id, "A").error.contains("limn undo"))
        #expect(try node.failure("tag", "add", id, exitCode: 64) == "usage.missing-argument")
    }
}
