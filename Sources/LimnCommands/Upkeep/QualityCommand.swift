internal import ArgumentParser
internal import Messages
internal import NodeOperations
internal import ProfileStore

/// `limn quality`: how complete the customers are.
struct QualityCommand: NodeCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "quality", abstract: Catalogue.text("help.quality"), discussion: Catalogue.text("help.quality.discussion"))
    }

    func run(in invocation: Invocation) throws -> CommandOutcome {
        let (found, counts) = try invocation.openNode().store.read { (try $0.completeness(), try $0.counts()) }
        let data: JSONValue = [
            "records": JSONValue(found.records),
            "completeness": .object(found.fields.map { .init($0.name, JSONValue($0.count.share)) }),
            "overall": JSONValue(found.overall.share),
            "bySource": .object(found.sources.map { source in
                .init(source.source ?? "", ["records": JSONValue(source.records), "overall": JSONValue(source.count.share)])
            }),
            "disagreements": JSONValue(counts.disagreements),
        ]
        return CommandOutcome("quality", data: data, isPaged: true) { page in
            page.values([
                (Catalogue.text("label.records"), ProgressLine.grouped(found.records)),
                (Catalogue.text("label.completeness"), Self.percent(found.overall.share)),
                (Catalogue.text("label.disagreements"), ProgressLine.grouped(counts.disagreements)),
            ])
            page.line()
            var fields = TextTable([.init(Catalogue.text("label.field")), .init(Catalogue.text("label.completeness"), .right, shrinks: false)])
            for field in found.fields where field.count.filled > 0 { fields.add([fieldTitle(field.name), Self.percent(field.count.share)]) }
            page.table(fields)
            page.line()
            var sources = TextTable([
                .init(Catalogue.text("label.source")), .init(Catalogue.text("label.records"), .right, shrinks: false),
                .init(Catalogue.text("label.completeness"), .right, shrinks: false),
            ])
            for source in found.sources {
                sources.add([
                    source.source ?? Catalogue.text("label.people"), ProgressLine.grouped(source.records), Self.percent(source.count.share),
                ])
            }
            page.table(sources)
        }
    }

    private static func percent(_ share: Double?) -> String { share.map { "\(Int(($0 * 100).rounded())) %" } ?? "–" }
}
