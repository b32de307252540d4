internal import ArgumentParser
internal import Causality
internal import Messages
internal import NodeOperations

/// `limn move`: gives a customer another scope, and all that belongs to it.
struct MoveCommand: NodeCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "move", abstract: Catalogue.text("help.move"), discussion: Catalogue.text("help.move.discussion"))
    }

    @Argument(help: .text("help.record")) var records: [String]
    @Option(help: .text("help.move.scope", value: "scope")) var scope: String

    func run(in invocation: Invocation) throws -> CommandOutcome {
        let outcome = try invocation.openNode().move(records, to: scope)
        return outcome.shown("move", Catalogue.text("say.moved", [
            "matched": String(outcome.matched), "changed": String(outcome.changed), "scope": scope,
        ]))
    }
}

/// `limn assign`: gives customers an owner, and another scope where one is named.
struct AssignCommand: NodeCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "assign", abstract: Catalogue.text("help.assign"), discussion: Catalogue.text("help.assign.discussion"))
    }

    @Argument(help: .text("help.record")) var records: [String] = []
    @Option(name: .customLong("where"), help: .text("help.edit.where", value: "expr")) var condition: String?
    @Option(help: .text("help.assign.to", value: "owner")) var to: String
    @Option(help: .text("help.move.scope", value: "scope")) var scope: String?

    func run(in invocation: Invocation) throws -> CommandOutcome {
        if condition != nil, !records.isEmpty { throw UsageError.unexpectedArguments(records.joined(separator: " ")) }
        let node = try invocation.openNode()
        let outcome: EditOutcome
        if let condition {
            let matching = try node.matching(condition), line = invocation.progress(Catalogue.text("label.editing"))
            defer { line.finish() }
            outcome = try node.assign(matching, to: to, scope: scope, command: "assign --where") { line.advance(to: $0, of: matching.count) }
        } else {
            if records.isEmpty { throw UsageError.missingArgument(name: "RECORD") }
            outcome = try node.assign(records, to: to, scope: scope)
        }
        return outcome.shown("assign", Catalogue.text("say.edited", ["matched": String(outcome.matched), "changed": String(outcome.changed)]))
    }
}

extension EditOutcome {
    fileprivate func shown(_ schema: String, _ line: String) -> CommandOutcome {
        CommandOutcome(
            schema, data: ["matched": JSONValue(matched), "changed": JSONValue(changed), "operation": JSONValue(id: operation)],
            talk: takeBackLines(operation)
        ) { $0.line(line) }
    }
}
