import Testing

@testable import RecordLinkage

/// Which pairs are compared.
@Suite("Blocking")
struct BlockingTests {
    static func pairs(_ table: RecordTable, maximum: Int = 60) -> [[Int]] {
        var settings = LinkageSettings()
        settings.blockSizeMaximum = maximum
        return CandidatePairs(table, settings).forEachPart(settings, [[Int]]()) { $0.append([$1, $2]) }.flatMap { $0 }
    }

    @Test func pairsAreMadeOnceByRulesThatAreUnited() {
        let table = People.table(count: 400)
        let pairs = Self.pairs(table)
        #expect(Set(pairs).count == pairs.count)
        #expect(pairs.allSatisfy { $0[0] < $0[1] })
        // What the definition gives: any key in common.
        let keys = (0..<table.count).map { Set(table.blockingKeys(of: $0)) }
        var expected = 0
        for a in 0..<table.count { for b in (a + 1)..<max(table.count, a + 1) where !keys[a].isDisjoint(with: keys[b]) { expected += 1 } }
        #expect(pairs.count == expected)
    }

    @Test func twoTelephonesInCommonMakeOnePair() {
        var table = RecordTable(subject: .person)
        for key in ["a", "b"] {
            table.add(LinkageRecord(key: key, values: [(.phone, key == "a" ? "030111111" : "030222222"), (.phone, key == "a" ? "030222222" : "030111111")]))
        }
        #expect(Self.pairs(table) == [[0, 1]])
    }

    @Test func aBlockThatIsTooBigIsLeftOutAndCounted() {
        var table = RecordTable(subject: .person)
        for number in 0..<20 { table.add(LinkageRecord(key: "\(number)", values: [(.phone, "0301234567")])) }
        #expect(Self.pairs(table).count == 190)
        #expect(Self.pairs(table, maximum: 19).isEmpty)
        var settings = LinkageSettings()
        settings.blockSizeMaximum = 19
        let result = Linkage.find(table, by: LinkingTests.model, settings: settings)
        #expect(result.oversizedBlocks.map(\.rule) == [.phone])
    }

    @Test func keysAreThoseOfEveryTable() {
        let record = People.record("a", 77)
        var table = People.table(count: 50)
        let place = table.add(record)
        #expect(table.blockingKeys(of: place) == RecordMatcher.blockingKeys(of: record, subject: .person))
        #expect(RecordMatcher.blockingKeys(of: record, subject: .person).count > 8)
    }

    @Test func oneNewRecordIsJudgedAsInATable() throws {
        var index = LinkageIndex(subject: .person)
        for number in 0..<300 { index.add(People.record("\(number)", number)) }
        let matcher = RecordMatcher(model: LinkingTests.model)
        let matches = matcher.matches(of: People.record("new", 123), in: index)
        let best = try #require(matches.first)
        #expect(best.key == "123" && best.explanation.probability > 0.95)
        var table = RecordTable(subject: .person)
        table.add(People.record("new", 123))
        table.add(People.record("123", 123))
        #expect(Linkage.explain(0, 1, of: table, by: LinkingTests.model) == best.explanation)
    }
}
