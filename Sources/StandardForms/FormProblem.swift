public import ProfileModel

/// Why a text has no standard form in a field. The text itself stays with whoever has it: a problem holds none of it.
public struct FormProblem: CodedError, Hashable {
    /// What is wrong; the raw values are the stable codes.
    public enum Reason: String, Error, Sendable, CaseIterable {
        case empty = "forms.empty"
        case notUTF8 = "forms.not-utf8"
        case controlCharacter = "forms.control-character"
        case tooLong = "forms.too-long"
        case notAnInteger = "forms.not-an-integer"
        case notANumber = "forms.not-a-number"
        case notAnAmount = "forms.not-an-amount"
        case unknownCurrency = "forms.unknown-currency"
        case outOfRange = "forms.out-of-range"
        case notADate = "forms.not-a-date"
        case noSuchDay = "forms.no-such-day"
        case inFuture = "forms.in-future"
        case notATime = "forms.not-a-time"
        case notABoolean = "forms.not-a-boolean"
        case notAnEmail = "forms.not-an-email"
        case notAPhone = "forms.not-a-phone"
        case notAURL = "forms.not-a-url"
        case notAChoice = "forms.not-a-choice"
        case notACode = "forms.not-a-code"
        case notAnIdentity = "forms.not-an-identity"
        case notACreditCode = "forms.not-a-credit-code"
    }

    public let reason: Reason
    /// The field's name.
    public let field: String
    /// The rule that was broken, where it was one.
    public let rule: FieldRule?

    public var code: String { reason.rawValue }

    public var parameters: [String: String] {
        var parameters = ["field": field]
        switch rule {
        case .maximumLength(let limit): parameters["limit"] = String(limit)
        case .range(let low, let high):
            parameters["low"] = String(low)
            parameters["high"] = String(high)
        case .choices(let choices): parameters["choices"] = choices.map(\.name).joined(separator: ", ")
        case .notInFuture, .capitals, .residentIdentity, .creditCode, nil: break
        }
        return parameters
    }

    init(_ reason: Reason, field: String, rules: [FieldRule]) {
        self.reason = reason
        self.field = field
        rule = rules.first { rule in
            switch (reason, rule) {
            case (.tooLong, .maximumLength), (.outOfRange, .range), (.notAChoice, .choices), (.inFuture, .notInFuture): true
            default: false
            }
        }
    }
}
