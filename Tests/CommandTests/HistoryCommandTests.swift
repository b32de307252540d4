import Foundation
import LimnCommands
import Testing

@Suite("limn history and changes")
struct HistoryCommandTests {
    static let keys: Set<String> = [
        "at", "record", "node", "author", "source", "action", "field", "value", "dot", "overwrote", "message", "operation", "given",
    ]

    @Test func aHistoryTellsWhoReplacedWhat() throws {
        let node = try WorkingNode()
        let id = try node.person("name=张伟", "city=上海")
        #expect(node("edit", id, "city=北京", "--message", "moved", "--author", "Li").exitCode == 0)
        let entries = try #require(try node.data("history", id)["entries"] as? [[String: Any]])
        #expect(entries.allSatisfy { Set($0.keys) == Self.keys })
        let city = try #require(try node.data("history", id, "--field", "city")["entries"] as? [[String: Any]])
        #expect(city.map { $0["value"] as? String } == ["上海", "北京"])
        #expect(city[1]["overwrote"] as? [String] == ["上海"])
        #expect(city[1]["author"] as? String == "Li")
        #expect(city[1]["node"] as? String == "laptop")
        #expect(city[1]["record"] as? String == id)
        #expect(city[1]["message"] as? String == "moved")
        #expect(city[1]["action"] as? String == "wrote")
        let times = entries.compactMap { $0["at"] as? String }
        #expect(times == times.sorted())
    }

    @Test func theTableSpeaksBothLanguages() throws {
        let node = try WorkingNode()
        let id = try node.person("name=张伟", "city=上海")
        node("edit", id, "city=")
        #expect(node("history", id).output.contains("cleared"))
        let chinese = node("history", id, "--lang", "zh").output
        #expect(chinese.contains("清空") && chinese.contains("城市") && chinese.contains("原值"))
        let changes = node("changes").output
        #expect(changes.contains(String(id.suffix(12))))
    }

    @Test func changesAreOldestFirstAndFiltered() throws {
        let node = try WorkingNode()
        let id = try node.person("name=张伟")
        node("edit", id, "city=上海", "--author", "Li")
        let all = try #require(try node.data("changes")["entries"] as? [[String: Any]])
        #expect(all.last?["field"] as? String == "city")
        let by = try #require(try node.data("changes", "--by", "Li")["entries"] as? [[String: Any]])
        #expect(by.count == 1)
        let since = try #require(try node.data("changes", "--since", "2999-01-01")["entries"] as? [Any])
        #expect(since.isEmpty)
        let limited = node("changes", "--limit", "1")
        #expect(limited.error.hasPrefix("These are the newest 1 of "))
        #expect(try node.failure("changes", "--since", "yesterday-ish", exitCode: 64) == "usage.invalid-value")
        #expect(try node.failure("changes", "--limit", "0", exitCode: 64) == "usage.invalid-value")
        #expect(try node.failure("history", "ffffffffffff", exitCode: 66) == "store.no-such-record")
    }
}
