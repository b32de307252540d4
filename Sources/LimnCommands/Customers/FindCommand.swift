internal import ArgumentParser
internal import Causality
internal import Foundation
internal import Messages
internal import NodeOperations
internal import ProfileModel
internal import ProfileStore

/// `limn find`: looks for customers by words or by an expression.
struct FindCommand: NodeCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "find", abstract: Catalogue.text("help.find"), discussion: Catalogue.text("help.find.discussion"))
    }

    @Argument(help: .text("help.find.expression", value: "expr")) var expression: [String] = []
    @Option(help: .text("help.find.limit", value: "n")) var limit = 100
    @Option(help: .text("help.find.after", value: "cursor")) var after: String?
    @Option(help: .text("help.find.columns", value: "field,…")) var columns: String?

    func run(in invocation: Invocation) throws -> CommandOutcome {
        guard limit > 0 else { throw UsageError.invalidValue(value: String(limit), option: "--limit", choices: "") }
        let columns = columns.map { $0.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) } }
        // Words that the shell divided are one query.
        let query = expression.joined(separator: " ")
        let found = try invocation.openNode().find(query.isEmpty ? nil : query, limit: limit, after: after, columns: columns)
        var talk: [String] = []
        if found.rows.isEmpty { talk.append(Catalogue.text("say.found-none")) }
        if let next = found.next {
            talk.append(Catalogue.text(
                "say.found-more", ["shown": ProgressLine.grouped(found.rows.count), "total": ProgressLine.grouped(found.total), "next": next]))
        }
        let data: JSONValue = [
            "rows": .array(found.rows.map(\.data)), "total": JSONValue(found.total), "next": JSONValue(found.next),
        ]
        return CommandOutcome("find", data: data, talk: talk, isPaged: true) {
            found.show(on: &$0, hidesEmptyColumns: columns == nil)
        }
    }
}

extension FoundCustomer {
    fileprivate var data: JSONValue {
        var members: [JSONValue.Member] = [
            .init("id", JSONValue(id: id)), .init("kind", .string(kind.name)), .init("code", JSONValue(code)), .init("scope", .string(scope)),
            .init("why", JSONValue(reasons { $0 })),
        ]
        let taken = Set(members.map(\.key))
        for (name, value) in fields where !taken.contains(name) {
            members.append(.init(name, value.map { value in
                switch value {
                case .text(let text): .string(text)
                case .list(let texts): JSONValue(texts)
                }
            } ?? .null))
        }
        return .object(members)
    }

    /// Why the customer was found, its fields called as `title` says.
    fileprivate func reasons(_ title: (String) -> String = fieldTitle) -> [String] {
        why.map { reason in
            var parameters = reason.parameters
            if let field = parameters["field"] { parameters["field"] = title(field) }
            return Catalogue.text(reason.code, parameters)
        }
    }
}

extension FindOutcome {
    fileprivate func show(on page: inout TextPage, hidesEmptyColumns: Bool) {
        guard let first = rows.first else { return }
        let shown = first.fields.indices.filter { index in !hidesEmptyColumns || rows.contains { $0.fields[index].value != nil } }
        var columns = [TextTable.Column(Catalogue.text("label.record"), shrinks: false)]
        columns += shown.map { index in
            let name = first.fields[index].name
            return TextTable.Column(FieldCatalogue.standard[name]?.label ?? name)
        }
        columns.append(TextTable.Column(Catalogue.text("label.found-why")))
        var table = TextTable(columns)
        for row in rows {
            let cells = shown.map { index -> String in
                let (name, value) = row.fields[index]
                let texts: [String] = switch value {
                case .text(let text)?: [text]
                case .list(let texts)?: texts
                case nil: []
                }
                return FieldCatalogue.standard[name]?.shown(texts) ?? ShownText.list(texts)
            }
            table.add([row.id.ending] + cells + [ShownText.list(row.reasons())])
        }
        page.table(table)
    }
}
