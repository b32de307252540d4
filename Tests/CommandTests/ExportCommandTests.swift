import Foundation
import LimnCommands
import Testing

@Suite("limn export")
struct ExportCommandTests {
    func rows(_ text: String) throws -> [[String: Any]] {
        try text.split(separator: "\n").map { try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]) }
    }

    @Test func oneObjectACustomer() throws {
        let node = try WorkingNode()
        try node.data("import", node.file("c.csv", "external_id,name,phone,tags\n1,Li,13800138000,VIP\n2,Wu,,\n"), "--source", "erp")
        let id = try node.person("name=Sun", "code=C-1")
        try node.data("delete", "erp:2")
        let result = node("export", "--format", "jsonl", "--json")
        #expect(result.exitCode == 0)
        let rows = try rows(result.output)
        #expect(rows.count == 2)
        #expect(rows.compactMap { $0["id"] as? String } == rows.compactMap { $0["id"] as? String }.sorted())
        let li = try #require(rows.first { $0["name"] as? String == "Li" })
        #expect(Set(["id", "kind", "code", "scope", "members", "external_ids", "tags", "name", "phone", "city"]).isSubset(of: li.keys))
        #expect(li["external_ids"] as? [String] == ["erp:1"])
        #expect(li["tags"] as? [String] == ["VIP"])
        #expect((li["phone"] as? [String])?.count == 1)
        #expect(li["city"] is NSNull)
        #expect(rows.first { $0["code"] as? String == "C-1" }?["id"] as? String == id)
    }

    @Test func linkedRecordsStandOnce() throws {
        let node = try WorkingNode()
        let table = "external_id,name,city\n1,Li,\n2,Li Na,上海\n3,Wu,\n"
        try node.data("import", node.file("c.csv", table), "--source", "erp")
        guard node("merge", "erp:1", "erp:2").exitCode == 0 else { return }
        let rows = try rows(node("export").output)
        #expect(rows.count == 2)
        let linked = try #require(rows.first { ($0["members"] as? [String])?.count == 2 })
        #expect(Set(linked["external_ids"] as? [String] ?? []) == ["erp:1", "erp:2"])
        #expect(linked["city"] as? String == "上海")
    }

    @Test func morePagesThanOne() throws {
        let node = try WorkingNode()
        let table = "external_id,name\n" + (1...1_203).map { "\($0),N\($0)\n" }.joined()
        try node.data("import", node.file("c.csv", table), "--source", "erp")
        let rows = try rows(node("export").output)
        #expect(rows.count == 1_203)
        #expect(Set(rows.compactMap { $0["name"] as? String }).count == 1_203)
    }

    @Test func csvHasNoEmptyColumnsAndNoFormulas() throws {
        let node = try WorkingNode()
        _ = try node.person("name==SUM(A1)", "interests=茶;围棋", "city=上海")
        let path = node.folder + "/out.csv"
        let data = try node.data("export", "--format", "csv", "--output", path)
        #expect(data["customers"] as? Int == 1)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        #expect(bytes.prefix(3) == Data([0xEF, 0xBB, 0xBF]))
        let text = String(decoding: bytes.dropFirst(3), as: UTF8.self)
        #expect(text.hasPrefix("id,kind,code,scope,members,external_ids,tags,"))
        #expect(!text.contains("postcode"))
        #expect(text.contains("'=SUM(A1)"))
        #expect(text.contains("茶;围棋") || text.contains("围棋;茶"))
        let raw = node("export", "--format", "csv").output
        #expect(raw.hasPrefix("id,kind"))
        #expect(!raw.contains("\r"))
    }

    @Test func aSpreadsheetIsAZipFile() throws {
        let node = try WorkingNode()
        _ = try node.person("name=Li")
        let path = node.folder + "/out.xlsx"
        #expect(node("export", "--format", "xlsx", "-o", path).exitCode == 0)
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)).prefix(2) == Data("PK".utf8))
        #expect(try node.failure("export", "--format", "pdf", exitCode: 64) == "usage.invalid-value")
        #expect(try node.failure("export", "--output", node.folder + "/no/such/x.jsonl", exitCode: 73) == "exchange.file-uncreatable")
    }
}
