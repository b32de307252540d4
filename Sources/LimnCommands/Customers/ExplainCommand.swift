internal import ArgumentParser
internal import Messages
internal import NodeOperations

/// `limn explain`: tells why a customer satisfies an expression or does not.
struct ExplainCommand: NodeCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "explain", abstract: Catalogue.text("help.explain"), discussion: Catalogue.text("help.explain.discussion"))
    }

    @Argument(help: .text("help.record")) var record: String
    @Argument(help: .text("help.explain.expression", value: "expr")) var expression: String

    func run(in invocation: Invocation) throws -> CommandOutcome {
        let explanation = try invocation.openNode().explain(record, expression)
        let because: [JSONValue] = explanation.because.map {
            ["condition": .string($0.condition), "holds": .bool($0.holds), "actual": JSONValue($0.actual)]
        }
        return CommandOutcome("explain", data: ["matches": .bool(explanation.matches), "because": .array(because)]) { page in
            page.line(Catalogue.text(explanation.matches ? "label.explain-matches" : "label.explain-differs"), .bold)
            for reason in explanation.because {
                let actual = reason.actual.isEmpty ? Catalogue.text("label.explain-nothing") : ShownText.list(reason.actual)
                page.line("\(reason.holds ? "✓" : "✗") \(reason.condition)  (\(actual))", reason.holds ? .green : .red)
            }
        }
    }
}
