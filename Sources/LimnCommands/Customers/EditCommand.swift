internal import ArgumentParser
internal import Causality
internal import DataExchange
internal import Messages
internal import NodeOperations
internal import ProfileModel

/// `limn edit`: changes one customer, all that an expression finds, or those that a table names.
struct EditCommand: NodeCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "edit", abstract: Catalogue.text("help.edit"), discussion: Catalogue.text("help.edit.discussion"))
    }

    @Argument(help: .text("help.edit.arguments", value: "record|field=value")) var arguments: [String] = []
    @Option(name: .customLong("where"), help: .text("help.edit.where", value: "expr")) var condition: String?
    @Option(help: .text("help.edit.from", value: "file"), completion: .file()) var from: String?
    @Option(help: .text("help.edit.source", value: "name")) var source: String?
    @Option(help: .text("help.encoding", value: "encoding")) var encoding: String?
    @Option(name: .shortAndLong, help: .text("help.edit.message", value: "text")) var message: String?
    @Flag(help: .text("help.edit.dry-run")) var dryRun = false

    func run(in invocation: Invocation) throws -> CommandOutcome {
        if condition != nil, from != nil { throw UsageError.exclusive(first: "--where", second: "--from") }
        let outcome = if let from { try correct(from, invocation) } else { try edit(invocation) }
        return CommandOutcome(
            "edit",
            data: [
                "matched": JSONValue(outcome.matched), "changed": JSONValue(outcome.changed), "operation": JSONValue(id: outcome.operation),
            ],
            talk: takeBackLines(outcome.operation)
        ) { page in
            let code = dryRun ? "say.would-edit" : "say.edited"
            page.line(Catalogue.text(code, ["matched": String(outcome.matched), "changed": String(outcome.changed)]))
        }
    }

    private func correct(_ path: String, _ invocation: Invocation) throws -> EditOutcome {
        if !arguments.isEmpty { throw UsageError.unexpectedArguments(arguments.joined(separator: " ")) }
        return try invocation.openNode().applyCorrections(
            path: path, source: source, encoding: encoding.map { try TextEncoding(named: $0) }, message: message, isDryRun: dryRun,
            standardInput: invocation.replacedInput, describe: { Catalogue.text($0.code, $0.parameters) })
    }

    private func edit(_ invocation: Invocation) throws -> EditOutcome {
        if source != nil { throw UsageError.missingArgument(name: "--from") }
        guard let condition else {
            guard let record = arguments.first else { throw UsageError.missingArgument(name: "RECORD") }
            let assignments = try parsed(arguments.dropFirst())
            let node = try invocation.openNode()
            guard dryRun else { return try node.edit(record, assignments, message: message) }
            let id = try node.show(record, events: 0).id
            return try node.edit([id], assignments, command: "edit \(record)", isDryRun: true)
        }
        let assignments = try parsed(arguments[...])
        let node = try invocation.openNode()
        let fields = Set(assignments.map(\.field)).sorted().joined(separator: " ")
        let records = try node.matching(condition), line = invocation.progress(Catalogue.text("label.editing"))
        defer { line.finish() }
        return try node.edit(records, assignments, command: "edit --where \(fields)", message: message, isDryRun: dryRun) {
            line.advance(to: $0, of: records.count)
        }
    }

    private func parsed(_ arguments: ArraySlice<String>) throws -> [Assignment] {
        if arguments.isEmpty { throw UsageError.missingArgument(name: "FIELD=VALUE") }
        return try arguments.map { try Assignment($0) }
    }
}
