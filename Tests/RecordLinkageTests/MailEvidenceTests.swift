import Testing

@testable import RecordLinkage

/// When a box of mail is evidence of the person, and when it is a household's, an office's or several people's.
@Suite("MailEvidence")
struct MailEvidenceTests {
    typealias Values = [(attribute: Attribute, text: String)]

    static let home: Values = [(.street, "cordes street"), (.streetNumber, "12"), (.premises, "flat 3"), (.postcode, "10777"), (.phone, "0301234567")]

    /// People of whom two share a box: told by their given names, their genders or their birth dates.
    static let model: LinkageModel = {
        var table = people()
        for (key, more) in [
            ("given names", [[(Attribute.givenName, "anna")], [(.givenName, "bertram")]]), ("genders", [[(.gender, "male")], [(.gender, "female")]]),
            ("birth dates", [[(.birthDate, "1971-04-12")], [(.birthDate, "1946-11-29")]]),
        ] {
            for (place, values) in more.enumerated() {
                let box = key.filter { $0 != " " } + "@one.example"
                table.add(LinkageRecord(key: "\(key) \(place)", values: values + [(.familyName, "quandt"), (.email, box)]))
            }
        }
        // One person in two records, with a slip in the date: nobody else has this box.
        for day in ["1971-04-12", "1971-04-13"] {
            table.add(LinkageRecord(key: day, values: [(.givenName, "esther"), (.familyName, "quandt"), (.birthDate, day), (.email, "one@one.example")]))
        }
        return Linkage.fit(table)
    }()

    /// People of whom each has a box, and every third stands twice.
    private static func people() -> RecordTable {
        var table = RecordTable(subject: .person)
        for number in 0..<600 {
            for key in number % 3 == 0 ? ["", " again"] : [""] {
                var record = People.record("\(number)\(key)", number)
                record.values.append((.email, "p\(number)@own.example"))
                table.add(record)
            }
        }
        return table
    }

    private static func explanation(_ box: String, _ a: Values = [], _ b: Values = [], by model: LinkageModel = model, beside: [LinkageRecord] = []) -> PairExplanation {
        var table = RecordTable(subject: .person)
        let shared = home + [(.familyName, "drescher3"), (.email, box)]
        table.add(LinkageRecord(key: "a", values: shared + [(.givenName, "anna")] + a))
        table.add(LinkageRecord(key: "b", values: shared + b))
        for record in beside { table.add(record) }
        return Linkage.explain(0, 1, of: table, by: model)
    }

    @Test(arguments: ["a.drescher@one.example", "123456789@qq.com", "13800138000@163.com", "saleem@one.example", "one@one.example"])
    func aBoxOfOnesOwnIsEvidence(box: String) {
        let explanation = Self.explanation(box)
        #expect(explanation.obstacle == nil)
        #expect(explanation.probability > 0.95)
    }

