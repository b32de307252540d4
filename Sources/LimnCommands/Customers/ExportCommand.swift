internal import ArgumentParser
internal import Causality
internal import DataExchange
internal import Messages
internal import NodeOperations
internal import ProfileModel

/// `limn export`: hands customers out as JSON lines, CSV or a spreadsheet.
struct ExportCommand: NodeCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "export", abstract: Catalogue.text("help.export"), discussion: Catalogue.text("help.export.discussion"))
    }

    enum Format: String, CaseIterable, ExpressibleByArgument {
        case jsonl, csv, xlsx
    }

    @Argument(help: .text("help.export.expression", value: "expr")) var expression: String?
    @Option(help: .text("help.export.format")) var format = Format.jsonl
    @Option(name: .shortAndLong, help: .text("help.export.output", value: "file"), completion: .file()) var output: String?

    func run(in invocation: Invocation) throws -> CommandOutcome {
        let node = try invocation.openNode()
        let records = try expression.map { try node.matching($0) }
        let file = output == "-" ? nil : output
        let stream = StreamOutput(invocation.streams.output)
        let target = try file.map { try ByteOutput(path: $0) } ?? stream.bytes
        let line = invocation.progress(Catalogue.text("label.exporting"))
        defer { line.finish() }
        let table = try exportTable(target, node, records)
        var count = 0
        try node.exportProfiles(records) { profile in
            try table.write(profile)
            try stream.check()
            count += 1
            line.advance(to: count, of: records?.count)
        }
        try table.finish()
        try stream.check()
        line.finish()
        guard let file else { return .streamed() }
        return CommandOutcome(
            "export", data: ["customers": JSONValue(count), "format": .string(format.rawValue), "output": .string(file)],
            talk: [Catalogue.text("say.exported", ["count": ProgressLine.grouped(count), "path": file])])
    }

    private func exportTable(_ target: ByteOutput, _ node: Node, _ records: [RowID]?) throws -> any ExportTable {
        let fields = try node.exportFields().filter { $0.name != "code" }
        if format == .jsonl { return JSONLinesExport(target, fields: fields) }
        // A table's columns come before its rows: one pass to see which fields hold anything, so that no column is empty.
        var used = Set<String>()
        try node.exportProfiles(records) { used.formUnion($0.values.keys) }
        let columns = fields.filter { used.contains($0.name) }
        return format == .csv
            ? try CSVExport(target, fields: columns, isForSpreadsheets: output != nil) : try SpreadsheetExport(target, fields: columns)
    }
}

/// Standard output as an output of bytes; remembers why it would take no more.
private final class StreamOutput {
    private let sink: any OutputSink
    private var failure: (any Error)?

    init(_ sink: any OutputSink) { self.sink = sink }

    var bytes: ByteOutput {
        ByteOutput { [self] (bytes: UnsafeRawBufferPointer) throws(TableError) in
            if failure != nil { return }
            do { try sink.write([UInt8](bytes)) } catch { failure = error }
        }
    }

    /// - Throws: `OutputFailure` where nobody takes the output any more.
    func check() throws {
        if let failure { throw failure }
    }
}
