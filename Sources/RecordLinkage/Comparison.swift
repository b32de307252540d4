/// One thing that two records are compared in.
///
/// A comparison ends in an agreement level; level 0 means that one of the records is silent, and says nothing.
public enum Comparison: String, Codable, CaseIterable, Sendable {
    case givenName = "given-name"
    case familyName = "family-name"
    case birthDate = "birth-date"
    case gender
    case officialCode = "official-code"
    case phone
    case email
    case street
    case premises
    case locality
    case companyName = "company-name"
    case seat
    case branch
    case website
    case contact

    /// The comparisons of a subject, in the order in which a pattern holds them.
    public static func all(of subject: LinkageSubject) -> [Comparison] {
        switch subject {
        case .person: [.givenName, .familyName, .birthDate, .gender, .officialCode, .phone, .email, .street, .premises, .locality]
        case .organization: [.companyName, .seat, .branch, .officialCode, .phone, .email, .website, .contact, .street, .premises, .locality]
        }
    }

    /// The names of the agreement levels from level 1, as reasons give them.
    public var levels: [String] { traits.map(\.name) }

    /// How often records of one customer are expected to agree so, before anything is fitted; the m-probabilities from level 1.
    var expectedM: [Double] { traits.map(\.expectedM) }

    private var traits: [(name: String, expectedM: Double)] {
        switch self {
        case .givenName:
            [
                ("same", 0.80), ("same-reading", 0.02), ("close", 0.06), ("part", 0.03), ("similar", 0.02), ("different", 0.05),
                ("exchanged", 0.02), ("exchanged-close", 0.005),
                ("same-reading-other-script", 0.60), ("close-other-script", 0.10), ("part-other-script", 0.05), ("similar-other-script", 0.05),
                ("different-other-script", 0.10), ("exchanged-other-script", 0.10),
            ]
        case .familyName:
            [
                ("same", 0.85), ("same-reading", 0.02), ("close", 0.06), ("part", 0.01), ("similar", 0.02), ("different", 0.04),
                ("same-reading-other-script", 0.75), ("close-other-script", 0.10), ("part-other-script", 0.02), ("similar-other-script", 0.03),
                ("different-other-script", 0.10),
            ]
        case .birthDate:
            [
                ("same", 0.83), ("day-and-month-exchanged", 0.01), ("slip", 0.05), ("other-year", 0.01), ("two-slips", 0.02), ("partly", 0.02),
                ("same-year", 0.01), ("different", 0.03), ("slip-to-no-day", 0.01), ("slip-to-no-year", 0.01),
            ]
        case .gender: [("same", 0.97), ("different", 0.03)]
        case .officialCode: [("same", 0.93), ("slip", 0.04), ("different", 0.03)]
        case .phone: [("same", 0.60), ("close", 0.05), ("different", 0.35)]
        case .email: [("same", 0.60), ("same-local-part", 0.08), ("close", 0.07), ("different", 0.25)]
        case .street:
            [
                ("same", 0.55), ("same-street", 0.05), ("close-number", 0.05), ("other-number", 0.04), ("close-street", 0.08),
                ("close-street-no-number", 0.03), ("close-street-other-number", 0.02), ("only-same-number", 0.03),
                ("other-street-same-number", 0.03), ("different", 0.10), ("only-other-number", 0.02),
                ("exchanged", 0.01),
            ]
        case .premises: [("same", 0.80), ("close", 0.10), ("different", 0.10), ("same-elsewhere", 0.3), ("elsewhere", 0.7)]
        case .locality:
            [
                ("same", 0.60), ("close-postcode", 0.08), ("same-place", 0.06), ("other-postcode", 0.05), ("close-place", 0.06),
                ("close-place-other-postcode", 0.02), ("only-same-postcode", 0.04), ("other-place-same-postcode", 0.02),
                ("other-place-close-postcode", 0.01), ("same-region", 0.02), ("different", 0.02), ("only-same-region", 0.01),
                ("nearby", 0.3), ("elsewhere", 0.7),
            ]
        case .companyName:
            [
                ("same", 0.60), ("same-reading", 0.03), ("close", 0.06), ("only-brand", 0.08), ("part-of-trade", 0.06), ("other-trade", 0.02),
                ("part-of-brand", 0.04), ("close-brand", 0.04), ("different", 0.07),
            ]
        case .seat: [("same", 0.95), ("different", 0.05)]
        case .branch: [("both-whole", 0.93), ("same", 0.05), ("close", 0.01), ("branch-and-whole", 0.005), ("different", 0.005)]
        case .website: [("same", 0.70), ("different", 0.30)]
        case .contact: [("same", 0.50), ("close", 0.05), ("different", 0.45)]
        }
    }

