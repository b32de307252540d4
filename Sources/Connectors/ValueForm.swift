public import ProfileModel
internal import StandardForms

/// How a field's values are written on the other side, and how two of them are compared.
public struct ValueForm: Sendable, Equatable {
    /// What the values are.
    public enum Kind: String, Sendable, CaseIterable {
        /// As the field of the catalogue has it.
        case standard
        case text, phone, email, number, date, time, boolean
        /// A number on the other side, an amount with a currency here.
        case money
        /// Milliseconds since 1970 on the other side.
        case milliseconds
        /// Values that only have names of their own on the other side.
        case choice
        /// Somebody who works with the system: an id there, a name here.
        case user
    }

    public let kind: Kind
    /// The currency of `money`.
    public let currency: String?
    /// Of `choice` the other side's values with ours, in order.
    public let choices: [(remote: String, local: String)]

    public static let standard = ValueForm(.standard)

    public init(_ kind: Kind, currency: String? = nil, choices: [(remote: String, local: String)] = []) {
        self.kind = kind
        self.currency = currency
        self.choices = choices
    }

    public static func == (a: ValueForm, b: ValueForm) -> Bool { a.text == b.text }

    /// Reads `phone`, `money:CNY` or `choice:1=male|2=female`; nil where it is none.
    public init?(text: String) {
        let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
        guard let first = parts.first, let kind = Kind(rawValue: first) else { return nil }
        switch (kind, parts.count) {
        case (.money, 2): self.init(kind, currency: parts[1])
        case (.choice, 2):
            let choices = parts[1].split(separator: "|").map { $0.split(separator: "=", maxSplits: 1).map { String($0.trimmingBlanks) } }
            guard !choices.isEmpty, choices.allSatisfy({ $0.count == 2 }) else { return nil }
            self.init(kind, choices: choices.map { ($0[0], $0[1]) })
        case (.money, _), (.choice, _): return nil
        case (_, 1): self.init(kind)
        default: return nil
        }
    }

    /// The form as a mapping writes it.
    public var text: String {
        switch kind {
        case .money: "money:\(currency ?? "")"
        case .choice: "choice:" + choices.map { "\($0.remote)=\($0.local)" }.joined(separator: "|")
        default: kind.rawValue
        }
    }

    /// What the other side's value is called here, before it is brought into the field's standard form.
    public func local(_ remote: String) -> String {
        switch kind {
        case .choice: choices.first { $0.remote == remote }?.local ?? remote
        case .money: currency.map { remote.contains(where: \.isLetter) ? remote : "\(remote) \($0)" } ?? remote
        case .milliseconds: Int64(remote).flatMap { $0.multipliedReportingOverflow(by: 1_000).overflow ? nil : Timestamp.text(microseconds: $0 * 1_000) } ?? remote
        default: remote
        }
    }

    /// What the other side is to be told for our value.
    public func remote(_ local: String) -> String {
        switch kind {
        case .choice: choices.first { $0.local == local }?.remote ?? local
        case .money: String(local.prefix { !$0.isWhitespace })
        case .milliseconds: Timestamp.microseconds(local).map { String($0 / 1_000) } ?? local
        default: local
        }
    }

    /// A text that is the same for all ways to write one value: E.164 for telephone numbers, lower case for mail, canonical digits; for the rest
    /// NFC with blanks in order, in one line or several as the field has it.
    ///
    /// - Parameter field: the field of the catalogue, which says what is one value where the form is `standard`.
    public func comparable(_ local: String, field: Field, now: Int64) -> String {
        // A text has the lines and the length that the field gives it.
        let isFieldsOwn = kind == .text && field.type == .text
        let field = (isFieldsOwn ? nil : type).map { Field(id: field.id, name: field.name, type: $0, labelEnglish: field.name, labelChinese: field.name) } ?? field
        switch StandardForm(of: field, now: now).read(local) {
        case .success(let bytes): return FieldValue.plainText(of: bytes)
        case .failure: return String(local.trimmingBlanks)
        }
    }

    private var type: FieldType? {
        switch kind {
        case .standard, .choice, .user: nil
        case .text: .text
        case .phone: .phone
        case .email: .email
        case .number: .decimal
        case .date: .date
        case .time, .milliseconds: .time
        case .boolean: .boolean
        case .money: .money
        }
    }
}
