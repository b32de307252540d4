internal import Causality
internal import Messages
internal import NodeOperations
internal import ProfileModel

/// What people read of things that commands show.
enum ShownText {
    /// The line that says how an operation is taken back.
    static func undo(_ operation: OperationID) -> String { Catalogue.text("say.undo", ["operation": operation.ending]) }

    /// The end of an id, by which tables and people name a record.
    static func short(_ id: UniqueID) -> String { String(id.description.suffix(12)) }

    /// What a command that changed something says: what it did and how to take it back; only that where nothing changed.
    static func talk(_ line: String, _ operation: OperationID?) -> [String] {
        operation == nil ? [Catalogue.text("say.nothing-changed")] : [line] + takeBackLines(operation)
    }

    /// A moment in the machine's time zone.
    static func time(_ stamp: Stamp?) -> String { stamp.map(TimeText.local) ?? "" }

    /// Several texts in one line.
    static func list(_ texts: [String]) -> String { texts.joined(separator: Language.current == .chinese ? "；" : "; ") }

    /// The name of a kind of customers.
    static func kind(_ kind: RowKind) -> String {
        switch kind {
        case .person: Catalogue.text("label.person")
        case .organization: Catalogue.text("label.organization")
        default: kind.name
        }
    }
}

extension Field {
    /// The field's label in the reader's language.
    var label: String { Language.current == .chinese ? labelChinese : labelEnglish }

    /// Values of the field in one line; in Chinese a choice is called by its label.
    func shown(_ texts: [String]) -> String { ShownText.list(texts.map(shown)) }

    private func shown(_ text: String) -> String {
        guard Language.current == .chinese else { return text }
        for case .choices(let choices) in rules {
            if let label = choices.first(where: { $0.name == text })?.labels.first { return label }
        }
        return text
    }
}
