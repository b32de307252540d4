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

    /// The keys of a record, 0 where what the rule needs is missing; made of stable hashes of the values.
    func keys(of record: RecordFeatures, _ comparator: PairComparator) -> (UInt64, UInt64, UInt64) {
        let names = comparator.names, words = comparator.words, codes = comparator.codes
        switch self {
        case .officialCode: return one(codes.readingHash(record.code))
        case .phone: return (key(record.phones.0), key(record.phones.1), key(record.phones.2))
        case .email: return (key(codes.readingHash(record.emails.0)), key(codes.readingHash(record.emails.1)), 0)
        case .website: return one(codes.readingHash(record.website))
        case .door: return one(words.readingHash(record.street), codes.readingHash(record.streetNumber))
        case .premisesAndPlace: return one(words.readingHash(record.premises), place(of: record, comparator))
        case .contactAndLocality: return one(names.readingHash(record.contact), words.readingHash(record.locality))
        case .companyName, .brand, .brandAndSeat, .brandBeginning, .brandEnd: return one(ofOrganization: record, words)
        default: return keys(ofPerson: record, comparator)
        }
    }

    private func keys(ofPerson record: RecordFeatures, _ comparator: PairComparator) -> (UInt64, UInt64, UInt64) {
        let names = comparator.names, words = comparator.words
        let given = names.readingHash(record.given), family = names.readingHash(record.family)
        let both = given == 0 || family == 0 ? 0 : given &+ family
        let date = UInt64(DateDigits.plausible(record.birthDate)), month = date / 100
        switch self {
        case .names: return one(both)
        case .namesAndBirthYear: return one(both, date / 10_000)
        case .namesAndLocality: return one(both, words.readingHash(record.locality))
        case .birthDateAndInitial: return (one(date, initial(record.given, names)).0, one(date, initial(record.family, names)).0, 0)
        case .birthDateAndStreet: return one(date, words.readingHash(record.street))
        case .birthDateAndPlace: return one(date, place(of: record, comparator))
        case .givenAndBirthMonth: return one(given, month)
        case .familyAndBirthMonth: return one(family, month)
        case .familyAndPostcode: return one(family, place(of: record, comparator))
        case .givenAndPostcode: return one(given, place(of: record, comparator))
        case .initialsAndPostcode: return one(initial(record.given, names) * initial(record.family, names), place(of: record, comparator))
        case .familyAndStreet: return one(family, words.readingHash(record.street))
        case .givenAndStreet: return one(given, words.readingHash(record.street))
        default: preconditionFailure("\(self) is no rule for persons")
        }
    }

    /// The first letter of a name's reading, 0 where there is no name.
    private func initial(_ name: UInt32, _ names: TextView) -> UInt64 { UInt64(names.reading(name).first ?? 0) }

    /// The postcode, or where there is none the town.
    private func place(of record: RecordFeatures, _ comparator: PairComparator) -> UInt64 {
        record.postcode == 0 ? comparator.words.readingHash(record.locality) : comparator.codes.readingHash(record.postcode)
    }

    private func one(ofOrganization record: RecordFeatures, _ words: TextView) -> (UInt64, UInt64, UInt64) {
        let brand = words.readingHash(record.brand), trade = words.readingHash(record.trade), seat = words.readingHash(record.seat)
        let business = trade == 0 ? 0 : StableHash.mix(trade) &+ seat
        switch self {
        case .companyName: return one(words.readingHash(record.fullName))
        case .brand: return one(brand)
        case .brandAndSeat: return one(brand, seat)
        case .brandBeginning: return one(UInt64(words.text(record.brand).first ?? 0), business)
        case .brandEnd: return one(UInt64(words.text(record.brand).last ?? 0), business)
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
