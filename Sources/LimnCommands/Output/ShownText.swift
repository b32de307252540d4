internal import Causality
internal import Messages
internal import NodeOperations
internal import ProfileModel

/// What people read of things that commands show.
enum ShownText {
    /// What a command that changed something says: what it did and how to take it back; only that where nothing changed.
    static func talk(_ line: String, _ operation: OperationID?) -> [String] {
        operation == nil ? [Catalogue.text("say.nothing-changed")] : [line] + takeBackLines(operation)
    }

    /// A moment in the machine's time zone; a date alone, which is kept as midnight in UTC, as the date that it is.
    static func time(_ stamp: Stamp?) -> String {
        guard let stamp else { return "" }
        return stamp.rawValue % 86_400_000_000 == 0 ? Timestamp.dateText(microseconds: stamp.rawValue) : TimeText.local(stamp)
    }

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
