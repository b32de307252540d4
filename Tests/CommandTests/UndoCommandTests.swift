import Foundation
import LimnCommands
import Testing

@Suite("limn log and undo")
struct UndoCommandTests {
    @Test func operationsAreListedNewestFirst() throws {
        let node = try WorkingNode()
        let id = try node.person("name=张伟")
        node("edit", id, "city=上海", "--message", "call")
        let operations = try #require(try node.data("log")["operations"] as? [[String: Any]])
        #expect(operations.count == 2)
        #expect(operations.allSatisfy { Set($0.keys) == ["id", "at", "author", "command", "rows", "message", "undoneBy"] })
        #expect((operations[0]["command"] as? String)?.hasPrefix("edit ") == true)
        #expect(operations[0]["message"] as? String == "call")
        #expect(operations[0]["rows"] as? Int == 1)
        #expect(operations[0]["author"] as? String == "An Na")
        #expect(try (node.data("log", "--limit", "1")["operations"] as? [Any])?.count == 1)
        #expect(node("log", "--lang", "zh").output.contains("操作"))
    }

    @Test func anOperationIsUndoneByTheEndOfItsID() throws {
        let node = try WorkingNode()
        let id = try node.person("name=张伟", "city=上海")
        let operation = try #require(try node.data("edit", id, "city=北京")["operation"] as? String)
        let undone = try node.data("undo", String(operation.suffix(8)))
        #expect(Set(undone.keys) == ["undone", "kept", "undoneOperation", "operation"])
        #expect(undone["undoneOperation"] as? String == operation)
        #expect(undone["undone"] as? Int == 1)
        #expect((undone["kept"] as? [Any])?.isEmpty == true)
        #expect(try node.value(id, "city") as? String == "上海")
        #expect(try node.failure("undo", operation, exitCode: 65) == "node.already-undone")
        #expect(try node.failure("undo", "ffffffff", exitCode: 66) == "node.unknown-operation")
        #expect(try node.failure("undo", "short", exitCode: 66) == "node.unknown-operation")
    }

    @Test func whatOthersChangedSinceIsKeptAndListed() throws {
        let pair = try NodePair()
        let id = try pair.branch.person("name=张伟", "city=上海")
        let operation = try #require(try pair.branch.data("edit", id, "city=北京", "industry=")["operation"] as? String)
        try pair.meet()
        pair.laptop("edit", id, "city=广州")
        try pair.meet()
        let undone = try pair.branch.data("undo", operation)
        let kept = try #require(undone["kept"] as? [[String: Any]])
        #expect(kept.count == 1)
        #expect(kept[0]["record"] as? String == id)
        #expect(kept[0]["field"] as? String == "city")
        #expect(try pair.branch.value(id, "city") as? String == "广州")
    }

    @Test func theTalkSaysHowToTakeItBack() throws {
        let node = try WorkingNode()
        _ = try node.person("name=张伟")
        let result = node("undo")
        #expect(result.error.hasPrefix("Undid "))
        #expect(result.error.contains("To take it back: limn undo "))
        #expect(node("undo", "--quiet").error.hasPrefix("error: "))
    }
}
