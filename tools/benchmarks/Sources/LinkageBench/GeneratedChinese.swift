import RecordLinkage

/// Generated people with Chinese names, and what several sources say of them. Nobody of them exists; keys begin with `generated-`.
///
/// Families share an address, often a telephone and at times a box of mail; spouses keep their surnames; brothers share a character; names are written with
/// homophones, in pinyin, in the wrong columns, as 张先生 or 张总.
struct GeneratedChinese: GeneratedPeople {
    static let setName = "chinese people"
    static let goal = 0.90

    struct Person {
        var family: String
        var given: String
        var birth: BirthDay
        var isMale: Bool
        var phone: String
        var email: String
        var id: String
        var home: Home
    }

    struct Home {
        var place: (province: String, city: String, district: String, postcode: String)
        var street: String
        var number: Int
        var door: String
        var phone: String
        /// The box that the others of the household give too; nil where nobody does.
        var email: String?
    }

    var chance: Chance
    var sharesMail = false
    private let names = ChineseNames()

    init(seed: UInt64) { chance = Chance(seed: seed) }

    private mutating func home() -> Home {
        let place = chance.common(of: names.places, flatness: 20)
        return Home(
            place: place, street: chance.common(of: names.streets, flatness: 15), number: 1 + chance.common(of: Array(0..<300), flatness: 60),
            door: "\(1 + chance.below(18))栋\(1 + chance.below(18))0\(1 + chance.below(4))室", phone: mobile())
    }

    private mutating func mobile() -> String { "1\(chance.one(of: [3, 5, 7, 8, 9]))\(100_000_000 + chance.below(899_999_999))" }

    private mutating func given(isMale: Bool, first: Character? = nil) -> String {
        let pool = isMale ? names.men : names.women
        if first == nil, chance.happens(0.15) { return String(chance.common(of: pool, flatness: 12)) }
        let start = first ?? chance.common(of: chance.happens(0.5) ? names.generations : pool, flatness: 12)
        return String([start, chance.common(of: pool, flatness: 12)])
    }

    mutating func household() -> [Person] {
        let home = home()
        let family = chance.common(of: names.families, flatness: 6)
        let year = 1940 + chance.below(62)
        let isMale = chance.happens(0.5)
        var persons = [person(family, given(isMale: isMale), isMale, year, home)]
        if chance.happens(0.6) {
            let other = chance.common(of: names.families, flatness: 6)
            persons.append(person(other, given(isMale: !isMale), !isMale, year + chance.below(7) - 3, home))
            let father = isMale ? family : other
            let generation: Character? = chance.happens(0.4) ? chance.common(of: names.generations, flatness: 12) : nil
            for _ in 0..<chance.below(3) {
                let boy = chance.happens(0.5)
                let child = person(father, given(isMale: boy, first: generation), boy, year + 22 + chance.below(12), home)
                if child.birth.year > 2012 { continue }
                persons.append(child)
                if chance.happens(0.02) {
                    let girl = chance.happens(0.5)
                    var twin = person(father, given(isMale: girl, first: generation), girl, child.birth.year, home)
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

    private mutating func person(_ family: String, _ given: String, _ isMale: Bool, _ year: Int, _ home: Home) -> Person {
        let birth = BirthDay(year: year, &chance)
        let phone = mobile()
        let email = chance.happens(0.6) ? "\(100_000_000 + chance.below(2_000_000_000))@qq.com" : "\(phone)@163.com"
        let order = chance.below(50) * 20 + chance.below(10) * 2 + (isMale ? 1 : 0)
        let body = "\(home.place.postcode)\(birth.text.filter(\.isNumber))\(String(1_000 + order).suffix(3))"
        return Person(
            family: family, given: given, birth: birth, isMale: isMale, phone: phone, email: email, id: body + GeneratedChinese.check(body),
            home: home)
    }

    /// The check character of a resident ID (GB 11643).
    private static func check(_ body: String) -> String {
        let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
        let sum = zip(body, weights).reduce(0) { $0 + ($1.0.wholeNumberValue ?? 0) * $1.1 }
        return ["1", "0", "X", "9", "8", "7", "6", "5", "4", "3", "2"][sum % 11]
    }

    mutating func values(of person: Person, isFirst: Bool) -> [(attribute: Attribute, text: String)] {
        var values: [(attribute: Attribute, text: String)] = []
        var home = person.home, phone = person.phone
        if !isFirst, chance.happens(0.12) {
            home = self.home()
            if chance.happens(0.3) { phone = mobile() }
        }
        name(of: person, &values)
        if !chance.happens(0.4) { values.append((.birthDate, Slips.date(person.birth, &chance))) }
        if !chance.happens(0.25) { values.append((.gender, person.isMale != chance.happens(0.005) ? "男" : "女")) }
        if chance.happens(0.2) { values.append((.officialCode, chance.happens(0.02) ? Slips.digitSlip(person.id, &chance) : person.id)) }
        if chance.happens(0.75) {
            let number = chance.happens(0.2) ? home.phone : phone
            values.append((.phone, (chance.happens(0.3) ? "+86" : "") + (chance.happens(0.02) ? Slips.digitSlip(number, &chance) : number)))
        }
        if chance.happens(0.25) { values.append((.email, mail(of: person))) }
        if !chance.happens(0.15) { values.append((.address, address(home))) }
        return values
    }

    private mutating func mail(of person: Person) -> String {
        guard let shared = person.home.email, chance.happens(SharedMail.records) else { return person.email }
        return shared
    }

    private mutating func name(of person: Person, _ values: inout [(attribute: Attribute, text: String)]) {
        var family = person.family, given = person.given
        if chance.happens(0.06) { given = homophone(given) }
        if chance.happens(0.015), family.count == 1, let other = names.homophones[Character(family)] { family = String(chance.one(of: other)) }
        if chance.happens(0.02) { given = String(given.dropLast()) + String(chance.common(of: person.isMale ? names.men : names.women, flatness: 12)) }
        let form = Double(chance.below(1_000)) / 1_000
        if form < 0.03 {
            values.append((.name, family + (person.isMale ? "先生" : "女士")))
        } else if form < 0.045 {
            values.append((.name, family + "总"))
        } else if form < 0.08 {
            let letters = names.pinyin(family + given)
            values.append((.name, chance.happens(0.5) ? "\(letters.family) \(letters.given)" : "\(letters.given) \(letters.family)"))
        } else if form < 0.3 {
            let isExchanged = chance.happens(0.04)
            values.append((.familyName, isExchanged ? given : family))
            values.append((.givenName, isExchanged ? family : given))
        } else {
            values.append((.name, chance.happens(0.03) ? family + " " + given : family + given + (chance.happens(0.03) ? "先生" : "")))
        }
    }

    private mutating func homophone(_ given: String) -> String {
        var letters = Array(given)
        let places = letters.indices.filter { names.homophones[letters[$0]] != nil }
        guard !places.isEmpty else { return given }
        let place = chance.one(of: places)
        if let others = names.homophones[letters[place]] { letters[place] = chance.one(of: others) }
        return String(letters)
    }

    private mutating func address(_ home: Home) -> String {
        let place = home.place
        var text = chance.happens(0.6) ? place.province + place.city + place.district : chance.happens(0.5) ? place.city + place.district : place.district
        text += home.street + "\(home.number)号"
        if chance.happens(0.8) { text += chance.happens(0.8) ? home.door : home.door.replacing("栋", with: "-").replacing("室", with: "") }
        return text
    }
}
