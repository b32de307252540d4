internal import ArgumentParser
internal import Messages
internal import NodeOperations

extension ConflictsCommand {
    /// `limn conflicts list`: the conflicts, or groups of those that are alike.
    struct List: NodeCommand {
        static var configuration: CommandConfiguration {
            CommandConfiguration(
                commandName: "list", abstract: Catalogue.text("help.conflicts.list"),
                discussion: Catalogue.text("help.conflicts.list.discussion"))
        }

        @Option(help: .text("help.conflicts.field", value: "field"))
        var field: String?

        @Option(help: .text("help.conflicts.record", value: "record"))
        var record: String?

        @Flag(help: .text("help.conflicts.disagreements"))
        var disagreements = false

        @Option(help: .text("help.conflicts.group", value: "field,source"))
        var group: String?

        @Option(help: .text("help.conflicts.limit", value: "n"))
        var limit: Int?

        @Flag(help: .text("help.conflicts.exit-code"))
        var exitCode = false

        func run(in invocation: Invocation) throws -> CommandOutcome {
            if let group, group.split(separator: ",").sorted() != ["field", "source"] {
                throw UsageError.invalidValue(value: group, option: "--group", choices: "field,source")
            }
            var filter = ConflictFilter()
            filter.field = field
            filter.record = record
            filter.includesDisagreements = disagreements
            let limit = try limit.map(ChangesCommand.checked) ?? .max
            let node = try invocation.openNode()
            if group != nil { return try grouped(node.conflictGroups(filter), limit) }
            filter.limit = limit
            let (total, conflicts) = try node.conflicts(filter)
            let data: JSONValue = ["total": JSONValue(total), "conflicts": .array(conflicts.map(\.data)), "groups": .null]
            return CommandOutcome("conflicts", data: data, talk: talk(total, shown: conflicts.count), exitCode: code(total), isPaged: true) {
                if !conflicts.isEmpty { ConflictTable(conflicts: conflicts).show(on: &$0) }
            }
        }

        private func grouped(_ found: (total: Int, groups: [ConflictGroup]), _ limit: Int) -> CommandOutcome {
            let groups = found.groups.prefix(limit)
            let list = groups.map { group -> JSONValue in
                [
                    "field": .string(group.field), "sources": JSONValue(group.sources), "count": JSONValue(group.count),
                    "example": .string(group.example),
                ]
            }
            let data: JSONValue = ["total": JSONValue(found.total), "conflicts": .null, "groups": .array(list)]
            return CommandOutcome("conflicts", data: data, talk: talk(found.total, shown: found.total), exitCode: code(found.total), isPaged: true) { page in
                if groups.isEmpty { return }
                var table = TextTable([
                    .init(Catalogue.text("label.field")), .init(Catalogue.text("label.between")),
                    .init(Catalogue.text("label.count"), .right, shrinks: false), .init(Catalogue.text("label.example"), shrinks: false),
                ])
                for group in groups {
                    table.add([fieldTitle(group.field), group.sources.joined(separator: " · "), String(group.count), group.example])
                }
                page.table(table)
            }
        }

        private func code(_ total: Int) -> Int32 { exitCode && total > 0 ? 1 : 0 }

        private func talk(_ total: Int, shown: Int) -> [String] {
            if total == 0 { return [Catalogue.text("say.no-conflicts")] }
            let parameters = ["total": String(total), "shown": String(shown)]
            return [Catalogue.text(shown < total ? "say.conflicts-shown" : "say.conflicts", parameters), Catalogue.text("say.conflicts-next")]
        }
    }
}
