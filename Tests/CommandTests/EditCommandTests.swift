import Foundation
import LimnCommands
import Testing

@Suite("limn edit")
struct EditCommandTests {
    @Test func changesAField() throws {
        let node = try WorkingNode()
        let id = try node.person("name=Li", "city=上海")
        let data = try node.data("edit", id, "city=北京", "--message", "moved")
        #expect(Set(data.keys) == ["matched", "changed", "operation"])
        #expect(data["matched"] as? Int == 1)
        #expect(data["changed"] as? Int == 1)
        #expect(try node.value(id, "city") as? String == "北京")
        let again = try node.data("edit", id, "city=北京")
        #expect(again["changed"] as? Int == 0)
        #expect(again["operation"] is NSNull)
    }

    @Test func clearsAddsAndRemoves() throws {
        let node = try WorkingNode()
        let id = try node.person("name=Li", "city=上海", "interests=围棋;茶")
        try node.data("edit", id, "city=", "interests+=登山", "interests-=茶")
        #expect(try node.value(id, "city") == nil)
        #expect(Set(try node.value(id, "interests") as? [String] ?? []) == ["围棋", "登山"])
        try node.data("edit", id, "interests=书法")
        #expect(try node.value(id, "interests") as? [String] == ["书法"])
        #expect(try node.failure("edit", id, "city+=x", exitCode: 64) == "node.not-a-set")
    }

    @Test func namesARecordInEveryWay() throws {
        let node = try WorkingNode()
        let id = try node.person("name=Li", "code=C-9")
        try node.data("import", node.file("c.csv", "external_id,name\n5,Wu\n"), "--source", "erp")
        for name in [id, String(id.suffix(8)), "C-9", "erp:5"] {
            #expect(try node.data("edit", name, "city=\(name)")["changed"] as? Int == 1, "\(name)")
        }
        #expect(try node.failure("edit", "nobody", "city=x", exitCode: 66) == "store.no-such-record")
    }

    @Test func aDryRunOnlyCounts() throws {
        let node = try WorkingNode()
        let id = try node.person("name=Li", "city=上海")
        let data = try node.data("edit", id, "city=北京", "--dry-run")
        #expect(data["changed"] as? Int == 1)
        #expect(data["operation"] is NSNull)
        #expect(try node.value(id, "city") as? String == "上海")
    }

    @Test func aTableOfCorrectionsIsTheAuthorsOwn() throws {
        let node = try WorkingNode()
        let id = try node.person("name=Li", "city=上海", "stage=新")
        try node.data("import", node.file("c.csv", "external_id,name,city\n5,Wu,广州\n"), "--source", "erp")
        let byID = try node.file("byid.csv", "id,城市,stage\n\(id),北京,\n")
        let data = try node.data("edit", "--from", byID, "--author", "Zhao")
        #expect(data["matched"] as? Int == 1)
        #expect(data["changed"] as? Int == 1)
        let fields = try #require(try node.data("show", id)["fields"] as? [String: [String: Any]])
        #expect(fields["city"]?["value"] as? String == "北京")
        #expect(fields["city"]?["author"] as? String == "Zhao")
        #expect(fields["city"]?["source"] is NSNull)
        #expect(fields["stage"]?["value"] as? String == "新")
        let byExternalID = try node.file("byext.csv", "external_id,city\n5,\\N\n")
        try node.data("edit", "--from", byExternalID, "--source", "erp")
        #expect(try node.value("erp:5", "city") == nil)
    }

    @Test func correctionsAreAllAppliedOrNone() throws {
        let node = try WorkingNode()
        let id = try node.person("name=Li", "city=上海")
        let path = try node.file("c.csv", "id,city\n\(id),北京\nnobody,广州\n")
        #expect(try node.failure("edit", "--from", path, exitCode: 65) == "node.bad-correction")
        #expect(node("edit", "--from", path).error.contains("Line 3"))
        #expect(try node.value(id, "city") as? String == "上海")
        #expect(try node.failure("edit", "--from", node.file("d.csv", "city\n北京\n"), exitCode: 65) == "node.no-record-column")
        #expect(try node.failure("edit", "--from", node.file("e.csv", "id,ctiy\n\(id),x\n"), exitCode: 64) == "node.unknown-field")
    }

    @Test func aDeletedCustomerIsNotEdited() throws {
        let node = try WorkingNode()
        let id = try node.person("name=Li")
        try node.data("delete", id)
        #expect(try node.failure("edit", id, "city=x", exitCode: 65) == "node.deleted")
        #expect(node("edit", id, "city=x").error.contains("limn restore"))
    }

    @Test func wrongArgumentsAreRefused() throws {
        let node = try WorkingNode()
        #expect(try node.failure("edit", exitCode: 64) == "usage.missing-argument")
        #expect(try node.failure("edit", "12345678", exitCode: 64) == "usage.missing-argument")
        #expect(try node.failure("edit", "--where", "a = b", "--from", "f", exitCode: 64) == "usage.exclusive")
        #expect(try node.failure("edit", "x", "city=y", "--source", "erp", exitCode: 64) == "usage.missing-argument")
    }
}

extension EditCommandTests {
    @Test func everyCustomerThatAnExpressionFindsIsChanged() throws {
        let node = try WorkingNode()
        for city in ["上海", "上海", "北京"] { _ = try node.person("name=Li", "city=\(city)", "income=100 CNY") }
        #expect(try node.data("edit", "--where", "city = 上海", "stage=老", "--dry-run")["matched"] as? Int == 2)
        let data = try node.data("edit", "--where", "city = 上海 and income >= 100", "stage=老")
        #expect(data["changed"] as? Int == 2)
        #expect(data["operation"] is String)
        #expect(try node.data("edit", "--where", "city = 上海", "stage=老")["changed"] as? Int == 0)
        #expect(try node.failure("edit", "--where", "ctiy = 上海", "stage=老", exitCode: 64) == "rules.unknown-field")
        #expect(node("export", "stage = 老").output.split(separator: "\n").count == 2)
    }
}
