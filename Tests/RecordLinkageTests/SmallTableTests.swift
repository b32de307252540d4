import Testing

@testable import RecordLinkage

/// Tables that have too few strangers to say how often these agree: the first file that somebody tries.
@Suite("Small tables")
struct SmallTableTests {
    private static let families = Array("李王张刘陈杨赵黄周吴")

    /// Somebody who is nobody else.
    private static func other(_ number: Int) -> LinkageRecord {
        let values: [(Attribute, String)] = [
            (.familyName, String(families[number % families.count])), (.givenName, String(Character(Unicode.Scalar(0x5000 + UInt32(number))!))),
            (.phone, "+861360000\(1000 + number)"),
        ]
        return LinkageRecord(key: "\(number)", values: values.map { (attribute: $0.0, text: $0.1) })
    }

    private static let name: [(Attribute, String)] = [(.familyName, "张"), (.givenName, "伟")]

    /// How likely the first two of a table are one, with nobody else in it, with four and with a hundred others.
    private func probabilities(_ a: [(Attribute, String)], _ b: [(Attribute, String)]) -> [Double] {
        [0, 4, 100].map { count in
            var table = RecordTable(subject: .person)
            for (key, values) in [("a", a), ("b", b)] { table.add(LinkageRecord(key: key, values: values.map { (attribute: $0.0, text: $0.1) })) }
            for number in 0..<count {
                table.add(Self.other(number))
            }
            let explanation = Linkage.explain(0, 1, of: table, by: Linkage.fit(table))
            return explanation.obstacle == nil ? explanation.probability : 0
        }
    }

    @Test(arguments: [
        [(Attribute.phone, "+8613800138000")], [(.birthDate, "1985-04-12")], [(.phone, "+8613800138000"), (.birthDate, "1985-04-12"), (.email, "zw@one.example")],
    ])
    func theSameNameAndOneThingMoreAreOne(_ more: [(Attribute, String)]) {
        for probability in probabilities(Self.name + more, Self.name + more) { #expect(probability >= 0.95) }
    }

    @Test(arguments: [LinkageSubject.person, .organization])
    func aTableOfNobodyHasASoundModel(_ subject: LinkageSubject) {
        for count in 0...2 {
            var table = RecordTable(subject: subject)
            for number in 0..<count { table.add(LinkageRecord(key: "\(number)", values: [])) }
            let isSound = Linkage.fit(table).isSound
            #expect(isSound, "\(count) records")
        }
    }

    @Test func theSameNameIsNotEnough() {
        for probability in probabilities(Self.name, Self.name) { #expect(probability < 0.95) }
        for probability in probabilities(Self.name + [(.phone, "+8613800138000")], Self.name + [(.phone, "+8618812345678")]) { #expect(probability < 0.95) }
    }

    @Test func theSameTelephoneIsNotEnough() {
        let phone: [(Attribute, String)] = [(.phone, "+8613800138000")]
        for probability in probabilities(Self.name + phone, [(.familyName, "张"), (.givenName, "强")] + phone) { #expect(probability < 0.5) }
    }
}
