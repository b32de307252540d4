internal import Causality
internal import DataExchange
internal import NodeOperations
internal import ProfileModel

/// A file of customers in the making.
protocol ExportTable {
    func write(_ profile: ExportedProfile) throws
    /// Ends the file; no row follows.
    func finish() throws
}

/// One JSON object a line. Fields of the store's own columns are always there, null where they hold nothing; others where
/// they hold something.
final class JSONLinesExport: ExportTable {
    private let output: ByteOutput
    private let fields: [Field]

    init(_ output: ByteOutput, fields: [Field]) {
        self.output = output
        self.fields = fields
    }

    func write(_ profile: ExportedProfile) throws {
        var members: [JSONValue.Member] = [
            .init("id", JSONValue(id: profile.id)), .init("kind", .string(profile.kind.name)), .init("code", JSONValue(profile.code)),
            .init("scope", .string(profile.scope)), .init("members", JSONValue(profile.members.map(\.description))),
            .init("external_ids", JSONValue(profile.externalIDs)), .init("tags", JSONValue(profile.tags)),
        ]
        for field in fields {
            let values = profile.values[field.name]
            if values == nil, !field.hasColumn { continue }
            members.append(.init(field.name, field.isSet ? JSONValue(values ?? []) : JSONValue(values?.first)))
        }
        var line: [UInt8] = []
        JSONValue.object(members).append(to: &line)
        line.append(UInt8(ascii: "\n"))
        try output.write(line)
    }

    func finish() throws { try output.finish() }
}

/// The columns and cells that both kinds of tables share: several values of a cell stand between semicolons.
private struct ExportColumns {
    let fields: [Field]

    static let fixed = ["id", "kind", "code", "scope", "members", "external_ids", "tags"]

    var titles: [String] { Self.fixed + fields.map(\.name) }

    func fixedCells(_ profile: ExportedProfile) -> [String] {
        [
            profile.id.description, profile.kind.name, profile.code ?? "", profile.scope, joined(profile.members.map(\.description)),
            joined(profile.externalIDs), joined(profile.tags),
        ]
    }

    func cell(_ field: Field, _ profile: ExportedProfile) -> String { joined(profile.values[field.name] ?? []) }

    private func joined(_ texts: [String]) -> String { texts.joined(separator: ";") }
}

/// CSV; for spreadsheets with a byte order mark and CRLF.
final class CSVExport: ExportTable {
    private let writer: CSVWriter
    private let columns: ExportColumns

    init(_ output: ByteOutput, fields: [Field], isForSpreadsheets: Bool) throws {
        writer = CSVWriter(output, options: isForSpreadsheets ? .forSpreadsheets : .init())
        columns = ExportColumns(fields: fields)
        try writer.row(columns.titles)
    }

    func write(_ profile: ExportedProfile) throws {
        for cell in columns.fixedCells(profile) { writer.cell(cell) }
        for field in columns.fields { writer.cell(columns.cell(field, profile)) }
        try writer.endRow()
    }

    func finish() throws { try writer.finish() }
}

/// A spreadsheet of one sheet; numbers are numbers, all else is text.
final class SpreadsheetExport: ExportTable {
    private let writer: XLSXWriter
    private let columns: ExportColumns

    init(_ output: ByteOutput, fields: [Field]) throws {
        columns = ExportColumns(fields: fields)
        writer = try XLSXWriter(output, sheetName: "customers", columns: columns.titles)
    }

    func write(_ profile: ExportedProfile) throws {
        for cell in columns.fixedCells(profile) { writer.cell(cell) }
        for field in columns.fields {
            let text = columns.cell(field, profile)
            if field.type == .integer || field.type == .decimal, !field.isSet { writer.number(text) } else { writer.cell(text) }
        }
        try writer.endRow()
    }

    func finish() throws { try writer.finish() }
}
