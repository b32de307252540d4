internal import ArgumentParser
internal import Messages
internal import NodeOperations

/// `limn affiliate`: says that a person belongs to an organization, and what the person decides there.
struct AffiliateCommand: NodeCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "affiliate", abstract: Catalogue.text("help.affiliate"), discussion: Catalogue.text("help.affiliate.discussion"))
    }

    @Argument(help: .text("help.affiliate.person")) var person: String
    @Argument(help: .text("help.affiliate.organization")) var organization: String
    @Option(help: .text("help.affiliate.role", value: "role")) var role: String?
    @Option(help: .text("help.affiliate.title", value: "text")) var title: String?
    @Flag(help: .text("help.affiliate.end")) var end = false

    func run(in invocation: Invocation) throws -> CommandOutcome {
        if end, role != nil || title != nil { throw UsageError.exclusive(first: "--end", second: role != nil ? "--role" : "--title") }
        let node = try invocation.openNode()
        let outcome = try end
            ? node.endAffiliation(of: person, with: organization) : node.affiliate(person, with: organization, role: role, title: title)
        return CommandOutcome(
            "affiliate",
            data: [
                "id": JSONValue(id: outcome.id), "person": JSONValue(id: outcome.person), "organization": JSONValue(id: outcome.organization),
                "decision_role": JSONValue(outcome.role), "title": JSONValue(outcome.title), "ended": .bool(end),
                "operation": JSONValue(id: outcome.operation),
            ],
            talk: ShownText.talk(Catalogue.text(end ? "say.affiliation-ended" : "say.affiliated"), outcome.operation))
    }
}
