internal import Causality
internal import Messages
internal import NodeOperations
internal import ProfileModel
internal import ProfileStore

/// Lines of a history as data and as a table.
struct HistoryTable {
    let lines: [HistoryLine]
    /// The names of the customers whose lines these are, where the table tells customers apart.
    var customers: [RowID: String]?

    var data: JSONValue {
        .array(lines.map { line in
            [
                "at": JSONValue(at: line.at), "record": JSONValue(id: line.record), "node": JSONValue(line.node),
                "author": JSONValue(line.author), "source": JSONValue(line.source), "action": .string(line.action.rawValue),
                "field": .string(line.field), "value": JSONValue(line.value), "dot": JSONValue(id: line.dot),
                "overwrote": .array(line.overwrote.map { JSONValue($0) }), "message": JSONValue(line.message),
                "operation": JSONValue(id: line.operation), "given": JSONValue(line.given),
            ]
        })
    }

    func show(on page: inout TextPage) {
        var table = TextTable(
            [.init(Catalogue.text("label.when"), shrinks: false)]
                + (customers == nil ? [] : [.init(Catalogue.text("label.record"), shrinks: false), .init(Catalogue.text("label.customer"))])
                + [
                    .init(Catalogue.text("label.who")), .init(Catalogue.text("label.node")), .init(Catalogue.text("label.field")),
                    .init(Catalogue.text("label.action")), .init(Catalogue.text("label.before")), .init(Catalogue.text("label.after")),
                ])
        for line in lines {
            var row = [TimeText.local(line.at)]
            if let customers { row += [line.record.ending, customers[line.record] ?? ""] }
            row += [
                line.source ?? line.author ?? "", line.node ?? "", fieldTitle(line.field),
                Catalogue.text("label.action.\(line.action.rawValue)"), line.overwrote.compactMap { $0.map { valueTitle($0, of: line.field) } }.joined(separator: " | "),
                valueText(line),
            ]
            table.add(row)
        }
        page.table(table)
    }

    private func valueText(_ line: HistoryLine) -> String {
        let value = line.value.map { valueTitle($0, of: line.field) } ?? ""
        let isInferred = line.source?.hasPrefix("inferred:") ?? false
        return line.given.map { Catalogue.text(isInferred ? "label.taken-from" : "label.given-as", ["value": value, "given": $0]) } ?? value
    }
}

extension Node {
    /// How people call the customers with these ids, as far as they have names.
    func customerNames(_ records: some Sequence<RowID>) throws -> [RowID: String] {
        guard let field = FieldCatalogue.standard["name"] else { return [:] }
        return try store.read { reader in
            var names: [RowID: String] = [:]
            for record in Set(records) { names[record] = try reader.profile(of: record)?.value(field)?.plainText }
            return names
        }
    }
}
