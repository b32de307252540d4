import Testing

@testable import RecordLinkage

/// What is linked, and what never is.
@Suite("Linking")
struct LinkingTests {
    static let model = Linkage.fit(People.table(count: 600))

    static func clusters(_ records: [LinkageRecord], _ decisions: Decisions = Decisions(), _ change: (inout LinkageSettings) -> Void = { _ in })
        -> [[String]]
    {
        var table = RecordTable(subject: .person)
        for record in records { table.add(record) }
        var settings = LinkageSettings()
        change(&settings)
        return Linkage.find(table, by: model, decisions: decisions, settings: settings).clusters.map { $0.map { table.keys[$0] } }
    }

    static func record(_ key: String, _ values: [(Attribute, String)]) -> LinkageRecord {
        LinkageRecord(key: key, values: values.map { (attribute: $0.0, text: $0.1) })
    }

    static let home: [(Attribute, String)] = [
        (.street, "cordes street"), (.streetNumber, "12"), (.premises, "flat 3"), (.postcode, "10777"), (.phone, "0301234567"),
    ]

    @Test func theSamePersonIsFoundInTheTable() {
        let table = People.table(count: 600)
        let result = Linkage.find(table, by: Self.model)
        #expect(result.clusters.count == 200)
        #expect(result.clusters.allSatisfy { $0.count == 2 && table.keys[$0[1]] == table.keys[$0[0]] + "-again" })
    }

    /// Surname, address, telephone and box of a household never suffice, however rare the surname.
    @Test(arguments: [
        [], [(Attribute.gender, "female")], [(Attribute.email, "home@one.example")], [(Attribute.gender, "male"), (.email, "home@one.example")],
    ])
    func aHouseholdIsNoPerson(_ more: [(Attribute, String)]) {
        let shared = Self.home + more + [(.familyName, "drescher3")]
        #expect(Self.clusters([Self.record("a", shared + [(.givenName, "anna")]), Self.record("b", shared)]).isEmpty)
        #expect(Self.clusters([Self.record("a", shared), Self.record("b", shared)]).isEmpty)
        let spouses = [Self.record("a", shared + [(.givenName, "anna")]), Self.record("b", shared + [(.givenName, "bertram")])]
        #expect(Self.clusters(spouses).isEmpty)
    }

    @Test func aGivenNameOrABirthDateMakesAPersonOfIt() {
        let shared = Self.home + [(.familyName, "drescher3"), (.birthDate, "1971-04-12")]
        #expect(Self.clusters([Self.record("a", shared), Self.record("b", shared)]) == [["a", "b"]])
    }

    @Test func peoplesDecisionsBind() {
        let a = People.record("a", 1), b = People.record("b", 1), c = People.record("c", 2)
        #expect(Self.clusters([a, b, c]) == [["a", "b"]])
        var decisions = Decisions()
        decisions.reject("b", "a")
        #expect(Self.clusters([a, b, c], decisions).isEmpty)
        decisions.accept("c", "a")
        #expect(Self.clusters([a, b, c], decisions) == [["a", "c"]])
        decisions.accept("a", "b")
        #expect(Self.clusters([a, b, c], decisions) == [["a", "b", "c"]])
    }

    /// b is too poor to say whose it is; a and c are two people.
    @Test func aClusterIsSplitWhereBirthDatesContradict() {
        let name: [(Attribute, String)] = [(.givenName, "anna"), (.familyName, "drescher3")]
        let a = Self.record("a", name + Self.home + [(.birthDate, "1971-04-12")])
        let b = Self.record("b", name + Self.home + [(.officialCode, "P1234567")])
        let c = Self.record("c", name + [(.officialCode, "P1234567"), (.birthDate, "1946-11-29")])
        #expect(Self.clusters([a, b]) == [["a", "b"]])
        #expect(Self.clusters([b, c]) == [["b", "c"]])
        let found = Self.clusters([a, b, c])
        #expect(found.count == 1 && found[0].count == 2 && found[0].contains("b"), "\(found)")
    }

    /// A wrong date is outweighed by most of the pairs: one that blocking did not make has not said no.
    @Test(arguments: [true, false]) func pairsThatWereNotComparedAreAskedWhereTheyDecide(areOne: Bool) {
        var table = RecordTable(subject: .person)
        for (key, day) in [("a", "1980-05-17"), ("b", "1980-05-17"), ("c", "1980-05-17"), ("d", "1946-11-29")] {
            table.add(Self.record(key, [(.birthDate, day)]))
        }
        let (clusters, asked) = table.withComparator { comparator, records in
            var asked: [[UInt32]] = []
            var clustering = Clustering(records, comparator, accepted: [], rejected: [], settings: LinkageSettings()) { one, other in
                asked.append([one, other].sorted())
                return areOne
            }
            clustering.add([Link(a: 0, b: 1, totalBits: 20), Link(a: 1, b: 2, totalBits: 19), Link(a: 0, b: 3, totalBits: 8)])
            return (clustering.clusters, Set(asked))
        }
        #expect(clusters == (areOne ? [[0, 1, 2, 3]] : [[0, 1, 2]]))
        #expect(asked == [[1, 3], [2, 3]])
    }

    @Test func aClusterIsSplitWhereCodesContradict() {
        func coded(_ key: String, _ code: String?) -> LinkageRecord {
            var record = People.record(key, 5)
            if let code { record.values.append((.officialCode, code)) }
            return record
        }
        let found = Self.clusters([coded("a", "P1234567"), coded("b", nil), coded("c", "Q7654321")])
        #expect(found.count == 1 && found[0].count == 2)
        #expect(!found[0].contains("a") || !found[0].contains("c"))
    }

    @Test func clustersAreLimitedInSize() {
        let records = (0..<8).map { People.record("\($0)", 9) }
        #expect(Self.clusters(records).map(\.count) == [8])
        #expect(Self.clusters(records) { $0.clusterSizeMaximum = 5 }.allSatisfy { $0.count <= 5 })
    }

    @Test func decisionsMoveTheWeights() {
        let table = People.table(count: 300)
        var decisions = Decisions()
        for number in stride(from: 0, to: 300, by: 3) { decisions.reject("\(number)", "\(number)-again") }
        let before = Linkage.fit(table), after = Linkage.fit(table, decisions: decisions)
        #expect(after.matchProbability < before.matchProbability)
    }
}
