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
            "advice", "todo", "schedule", "hook",
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

    @Test func aSegmentIsShownAndWhatIsWrongWithOneIsSaid() throws {
        _ = try added()
        let edits = ["party.party.segment.north.expression=city = 北京", "party.party.score.completeness.remote=full"]
        let changed = try #require(try node.data("crm", "map", "tryton", "--set", edits[0], edits[1])["mapping"] as? String)
        #expect(changed.contains("segment\tnorth\tnorth\tcity = 北京\tboolean\n") && changed.contains("score\tcompleteness\tfull\tnumber\n"))
        let wrong = "party.party.segment.north.expression=ctiy = 北京"
        #expect(try node.failure("crm", "map", "tryton", "--set", wrong, exitCode: 65) == "crm.segment-expression")
        #expect(node("crm", "map", "tryton", "--set", wrong, "--lang", "en").error.hasPrefix(
            "error: The segment north of party.party is no expression. There is no field ctiy (column 1). Did you mean city?"))
    }

    @Test func wrongNamesAreToldApart() throws {
        #expect(try node.failure("crm", "add", "nosuch", "--url", "https://x.example", "--token-file", token, exitCode: 64) == "crm.unknown-system")
        #expect(try node.failure("crm", "add", "rest", "--url", "https://x.example", "--token-file", token, exitCode: 64) == "crm.mapping-needed")
        #expect(try node.failure("crm", "add", "tryton", "--url", "http://erp.example.com", "--token-file", token, exitCode: 77) == "http.plain-text-refused")
        #expect(try node.failure("crm", "add", "tryton", "--name", "a:b", "--url", "https://x.example", "--token-file", token, exitCode: 64) == "crm.bad-name")
        for name in ["phone", "email"] {
            let code = try node.failure("crm", "add", "tryton", "--name", name, "--url", "https://x.example", "--token-file", token, exitCode: 64)
            #expect(code == "crm.searched-name")
        }
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

    @Test func roundsAreScheduled() throws {
        _ = try added()
        #expect(try node.data("crm", "schedule", "tryton")["schedule"] is NSNull)
        let data = try #require(try node.data("crm", "schedule", "tryton", "*/5 * * * *")["schedule"] as? [String: Any])
        #expect(Set(data.keys) == ["times", "lastRun", "missed", "error", "next"])
        #expect(data["times"] as? String == "*/5 * * * *" && data["next"] is String)
        #expect(node("crm", "status").output.contains("  at */5 * * * *: last –, next "))
        #expect(node("crm", "list").output.contains("*/5 * * * *"))
        let listed = try #require((try node.data("crm", "list")["connectors"] as? [[String: Any]])?.first)
        #expect((listed["schedule"] as? [String: Any])?["times"] as? String == "*/5 * * * *")
        #expect(try node.failure("crm", "schedule", "tryton", "every day", exitCode: 64) == "rules.cron-fields")
        #expect(try node.failure("crm", "schedule", "nosuch", "@daily", exitCode: 66) == "crm.no-such-connector")
        #expect(try node.data("crm", "schedule", "tryton", "--remove")["schedule"] is NSNull)
        #expect(try node.failure("crm", "schedule", "tryton", "--remove", exitCode: 66) == "crm.no-schedule")
        #expect(try node.data("clean", "schedule")["schedules"] as? [String] == [])
    }

    @Test func whatASystemIsToldOfMessagesIsShownHereAlone() throws {
        _ = try added()
        let path = try node.data("crm", "hook", "tryton"), address = try #require(path["address"] as? String)
        #expect(path["isWhole"] as? Bool == false && path["proof"] as? String == "address-token" && address.hasPrefix("/hooks/tryton?token="))
        let secret = String(address.dropFirst("/hooks/tryton?token=".count))
        #expect(secret.count == 32)
        let whole = node("crm", "hook", "tryton", "--url", "https://crm.example.com/hooks/tryton")
        #expect(whole.output == "https://crm.example.com/hooks/tryton?token=\(secret)\n")
        for shown in [["crm", "list"], ["crm", "list", "--json"], ["crm", "status", "--json"], ["crm", "status"], ["log", "--json"], ["doctor"]] {
            let result = node.run(shown)
            for text in [secret, "hush"] { #expect(!result.output.contains(text) && !result.error.contains(text), "\(shown)") }
        }
        #expect(try node.failure("crm", "hook", "tryton", "--url", "crm.example.com", exitCode: 64) == "http.bad-url")
        #expect(node("crm", "hook", "tryton", "--remove").exitCode == 0)
        try node.data("crm", "add", "jiandaoyun", "--url", "https://api.example.com", "--token-file", token)
        #expect(try node.failure("crm", "hook", "jiandaoyun", exitCode: 78) == "crm.no-hook-secret")
        #expect(try node.data("crm", "hook", "jiandaoyun", "--secret-file", token)["proof"] as? String == "jiandaoyun-sha1")
    }

    @Test func aKeyFileThatOthersCanReadIsRefused() throws {
        _ = try added()
        let keys = node.home + "/limn.keys"
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: keys)
        #expect(try node.failure("crm", "sync", exitCode: 77) == "security.keys-open")
        #expect(node("crm", "status").output.contains("chmod 600") || node("crm", "status").output.contains(keys))
        try FileManager.default.removeItem(atPath: keys)
        #expect(try node.failure("crm", "sync", exitCode: 78) == "crm.no-secret")
        #expect(node("crm", "status").output.contains("limn crm takeover tryton --token-file"))
        try node.data("crm", "takeover", "tryton", "--token-file", token)
        #expect(try node.failure("crm", "sync", exitCode: 69) == "http.unreachable")
    }
}
