import RecordLinkage

/// Generated people with Latin names in households, and what several sources say of them. Nobody of them exists; keys begin with
/// `generated-`.
///
/// Households share name, address, often the telephone and at times a box of mail; there are twins, fathers and sons of one name, people who move, marry
/// and are known by another name; sources leave out and misspell. Chances are set once, from what is common in customer files.
struct GeneratedHouseholds: GeneratedPeople {
    static let setName = "households"
    static let goal = 0.93

    struct Person {
        var given: String
        var family: String
        var birth: BirthDay
        var isMale: Bool
        var phone: String
        var email: String
        var home: Home
    }

    struct Home {
        var number: Int
        var street: String
        var premises: String
        var town: String
        var postcode: String
        var phone: String
        /// The box that the others of the household give too; nil where nobody does.
        var email: String?
    }

    var chance: Chance
    var sharesMail = false
    private let names: LatinNames

    init(seed: UInt64) {
        chance = Chance(seed: seed)
        names = LatinNames()
    }

    private mutating func home() -> Home {
        let town = chance.common(of: names.towns, flatness: 30)
        return Home(
            number: 1 + chance.common(of: Array(0..<180), flatness: 40), street: chance.common(of: names.streets, flatness: 25),
            premises: chance.happens(0.25) ? "flat \(1 + chance.below(24))" : "", town: town.name,
            postcode: "\(town.postcode + chance.below(4))", phone: "0\(20 + chance.below(70))\(1_000_000 + chance.below(8_999_999))")
    }

    mutating func household() -> [Person] {
        let home = home()
        let family = chance.common(of: names.families)
        let year = 1935 + chance.below(65)
        var persons: [Person] = []
        let isMale = chance.happens(0.5)
        persons.append(person(isMale: isMale, family, year, home))
        if chance.happens(0.6) {
            let other = chance.happens(0.8) ? family : chance.common(of: names.families)
            persons.append(person(isMale: !isMale, other, year + chance.below(9) - 4, home))
            for _ in 0..<chance.below(4) {
                var child = person(isMale: chance.happens(0.5), family, year + 22 + chance.below(14), home)
                if child.birth.year > 2012 { continue }
                if child.isMale, chance.happens(0.04) { child.given = persons[isMale ? 0 : 1].given }
                persons.append(child)
                if chance.happens(0.02) {
                    var twin = person(isMale: chance.happens(0.5), family, child.birth.year, home)
                    twin.birth = child.birth
                    persons.append(twin)
                }
            }
        }
        if sharesMail, persons.count > 1, chance.happens(SharedMail.households) {
            for index in persons.indices { persons[index].home.email = persons[0].email }
        }
        return persons
    }

    private mutating func person(isMale: Bool, _ family: String, _ year: Int, _ home: Home) -> Person {
        let given = chance.common(of: isMale ? names.men : names.women)
        let birth = BirthDay(year: year, &chance)
        let box = ["mail.example", "post.example", "net.example"]
        let email = chance.happens(0.5)
            ? "\(given.lowercased()).\(family.lowercased())\(chance.below(100))@\(chance.one(of: box))"
            : "\(given.lowercased().prefix(1))\(family.lowercased())\(birth.year)@\(chance.one(of: box))"
        return Person(
            given: given, family: family, birth: birth, isMale: isMale, phone: "07\(100_000_000 + chance.below(899_999_999))", email: email,
            home: home)
    }

    /// What a source says of a person.
    mutating func values(of person: Person, isFirst: Bool) -> [(attribute: Attribute, text: String)] {
        var values: [(attribute: Attribute, text: String)] = []
        var home = person.home, phone = person.phone, family = person.family, given = person.given
        if !isFirst {
            if chance.happens(0.12) {
                home = self.home()
                if chance.happens(0.3) { phone = "07\(100_000_000 + chance.below(899_999_999))" }
            }
            if !person.isMale, chance.happens(0.04) { family = chance.common(of: names.families) }
        }
        if chance.happens(0.04), let short = names.shortForms[given] { given = short }
        if chance.happens(0.015) { given = String(given.prefix(1)) }
        if chance.happens(0.05) { given = Slips.typo(given, &chance) }
        if chance.happens(0.05) { family = Slips.typo(family, &chance) }
        if chance.happens(0.015) { swap(&given, &family) }
        if !chance.happens(0.01) { values.append((.givenName, given)) }
        values.append((.familyName, family))
        if !chance.happens(0.25) { values.append((.birthDate, Slips.date(person.birth, &chance))) }
        if !chance.happens(0.2) { values.append((.gender, person.isMale != chance.happens(0.005) ? "male" : "female")) }
        if chance.happens(0.75) {
            let number = chance.happens(0.35) ? home.phone : phone
            values.append((.phone, chance.happens(0.02) ? Slips.digitSlip(number, &chance) : number))
        }
        if chance.happens(0.5) {
            let isShared = person.home.email != nil && chance.happens(SharedMail.records)
            let box = isShared ? person.home.email ?? person.email : person.email
            values.append((.email, chance.happens(0.03) ? Slips.typo(box, &chance) : box))
        }
        if !chance.happens(0.1) {
            let number = String(home.number)
            values.append((.streetNumber, chance.happens(0.02) ? Slips.digitSlip(number, &chance) : number))
            values.append((.street, chance.happens(0.06) ? Slips.typo(home.street, &chance) : home.street))
            if !home.premises.isEmpty, chance.happens(0.8) { values.append((.premises, home.premises)) }
            values.append((.locality, chance.happens(0.04) ? Slips.typo(home.town, &chance) : home.town))
            if chance.happens(0.85) { values.append((.postcode, chance.happens(0.02) ? Slips.digitSlip(home.postcode, &chance) : home.postcode)) }
        }
        return values
    }
}
