import Foundation
import LimnCommands
import Testing

@Suite("limn clean")
struct CleanCommandTests {
    static func node() throws -> WorkingNode {
        let node = try WorkingNode()
        let table = try node.file("a.csv", "external_id,name,national_id,postcode,birth_date\n1,张伟,11010519491231002X,518000,\n2,李雷,,,1820-01-01\n")
        try #require(node("import", table, "--source", "crm", "--kind", "person").exitCode == 0)
        return node
    }

    @Test func gapsAreFilledAndMarked() throws {
        let node = try Self.node()
        let rehearsal = try node.data("clean", "--dry-run")
        #expect(rehearsal["operation"] is NSNull && rehearsal["customers"] as? Int == 2)
        let done = try node.data("clean")
        #expect(Set(done.keys) == ["customers", "filled", "flagged", "mended", "settled", "operation"])
        #expect(done["operation"] is String)
        let filled = try #require(done["filled"] as? [[String: Any]])
        #expect(filled.contains { $0["field"] as? String == "city" && $0["from"] as? String == "postcode" && $0["count"] as? Int == 1 })
        let fields = try #require(try node.data("show", "crm:1")["fields"] as? [String: [String: Any]])
        #expect(fields["gender"]?["value"] as? String == "female" && fields["gender"]?["source"] as? String == "inferred:identity")
        #expect(node("show", "crm:1").output.contains("(inferred from identity number)"))
        #expect(node("show", "crm:1", "--lang", "zh").output.contains("（据邮编推断）"))
        #expect(node("history", "crm:1").output.contains("(taken from “518000”)"))
        #expect(node("clean", "--lang", "zh").output.contains("补全的值"))
    }

    @Test func rulesAndPresetsAreChosenByName() throws {
        let node = try Self.node()
        let filled = try #require(try node.data("clean", "--rule", "place", "--dry-run")["filled"] as? [[String: Any]])
        #expect(Set(filled.compactMap { $0["from"] as? String }) == ["postcode"])
        #expect((try node.data("clean", "run", "--preset", "check", "--dry-run")["filled"] as? [Any])?.isEmpty == true)
        #expect(try node.failure("clean", "--rule", "plase", exitCode: 64) == "clean.unknown-rule")
        #expect(node("clean", "--rule", "plase").error.contains("place"))
        #expect(try node.failure("clean", "--preset", "all", exitCode: 64) == "clean.unknown-preset")
        #expect(try node.failure("clean", "--preset", "fill", "--rule", "place", exitCode: 64) == "usage.exclusive")
    }

    @Test func codesAreMadeByAPattern() throws {
        let node = try Self.node()
        let done = try node.data("clean", "codes", "--person-pattern", "{initials}-{id:8}")
        #expect(Set(done.keys) == ["customers", "made", "lengthened", "unnamed", "operation"] && done["made"] as? Int == 2)
        #expect((try node.value("crm:1", "code") as? String)?.hasPrefix("ZW-") == true)
        #expect(try node.failure("clean", "codes", "--pattern", "{surname}", exitCode: 64) == "codes.unknown-part")
        #expect(try node.failure("clean", "codes", "--pattern", "a b", exitCode: 64) == "codes.bad-character")
    }

    @Test func whatIsAskedIsDecidedByRule() throws {
        let node = try Self.node()
        try node.data("clean")
        #expect(try node.data("review", "reject", "--reason", "quarantine", "--dry-run")["done"] as? Int == 2)
        let done = try node.data("review", "reject", "--reason", "quarantine")
        #expect(done["done"] as? Int == 2 && done["matched"] as? Int == 2 && done["operation"] is String)
        #expect(try node.data("review", "accept", "--all")["skipped"] as? Int == 1)
        #expect(try node.failure("review", "accept", exitCode: 64) == "usage.missing-argument")
        #expect(try node.failure("review", "reject", "abc", "--all", exitCode: 64) == "usage.unexpected-arguments")
        #expect(try node.failure("review", "reject", "--field", "brith", exitCode: 64) == "node.unknown-field")
    }

    @Test func qualityTellsMoreThanCompleteness() throws {
        let node = try Self.node()
        try node.data("clean")
        let quality = try node.data("quality")
        let keys: Set = [
            "records", "completeness", "overall", "bySource", "byMonth", "validity", "freshness", "quarantined", "waiting", "trend", "disagreements",
            "duplicates",
        ]
        #expect(Set(quality.keys) == keys)
        #expect(quality["quarantined"] as? Int == 2)
        #expect(try node.data("find", "quarantined = true")["total"] as? Int == 2)
        #expect(try node.data("find", "隔离 = true and name is empty")["total"] as? Int == 0)
        #expect(quality["duplicates"] as? [String: Int] == ["linked": 0, "waiting": 0])
        #expect((quality["waiting"] as? [String: Int])?["quality.impossible-age"] == 1)
        #expect((quality["trend"] as? [[String: Any]])?.count == 1)
        #expect((quality["validity"] as? [String: Double])?["region"] == 1)
        let table = try node.file("b.csv", "external_id,name,birth_date,region\n3,韩梅,soon,月球\n")
        node("import", table, "--source", "crm", "--kind", "person")
        let validity = try #require(try node.data("quality")["validity"] as? [String: Double])
        #expect(validity["region"] == 0.5 && abs((validity["birth_date"] ?? 0) - 2.0 / 3) < 0.001)
        #expect(node("quality", "--lang", "zh").output.contains("隔离中"))
    }
}
