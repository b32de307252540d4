/// What a value says of the customer that a record describes.
public enum Attribute: UInt8, CaseIterable, Sendable {
    /// A whole name of a person, in any order: 张伟, `John Smith`, `Smith, John`.
    case name
    case givenName, familyName
    /// A day by the Gregorian calendar: `1980-05-17` or `19800517`; the year alone, or year and month, are taken too.
    case birthDate
    /// `male` or `female`; other words say nothing.
    case gender
    /// A number that an authority gives to one person or one organization: resident ID, unified social credit code.
    case officialCode
    /// A telephone number; a record may have several.
    case phone
    /// An address of mail; a record may have several.
    case email
    /// A postal address in one line.
    case address
    case streetNumber, street
    /// The house, floor or door behind the street and its number.
    case premises
    /// The town, suburb or district.
    case locality
    case postcode
    /// The province or state.
    case region
    /// The name of an organization.
    case organizationName
    case website
    /// A person who speaks or signs for an organization.
    case contactName
}

/// What one source says of one customer, as the linkage takes it: values in their standard forms, as many as there are.
///
/// - Privacy: holds personal data; nothing of the linkage keeps it beyond the table it was added to.
public struct LinkageRecord: Sendable {
    /// Names the record in results; unique in a table.
    public var key: String
    public var values: [(attribute: Attribute, text: String)]

    public init(key: String, values: [(attribute: Attribute, text: String)]) {
        self.key = key
        self.values = values
    }
}
