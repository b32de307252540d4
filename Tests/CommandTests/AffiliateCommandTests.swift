import Foundation
import LimnCommands
import Testing

@Suite("limn affiliate")
struct AffiliateCommandTests {
    @Test func aPersonBelongsToAnOrganizationUntilThatEnds() throws {
        let node = try WorkingNode()
        let person = try node.person("name=王芳")
        let organization = try #require(try node.data("add", "organization", "name=海辰科技")["id"] as? String)
        let made = try node.data("affiliate", person, organization, "--role", "决策者", "--title", "采购总监")
        #expect(Set(made.keys) == ["id", "person", "organization", "decision_role", "title", "ended", "operation"])
        #expect(made["decision_role"] as? String == "decider" && made["title"] as? String == "采购总监" && made["ended"] as? Bool == false)
        let shown = try #require(try node.data("show", organization)["affiliations"] as? [[String: Any]])
        #expect(shown.map { $0["record"] as? String } == [person] && shown[0]["decision_role"] as? String == "decider")
        #expect(try (node.data("brief", person)["affiliations"] as? [[String: Any]])?.count == 1)
        #expect(node("show", organization, "--lang", "zh").output.contains("王芳  决策者  采购总监"))
        #expect(node("history", person).output.contains("affiliation"))
        #expect(try node.data("affiliate", person, organization)["operation"] is NSNull)
        let ended = node("affiliate", "--end", person, organization)
        #expect(ended.error.hasPrefix("The person no longer belongs to the organization.") && ended.error.contains("limn undo "))
        #expect(try (node.data("show", person)["affiliations"] as? [Any])?.isEmpty == true)
        #expect(try node.failure("affiliate", "--end", person, organization, exitCode: 65) == "node.not-affiliated")
        #expect(try node.failure("affiliate", organization, person, exitCode: 65) == "node.not-person-and-organization")
        #expect(try node.failure("affiliate", "--end", person, organization, "--role", "user", exitCode: 64) == "usage.exclusive")
    }

    @Test func twoPeoplesWordsOnAPartAreAConflict() throws {
        let pair = try NodePair()
        let person = try pair.branch.person("name=王芳")
        let organization = try #require(try pair.branch.data("add", "organization", "name=海辰科技")["id"] as? String)
        try pair.meet()
        #expect(pair.branch("affiliate", person, organization, "--role", "采购者").exitCode == 0)
        #expect(pair.laptop("affiliate", person, organization, "--role", "决策者").exitCode == 0)
        try pair.meet()
        for node in [pair.branch, pair.laptop] {
            let conflict = try #require((try node.data("conflicts")["conflicts"] as? [[String: Any]])?.first)
            #expect(Set(conflict.keys) == ["key", "kind", "record", "name", "field", "shown", "candidates"])
            #expect(conflict["field"] as? String == "affiliation.decision_role" && conflict["kind"] as? String == "field")
            #expect(conflict["record"] as? String == person && conflict["name"] as? String == "王芳 · 海辰科技")
            let candidates = try #require(conflict["candidates"] as? [[String: Any]])
            #expect(Set(candidates.compactMap { $0["value"] as? String }) == ["buyer", "decider"])
            #expect(Set(candidates.compactMap { $0["author"] as? String }) == ["An Na", "Bo Wen"])
            #expect(candidates.allSatisfy { $0["record"] as? String == person && $0["other"] as? String == organization })
            #expect(try (node.data("status")["conflicts"] as? Int) == 1)
            #expect(node("conflicts", "--exit-code").exitCode == 1)
        }
        let listed = pair.laptop("conflicts", "--lang", "zh").output
        #expect(listed.contains("王芳 · 海辰科技") && listed.contains("采购者") && listed.contains("决策者") && listed.contains("人与人"))
        let key = try #require((try pair.laptop.data("conflicts")["conflicts"] as? [[String: Any]])?.first?["key"] as? String)
        let shown = pair.laptop("conflicts", "show", key).output
        #expect(shown.contains("An Na @ branch") && shown.contains("Bo Wen @ laptop"))
        #expect(try pair.laptop.failure("conflicts", "resolve", key, "--value", "king", exitCode: 65) == "forms.not-a-choice")
        #expect(try pair.laptop.data("conflicts", "resolve", key, "--value", "buyer")["resolved"] as? Int == 1)
        try pair.meet()
        for node in [pair.branch, pair.laptop] {
            #expect(try node.data("conflicts")["total"] as? Int == 0)
            let affiliation = try #require((try node.data("show", person)["affiliations"] as? [[String: Any]])?.first)
            #expect(affiliation["decision_role"] as? String == "buyer")
        }
        #expect(try pair.branch.failure("conflicts", "show", key, exitCode: 66) == "node.no-such-conflict")
    }
}
