/// Compares prepared records; reads the pools in place, so that it lives only as long as the table stands still.
struct PairComparator {
    let subject: LinkageSubject
    let names: TextView
    let words: TextView
    let codes: TextView

    /// The pattern of two records.
    @inline(__always)
    func pattern(_ a: RecordFeatures, _ b: RecordFeatures) -> AgreementPattern {
        subject == .person ? personPattern(a, b) : organizationPattern(a, b)
    }

    private func personPattern(_ a: RecordFeatures, _ b: RecordFeatures) -> AgreementPattern {
        var pattern = AgreementPattern()
        let name = NameComparison.levels(a, b, names)
        pattern.set(0, name.given)
        pattern.set(1, name.family)
        pattern.set(2, DateComparison.level(a.birthDate, b.birthDate))
        if a.gender != 0, b.gender != 0 { pattern.set(3, a.gender == b.gender ? 1 : 2) }
        pattern.set(4, CodeComparison.level(a.code, b.code, codes))
        pattern.set(5, PhoneComparison.level(a.phones, b.phones).level)
        pattern.set(6, personMailLevel(a, b))
        setAddress(a, b, 7, &pattern)
        return pattern
    }

    /// A local part that is made of the name says at another domain only the name again.
    private func personMailLevel(_ a: RecordFeatures, _ b: RecordFeatures) -> UInt8 {
        let level = MailComparison.level(a.emails, b.emails, codes).level
        guard level == MailComparison.sameLocalPart, a.family != 0 else { return level }
        let mail = codes.text(a.emails.0), name = names.reading(a.family)
        return name.count > 2 && mail.firstRange(of: name) != nil ? 0 : level
    }

    private func organizationPattern(_ a: RecordFeatures, _ b: RecordFeatures) -> AgreementPattern {
        var pattern = AgreementPattern()
        pattern.set(0, CompanyNameComparison.level(a, b, words))
        pattern.set(1, SeatComparison.level(a.seat, b.seat))
        pattern.set(2, BranchComparison.level(a, b, words))
        pattern.set(3, CodeComparison.level(a.code, b.code, codes))
        pattern.set(4, PhoneComparison.level(a.phones, b.phones).level)
        pattern.set(5, MailComparison.level(a.emails, b.emails, codes).level)
        if a.website != 0, b.website != 0 { pattern.set(6, a.website == b.website ? 1 : 2) }
        let contact = NameComparison.level(a.contact, b.contact, names)
        pattern.set(7, contact == 0 ? 0 : contact == NameComparison.same ? 1 : contact <= NameComparison.close ? 2 : 3)
        setAddress(a, b, 8, &pattern)
        return pattern
    }

    /// Sets the levels of street, premises and locality. Whoever has moved lives elsewhere altogether: where the streets differ, doors
    /// and towns are judged among such pairs alone.
    @inline(__always)
    private func setAddress(_ a: RecordFeatures, _ b: RecordFeatures, _ place: Int, _ pattern: inout AgreementPattern) {
        let street = StreetComparison.level(a, b, words, codes)
        pattern.set(place, street)
        var premises: UInt8 = 0
        if street != StreetComparison.exchanged { premises = TextComparison.level(a.premises, b.premises, words) }
        var locality = LocalityComparison.level(a, b, words, codes)
        if street == StreetComparison.different || street == StreetComparison.otherStreet {
            if premises > 0 { premises = premises == TextComparison.same ? TextComparison.sameElsewhere : TextComparison.elsewhere }
            if locality > 0 { locality = LocalityComparison.isNear(locality) ? LocalityComparison.nearby : LocalityComparison.elsewhere }
        }
        pattern.set(place + 1, premises)
        pattern.set(place + 2, locality)
    }

    /// The stable hash of the value that two records have in common in a comparison, where how common it is matters and the
    /// level is `same`; nil otherwise.
    func sharedValue(_ comparison: Comparison, _ a: RecordFeatures, _ b: RecordFeatures) -> UInt64? {
        switch comparison {
        case .givenName: hash(names, a.given)
        case .familyName: hash(names, a.family)
        case .contact: hash(names, a.contact)
        case .companyName: hash(words, a.fullName)
        case .birthDate: StableHash(UInt64(a.birthDate)).value
        case .phone: StableHash(PhoneComparison.level(a.phones, b.phones).shared).value
        case .email: hash(codes, MailComparison.level(a.emails, b.emails, codes).shared)
        case .website: hash(codes, a.website)
        case .locality: hash(words, a.locality)
        case .street: hash(words, a.street)
        case .gender, .officialCode, .premises, .seat, .branch: nil
        }
    }

    /// The stable hashes of a record's own values in a comparison whose term frequencies count.
    func values(_ comparison: Comparison, of record: RecordFeatures, readings: Bool) -> [UInt64] {
        switch comparison {
        case .givenName: nameValues(record.given, readings)
        case .familyName: nameValues(record.family, readings)
        case .contact: record.contact == 0 ? [] : [hash(names, record.contact)]
        case .companyName: record.fullName == 0 ? [] : [hash(words, record.fullName)]
        case .birthDate: DateDigits.plausible(record.birthDate) == 0 ? [] : [StableHash(UInt64(record.birthDate)).value]
        case .phone: [record.phones.0, record.phones.1, record.phones.2].filter { $0 != 0 }.map { StableHash($0).value }
        case .email: [record.emails.0, record.emails.1].filter { $0 != 0 }.map { hash(codes, $0) }
        case .website: record.website == 0 ? [] : [hash(codes, record.website)]
        case .locality: record.locality == 0 ? [] : [hash(words, record.locality)]
        case .street: record.street == 0 ? [] : [hash(words, record.street)]
        case .gender, .officialCode, .premises, .seat, .branch: []
        }
    }

    private func nameValues(_ name: UInt32, _ readings: Bool) -> [UInt64] {
        if name == 0 { return [] }
        if !readings || names.script(name) == .latin { return [hash(names, name)] }
        return [hash(names, name), readingValue(name)]
    }

    /// The stable hash of how a name is read, as a value of its comparison.
    func readingValue(_ name: UInt32) -> UInt64 {
        var reading = StableHash(2)
        reading.combine(names.reading(name))
        return reading.value
    }

    func hash(_ view: TextView, _ number: UInt32) -> UInt64 {
        var hash = StableHash(2)
        hash.combine(view.text(number))
        return hash.value
    }
}

extension RecordTable {
    /// Lets a body compare records in place.
    func withComparator<Result>(_ body: (PairComparator, UnsafeBufferPointer<RecordFeatures>) throws -> Result) rethrows -> Result {
        try names.withView { names in
            try words.withView { words in
                try codes.withView { codes in
                    try features.withUnsafeBufferPointer { features in
                        try body(PairComparator(subject: subject, names: names, words: words, codes: codes), features)
                    }
                }
            }
        }
    }
}
