import Foundation
import LimnCommands
import Testing

@Suite("limn fields")
struct FieldsCommandTests {
    @Test func theCatalogueIsListed() throws {
        let node = try WorkingNode()
        let fields = try #require(try node.data("fields")["fields"] as? [[String: Any]])
        let name = try #require(fields.first { $0["name"] as? String == "name" })
        #expect(Set(["name", "type", "label", "policy", "sensitivity"]).isSubset(of: name.keys))
        #expect(name["label"] as? String == "Name")
        #expect(node("fields", "--lang", "zh").output.contains("手机") || node("fields", "--lang", "zh").output.contains("电话"))
        #expect((try node.data("fields", "list")["fields"] as? [Any])?.count == fields.count)
    }

    @Test func theOrderOfSourcesIsSetAndShown() throws {
        let node = try WorkingNode()
        #expect(try node.data("fields", "order")["sources"] as? [String] == [])
        let data = try node.data("fields", "order", "erp", "crm")
        #expect(Set(data.keys) == ["sources", "operation"])
        #expect(data["sources"] as? [String] == ["erp", "crm"])
        #expect(node("fields", "order").output == "erp\ncrm\n")
        #expect(node("fields", "order", "erp", "crm").error.contains("Nothing"))
        #expect(try node.failure("fields", "order", "erp", "erp", exitCode: 64) == "node.source-twice")
        #expect(try node.failure("fields", "order", "erp", "--clear", exitCode: 64) == "usage.exclusive")
        #expect(try node.data("fields", "order", "--clear")["sources"] as? [String] == [])
    }

    @Test func aFieldIsAddedOnce() throws {
        let node = try WorkingNode()
        let data = try node.data("fields", "add", "预算", "--type", "money", "--label", "Budget", "--policy", "highest", "--sensitivity", "sensitive")
        let field = try #require((data["fields"] as? [[String: Any]])?.first)
        #expect(field["name"] as? String == "预算")
        #expect(field["type"] as? String == "money")
        #expect(field["policy"] as? String == "highest")
        #expect(field["sensitivity"] as? String == "sensitive")
        let id = try node.person("name=Li", "预算=1000 CNY")
        #expect(try node.value(id, "预算") as? String == "1000 CNY")
        #expect(try node.failure("fields", "add", "预算", "--type", "text", exitCode: 64) == "node.field-exists")
        #expect(try node.failure("fields", "add", "a b", "--type", "text", exitCode: 64) == "node.bad-field-name")
        #expect(try node.failure("fields", "add", "x", "--type", "colour", exitCode: 64) == "usage.invalid-value")
        #expect(try node.failure("fields", "add", "x", exitCode: 64) == "usage.missing-argument")
    }

    @Test func aFieldThatWasTakenBackCanBeAddedAgain() throws {
        let node = try WorkingNode()
        _ = try node.data("fields", "add", "预算", "--type", "money")
        _ = try node.data("undo")
        #expect(try node.failure("add", "person", "name=Li", "预算=很多", exitCode: 64) == "node.unknown-field")
        _ = try node.data("fields", "add", "预算", "--type", "text")
        #expect(try node.value(node.person("name=Li", "预算=很多"), "预算") as? String == "很多")
    }
}
