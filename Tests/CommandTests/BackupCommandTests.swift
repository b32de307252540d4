import Foundation
import LimnCommands
import Testing

@Suite("limn backup and doctor")
struct BackupCommandTests {
    @Test func aBackupIsMadeCheckedAndRestored() throws {
        let node = try WorkingNode()
        let id = try node.person("name=张伟", "city=上海")
        let path = node.folder + "/backup.limn"
        let made = try node.data("backup", path)
        #expect(Set(["customers", "digest", "origin"]).isSubset(of: made.keys))
        #expect(made["customers"] as? Int == 1)
        #expect(try node.data("backup", "verify", path)["digest"] as? String == made["digest"] as? String)
        node("edit", id, "city=北京")
        let restored = try node.data("backup", "restore", path)
        #expect(restored["origin"] as? String != made["origin"] as? String)
        #expect(try node.value(id, "city") as? String == "上海")
        #expect(try node.data("identity")["origin"] as? String == restored["origin"] as? String)
        #expect(FileManager.default.fileExists(atPath: try #require(restored["aside"] as? String)))
    }

    @Test func refusals() throws {
        let node = try WorkingNode()
        let path = try node.file("a.txt", "no backup")
        #expect(try node.failure("backup", path, exitCode: 73) == "store.file-exists")
        #expect(try node.failure("backup", "verify", path, exitCode: 65) == "store.not-a-backup")
        #expect(try node.failure("backup", "verify", path + "x", exitCode: 66) == "store.no-such-file")
        #expect(try node.failure("backup", "restore", path, exitCode: 65) == "store.not-a-backup")
        #expect(try node.failure("backup", exitCode: 64) == "usage.missing-argument")
    }

    @Test func aHealthyNodeHasNoFindings() throws {
        let node = try WorkingNode()
        let result = node("doctor", "--json")
        let checks = try #require((try result.document()["data"] as? [String: Any])?["checks"] as? [[String: Any]])
        #expect(checks.count > 5)
        for check in checks {
            #expect(Set(check.keys) == ["name", "ok", "detail", "hint"])
            if check["ok"] as? Bool == true { #expect(check["hint"] is NSNull) }
        }
        #expect(node("doctor", "--lang", "zh").output.contains("数据库完好"))
    }

    @Test func aStoreThatOthersReadIsAFinding() throws {
        let node = try WorkingNode()
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: node.home + "/limn.sqlite")
        let result = node("doctor")
        #expect(result.exitCode == 1)
        #expect(result.output.contains("problem Other users of this machine can read the store (mode 644)."))
        #expect(result.output.contains("hint: Run chmod 600"))
    }
}
