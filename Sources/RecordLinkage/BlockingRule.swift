/// What two records must have alike to be compared at all. The rules of a subject are united: a pair that one of them makes is
/// compared once.
public enum BlockingRule: UInt8, CaseIterable, Sendable {
    case officialCode, phone, email
    /// Both names by their readings, in any order.
    case names
    case namesAndBirthYear, namesAndLocality
    case birthDateAndInitial, birthDateAndPlace, birthDateAndStreet
    case givenAndBirthMonth, familyAndBirthMonth
    case familyAndPostcode, givenAndPostcode, familyAndStreet, givenAndStreet
    case initialsAndPostcode
    case door, premisesAndPlace
    case website
    case companyName
    case brand, brandAndSeat, brandBeginning, brandEnd
    case contactAndLocality

    /// The rules of a subject, in the order in which they are asked.
    public static func all(of subject: LinkageSubject) -> [BlockingRule] {
        switch subject {
        case .person:
            [
                .officialCode, .phone, .email, .names, .namesAndBirthYear, .namesAndLocality, .birthDateAndInitial,
                .birthDateAndPlace, .birthDateAndStreet, .givenAndBirthMonth, .familyAndBirthMonth, .familyAndPostcode,
                .givenAndPostcode, .familyAndStreet, .givenAndStreet, .initialsAndPostcode, .door, .premisesAndPlace,
            ]
        case .organization:
            [
                .officialCode, .phone, .email, .website, .companyName, .brandAndSeat, .brand, .brandBeginning, .brandEnd, .contactAndLocality,
                .door,
            ]
        }
    }

    /// How many keys the rule gives a record at most.
    var slots: Int {
        switch self {
        case .phone: 3
        case .email, .birthDateAndInitial: 2
        default: 1
        }
    }

    /// The keys of a record, 0 where what the rule needs is missing.
    func keys(of record: RecordFeatures, _ names: TextView, _ words: TextView) -> (UInt64, UInt64, UInt64) {
        switch self {
        case .officialCode: one(UInt64(record.code))
        case .phone: (key(record.phones.0), key(record.phones.1), key(record.phones.2))
        case .email: (key(UInt64(record.emails.0)), key(UInt64(record.emails.1)), 0)
        case .website: one(UInt64(record.website))
        case .door: one(UInt64(record.street), UInt64(record.streetNumber))
        case .premisesAndPlace: one(UInt64(record.premises), BlockingRule.place(of: record))
        case .companyName, .brand, .brandAndSeat, .brandBeginning, .brandEnd, .contactAndLocality: one(ofOrganization: record, names, words)
        default: one(ofPerson: record, names)
        }
    }

    private func one(ofPerson record: RecordFeatures, _ names: TextView) -> (UInt64, UInt64, UInt64) {
        let given = record.given == 0 ? 0 : names.readingHash(record.given)
        let family = record.family == 0 ? 0 : names.readingHash(record.family)
        let both = given == 0 || family == 0 ? 0 : given &+ family
        let month = record.birthDate / 100
        let locality = UInt64(record.locality), date = UInt64(record.birthDate)
        switch self {
        case .names: return one(both)
        case .namesAndBirthYear: return one(both, UInt64(record.birthDate / 10_000))
        case .namesAndLocality: return one(both, locality)
        case .birthDateAndInitial:
            let initials = (
                one(date, record.given == 0 ? 0 : UInt64(names.reading(record.given)[0])).0,
                one(date, record.family == 0 ? 0 : UInt64(names.reading(record.family)[0])).0
            )
            return (initials.0, initials.1, 0)
        case .birthDateAndStreet: return one(date, UInt64(record.street))
        case .birthDateAndPlace: return one(date, BlockingRule.place(of: record))
        case .givenAndBirthMonth: return one(given, UInt64(month))
        case .familyAndBirthMonth: return one(family, UInt64(month))
        case .familyAndPostcode: return one(family, BlockingRule.place(of: record))
        case .givenAndPostcode: return one(given, BlockingRule.place(of: record))
        case .initialsAndPostcode:
            if both == 0 { return (0, 0, 0) }
            let initials = UInt64(names.reading(record.given)[0]) * UInt64(names.reading(record.family)[0])
            return one(initials, BlockingRule.place(of: record))
        case .familyAndStreet: return one(family, UInt64(record.street))
        case .givenAndStreet: return one(given, UInt64(record.street))
        default: preconditionFailure("\(self) is no rule for persons")
        }
    }

    /// The postcode, or where there is none the town.
    private static func place(of record: RecordFeatures) -> UInt64 {
        record.postcode == 0 ? UInt64(record.locality) << 32 : UInt64(record.postcode)
    }

    private func one(ofOrganization record: RecordFeatures, _ names: TextView, _ words: TextView) -> (UInt64, UInt64, UInt64) {
        if self == .contactAndLocality { return one(record.contact == 0 ? 0 : names.readingHash(record.contact), UInt64(record.locality)) }
        if record.fullName == 0 || record.brand == 0 { return (0, 0, 0) }
        let brand = words.text(record.brand)
        let business = UInt64(record.trade) << 32 | UInt64(record.seat)
        switch self {
        case .companyName: return one(words.readingHash(record.fullName))
        case .brand: return one(words.readingHash(record.brand))
        case .brandAndSeat: return one(words.readingHash(record.brand), UInt64(record.seat))
        case .brandBeginning: return one(UInt64(brand[0]), business)
        case .brandEnd: return one(UInt64(brand[brand.count - 1]), business)
        default: preconditionFailure("\(self) is no rule for organizations")
        }
    }

    private func one(_ first: UInt64) -> (UInt64, UInt64, UInt64) { (key(first), 0, 0) }

    private func one(_ first: UInt64, _ second: UInt64) -> (UInt64, UInt64, UInt64) {
        first == 0 || second == 0 ? (0, 0, 0) : (key(StableHash.mix(first) &+ second), 0, 0)
    }

    /// 0 stays 0; keys of different rules are different.
    private func key(_ value: UInt64) -> UInt64 { value == 0 ? 0 : StableHash.mix(value ^ UInt64(rawValue + 1) << 56) | 1 }
}
