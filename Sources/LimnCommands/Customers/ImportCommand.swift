internal import ArgumentParser
internal import DataExchange
internal import Foundation
internal import Messages
internal import NodeOperations
internal import ProfileModel
internal import StandardForms

/// `limn import`: takes a table of customers or events in as a source's word.
struct ImportCommand: NodeCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "import", abstract: Catalogue.text("help.import"), discussion: Catalogue.text("help.import.discussion"))
    }

    enum Kind: String, CaseIterable, ExpressibleByArgument {
        case person, organization, event

        var rowKind: RowKind {
            switch self {
            case .person: .person
            case .organization: .organization
            case .event: .event
            }
        }
    }

    /// The first day that a workbook counts from.
    enum DateSystem: String, CaseIterable, ExpressibleByArgument {
        case since1900 = "1900"
        case since1904 = "1904"

        var dates: SpreadsheetDates { self == .since1904 ? .since1904 : .since1900 }
    }

    @Argument(help: .text("help.import.file"), completion: .file()) var file: String
    @Option(help: .text("help.import.source", value: "name")) var source: String?
    @Option(help: .text("help.import.map", value: "file"), completion: .file()) var map: String?
    @Option(help: .text("help.import.kind")) var kind: Kind?
    @Option(help: .text("help.import.key", value: "column,…")) var key: String?
    @Flag(help: .text("help.import.add-fields")) var addFields = false
    @Option(help: .text("help.import.scope", value: "scope")) var scope: String?
    @Option(help: .text("help.encoding", value: "encoding")) var encoding: String?
    @Option(help: .text("help.import.date-system")) var dateSystem: DateSystem?
    @Flag(help: .text("help.import.strict")) var strict = false
    @Flag(help: .text("help.import.dry-run")) var dryRun = false
    @Option(help: .text("help.import.rejects", value: "file"), completion: .file()) var rejects: String?
    /// For measurements: leaves the search index to the next search.
    @Flag(help: .hidden) var noIndex = false

    func run(in invocation: Invocation) throws -> CommandOutcome {
        let options = try options()
        let node = try invocation.openNode()
        let line = invocation.progress(Catalogue.text("label.importing"))
        defer { line.finish() }
        let outcome = try node.importTable(
            path: file, options: options, standardInput: invocation.replacedInput,
            describe: { Catalogue.text($0.code, $0.parameters) }
        ) { progress in
            // How many rows there are is guessed from how far the reading is in the file.
            let total = progress.totalBytes.map { progress.rows * max(1, Int($0)) / max(1, Int(progress.bytesRead)) }
            line.advance(to: progress.rows, of: total)
        }
        line.finish()
        return CommandOutcome("import", data: outcome.data, talk: talk(outcome), exitCode: outcome.isRefused ? 65 : 0) {
            outcome.show(on: &$0, isDryRun: dryRun)
        }
    }

    private func options() throws -> ImportOptions {
        var options = ImportOptions()
        options.source = source
        options.kind = kind?.rowKind
        options.key = key.map { $0.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) } } ?? []
        options.mapping = try map.map { try ColumnMap.read($0) } ?? [:]
        options.addsFields = addFields
        options.scope = scope
        options.encoding = try encoding.map { try TextEncoding(named: $0) }
        options.spreadsheetDates = dateSystem?.dates ?? .since1900
        options.isStrict = strict
        options.isDryRun = dryRun
        options.rejectsPath = rejects
        options.buildsIndex = !noIndex
        return options
    }

    private func talk(_ outcome: ImportOutcome) -> [String] {
        var lines: [String] = []
        if !outcome.ignoredColumns.isEmpty {
            lines.append(Catalogue.text("say.import-ignored", ["columns": ShownText.list(outcome.ignoredColumns)]))
        }
        if !outcome.addedFields.isEmpty {
            lines.append(Catalogue.text("say.import-fields", ["fields": ShownText.list(outcome.addedFields)]))
        }
        if outcome.flagged > 0 { lines.append(Catalogue.text("say.import-flagged", ["count": String(outcome.flagged)])) }
        if outcome.waiting > 0 { lines.append(Catalogue.text("say.import-waiting", ["count": String(outcome.waiting)])) }
        if outcome.isRefused { lines.append(Catalogue.text("say.import-refused")) }
        return lines + takeBackLines(outcome.operation)
    }
}

