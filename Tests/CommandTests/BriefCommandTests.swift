import Foundation
import LimnCommands
import Testing

@Suite("limn brief")
struct BriefCommandTests {
    @Test func onePageBeforeAVisit() throws {
        let node = try WorkingNode()
        try node.data("import", node.file("c.csv", "external_id,name,phone,title\n1,张伟,13800138000,经理\n"), "--source", "erp")
        let orders = "external_id,customer,time,amount,currency,product\na,1,2026-01-05,0.10,CNY,Pump\nb,1,2026-02-05,0.20,CNY,Pump\nc,1,2026-02-06,5,USD,Valve\n"
        try node.data("import", node.file("o.csv", orders), "--kind", "event", "--source", "erp")
        try node.data("note", "erp:1", "Wants a quote", "--type", "call", "--next", "2030-03-09", "Send it")
        let data = try node.data("brief", "erp:1")
        #expect(
            Set(["id", "kind", "code", "name", "scope", "tags", "who", "bought", "affiliations", "contacts", "tasks", "ask", "conflicts"]) == Set(data.keys))
        let bought = try #require(data["bought"] as? [String: Any])
        #expect(bought["orders"] as? Int == 3)
        let totals = try #require(bought["totals"] as? [[String: String]])
        #expect(totals == [["amount": "0.3", "currency": "CNY"], ["amount": "5", "currency": "USD"]])
        #expect((bought["products"] as? [[String: Any]])?.first?["product"] as? String == "Pump")
        #expect((data["contacts"] as? [[String: Any]])?.count == 1)
        #expect((data["tasks"] as? [[String: Any]])?.first?["text"] as? String == "Send it")
        let asked = try #require(data["ask"] as? [String])
        #expect(asked.contains("email") && !asked.contains("phone") && !asked.contains("title"))
        let page = node("brief", "erp:1", "--lang", "zh").output
        for text in ["张伟 · 个人", "购买", "3 个订单", "最近联系", "待了解", "邮箱"] { #expect(page.contains(text), "\(text)") }
    }

    @Test func nothingIsSaidOfNothing() throws {
        let node = try WorkingNode()
        let page = node("brief", try node.person("name=Li")).output
        #expect(page.contains("nothing yet"))
        #expect(try node.failure("brief", "nobody", exitCode: 66) == "store.no-such-record")
    }
}
