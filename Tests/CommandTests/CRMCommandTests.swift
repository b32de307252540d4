import Foundation
import LimnCommands
import Testing

@Suite("limn crm")
struct CRMCommandTests {
    private let node: WorkingNode
    private let token: String

    init() throws {
        node = try WorkingNode()
        token = try node.file("token", "hush\n")
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: token)
    }

    private func added() throws -> [String: Any] {
        try node.data("crm", "add", "tryton", "--url", "http://127.0.0.1:1/crm", "--token-file", token)
    }

    @Test func aSystemIsRecordedWithoutConnecting() throws {
        let data = try added()
        #expect(Set(data.keys) == ["name", "system", "url", "owner", "mapping"])
        #expect(data["name"] as? String == "tryton")
        #expect(data["owner"] as? String == "laptop")
        let listed = node("crm", "list")
        #expect(listed.output.contains("http://127.0.0.1:1/crm"))
        #expect(!node("crm", "list", "--json").output.contains("hush"))
        let status = try #require((try node.data("crm", "status")["connectors"] as? [[String: Any]])?.first)
        #expect(Set(status.keys) == [
            "name", "system", "url", "owner", "isOwner", "records", "waiting", "deadLetters", "conflicts", "lastPull", "lastPush", "suspendedUntil", "error",
            "advice", "todo",
        ])
        #expect(status["advice"] as? String == "sync-first")
        #expect(node("crm", "status", "--lang", "zh").output == "tryton: 从未读取：limn crm sync tryton。\n")
    }

    @Test func whatCannotBeReachedIsSaidAndKept() throws {
        _ = try added()
        #expect(try node.failure("crm", "sync", exitCode: 69) == "http.unreachable")
        let status = try #require((try node.data("crm", "status")["connectors"] as? [[String: Any]])?.first)
        #expect(status["error"] as? String == "http.unreachable")
        #expect(status["advice"] as? String == "look-at-error")
    }

    @Test func aMappingIsShownAndChanged() throws {
        _ = try added()
        let standard = try #require(try node.data("crm", "map", "tryton")["mapping"] as? String)
        #expect(standard.contains("field\tcity\taddresses[0].city\tboth\tclear\ttext\tmanual\n"))
        let changed = try #require(try node.data("crm", "map", "tryton", "--set", "party.party.city.direction=in")["mapping"] as? String)
        #expect(changed.contains("field\tcity\taddresses[0].city\tin\tclear\ttext\tmanual\n"))
        #expect(try node.failure("crm", "map", "tryton", "--set", "party.party.city.direction=up", exitCode: 64) == "crm.mapping-edit")
        let file = try node.file("map.tsv", "object\tparty.party\torganization\nfield\tno_such_field\tname\n")
        #expect(try node.failure("crm", "map", "tryton", "--file", file, exitCode: 64) == "node.unknown-field")
        #expect(try node.failure("crm", "map", "tryton", "--file", node.file("bad.tsv", "hello\n"), exitCode: 65) == "crm.mapping-line")
    }

    @Test func wrongNamesAreToldApart() throws {
        #expect(try node.failure("crm", "add", "nosuch", "--url", "https://x.example", "--token-file", token, exitCode: 64) == "crm.unknown-system")
        #expect(try node.failure("crm", "add", "rest", "--url", "https://x.example", "--token-file", token, exitCode: 64) == "crm.mapping-needed")
        #expect(try node.failure("crm", "add", "tryton", "--url", "http://erp.example.com", "--token-file", token, exitCode: 77) == "http.plain-text-refused")
        #expect(try node.failure("crm", "add", "tryton", "--name", "a:b", "--url", "https://x.example", "--token-file", token, exitCode: 64) == "crm.bad-name")
        #expect(try node.failure("crm", "sync", exitCode: 66) == "crm.no-connectors")
        #expect(try node.failure("crm", "pull", "nosuch", exitCode: 66) == "crm.no-such-connector")
        #expect(try node.failure("crm", "dead-letters", "retry", exitCode: 64) == "usage.missing-argument")
        #expect(try node.failure("crm", "dead-letters", "discard", "7", exitCode: 66) == "crm.no-such-letter")
    }

    @Test func aSystemIsRemovedAndTakenOver() throws {
        _ = try added()
        #expect(try node.data("crm", "takeover", "tryton")["owner"] as? String == "laptop")
        #expect(try node.data("crm", "dead-letters")["letters"] as? [String] == [])
        #expect(node("crm", "remove", "tryton").exitCode == 0)
        #expect(try node.failure("crm", "map", "tryton", exitCode: 66) == "crm.no-such-connector")
        #expect(node("crm", "list").error.contains("limn crm add"))
    }
}