    /// From this level on, levels are met only under a condition: where the streets differ, or where one name is in Latin letters and the
    /// other is not. Their probabilities are those among such pairs, and sum to 1 by themselves.
    var firstConditionalLevel: Int? {
        switch self {
        case .givenName: Int(NameComparison.sameReading + NameComparison.otherScriptGiven)
        case .familyName: Int(NameComparison.sameReading + NameComparison.otherScriptFamily)
        case .premises: Int(TextComparison.sameElsewhere)
        case .locality: Int(LocalityComparison.nearby)
        default: nil
        }
    }

    /// How many levels it has in persons' models of a form: in the first all scripts were one, and before the fourth a date that cannot be
    /// was a date like any other.
    func levelCount(inForm form: Int) -> Int {
        switch self {
        case .givenName, .familyName: form < 2 ? (firstConditionalLevel ?? levels.count + 1) - 1 : levels.count
        case .birthDate: form < 4 ? Int(DateComparison.different) : levels.count
        default: levels.count
        }
    }

    /// The level in a form for one of the newest form.
    func level(_ level: Int, inForm form: Int) -> Int {
        if level <= levelCount(inForm: form) { return level }
        switch self {
        case .givenName:
            return Int(level == Int(NameComparison.exchangedOtherScript) ? NameComparison.exchangedClose : UInt8(level) - NameComparison.otherScriptGiven)
        case .familyName: return level - Int(NameComparison.otherScriptFamily)
        // A year in which nobody alive was born was left out.
        case .birthDate: return level == Int(DateComparison.slipToNoDay) ? Int(DateComparison.slip) : 0
        default: return level
        }
    }

    /// The m-probabilities that relatives are expected to have, where they are no mixture of one customer's and strangers'.
    var expectedRelated: [Double]? {
        switch self {
        // Firms of a group share the brand and differ in their business.
        case .companyName: [0.02, 0.01, 0.02, 0.06, 0.02, 0.55, 0.03, 0.04, 0.25]
        // A firm and its branches.
        case .branch: [0.45, 0.02, 0.01, 0.40, 0.12]
        default: nil
        }
    }

    /// How often two of a household (two firms of a group) agree in it because they are related: 0 no oftener than strangers,
    /// 1 as often as one customer with itself.
    var sharedByRelated: Double {
        switch self {
        case .givenName: 0.02  // father and son
        case .familyName: 0.75
        case .birthDate: 0.01  // twins
        case .gender, .officialCode: 0
        case .phone: 0.5
        case .email: 0.1
        case .street, .premises: 0.9
        case .locality: 0.95
        case .companyName: 0.02
        case .seat: 0.7
        case .branch: 0.9
        case .website: 0.7
        case .contact: 0.4
        }
    }

    /// Whether it tells a customer from its relatives: without such evidence nothing is linked.
    var tellsFromRelated: Bool {
        switch self {
        case .givenName, .birthDate, .gender, .officialCode, .companyName: true
        default: false
        }
    }

    /// Whether it is a number or address that one customer has: those that share it are mostly one, so that how often strangers
    /// agree in it cannot be told by leaving the matches out.
    var isIdentifier: Bool {
        switch self {
        case .officialCode, .phone, .email, .website: true
        default: false
        }
    }
}
