internal import ArgumentParser
internal import Causality
internal import Messages
internal import NodeOperations
internal import ProfileModel

/// `limn undo`: reverses one operation where its writes still stand.
struct UndoCommand: NodeCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "undo", abstract: Catalogue.text("help.undo"), discussion: Catalogue.text("help.undo.discussion"))
    }

    @Argument(help: .text("help.undo.operation"))
    var operation: String?

    func run(in invocation: Invocation) throws -> CommandOutcome {
        let node = try invocation.openNode()
        let line = invocation.progress(Catalogue.text("label.undoing"))
        defer { line.finish() }
        let outcome = try node.undo(operation.map { try node.operation(named: $0) }) { line.advance(to: $0, of: $1) }
        let names = try node.fieldNames(outcome.kept.map(\.field))
        let kept = outcome.kept.map { (record: $0.record, field: names[$0.field] ?? "") }
        let data: JSONValue = [
            "undone": JSONValue(outcome.cells),
            "kept": .array(kept.map { ["record": JSONValue(id: $0.record), "field": .string($0.field)] }),
            "undoneOperation": JSONValue(id: outcome.undone), "operation": JSONValue(id: outcome.operation),
        ]
        var talk = [Catalogue.text("say.undone", ["operation": outcome.undone.ending, "count": String(outcome.cells)])]
        if !kept.isEmpty { talk.append(Catalogue.text("say.undo-kept", ["count": String(kept.count)])) }
        return CommandOutcome("undo", data: data, talk: talk + takeBackLines(outcome.operation)) { page in
            if kept.isEmpty { return }
            var table = TextTable([.init(Catalogue.text("label.record"), shrinks: false), .init(Catalogue.text("label.field"))])
            for cell in kept { table.add([cell.record.ending, fieldTitle(cell.field)]) }
            page.table(table)
        }
    }
}
