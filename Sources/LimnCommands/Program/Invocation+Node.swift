internal import Causality
internal import Foundation
internal import Messages
internal import NodeOperations
internal import ProfileModel

extension Invocation {
    /// Opens the node that this run works on.
    ///
    /// - Throws: `store.missing` where there is none, and what opening a store throws.
    func openNode() throws -> Node {
        let interruption = interruption
        return try Node.open(home: home(), author: author, user: systemUser, isCancelled: { interruption.isRequested })
    }

    /// Reads standard input of this run piece by piece.
    var standardInput: StandardInput {
        let input = streams.input
        return { try input.read(upTo: $0) }
    }

    /// What to read in place of standard input: nothing where this process's own is meant.
    var replacedInput: StandardInput? { streams.input is DescriptorSource ? nil : standardInput }
}

/// Why a command refuses its arguments or a file that they name.
struct CommandFailure: CodedError, Equatable {
    let code: String
    let parameters: [String: String]

    init(_ code: String, _ parameters: [String: String] = [:]) {
        self.code = code
        self.parameters = parameters
    }
}

extension JSONValue {
    /// An id, or null where there is none.
    init(id: UniqueID?) { self.init(id?.description) }
    /// A moment as RFC 3339 in UTC, or null where there is none.
    init(stamp: Stamp?) { self.init(stamp.map { Timestamp.text(microseconds: $0.rawValue) }) }
}

/// What people read of things that commands show.
enum ShownText {
    /// The line that says how an operation is taken back.
    static func undo(_ operation: OperationID) -> String { Catalogue.text("say.undo", ["operation": operation.description]) }

    /// What a command that changed something says: what it did and how to take it back; only that where nothing changed.
    static func talk(_ line: String, _ operation: OperationID?) -> [String] {
        operation.map { [line, undo($0)] } ?? [Catalogue.text("say.nothing-changed")]
    }

    /// The end of an id, by which tables and people name a record.
    static func short(_ id: UniqueID) -> String { String(id.description.suffix(12)) }

    /// A moment in the machine's time zone.
    static func time(_ stamp: Stamp?) -> String { stamp.map { TimeText.local($0.rawValue / 1000) } ?? "" }

    /// The name of a kind of rows.
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

    /// A value of the field in the reader's language: a choice by its label, all else as it is.
    func shown(_ text: String) -> String {
        guard Language.current == .chinese else { return text }
        for case .choices(let choices) in rules {
            if let label = choices.first(where: { $0.name == text })?.labels.first { return label }
        }
        return text
    }

    /// The values of the field in one line.
    func shown(_ texts: [String]) -> String { texts.map(shown).joined(separator: Language.current == .chinese ? "；" : "; ") }
}
