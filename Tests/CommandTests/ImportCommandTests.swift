import Foundation
import LimnCommands
import Testing

@Suite("limn import")
struct ImportCommandTests {
    static let keys: Set<String> = ["rows", "created", "updated", "unchanged", "rejected", "flagged", "waiting", "seconds", "operation"]

    func counts(_ data: [String: Any]) -> [Int?] {
        ["rows", "created", "updated", "unchanged", "rejected", "flagged", "waiting"].map { data[$0] as? Int }
    }

    @Test func aTableWithAMarkAndChineseTitles() throws {
        let node = try WorkingNode()
        let path = try node.file("customers.csv", "\u{FEFF}external_id,姓名,手机,城市,tags,备用\n1,张伟,13800138000,上海,VIP;老客户,x\n2,李娜,13900139000,北京,,y\n")
        let data = try node.data("import", path, "--source", "erp")
        #expect(Self.keys.isSubset(of: data.keys))
        #expect(counts(data) == [2, 2, 0, 0, 0, 0, 0])
        #expect(data["operation"] is String)
        #expect(data["ignored"] as? [String] == ["备用"])
        let shown = try node.data("show", "erp:1")
        let fields = try #require(shown["fields"] as? [String: [String: Any]])
        #expect(fields["name"]?["value"] as? String == "张伟")
        #expect(fields["name"]?["source"] as? String == "erp")
        #expect((fields["phone"]?["value"] as? [String])?.count == 1)
        #expect(Set((shown["tags"] as? [[String: Any]] ?? []).compactMap { $0["tag"] as? String }) == ["VIP", "老客户"])
    }

    @Test func importingAgainChangesNothing() throws {
        let node = try WorkingNode()
        let path = try node.file("c.csv", "name,phone\nLi,13800138000\nWu,13900139000\n")
        try node.data("import", path)
        let second = try node.data("import", path)
        #expect(counts(second) == [2, 0, 0, 2, 0, 0, 0])
        #expect(second["operation"] is NSNull)
    }

    @Test func gb18030() throws {
        let node = try WorkingNode()
        let encoding = String.Encoding(rawValue: 0x8000_0632)
        guard let bytes = "external_id,姓名,城市\n7,欧阳娜娜,深圳\n8,王小明,广州\n".data(using: encoding) else { return }
        let path = try node.file("old.csv", bytes)
        try node.data("import", path, "--source", "crm", "--encoding", "gbk")
        #expect(try node.value("crm:7", "name") as? String == "欧阳娜娜")
        #expect(try node.failure("import", path, "--encoding", "ebcdic", exitCode: 64) == "exchange.encoding-unknown")
    }

    @Test func rejectedRowsAreNamedAndKept() throws {
        let node = try WorkingNode()
        let path = try node.file("c.csv", "external_id,name,city\n1,Li,上海\n2,Wu\n3,Sun,北京\n")
        let rejects = node.folder + "/rejects.csv"
        let result = node("import", path, "--source", "erp", "--rejects", rejects)
        #expect(result.exitCode == 0)
        #expect(result.output.contains("line 3: "))
        #expect(result.output.contains("Rejected"))
        #expect(result.error.contains("limn undo"))
        #expect(try String(contentsOfFile: rejects, encoding: .utf8).contains("exchange.row-width"))
        #expect(node("import", path, "--source", "erp", "--lang", "zh").output.contains("第 3 行："))
    }

    @Test func strictTakesNothingInWhereARowIsRejected() throws {
        let node = try WorkingNode()
        let path = try node.file("c.csv", "external_id,name\n1,Li\n2\n")
        let data = try node.data("import", path, "--source", "erp", "--strict", exitCode: 65)
        #expect(counts(data) == [2, 0, 0, 1, 1, 0, 0])
        #expect(try node.failure("show", "erp:1", exitCode: 66) == "store.no-such-record")
        let text = node("import", path, "--source", "erp", "--strict")
        #expect(text.exitCode == 65)
        #expect(text.error.contains("Nothing was taken in"))
    }

    @Test func aDryRunWritesNothing() throws {
        let node = try WorkingNode()
        let path = try node.file("c.csv", "external_id,name\n1,Li\n")
        let data = try node.data("import", path, "--source", "erp", "--dry-run")
        #expect(counts(data) == [1, 1, 0, 0, 0, 0, 0])
        #expect(data["operation"] is NSNull)
        #expect(try node.failure("show", "erp:1", exitCode: 66) == "store.no-such-record")
    }