    @Test(arguments: [
        "info@one.example", "Sales@one.example", "sales2@one.example", "hr.berlin@one.example", "customer-service@one.example", "admin+list@one.example",
        "kefu@163.com", "family@one.example", "02161234567@163.com", "4008123456@163.com",
    ])
    func aBoxOfARoleIsNone(box: String) { #expect(Self.explanation(box).obstacle == .noEvidence) }

    @Test(arguments: ["givennames@one.example", "genders@one.example", "birthdates@one.example"])
    func aBoxThatTheModelKnowsOfTwoPeopleIsNone(box: String) { #expect(Self.explanation(box).obstacle == .noEvidence) }

    /// The pair itself may say that the box is shared.
    @Test func aPairThatContradictsItselfHasNoEvidence() {
        #expect(Self.explanation("a.drescher@one.example", [(.gender, "female")], [(.gender, "male")]).obstacle == .noEvidence)
        #expect(Self.explanation("a.drescher@one.example", [(.birthDate, "1971-04-12")], [(.birthDate, "1946-11-29")]).obstacle == .noEvidence)
        #expect(Self.explanation("a.drescher@one.example", [], [(.givenName, "bertram")]).obstacle == .noEvidence)
        #expect(Self.explanation("a.drescher@one.example", [(.gender, "female")], [(.gender, "female")]).obstacle == nil)
    }

    /// Whoever gives the office's box and the own one is told by the own one.
    @Test func ofTwoBoxesOneSuffices() {
        let own: Values = [(.email, "a.drescher@one.example")]
        #expect(Self.explanation("info@one.example", own, own).obstacle == nil)
        #expect(Self.explanation("info@one.example", own).obstacle == .noEvidence)
    }

    /// Another box than the shared one says nothing, however much it is like it.
    @Test func onlyTheSameBoxIsEvidence() {
        let values: Values = Self.home + [(.familyName, "drescher3")]
        var table = RecordTable(subject: .person)
        table.add(LinkageRecord(key: "a", values: values + [(.givenName, "anna"), (.email, "drescherei@one.example")]))
        table.add(LinkageRecord(key: "b", values: values + [(.email, "drescherei@two.example")]))
        #expect(Linkage.explain(0, 1, of: table, by: Self.model).obstacle == .noEvidence)
    }

    /// What lies on a node beside the pair changes nothing: a node with other territories would judge otherwise.
    @Test func nodesWithOtherRecordsJudgeAlike() {
        let box = "a.drescher@one.example"
        let others = ["bertram", "carla"].map { LinkageRecord(key: $0, values: [(.givenName, $0), (.familyName, "drescher3"), (.email, box)]) }
        #expect(Self.explanation(box, beside: others) == Self.explanation(box))
        // The next model knows.
        var table = Self.people()
        for record in others { table.add(record) }
        #expect(Self.explanation(box, by: Linkage.fit(table)).obstacle == .noEvidence)
    }

    /// Before form 3 models said nothing of boxes, and none was evidence.
    @Test func aModelOfTheSecondFormJudgesAsItDid() {
        var model = Self.model
        #expect(model.isSound)
        model.sharedBoxes = nil
        #expect(!model.isSound)
        model = model.inForm(2)
        #expect(model.isSound)
        #expect(Self.explanation("a.drescher@one.example", by: model).obstacle == .noEvidence)
        model.sharedBoxes = Self.model.sharedBoxes
        #expect(Self.explanation("a.drescher@one.example", by: model).obstacle == .noEvidence)
        model = Self.model.inForm(3)
        #expect(model.isSound)
        for count in [0, 3, 2 * SharedBoxes.wordsMaximum] {
            model.sharedBoxes = SharedBoxes(words: [UInt64](repeating: 0, count: count))
            #expect(!model.isSound, "\(count) words")
        }
    }

    /// A date that cannot be is a slip of the right one, and none of another person.
    @Test(arguments: [DateComparison.slip, DateComparison.slipToNoDay, DateComparison.slipToNoYear])
    func aSlipOfADateIsNoOtherPerson(level: UInt8) {
        var pattern = AgreementPattern()
        pattern.set(2, level)
        #expect(!pattern.isOfTwoPeople)
    }

    @Test func theFilterForgetsNoBox() {
        func boxes(_ range: Range<UInt64>) -> [UInt64] { range.map { StableHash($0).value } }
        for count: UInt64 in [0, 1, 100, 20_000] {
            let put = boxes(0..<count), filter = SharedBoxes(Set(put))
            #expect(put.allSatisfy(filter.contains))
            #expect(filter.isSound)
            let mistaken = boxes(1_000_000..<1_010_000).count(where: filter.contains)
            #expect(mistaken < 100, "\(mistaken) of 10,000 others with \(count)")
        }
        let crowded = SharedBoxes(Set(boxes(0..<300_000)))
        #expect(crowded.isSound && boxes(0..<300_000).allSatisfy(crowded.contains))
    }

    @Test func organizationsHaveNoSuchList() {
        var table = RecordTable(subject: .organization)
        for name in ["北京华信科技有限公司", "上海明德贸易有限公司"] {
            table.add(LinkageRecord(key: name, values: [(.organizationName, name), (.email, "li@one.example")]))
        }
        let model = Linkage.fit(table)
        #expect(model.sharedBoxes == nil && model.version == 1)
    }
}
