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
        let quality = try invocation.openNode().quality(), found = quality.completeness
        return CommandOutcome("quality", data: Self.data(quality), isPaged: true) { page in
            Self.showFigures(quality, on: &page)
            page.line()
            let validity = Dictionary(uniqueKeysWithValues: quality.validity.map { ($0.field, $0.share) })
            var fields = TextTable([
                .init(Catalogue.text("label.field")), .init(Catalogue.text("label.completeness"), .right, shrinks: false),
                .init(Catalogue.text("label.validity"), .right, shrinks: false),
            ])
            for field in found.fields where field.count.filled > 0 || validity[field.name] != nil {
                fields.add([fieldTitle(field.name), Self.percent(field.count.share), Self.percent(validity[field.name])])
            }
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

    private static func data(_ quality: Quality) -> JSONValue {
        let found = quality.completeness, ages = quality.ageQuartilesDays
        return [
            "records": JSONValue(found.records),
            "completeness": .object(found.fields.map { .init($0.name, JSONValue($0.count.share)) }),
            "overall": JSONValue(found.overall.share),
            "bySource": .object(found.sources.map { source in
                .init(source.source ?? "", ["records": JSONValue(source.records), "overall": JSONValue(source.count.share)])
            }),
            "byMonth": .object(found.months.map { month in
                .init(month.month, ["records": JSONValue(month.records), "overall": JSONValue(month.count.share)])
            }),
            "validity": .object(quality.validity.map { .init($0.field, .double($0.share)) }),
            "freshness": [
                "quarterDays": JSONValue(ages.first), "halfDays": JSONValue(ages.count > 1 ? ages[1] : nil), "threeQuartersDays": JSONValue(ages.last),
            ],
            "quarantined": JSONValue(quality.quarantined),
            "waiting": .object(quality.waiting.map { .init($0.reason, JSONValue($0.count)) }),
            "trend": .array(quality.trend.map {
                ["day": .string($0.day), "records": JSONValue($0.records), "overall": JSONValue($0.count.share)]
            }),
            "disagreements": JSONValue(quality.disagreements),
            "duplicates": ["linked": JSONValue(quality.duplicates.linkedRecords), "waiting": JSONValue(quality.duplicates.waitingPairs)],
        ]
    }

    private static func showFigures(_ quality: Quality, on page: inout TextPage) {
        let found = quality.completeness, ages = quality.ageQuartilesDays.map { String(Int($0.rounded(.down))) }
        var figures = [
            (Catalogue.text("label.records"), ProgressLine.grouped(found.records)),
            (Catalogue.text("label.completeness"), percent(found.overall.share)),
            (Catalogue.text("label.disagreements"), ProgressLine.grouped(quality.disagreements)),
            (Catalogue.text("label.duplicates"), Catalogue.text("label.duplicates-counts", [
                "linked": ProgressLine.grouped(quality.duplicates.linkedRecords), "waiting": ProgressLine.grouped(quality.duplicates.waitingPairs),
            ])),
            (Catalogue.text("label.quarantined"), ProgressLine.grouped(quality.quarantined)),
        ]
        if ages.count == 3 {
            figures.append((Catalogue.text("label.freshness"), Catalogue.text("label.freshness-days", ["quarter": ages[0], "half": ages[1], "most": ages[2]])))
        }
        if quality.trend.count > 1 { figures.append((Catalogue.text("label.trend"), sparkline(quality.trend.compactMap(\.count.share)))) }
        page.values(figures)
    }

    /// A line of eight heights from the lowest share to the highest.
    static func sparkline(_ shares: [Double]) -> String {
        guard let lowest = shares.min(), let highest = shares.max() else { return "" }
        let heights = Array("▁▂▃▄▅▆▇█"), span = max(highest - lowest, 0.001)
        return String(shares.map { heights[min(7, Int(($0 - lowest) / span * 8))] })
    }

    private static func percent(_ share: Double?) -> String { share.map { "\(Int(($0 * 100).rounded())) %" } ?? "–" }
}
