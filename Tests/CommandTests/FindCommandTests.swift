import Foundation
import LimnCommands
import Testing

@Suite("limn find and limn explain")
struct FindCommandTests {
    func node() throws -> WorkingNode {
        let node = try WorkingNode()
        let table = "external_id,name,phone,city,tags\n1,张伟,13800138000,上海,VIP\n2,李娜,13900139000,北京,\n3,张娜,13700137000,上海,\n"
        try node.data("import", node.file("c.csv", table), "--source", "erp")
        return node
    }

    func names(_ data: [String: Any]) -> Set<String> {
        Set((data["rows"] as? [[String: Any]] ?? []).compactMap { $0["name"] as? String })
    }

    @Test func wordsFindNamesPhonesAndPinyin() throws {
        let node = try node()
        #expect(names(try node.data("find", "张")) == ["张伟", "张娜"])
        #expect(names(try node.data("find", "zhangwei")) == ["张伟"])
        #expect(names(try node.data("find", "zw")) == ["张伟"])
        #expect(names(try node.data("find", "13900139000")) == ["李娜"])
        #expect(names(try node.data("find")) == ["张伟", "李娜", "张娜"])
    }

    @Test func anExpressionFindsWhatSatisfiesIt() throws {
        let node = try node()
        let data = try node.data("find", "city = 上海 and not tag(\"VIP\")")
        #expect(Set(data.keys) == ["rows", "total", "next"])
        #expect(names(data) == ["张娜"])
        #expect(data["total"] as? Int == 1)
        #expect(data["next"] is NSNull)
        let row = try #require((data["rows"] as? [[String: Any]])?.first)
        #expect(Set(["id", "kind", "code", "scope", "why", "name"]).isSubset(of: row.keys))
        #expect((row["why"] as? [String])?.isEmpty == false)
    }

    @Test func pagesFollowOneAnother() throws {
        let node = try node()
        var seen: Set<String> = [], cursor: String?, pages = 0
        repeat {
            let data = try cursor.map { try node.data("find", "--limit", "2", "--after", $0) } ?? node.data("find", "--limit", "2")
            #expect(data["total"] as? Int == 3)
            seen.formUnion(names(data))
            cursor = data["next"] as? String
            pages += 1
        } while cursor != nil && pages < 5
        #expect(seen.count == 3 && pages == 2)
    }

    @Test func columnsAreChosen() throws {
        let node = try node()
        let row = try #require((try node.data("find", "张伟", "--columns", "城市,tags")["rows"] as? [[String: Any]])?.first)
        #expect(row["city"] as? String == "上海")
        #expect(row["tags"] as? [String] == ["VIP"])
        #expect(row["name"] == nil)
        let page = node("find", "张伟", "--lang", "zh").output
        #expect(page.contains("名称") && page.contains("城市"))
        #expect(!page.contains("公司"), "a column that is empty in every row is left out")
        #expect(node("find", "张伟", "--columns", "company", "--lang", "zh").output.contains("公司"))
        #expect(try node.failure("find", "张伟", "--columns", "ctiy", exitCode: 64) == "node.unknown-field")
        #expect(try node.failure("find", "ctiy = x", exitCode: 64) == "rules.unknown-field")
        #expect(try node.failure("find", "--limit", "0", exitCode: 64) == "usage.invalid-value")
    }

    @Test func whyACustomerMatches() throws {
        let node = try node()
        let data = try node.data("explain", "erp:1", "city = 上海 and tag(\"老\")")
        #expect(Set(data.keys) == ["matches", "because"])
        #expect(data["matches"] as? Bool == false)
        let because = try #require(data["because"] as? [[String: Any]])
        #expect(because.map { $0["holds"] as? Bool } == [true, false])
        #expect(because[0]["actual"] as? [String] == ["上海"])
        #expect(node("explain", "erp:1", "city = 上海", "--lang", "zh").output.contains("客户匹配"))
    }
}
