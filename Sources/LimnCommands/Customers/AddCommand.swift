internal import ArgumentParser
internal import Causality
internal import Messages
internal import NodeOperations
internal import ProfileModel

/// `limn add`: makes a customer.
struct AddCommand: NodeCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "add", abstract: Catalogue.text("help.add"), discussion: Catalogue.text("help.add.discussion"))
    }

    enum Kind: String, CaseIterable, ExpressibleByArgument {
        case person, organization

        var rowKind: RowKind { self == .person ? .person : .organization }
    }

    @Argument(help: .text("help.add.kind")) var kind: Kind
    @Argument(help: .text("help.assignments", value: "field=value")) var assignments: [String] = []
    @Option(help: .text("help.add.tag", value: "tag")) var tag: [String] = []
    @Option(help: .text("help.add.scope", value: "scope")) var scope: String?

    func run(in invocation: Invocation) throws -> CommandOutcome {
        let assignments = try assignments.map { try Assignment($0) }
        let (id, code, operation) = try invocation.openNode().add(kind.rowKind, assignments, tags: tag, scope: scope)
        return CommandOutcome(
            "add", data: ["id": JSONValue(id: id), "code": JSONValue(code), "operation": JSONValue(id: operation)],
            talk: ShownText.talk(Catalogue.text("say.added", ["kind": ShownText.kind(kind.rowKind), "record": id.ending]), operation)
        ) { $0.line(id.description) }
    }
}