    @Test func aDoubtfulValueGoesToReviewAndTheRowGoesIn() throws {
        let node = try WorkingNode()
        let path = try node.file("c.csv", "external_id,name,birth_date\n1,Li,32.13.1990\n")
        let data = try node.data("import", path, "--source", "erp")
        #expect(counts(data) == [1, 1, 0, 0, 0, 1, 0])
        #expect(try node.value("erp:1", "name") as? String == "Li")
        #expect(try node.value("erp:1", "birth_date") == nil)
    }

    @Test func standardInputIsATable() throws {
        let node = try WorkingNode()
        let data = try node.data("import", "-", "--source", "erp", input: CannedSource("{\"external_id\":\"1\",\"name\":\"Li\"}\n"))
        #expect(counts(data) == [1, 1, 0, 0, 0, 0, 0])
        let strict = try node.data("import", "-", "--source", "erp", "--strict", input: CannedSource("external_id,name\n2,Wu\n"))
        #expect(strict["created"] as? Int == 1)
    }

    @Test func columnsAreMappedAndAdded() throws {
        let node = try WorkingNode()
        let path = try node.file("c.csv", "nr,who,预算\n1,Li,100\n")
        let map = try node.file("map.json", "{\"nr\":\"external_id\",\"who\":\"name\"}")
        let data = try node.data("import", path, "--source", "erp", "--map", map, "--add-fields")
        #expect(data["added_fields"] as? [String] == ["预算"])
        #expect(try node.value("erp:1", "name") as? String == "Li")
        #expect(try node.value("erp:1", "预算") as? String == "100")
        let broken = try node.file("broken.json", "[1]")
        #expect(try node.failure("import", path, "--map", broken, exitCode: 65) == "general.map-malformed")
        #expect(try node.failure("import", path, "--map", node.folder + "/none", exitCode: 66) == "general.file-not-read")
    }

    @Test func rowsAreKeyedByColumns() throws {
        let node = try WorkingNode()
        let first = try node.file("a.csv", "name,phone,city\nLi,13800138000,上海\n")
        let second = try node.file("b.csv", "name,phone,city\nLi,13800138000,北京\n")
        try node.data("import", first, "--source", "s", "--key", "phone")
        #expect(counts(try node.data("import", second, "--source", "s", "--key", "phone")) == [1, 0, 1, 0, 0, 0, 0])
        #expect(try node.failure("import", first, "--key", "fax", exitCode: 64) == "node.no-such-column")
    }

    @Test func eventsWaitForTheirCustomer() throws {
        let node = try WorkingNode()
        let events = try node.file(
            "orders.csv", "external_id,customer,type,time,amount,currency,product\no1,erp:1,order,2026-01-05,1200.50,CNY,Pump\no2,erp:1,order,2026-02-05,300,CNY,Valve\n")
        let data = try node.data("import", events, "--kind", "event", "--source", "erp")
        #expect(counts(data) == [2, 2, 0, 0, 0, 0, 2])
        try node.data("import", node.file("c.csv", "external_id,name\n1,Li\n"), "--source", "erp")
        let shown = try #require(try node.data("show", "erp:1")["events"] as? [String: Any])
        #expect(shown["count"] as? Int == 2)
        #expect(shown["first"] as? String == "2026-01-05T00:00:00Z" || (shown["first"] as? String)?.hasPrefix("2026-01-04T16:00:00") == true)
        #expect(counts(try node.data("import", events, "--kind", "event", "--source", "erp"))[3] == 2)
    }

    @Test func aMissingFileIsNamed() throws {
        let node = try WorkingNode()
        #expect(try node.failure("import", "nowhere.csv", exitCode: 66) == "exchange.file-missing")
        #expect(try node.failure("import", node.file("e.csv", ""), exitCode: 65) == "exchange.table-empty")
    }

    @Test func daysOfSpreadsheetsAreCountedAsTheOptionSays() throws {
        let node = try WorkingNode()
        let path = node.folder + "/mac.csv"
        try "external_id,name,birth_date\n1,张伟,30000\n".write(toFile: path, atomically: true, encoding: .utf8)
        let data = try node.data("import", path, "--source", "mac", "--date-system", "1904")
        #expect(String(describing: data).contains("forms.changed.spreadsheet-date-1904"))
        #expect(try String(describing: node.data("show", "mac:1")).contains("1986-02-19"))
        try node.data("import", path, "--source", "windows")
        #expect(try String(describing: node.data("show", "windows:1")).contains("1982-02-18"))
    }
}
