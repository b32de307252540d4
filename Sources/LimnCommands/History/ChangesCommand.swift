internal import ArgumentParser
internal import Causality
internal import Messages
internal import NodeOperations
internal import ProfileModel

/// `limn changes`: what this node saw change.
struct ChangesCommand: NodeCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "changes", abstract: Catalogue.text("help.changes"), discussion: Catalogue.text("help.changes.discussion"))
    }

    @Option(help: .text("help.changes.since", value: "time"))
    var since: String?

    @Option(help: .text("help.changes.by", value: "name"))
    var by: String?

    @Option(help: .text("help.changes.limit", value: "n"))
    var limit = 10_000

    func run(in invocation: Invocation) throws -> CommandOutcome {
        var start: Int64 = 0
        if let since {
            guard let moment = Timestamp.microseconds(since) else {
                throw UsageError.invalidValue(value: since, option: "--since", choices: "2026-03-01, 2026-03-01T08:30:00Z")
            }
            start = moment
        }
        let limit = try Self.checked(limit)
        let node = try invocation.openNode()
        let all = try node.changes(since: Stamp(rawValue: start), by: by, limit: .max)
        let lines = Array(all.suffix(limit))
        let table = HistoryTable(lines: lines, customers: invocation.json ? [:] : try node.customerNames(lines.map(\.record)))
        let talk = all.count > limit ? [Catalogue.text("say.only-newest", ["shown": String(limit), "total": String(all.count)])] : []
        return CommandOutcome("changes", data: ["entries": table.data], talk: talk, isPaged: true) { table.show(on: &$0) }
    }

    /// - Throws: `usage.invalid-value` for less than 1.
    static func checked(_ limit: Int) throws -> Int {
        guard limit >= 1 else { throw UsageError.invalidValue(value: String(limit), option: "--limit", choices: "") }
        return limit
    }
}
