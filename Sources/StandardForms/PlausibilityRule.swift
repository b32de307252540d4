internal import ProfileModel

/// A value that cannot be, or hardly: a person looks at it, nothing mends it.
public struct Implausibility: Hashable, Sendable {
    /// What is the matter; the raw values are the codes of the reasons in both languages.
    public enum Reason: String, CaseIterable, Sendable {
        case age = "quality.impossible-age"
        case future = "quality.in-future"
        case birthAgainstIdentity = "quality.birth-against-identity"
        case genderAgainstIdentity = "quality.gender-against-identity"
        case places = "quality.places-disagree"
        case datesReversed = "quality.dates-reversed"
        case individual = "quality.industry-is-individual"
        case quarantine = "quality.quarantine"
        case outlier = "quality.outlier"
    }

    public let field: String
    public let raw: String
    /// What the field would get if a person accepts.
    public let proposed: String?
    public let reason: Reason

    public init(field: String, raw: String, proposed: String? = nil, reason: Reason) {
        self.field = field
        self.raw = raw
        self.proposed = proposed
        self.reason = reason
    }
}

/// What single customers are looked at for.
public enum PlausibilityRule: String, CaseIterable, Sendable {
    /// Ages, dates and places that cannot be true, or not together.
    case impossible
    /// A customer without an industry and without any way to reach it.
    case quarantine

    /// Nobody is known to have lived longer than 122 years.
    public static let ageMaximum = 122

    /// What is wrong with a customer by this rule.
    public func implausibilities(of known: KnownValues) -> [Implausibility] {
        switch self {
        case .impossible: PlausibilityRule.impossible(known)
        case .quarantine:
            known["industry"] == nil && known.phones.isEmpty && !known.hasOtherContact
                ? [Implausibility(field: "industry", raw: "", reason: .quarantine)] : []
        }
    }

    private static func impossible(_ known: KnownValues) -> [Implausibility] {
        var found: [Implausibility] = []
        let birth = known["birth_date"], identity = known["national_id"].flatMap { ResidentIdentity($0) }
        if let birth, let year = Int(birth.prefix(4)), let present = Int(known.today.prefix(4)), present - year > ageMaximum {
            found.append(Implausibility(field: "birth_date", raw: birth, reason: .age))
        }
        for field in ["birth_date", "founded", "last_contact_date", "customer_since"] {
            if let date = known[field], date > known.today { found.append(Implausibility(field: field, raw: date, reason: .future)) }
        }
        if let birth, let identity, !identity.birthDate.hasPrefix(birth) {
            found.append(Implausibility(field: "birth_date", raw: birth, proposed: identity.birthDate, reason: .birthAgainstIdentity))
        }
        if let gender = known["gender"], let identity, ["male", "female"].contains(gender), gender != identity.gender.rawValue {
            found.append(Implausibility(field: "gender", raw: gender, proposed: identity.gender.rawValue, reason: .genderAgainstIdentity))
        }
        for (earlier, later) in [("birth_date", "customer_since"), ("founded", "customer_since"), ("customer_since", "contract_end_date")] {
            if let first = known[earlier], let second = known[later], second.count == 10, first.count == 10, second < first {
                found.append(Implausibility(field: later, raw: second, reason: .datesReversed))
            }
        }
        // A telephone number of another place is no fault, and neither is a postcode of a neighbour.
        if let stated = known["region"], let coded = known["region_code"], let a = Region(stated), let b = Region(code: coded), !a.contains(b), !b.contains(a) {
            found.append(Implausibility(field: "region_code", raw: coded, proposed: a.code, reason: .places))
        }
        return found
    }

    /// Words that say what kind of customer it is, where an industry is due.
    public static func isIndividual(industry text: String) -> Bool {
        ["个人", "自然人", "私人", "个人客户", "personal", "individual", "individuals"].contains(text.lowercased())
    }
}