extension ImportOutcome {
    fileprivate var data: JSONValue {
        [
            "rows": JSONValue(rows), "created": JSONValue(created), "updated": JSONValue(updated), "unchanged": JSONValue(unchanged),
            "rejected": JSONValue(rejected), "erased": JSONValue(erased), "elsewhere": JSONValue(elsewhere),
            "flagged": JSONValue(flagged), "waiting": JSONValue(waiting), "linked": JSONValue(linked),
            "seconds": .double((seconds * 1000).rounded() / 1000), "operation": JSONValue(id: operation),
            "cleaned": .array(cleanings.map { ["field": .string($0.field), "reason": .string($0.change.rawValue), "count": JSONValue(cleaned[$0])] }),
            "ignored": JSONValue(ignoredColumns), "added_fields": JSONValue(addedFields),
            "rejects": .array(rejectedRows.map {
                [
                    "line": JSONValue($0.line), "code": .string($0.reason.code),
                    "message": .string(Catalogue.text($0.reason.code, $0.reason.parameters)),
                ]
            }),
        ]
    }

    /// What standard forms changed, the most frequent first.
    private var cleanings: [Cleaning] {
        cleaned.keys.sorted { (-cleaned[$0]!, $0.field, $0.change.rawValue) < (-cleaned[$1]!, $1.field, $1.change.rawValue) }
    }

    private func showCleanings(on page: inout TextPage) {
        if cleaned.isEmpty { return }
        page.heading(Catalogue.text("label.import-cleaned"))
        for cleaning in cleanings {
            page.line(Catalogue.text("label.import-cleaning", [
                "count": ProgressLine.grouped(cleaned[cleaning] ?? 0), "field": fieldTitle(cleaning.field), "reason": Catalogue.text(cleaning.change.rawValue),
            ]))
        }
    }

    fileprivate func show(on page: inout TextPage, isDryRun: Bool) {
        if isDryRun { page.line(Catalogue.text("label.import-dry-run"), .yellow) }
        let counts = [
            ("rows", rows), ("created", created), ("updated", updated), ("unchanged", unchanged), ("rejected", rejected),
            ("erased", erased), ("elsewhere", elsewhere), ("flagged", flagged), ("waiting", waiting), ("linked", linked),
        ]
        page.values(counts.filter { !["erased", "elsewhere", "waiting", "linked"].contains($0.0) || $0.1 > 0 }.map {
            (label: Catalogue.text("label.import-\($0.0)"), value: ProgressLine.grouped($0.1))
        })
        showCleanings(on: &page)
        guard !rejectedRows.isEmpty else { return }
        page.heading(Catalogue.text("label.import-rejects"))
        for row in rejectedRows {
            page.line(Catalogue.text("label.import-reject", [
                "line": String(row.line), "reason": Catalogue.text(row.reason.code, row.reason.parameters),
            ]))
        }
        if rejected > rejectedRows.count {
            page.line(Catalogue.text("label.import-more-rejects", ["count": String(rejected - rejectedRows.count)]), .faint)
        }
    }
}

extension ColumnMap {
    fileprivate static func read(_ path: String) throws -> [String: String] {
        guard let file = FileHandle(forReadingAtPath: path), let data = try? file.read(upToCount: bytesMaximum + 1) ?? Data() else {
            throw CommandFailure("general.file-not-read", ["path": path])
        }
        guard let map = ColumnMap(Array(data)) else { throw CommandFailure("general.map-malformed", ["path": path]) }
        return map.fields
    }
}
