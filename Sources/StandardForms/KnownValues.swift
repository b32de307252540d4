public import ProfileModel

/// What is known of one customer, as the rules read it that fill gaps and look for what cannot be: plain texts of standard forms.
public struct KnownValues: Sendable {
    public let kind: RowKind
    /// Registers by the names of their fields.
    public var registers: [String: String]
    public var phones: [String] = []
    /// Whether there is a mail address, a WeChat or any other account.
    public var hasOtherContact = false
    /// Where orders were sent, an entry an order.
    public var orderAddresses: [String] = []
    /// The industry of the one organization that the person's employer names.
    public var employerIndustry: String?
    /// `YYYY-MM-DD`.
    public var today: String

    public init(kind: RowKind, registers: [String: String], today: String) {
        self.kind = kind
        self.registers = registers
        self.today = today
    }

    public subscript(field: String) -> String? { registers[field] }
}
