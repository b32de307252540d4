import Foundation
import LimnCommands
import Testing

@Suite("limn show")
struct ShowCommandTests {
    @Test func theDocumentHasEveryKey() throws {
        let node = try WorkingNode()
        let id = try node.person("name=张伟", "phone=13800138000", "revenue=100 CNY".replacingOccurrences(of: "revenue", with: "income"))
        let data = try node.data("show", id)
        #expect(
            Set(["id", "kind", "code", "scope", "deleted", "members", "fields", "tags", "relations", "events", "timeline", "conflicts"])
                .isSubset(of: data.keys))
        #expect(data["code"] is NSNull)
        #expect(data["members"] as? [String] == [id])
        #expect(data["relations"] as? [String] == [])
        #expect(data["conflicts"] as? [String] == [])
        let fields = try #require(data["fields"] as? [String: [String: Any]])
        #expect(Set(fields.keys) == ["name", "phone", "income"])
        let name = try #require(fields["name"])
        #expect(Set(name.keys) == ["value", "at", "node", "author", "source", "conflict"])
        #expect(name["node"] as? String == "laptop")
        #expect(name["author"] as? String == "An Na")
        #expect(name["source"] is NSNull)
        #expect(name["conflict"] as? Bool == false)
        #expect((name["at"] as? String)?.hasSuffix("Z") == true)
        #expect(fields["phone"]?["value"] is [String])
        #expect(fields["income"]?["value"] as? String == "100 CNY")
        let events = try #require(data["events"] as? [String: Any])
        #expect(events["count"] as? Int == 0)
        #expect(events["first"] is NSNull && events["last"] is NSNull)
    }

    @Test func tagsTellWhoPutThemThere() throws {
        let node = try WorkingNode()
        let id = try node.person("name=Li")
        try node.data("tag", "add", id, "VIP")
        let tags = try #require(try node.data("show", id)["tags"] as? [[String: Any]])
        #expect(tags.count == 1)
        #expect(Set(tags[0].keys) == ["tag", "by", "why"])
        #expect(tags[0]["by"] as? String == "manual")
    }

    @Test func thePageSpeaksTheReadersLanguage() throws {
        let node = try WorkingNode()
        let id = try node.person("name=张伟", "gender=男", "city=上海")
        try node.data("note", id, "需要报价", "--next", "2030-03-09", "发送报价")
        let chinese = node("show", id, "--lang", "zh").output
        for text in ["张伟 · 个人", "基本信息", "性别  男", "未完成任务", "发送报价", "事件（1）", "拜访  需要报价"] {
            #expect(chinese.contains(text), "\(text) in \(chinese)")
        }
        let english = node("show", id).output
        for text in ["张伟 · person", "Identity", "Gender  male", "Open tasks", "Events (1)", "visit  需要报价"] {
            #expect(english.contains(text), "\(text) in \(english)")
        }
    }

    @Test func aNoteHasItsLines() throws {
        let node = try WorkingNode()
        let id = try node.person("name=张伟", "note=喜欢茶\r\n- 绿茶\n\n周五再打")
        let page = node("show", id).output, indent = String(repeating: " ", count: 6)
        #expect(page.contains("Note  喜欢茶\n\(indent)- 绿茶\n\(indent)\n\(indent)周五再打\n"), "\(page)")
        #expect(node("brief", id).output.contains("- 绿茶\n"))
        // What is one line everywhere stays one.
        try node.data("edit", id, "address=南京路1号\n3楼")
        #expect(node("show", id).output.contains("南京路1号 3楼\n"))
    }

    @Test func aConflictIsMarked() throws {
        let node = try WorkingNode()
        let first = try node.file("a.csv", "external_id,name,city\n1,Li,上海\n")
        try node.data("import", first, "--source", "erp")
        try node.data("edit", "erp:1", "city=北京")
        try node.data("import", node.file("b.csv", "external_id,name,city\n1,Li,广州\n"), "--source", "erp")
        let data = try node.data("show", "erp:1")
        let fields = try #require(data["fields"] as? [String: [String: Any]])
        #expect(fields["city"]?["conflict"] as? Bool == true)
        let conflict = try #require((data["conflicts"] as? [[String: Any]])?.first)
        #expect(conflict["field"] as? String == "city")
        #expect((conflict["candidates"] as? [[String: Any]])?.count == 2)
        #expect(node("show", "erp:1").output.contains("⚠"))
    }

    @Test func theTimelineIsAsLongAsAskedFor() throws {
        let node = try WorkingNode()
        let id = try node.person("name=Li")
        for day in 1...3 { try node.data("note", id, "note \(day)", "--at", "2026-01-0\(day)") }
        let data = try node.data("show", id, "--events", "2")
        let timeline = try #require(data["timeline"] as? [[String: Any]])
        #expect(timeline.map { ($0["attributes"] as? [String: String])?["text"] } == ["note 3", "note 2"])
        #expect((data["events"] as? [String: Any])?["count"] as? Int == 3)
        #expect(node("show", id, "--events", "2").output.contains("and 1 earlier"))
        #expect(node("show", id, "--events=-1").exitCode == 64)
    }
}
