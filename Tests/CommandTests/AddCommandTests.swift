import Foundation
import LimnCommands
import Testing

@Suite("limn add")
struct AddCommandTests {
    @Test func makesACustomer() throws {
        let node = try WorkingNode()
        let data = try node.data("add", "person", "name=张伟", "phone=13800138000", "code=C-1", "--tag", "VIP", "--tag", "老客户", "--scope", "cn/east")
        #expect(Set(data.keys) == ["id", "code", "operation"])
        #expect(data["code"] as? String == "C-1")
        let shown = try node.data("show", "C-1")
        #expect(shown["id"] as? String == data["id"] as? String)
        #expect(shown["kind"] as? String == "person")
        #expect(shown["scope"] as? String == "cn/east")
        #expect((shown["tags"] as? [[String: Any]])?.count == 2)
    }

    @Test func saysWhatItDidAndHowToTakeItBack() throws {
        let node = try WorkingNode()
        let english = node("add", "organization", "name=华为")
        #expect(english.exitCode == 0)
        #expect(english.output.count == 37)
        #expect(english.error.contains("Added organization"))
        #expect(english.error.contains("limn undo"))
        let chinese = node("add", "person", "name=李娜", "--lang", "zh")
        #expect(chinese.error.contains("已新增个人"))
        #expect(node("add", "person", "name=Wu", "--quiet").error == "")
    }

    @Test func whatItCannotTakeIsNamed() throws {
        let node = try WorkingNode()
        #expect(try node.failure("add", "person", "nmae=Li", exitCode: 64) == "node.unknown-field")
        #expect(node("add", "person", "nmae=Li").error.contains("name"))
        #expect(try node.failure("add", "person", exitCode: 64) == "node.nothing-said")
        #expect(try node.failure("add", "person", "name", exitCode: 64) == "node.bad-assignment")
        #expect(try node.failure("add", "robot", "name=Li", exitCode: 64) == "usage.invalid-value")
        #expect(try node.failure("add", "person", "name=Li", "birth_date=soon", exitCode: 65).hasPrefix("forms."))
        #expect(try node.failure("add", "person", "name=Li", "--scope", "a//b", exitCode: 64) == "node.bad-scope")
    }
}
