public import ProfileModel

/// Why a text is not an expression, or why an expression does not suit the fields it speaks of.
///
/// - Privacy: `near` repeats a few characters of what the person has just typed, for that person alone; leave it out of
///   logs. No parameter holds a customer's data.
public struct RuleError: CodedError, Equatable {
    /// What is wrong; the raw value is the error's code.
    public enum Reason: String, CaseIterable, Sendable {
        case nothingGiven = "rules.nothing-given"
        case tooLong = "rules.too-long"
        case tooDeep = "rules.too-deep"
        case tooManyNodes = "rules.too-many-nodes"
        case textNotClosed = "rules.text-not-closed"
        case badEscape = "rules.bad-escape"
        case conditionExpected = "rules.condition-expected"
        case operatorExpected = "rules.operator-expected"
        case valueExpected = "rules.value-expected"
        case connectiveExpected = "rules.connective-expected"
        case bracketExpected = "rules.bracket-expected"
        case emptyExpected = "rules.empty-expected"
        case notYetKnownFunction = "rules.not-yet-known-function"
        case unknownField = "rules.unknown-field"
        case operatorNotForField = "rules.operator-not-for-field"
        case notANumber = "rules.not-a-number"
        case badDate = "rules.bad-date"
        case notABoolean = "rules.not-a-boolean"
        case emptyValue = "rules.empty-value"
        case cronFields = "rules.cron-fields"
        case cronValue = "rules.cron-value"
        case cronNever = "rules.cron-never"
    }

    public let reason: Reason
    /// Where it is, in characters from 1; one past the end where something is missing there; 0 where the expression was
    /// not parsed from a text.
    public let column: Int
    /// `column`, and by reason: `near` (at most 16 characters of the text from there on, or before the end), `expected`
    /// (what may stand there, as people write it), `limit`, `function`, `field`, `nearest` (a known name, where
    /// one is near), `operator`, `class`, `count`, `low`, `high`.
    public let parameters: [String: String]

    public var code: String { reason.rawValue }

    init(_ reason: Reason, column: Int, _ parameters: [String: String] = [:]) {
        self.reason = reason
        self.column = column
        self.parameters = parameters.merging(["column": String(column)]) { given, _ in given }
    }
}
