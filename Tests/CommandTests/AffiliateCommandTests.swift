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
}
