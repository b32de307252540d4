import Foundation
import LimnCommands
import Testing

@Suite("limn note and limn task")
struct NoteCommandTests {
    @Test func aNoteIsAnEventAndATask() throws {
        let node = try WorkingNode()
        let id = try node.person("name=张伟")
        let data = try node.data("note", id, "Wants a quote", "--type", "call", "--at", "2026-01-02", "--next", "2030-03-09", "Send the quote")
        #expect(Set(["event", "task"]).isSubset(of: data.keys))
        let task = try #require(data["task"] as? String)
        #expect(data["event"] is String)
        let tasks = try #require(try node.data("task", "list")["tasks"] as? [[String: Any]])
        #expect(tasks.count == 1)
        #expect(tasks[0]["id"] as? String == task)
        #expect(tasks[0]["customer"] as? String == id)
        #expect(tasks[0]["name"] as? String == "张伟")
        #expect(tasks[0]["text"] as? String == "Send the quote")
        #expect(node("task").output.contains("2030-03-09  张伟"))
        let done = try node.data("task", "done", String(task.suffix(12)))
        #expect(done["task"] as? String == task)
        #expect(done["event"] is NSNull)
        #expect((try node.data("task")["tasks"] as? [Any])?.isEmpty == true)
        #expect((try node.data("task", "list", "--all")["tasks"] as? [[String: Any]])?.first?["done"] as? Bool == true)
        #expect(node("task", "list").output == "There are no open tasks.\n")
        #expect(node("task", "list", "--all", "--lang", "zh").output.contains("到期"))
    }

    @Test func aNoteAlone() throws {
        let node = try WorkingNode()
        let id = try node.person("name=Li")
        #expect(try node.data("note", id, "Met")["task"] is NSNull)
        #expect(try node.data("note", id, "--next", "2030-01-01", "Call", "Met again")["task"] is String)
    }

    @Test func wrongArgumentsAreRefused() throws {
        let node = try WorkingNode()
        let id = try node.person("name=Li")
        #expect(try node.failure("note", id, exitCode: 64) == "usage.missing-argument")
        #expect(try node.failure("note", id, "x", "--next", "2030-01-01", exitCode: 64) == "usage.missing-argument")
        #expect(try node.failure("note", id, "x", "--type", "dream", exitCode: 64) == "usage.invalid-value")
        #expect(try node.failure("note", id, "x", "--at", "someday", exitCode: 65) == "forms.not-a-time")
        #expect(try node.failure("note", "nobody", "x", exitCode: 66) == "store.no-such-record")
        #expect(try node.failure("task", "done", id, exitCode: 66) == "store.no-such-record")
    }
}
