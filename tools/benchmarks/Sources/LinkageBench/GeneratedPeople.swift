import RecordLinkage

/// A generator of people who live in households, and of what several sources say of each.
protocol GeneratedPeople {
    associatedtype Person

    static var setName: String { get }
    /// What F1 is to reach.
    static var goal: Double { get }

    var chance: Chance { get set }
    /// Whether families share boxes of mail.
    var sharesMail: Bool { get set }

    init(seed: UInt64)

    /// The people of one household.
    mutating func household() -> [Person]

    /// What a source says of a person; only in a later record may the person have changed, as by a move or a marriage.
    mutating func values(of person: Person, isFirst: Bool) -> [(attribute: Attribute, text: String)]
}

/// How boxes of mail are shared: in some households spouse and children also give the box of the first.
enum SharedMail {
    /// Of households with several people. Of couples in the United States 27 in 100 share a box (Pew Research Center, Couples, the Internet,
    /// and Social Media, 2014); for other countries and for children nothing was found, and they are taken to be like these.
    static let households = 0.27
    /// How often somebody of such a household gives the shared box instead of the own one: chosen.
    static let records = 0.5
}

extension GeneratedPeople {
    /// Makes records of so many people: one each, a second of three in ten, a third of one in twenty.
    static func make(people: Int, seed: UInt64, sharesMail: Bool = false) -> LinkageSet {
        var generator = Self(seed: seed)
        generator.sharesMail = sharesMail
        var set = LinkageSet(name: setName, subject: .person, records: [], truth: [], goal: goal, seed: seed)
        var persons: [Person] = []
        while persons.count < people { persons += generator.household() }
        for (number, person) in persons.prefix(people).enumerated() {
            var copies = 1
            if generator.chance.happens(0.3) { copies += 1 }
            if generator.chance.happens(0.05) { copies += 1 }
            for copy in 0..<copies {
                let key = "generated-\(set.records.count)"
                set.records.append(LinkageRecord(key: key, values: generator.values(of: person, isFirst: copy == 0)))
                set.truth.append(Int32(number))
            }
        }
        return set
    }
}
