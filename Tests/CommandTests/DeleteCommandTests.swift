import Foundation
import LimnCommands
import Testing

@Suite("limn delete and limn restore")
struct DeleteCommandTests {
    @Test func aDeletedCustomerReturnsAsItWas() throws {
        let node = try WorkingNode()
        let id = try node.person("name=Li", "city=上海")
        let deleted = try node.data("delete", id)
        #expect(Set(deleted.keys) == ["id", "operation"])
        #expect(deleted["id"] as? String == id)
        #expect(try node.data("show", id)["deleted"] as? Bool == true)
        let again = try node.data("delete", id)
        #expect(again["operation"] is NSNull)
        try node.data("restore", id)
        #expect(try node.data("show", id)["deleted"] as? Bool == false)
        #expect(try node.value(id, "city") as? String == "上海")
    }

    @Test func saysHowToTakeItBack() throws {
        let node = try WorkingNode()
        let id = try node.person("name=Li")
        #expect(node("delete", id).error.contains("limn undo"))
        #expect(node("delete", id, "--lang", "zh").error == "没有改动。\n")
        #expect(node("restore", id, "--lang", "zh").error.contains("已恢复"))
        #expect(try node.failure("delete", "nobody", exitCode: 66) == "store.no-such-record")
    }
}
