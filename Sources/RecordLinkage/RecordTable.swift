/// The records that are compared with each other, prepared: each value is folded, taken apart and read out once.
///
/// - Complexity: about 200 bytes a record, and what the distinct texts take.
/// - Privacy: holds the values that are compared, in memory only.
public struct RecordTable: Sendable {
    public let subject: LinkageSubject
    public private(set) var keys: [String] = []
    private(set) var features: [RecordFeatures] = []
    var names = TextPool(reading: .surname)
    var words = TextPool(reading: .plain)
    var codes = TextPool(reading: .none)

    public init(subject: LinkageSubject) { self.subject = subject }

    /// How many records there are.
    public var count: Int { features.count }

    /// Adds a record, and returns its number in the table.
    @discardableResult
    public mutating func add(_ record: LinkageRecord) -> Int {
        features.append(prepare(record))
        keys.append(record.key)
        return features.count - 1
    }

    mutating func reserve(_ count: Int) {
        features.reserveCapacity(count)
        keys.reserveCapacity(count)
    }

    /// Takes a record apart without adding it.
    mutating func prepare(_ record: LinkageRecord) -> RecordFeatures {
        var features = RecordFeatures()
        for (attribute, text) in record.values where !text.isEmpty { set(attribute, text, &features) }
        if subject == .person { completeFromResidentID(&features) }
        for mail in [features.emails.0, features.emails.1] where mail != 0 && features.phones.2 == 0 {
            features.addPhone(PhoneDigits.mobile(ofMail: codes.text(mail)))
        }
        return features
    }

    private mutating func set(_ attribute: Attribute, _ text: String, _ features: inout RecordFeatures) {
        switch attribute {
        case .name:
            // The parts are more certain than what a whole name is cut into.
            if features.given == 0, features.family == 0 { setName(ComparedPersonName(whole: text), &features) }
        case .givenName: setName(ComparedPersonName(given: text), &features)
        case .familyName: setName(ComparedPersonName(family: text), &features)
        case .birthDate: features.birthDate = DateDigits.parse(text)
        case .gender: features.gender = ComparedPersonName.gender(of: text)
        case .officialCode: features.code = codes.intern(CodeText.units(of: text))
        case .phone: features.addPhone(PhoneDigits.parse(text))
        case .email: setEmail(text, &features)
        case .website: features.website = codes.intern(MailDomain.site(of: text))
        case .organizationName: setOrganizationName(ComparedCompanyName(text), &features)
        case .contactName:
            let name = ComparedPersonName(whole: text)
            features.contact = names.intern(name.family + name.given)
        case .address: setAddress(AddressParts(text), &features)
        case .streetNumber: features.streetNumber = codes.intern(FoldedText.units(of: text))
        case .street: features.street = words.intern(FoldedText.units(of: text))
        case .premises: features.premises = words.intern(FoldedText.units(of: text))
        case .locality: features.locality = words.intern(AddressParts.place(text))
        case .postcode: features.postcode = codes.intern(FoldedText.units(of: text))
        case .region: features.region = words.intern(AddressParts.place(text))
        }
    }

    private mutating func setName(_ name: ComparedPersonName, _ features: inout RecordFeatures) {
        if !name.given.isEmpty { features.given = names.intern(name.given) }
        if !name.family.isEmpty { features.family = names.intern(name.family) }
        if features.gender == 0 { features.gender = name.gender }
    }

    private mutating func setEmail(_ text: String, _ features: inout RecordFeatures) {
        let units = FoldedText.mail(text)
        if units.isEmpty { return }
        features.addEmail(codes.intern(units))
        if subject == .organization, features.website == 0 { features.website = codes.intern(MailDomain.site(ofMail: units)) }
    }

    private mutating func setAddress(_ parts: AddressParts, _ features: inout RecordFeatures) {
        if features.street == 0 { features.street = words.intern(parts.street) }
        if features.streetNumber == 0 { features.streetNumber = codes.intern(parts.number) }
        if features.premises == 0 { features.premises = words.intern(parts.premises) }
        if features.locality == 0 { features.locality = words.intern(parts.locality) }
        if features.region == 0 { features.region = words.intern(parts.region) }
    }

    private mutating func setOrganizationName(_ name: ComparedCompanyName, _ features: inout RecordFeatures) {
        features.brand = words.intern(name.brand)
        features.trade = words.intern(name.trade)
        features.seat = words.intern(name.seat)
        features.branch = words.intern(name.branch)
        features.fullName = words.intern(name.brand + name.trade)
    }

    /// A resident ID of China (GB 11643) holds the birth date and the gender.
    private func completeFromResidentID(_ features: inout RecordFeatures) {
        let code = codes.text(features.code)
        guard code.count == 18, code.prefix(17).allSatisfy(isDigit) else { return }
        let digits = code.prefix(17).map { UInt32($0 - 0x30) }
        let date = DateDigits.plausible(digits[6..<14].reduce(0) { $0 * 10 + $1 })
        if date != 0, DateDigits.plausible(features.birthDate) == 0 { features.birthDate = date }
        if features.gender == 0 { features.gender = digits[16] % 2 == 1 ? 1 : 2 }
    }
}
