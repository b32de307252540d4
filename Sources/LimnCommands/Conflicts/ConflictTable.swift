internal import Causality
internal import Messages
internal import NodeOperations
internal import ProfileStore

extension Conflict {
    /// The conflict as scripts read it.
    var data: JSONValue { .object(members) }

    var members: [JSONValue.Member] {
        [
            .init("key", .string(key)), .init("kind", .string(kind.name)), .init("record", JSONValue(id: record)),
            .init("name", JSONValue(name)), .init("field", .string(field)), .init("shown", JSONValue(shown)),
            .init("candidates", .array(candidates.map(\.data))),
        ]
    }

    /// The candidates with the shown one first; what is shown of a delete-edit conflict is none of them.
    var candidatesShownFirst: (shown: ConflictCandidate?, others: [ConflictCandidate]) {
        guard kind != .deleteEdit, let index = candidates.firstIndex(where: { $0.value == shown }) else { return (nil, candidates) }
        var others = candidates
        let first = others.remove(at: index)
        return (first, others)
    }

    /// What kind of conflict it is, in the reader's language.
    var kindTitle: String { Catalogue.text(kind == .link ? "label.conflict.link" : "label.conflict.\(kind.name)") }

    /// What a candidate says, as people read it: a cleared cell by a word, an edit beneath a delete and a word on a link with
    /// what it is about.
    func saying(of candidate: ConflictCandidate) -> String {
        guard let value = candidate.value else { return Catalogue.text("label.cleared") }
        let text = valueTitle(value, of: candidate.field ?? field)
        if kind == .link, let other = candidate.other {
            return Catalogue.text("label.said-of", ["saying": text, "first": candidate.record.ending, "second": other.ending])
        }
        return candidate.field.map { "\(fieldTitle($0)): \(text)" } ?? text
    }

    /// The shown value as people read it.
    var shownTitle: String {
        kind == .deleteEdit ? Catalogue.text("label.living") : shown.map { valueTitle($0, of: field) } ?? ""
    }
}

extension ConflictCandidate {
    var data: JSONValue {
        [
            "value": JSONValue(value), "dot": JSONValue(id: dot), "at": JSONValue(at: at), "node": .string(node), "author": .string(author),
            "source": JSONValue(source), "record": JSONValue(id: record), "other": JSONValue(id: other),
            "field": JSONValue(field),
        ]
    }

    /// Who said it and where: a source, or a person on a node.
    var speaker: String {
        source.map { Catalogue.text("label.source-at", ["source": $0, "node": node]) }
            ?? Catalogue.text("label.person-at", ["author": author, "node": node])
    }
}

/// Conflicts for people: the values beside one another, the shown one first, beneath each who said it, where and when.
struct ConflictTable {
    let conflicts: [Conflict]
    /// More candidates than these stand in further lines of their conflict.
    private static let widest = 3

    func show(on page: inout TextPage) {
        let others = conflicts.map { $0.candidatesShownFirst.others.count }.max() ?? 1
        let columns = min(max(others, 1), Self.widest)
        var table = TextTable(
            [.init(Catalogue.text("label.key"), shrinks: false), .init(Catalogue.text("label.customer")), .init(Catalogue.text("label.field")),
             .init(Catalogue.text("label.shown"))]
                + (0..<columns).map { _ in .init(Catalogue.text("label.also-said")) })
        for (index, conflict) in conflicts.enumerated() {
            if index > 0 { table.add([String]()) }
            for row in rows(conflict, columns: columns) { table.add(row) }
        }
        page.table(table)
    }

    private func rows(_ conflict: Conflict, columns: Int) -> [[TextTable.Cell]] {
        let (shown, others) = conflict.candidatesShownFirst
        var rows: [[TextTable.Cell]] = []
        for start in stride(from: 0, to: max(others.count, 1), by: columns) {
            let isFirst = start == 0
            let part = others[min(start, others.count)..<min(start + columns, others.count)]
            let shownValue = shown.map(conflict.saying) ?? conflict.shownTitle
            rows.append(
                [.init(isFirst ? conflict.key : ""), .init(isFirst ? conflict.name ?? "" : "", .bold), .init(isFirst ? fieldTitle(conflict.field) : ""),
                 .init(isFirst ? shownValue : "", .green)]
                    + part.map { .init(conflict.saying(of: $0), .yellow) })
            rows.append(
                ["", "", .init(isFirst ? conflict.kindTitle : "", .faint), .init(isFirst ? shown?.speaker ?? "" : "", .faint)]
                    + part.map { .init($0.speaker, .faint) })
            rows.append(
                ["", "", "", .init(isFirst ? shown.map { TimeText.local($0.at) } ?? "" : "", .faint)]
                    + part.map { .init(TimeText.local($0.at), .faint) })
        }
        return rows
    }
}
