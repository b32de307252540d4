/// What of a record is compared, as numbers: texts by their numbers in the pools of the table, 0 where there is none.
struct RecordFeatures: Sendable {
    // In the pool of names.
    var given: UInt32 = 0
    var family: UInt32 = 0
    var contact: UInt32 = 0
    /// The digits YYYYMMDD as one decimal number; month and day are 00 where they are unknown. A slip may stand there, as 19881340 or
    /// 17880521.
    var birthDate: UInt32 = 0
    /// 1 male, 2 female, 0 unknown.
    var gender: UInt8 = 0

    // In the pool of codes.
    var code: UInt32 = 0
    var emails: (UInt32, UInt32) = (0, 0)
    var website: UInt32 = 0
    var postcode: UInt32 = 0
    var streetNumber: UInt32 = 0

    /// The digits of each number, without what only leads to it.
    var phones: (UInt64, UInt64, UInt64) = (0, 0, 0)

    // In the pool of words.
    var street: UInt32 = 0
    var premises: UInt32 = 0
    var locality: UInt32 = 0
    var region: UInt32 = 0
    /// The distinguishing part of an organization's name.
    var brand: UInt32 = 0
    /// What the name says of its business.
    var trade: UInt32 = 0
    /// The place that the name begins with, or has in brackets.
    var seat: UInt32 = 0
    /// The branch, shop or office that the name speaks of; 0 is the organization itself.
    var branch: UInt32 = 0
    /// Brand, trade and branch together.
    var fullName: UInt32 = 0

    mutating func addPhone(_ number: UInt64) {
        if number == 0 || number == phones.0 || number == phones.1 { return }
        if phones.0 == 0 { phones.0 = number } else if phones.1 == 0 { phones.1 = number } else { phones.2 = number }
    }

    mutating func addEmail(_ number: UInt32) {
        if number == 0 || number == emails.0 { return }
        if emails.0 == 0 { emails.0 = number } else { emails.1 = number }
    }
}

/// What kind of customer a table, a model and its comparisons are about; the two are never compared.
public enum LinkageSubject: String, Codable, Sendable {
    case person, organization
}
