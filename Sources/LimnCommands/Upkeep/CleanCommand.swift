internal import ArgumentParser
internal import Messages
internal import NodeOperations
internal import StandardForms

/// `limn clean`: fills gaps with what follows from other values, and lists what cannot be.
struct CleanCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "clean", abstract: Catalogue.text("help.clean"), discussion: Catalogue.text("help.clean.discussion"),
            subcommands: [Run.self, Codes.self, Schedule.self], defaultSubcommand: Run.self)
    }

    /// The rules that are named, or those of a preset.
    static func rules(_ names: [String], preset: String?) throws -> Swift.Set<CleanRule> {
        if !names.isEmpty, preset != nil { throw UsageError.exclusive(first: "--rule", second: "--preset") }
        return try names.isEmpty ? CleanRule.preset(preset ?? "standard") : Swift.Set(names.map { try CleanRule.named($0) })
    }

    /// `limn clean run`: applies rules to all customers.
    struct Run: NodeCommand {
        static var configuration: CommandConfiguration {
            CommandConfiguration(
                commandName: "run", abstract: Catalogue.text("help.clean.run"), discussion: Catalogue.text("help.clean.run.discussion"))
        }

        @Option(parsing: .upToNextOption, help: .text("help.clean.rule", value: "rule")) var rule: [String] = []
        @Option(help: .text("help.clean.preset", value: "preset")) var preset: String?
        @Flag(help: .text("help.clean.dry-run")) var dryRun = false

        func run(in invocation: Invocation) throws -> CommandOutcome {
            let rules = try CleanCommand.rules(rule, preset: preset)
            let line = invocation.progress(Catalogue.text("label.cleaning"))
            defer { line.finish() }
            let outcome = try invocation.openNode().clean(rules, isDryRun: dryRun) { line.advance(to: $0) }
            let isDryRun = dryRun
            return CommandOutcome("clean", data: outcome.data, talk: takeBackLines(outcome.operation)) { page in
                outcome.show(on: &page, isDryRun: isDryRun)
            }
        }
    }

    /// `limn clean codes`: gives codes to customers that have none.
    struct Codes: NodeCommand {
        static var configuration: CommandConfiguration {
            CommandConfiguration(
                commandName: "codes", abstract: Catalogue.text("help.clean.codes"), discussion: Catalogue.text("help.clean.codes.discussion"))
        }

        @Option(help: .text("help.clean.pattern", value: "pattern")) var pattern: String?
        @Option(help: .text("help.clean.person-pattern", value: "pattern")) var personPattern: String?
        @Flag(help: .text("help.clean.dry-run")) var dryRun = false

        func run(in invocation: Invocation) throws -> CommandOutcome {
            let organization = try pattern.map { try CustomerCode(pattern: $0) } ?? .organization
            let person = try personPattern.map { try CustomerCode(pattern: $0) } ?? .person
            let outcome = try invocation.openNode().fillCodes(person: person, organization: organization, isDryRun: dryRun)
            let isDryRun = dryRun
            return CommandOutcome(
                "clean-codes",
                data: [
                    "customers": JSONValue(outcome.customers), "made": JSONValue(outcome.made), "lengthened": JSONValue(outcome.lengthened),
                    "unnamed": JSONValue(outcome.unnamed), "operation": JSONValue(id: outcome.operation),
                ],
                talk: takeBackLines(outcome.operation)
            ) { page in
                if isDryRun { page.line(Catalogue.text("label.import-dry-run"), .yellow) }
                page.line(Catalogue.text("say.codes-made", ["count": String(outcome.made), "customers": String(outcome.customers)]))
                if outcome.lengthened > 0 { page.line(Catalogue.text("say.codes-lengthened", ["count": String(outcome.lengthened)])) }
                if outcome.unnamed > 0 { page.line(Catalogue.text("say.codes-unnamed", ["count": String(outcome.unnamed)])) }
            }
        }
    }
}

extension CleanOutcome {
    fileprivate var data: JSONValue {
        [
            "customers": JSONValue(customers),
            "filled": .array(fillings.map { ["field": .string($0.field), "from": .string($0.origin), "count": JSONValue(filled[$0])] }),
            "flagged": .array(reasons.map { ["reason": .string($0.rawValue), "count": JSONValue(flagged[$0])] }),
            "mended": JSONValue(mended), "settled": JSONValue(settled), "operation": JSONValue(id: operation),
        ]
    }

    /// The most frequent first.
    private var fillings: [Filling] { filled.keys.sorted { (-filled[$0]!, $0.field, $0.origin) < (-filled[$1]!, $1.field, $1.origin) } }

    private var reasons: [Implausibility.Reason] { flagged.keys.sorted { (-flagged[$0]!, $0.rawValue) < (-flagged[$1]!, $1.rawValue) } }

    fileprivate func show(on page: inout TextPage, isDryRun: Bool) {
        if isDryRun { page.line(Catalogue.text("label.import-dry-run"), .yellow) }
        page.values([
            (Catalogue.text("label.customers"), ProgressLine.grouped(customers)),
            (Catalogue.text("label.clean-filled"), ProgressLine.grouped(filled.values.reduce(0, +))),
            (Catalogue.text("label.clean-flagged"), ProgressLine.grouped(flagged.values.reduce(0, +))),
            (Catalogue.text("label.clean-mended"), ProgressLine.grouped(mended)),
            (Catalogue.text("label.clean-settled"), ProgressLine.grouped(settled)),
        ])
        if !filled.isEmpty {
            page.line()
            var table = TextTable([
                .init(Catalogue.text("label.field")), .init(Catalogue.text("label.clean-origin")), .init(Catalogue.text("label.count"), .right, shrinks: false),
            ])
            for filling in fillings {
                table.add([fieldTitle(filling.field), Catalogue.text("clean.from.\(filling.origin)"), ProgressLine.grouped(filled[filling] ?? 0)])
            }
            page.table(table)
        }
        if !flagged.isEmpty {
            page.line()
            var table = TextTable([.init(Catalogue.text("label.reason")), .init(Catalogue.text("label.count"), .right, shrinks: false)])
            for reason in reasons { table.add([Catalogue.text("clean.reason.\(reason.rawValue.dropFirst(8))"), ProgressLine.grouped(flagged[reason] ?? 0)]) }
            page.table(table)
        }
    }
}
