internal import ArgumentParser
internal import Causality
internal import DataExchange
internal import Messages
internal import NodeOperations

extension ConflictsCommand {
    /// `limn conflicts export`: the conflicts as a table to decide in a spreadsheet.
    struct Export: NodeCommand {
        static var configuration: CommandConfiguration {
            CommandConfiguration(
                commandName: "export", abstract: Catalogue.text("help.conflicts.export"),
                discussion: Catalogue.text("help.conflicts.export.discussion"))
        }

        @Argument(help: .text("help.conflicts.export.file"), completion: .file())
        var file: String

        @Option(help: .text("help.conflicts.field", value: "field"))
        var field: String?

        @Flag(help: .text("help.conflicts.disagreements"))
        var disagreements = false

        func run(in invocation: Invocation) throws -> CommandOutcome {
            var filter = ConflictFilter()
            filter.field = field
            filter.includesDisagreements = disagreements
            let conflicts = try invocation.openNode().conflicts(filter).conflicts
            let isStandardOutput = file == "-"
            let sink = invocation.streams.output
            let output = isStandardOutput
                ? ByteOutput { bytes throws(TableError) in
                    // Whoever reads may have left; what remains of a table then has no reader.
                    try? sink.write(Array(bytes))
                }
                : try ByteOutput(path: file)
            try Self.write(conflicts, to: CSVWriter(output, options: .forSpreadsheets))
            if isStandardOutput { return .streamed() }
            return CommandOutcome(
                "conflicts-export", data: ["file": .string(file), "conflicts": JSONValue(conflicts.count)],
                talk: [
                    Catalogue.text("say.conflicts-exported", ["count": String(conflicts.count), "path": file]),
                    Catalogue.text("say.conflicts-apply", ["path": file]),
                ])
        }

        private static func write(_ conflicts: [Conflict], to table: CSVWriter) throws {
            let count = conflicts.map(\.candidates.count).max() ?? 2
            try table.row(
                ["key", "customer", "record", "field", "shown"]
                    + (1...max(count, 1)).flatMap { ["value_\($0)", "said_by_\($0)", "dot_\($0)"] } + ["decision"])
            for conflict in conflicts {
                var cells = [conflict.key, conflict.name ?? "", conflict.record.description, conflict.field, conflict.shownTitle]
                for index in 0..<max(count, 1) {
                    guard index < conflict.candidates.count else {
                        cells += ["", "", ""]
                        continue
                    }
                    let candidate = conflict.candidates[index]
                    cells += [conflict.saying(of: candidate), "\(candidate.speaker), \(TimeText.local(candidate.at))", candidate.dot.description]
                }
                try table.row(cells + [""])
            }
            try table.finish()
        }
    }
}
