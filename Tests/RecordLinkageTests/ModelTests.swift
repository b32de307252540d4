import Foundation
import Testing

@testable import RecordLinkage

/// Weights: how they are fitted, kept and explained.
@Suite("Models")
struct ModelTests {
    /// Patterns of given name, surname and birth date drawn from known probabilities give these back.
    @Test func expectationMaximizationRecoversWhatPatternsWereDrawnFrom() throws {
        let m: [[Double]] = [[0.9, 0, 0, 0, 0, 0.1, 0, 0], [0.8, 0, 0, 0, 0, 0.2], [0.95, 0, 0, 0, 0, 0, 0, 0.05]]
        let u: [[Double]] = [[0.01, 0, 0, 0, 0, 0.99, 0, 0], [0.02, 0, 0, 0, 0, 0.98], [0.001, 0, 0, 0, 0, 0, 0, 0.999]]
        let records = 2_000, matches = 1_500.0
        let total = Double(records * (records - 1) / 2)
        var counts: [AgreementPattern: Int] = [:]
        func add(_ probabilities: [[Double]], _ pairs: Double) {
            for given in [1, 6] {
                for family in [1, 6] {
                    for birth in [1, 8] {
                        var pattern = AgreementPattern()
                        pattern.set(0, UInt8(given))
                        pattern.set(1, UInt8(family))
                        pattern.set(2, UInt8(birth))
                        let share = probabilities[0][given - 1] * probabilities[1][family - 1] * probabilities[2][birth - 1]
                        counts[pattern, default: 0] += Int((pairs * share).rounded())
                    }
                }
            }
        }
        add(m, matches)
        add(u, total - matches)
        var random = RandomPairs(comparisons: Comparison.all(of: .person))
        for (pattern, count) in counts { random.add(pattern, Double(count)) }
        var fitting = ExpectationMaximization(
            subject: .person, records: records, random: random, observed: PatternCounts(counts), reckonsWithRelatives: false)
        fitting.run()
        #expect(abs(fitting.matches - matches) < 60)
        for place in 0..<3 {
            #expect(abs(fitting.weights[place].m[0] - m[place][0]) < 0.03, "m of \(fitting.weights[place].comparison)")
            #expect(abs(fitting.weights[place].u[0] / u[place][0] - 1) < 0.1, "u of \(fitting.weights[place].comparison)")
        }
        #expect(fitting.rounds < ExpectationMaximization.roundsMaximum)
    }

    @Test func aModelSurvivesBeingPublished() throws {
        let table = People.table(count: 300)
        let model = Linkage.fit(table)
        let back = try JSONDecoder().decode(LinkageModel.self, from: JSONEncoder().encode(model))
        #expect(back == model)
        let before = Linkage.find(table, by: model), after = Linkage.find(table, by: back)
        #expect(before.clusters == after.clusters)
        #expect(before.pairs.map(\.totalBits) == after.pairs.map(\.totalBits))
    }

    @Test func probabilitiesSumToOne() {
        for weights in Linkage.fit(People.table(count: 200)).weights {
            let end = (weights.comparison.firstConditionalLevel ?? weights.m.count + 1) - 1
            for list in [weights.m, weights.u] {
                #expect(list.allSatisfy { $0 > 0 && $0 <= 1 })
                #expect(abs(list[..<end].reduce(0, +) - 1) < 1e-6, "\(weights.comparison)")
            }
        }
    }

    @Test func eachLevelHasWhatIsExpectedOfIt() {
        for comparison in Comparison.allCases {
            #expect(comparison.expectedM.count == comparison.levels.count, "\(comparison)")
            #expect(comparison.expectedU.count == comparison.levels.count, "\(comparison)")
        }
    }

    @Test func theSameTableGivesTheSameModelAndLinksWithAnyThreads() {
        let table = People.table(count: 400)
        var alone = LinkageSettings()
        alone.threads = 1
        let (model, result) = Linkage.run(table), (other, otherResult) = Linkage.run(table, settings: alone)
        #expect(model == other)
        #expect(result.clusters == otherResult.clusters)
        #expect(result.compared == otherResult.compared)
    }

    @Test func theBarsOfAnExplanationAddUp() throws {
        let table = People.table(count: 300)
        let (model, result) = Linkage.run(table)
        let pair = try #require(result.pairs.first)
        let explanation = Linkage.explain(Int(pair.a), Int(pair.b), of: table, by: model)
        let sum = explanation.bars.reduce(explanation.priorBits + explanation.relatedBits) { $0 + $1.bits + $1.frequencyBits }
        #expect(abs(sum - explanation.totalBits) < 1e-6)
        #expect(abs(pair.totalBits - explanation.totalBits) < 1e-6)
        #expect(abs(explanation.probability - pair.probability) < 1e-9)
        #expect(!explanation.bars.isEmpty && explanation.relatedBits <= 0)
    }

    @Test func aRareNameWeighsMoreThanACommonOne() {
        let terms = TermFrequencies(comparison: .familyName, agreement: 0.01, rare: 0.0001, values: [5, 9], shares: [0.05, 0.002])
        #expect(terms.bits(of: 5) < 0)
        #expect(terms.bits(of: 9) > 0)
        #expect(terms.bits(of: 7) > terms.bits(of: 9))
        let phones = TermFrequencies(comparison: .phone, agreement: 0.01, rare: 0.0001, values: [5], shares: [0.05])
        #expect(phones.bits(of: 5) < 0)
        #expect(phones.bits(of: 7) == 0, "an identifier is rare anyway")
    }

    @Test func aModelListsItsMostCommonValues() {
        var model = Linkage.fit(People.table(count: 300))
        #expect(model.isSound)
        let whole = model
        let count = whole.frequencies.reduce(0) { $0 + $1.values.count }
        #expect(model.listing(atMost: count) == whole)
        let cut = whole.listing(atMost: count / 2)
        #expect(cut.isSound && cut.frequencies.map(\.comparison) == whole.frequencies.map(\.comparison))
        let kept = cut.frequencies.flatMap(\.shares)
        #expect(!kept.isEmpty && kept.count <= count / 2)
        let left = zip(whole.frequencies, cut.frequencies).flatMap { one, other in
            one.values.indices.filter { !other.values.contains(one.values[$0]) }.map { one.shares[$0] }
        }
        #expect(left.max()! <= kept.min()!, "what is left out is not more common than what is kept")
        for (one, other) in zip(whole.frequencies, cut.frequencies) {
            for (value, share) in zip(other.values, other.shares) { #expect(Double(share) == one.share(of: value)) }
        }
        model.weights[0].m.removeLast()
        #expect(!model.isSound)
        model = whole
        model.weights.swapAt(0, 1)
        #expect(!model.isSound)
        model = whole
        model.weights[0].u[0] = 0
        #expect(!model.isSound)
        model = whole
        model.frequencies[0].values.reverse()
        #expect(!model.isSound)
    }

    /// Whoever names the box of mail by the mobile number tells the number.
    @Test func aBoxOfMailTellsTheTelephone() {
        var table = RecordTable(subject: .person)
        table.add(LinkageRecord(key: "a", values: [(.email, "13800138000@139.com")]))
        table.add(LinkageRecord(key: "b", values: [(.phone, "+86 13800138000")]))
        table.add(LinkageRecord(key: "c", values: [(.email, "1380013800@qq.com"), (.phone, "13900139000")]))
        let levels = table.withComparator { comparator, records in
            [1, 2].map { PhoneComparison.level(records[0].phones, records[$0].phones).level }
        }
        #expect(levels == [PhoneComparison.same, PhoneComparison.different])
        #expect(!Set(table.blockingKeys(of: 0)).isDisjoint(with: table.blockingKeys(of: 1)))
    }

    /// 吕 is Lü: Lv by the keyboard, Lyu in a passport.
    @Test(arguments: ["Lv Bo", "Lyu Bo", "Lü Bo", "Lu Bo"]) func namesWithUmlautsAreRead(pinyin: String) {
        var table = RecordTable(subject: .person)
        table.add(LinkageRecord(key: "a", values: [(.name, pinyin)]))
        table.add(LinkageRecord(key: "b", values: [(.name, "吕波")]))
        let levels = table.withComparator { comparator, records in NameComparison.levels(records[0], records[1], comparator.names) }
        #expect(levels.given == NameComparison.exchangedOtherScript && levels.family == 0)
    }

    /// Names that are only read alike say more where few are read so.
    @Test func aRareReadingSaysMore() throws {
        var table = RecordTable(subject: .person)
        for number in 0..<400 {
            let given = number % 40 == 0 ? ["婧", "静"][number / 40 % 2] : ["伟", "玮", "炜"][number % 3]
            let day = "19\(50 + number % 47)-0\(1 + number % 9)-1\(number % 10)"
            for key in number % 4 == 0 ? ["a", "b"] : ["a"] {
                table.add(LinkageRecord(key: "\(number)\(key)", values: [(.familyName, ["王", "李", "张"][number / 3 % 3]), (.givenName, given), (.birthDate, day)]))
            }
        }
        let model = Linkage.fit(table)
        func bits(_ one: String, _ other: String) throws -> Double {
            var pair = RecordTable(subject: .person)
            for name in [one, other] { pair.add(LinkageRecord(key: name, values: [(.familyName, "王"), (.givenName, name)])) }
            let bar = try #require(Linkage.explain(0, 1, of: pair, by: model).bars.first { $0.comparison == .givenName })
            #expect(bar.level == "same-reading")
            return bar.frequencyBits
        }
        #expect(try bits("婧", "静") > bits("伟", "玮") + 1)
    }

    /// People of whom some stand in a second record by their pinyin, with surname and given name in either order.
    private static func writtenTwice() -> RecordTable {
        var table = RecordTable(subject: .person)
        let names = [("王", "伟", "Wang", "Wei"), ("李", "强", "Li", "Qiang"), ("张", "静", "Zhang", "Jing"), ("刘", "洋", "Liu", "Yang")]
        for number in 0..<600 {
            let (family, _, familyLetters, _) = names[number % 4], (_, given, _, givenLetters) = names[number / 4 % 4]
            let day = "19\(40 + number % 53)-0\(1 + number % 9)-1\(number / 7 % 10)", phone = "1380013\(1_000 + number)"
            let gender = given == "静" ? "女" : "男"
            table.add(LinkageRecord(key: "\(number)a", values: [(.name, family + given), (.birthDate, day), (.phone, phone), (.gender, gender)]))
            if number % 3 != 0 { continue }
            let letters = number % 2 == 0 ? "\(familyLetters) \(givenLetters)" : "\(givenLetters) \(familyLetters)"
            let name = number % 9 == 0 ? letters : family + given
            table.add(LinkageRecord(key: "\(number)b", values: [(.name, name), (.birthDate, day), (.phone, phone), (.gender, gender)]))
        }
        return table
    }

    private static func explanation(
        _ model: LinkageModel, _ a: [(attribute: Attribute, text: String)], _ b: [(attribute: Attribute, text: String)]
    ) -> PairExplanation {
        var pair = RecordTable(subject: .person)
        pair.add(LinkageRecord(key: "a", values: a))
        pair.add(LinkageRecord(key: "b", values: b))
        return Linkage.explain(0, 1, of: pair, by: model)
    }

    /// Who writes a name in another script makes no slip: that names read alike says nearly as much as that they are the same.
    @Test func aNameInAnotherScriptSaysAsMuchAsTheName() throws {
        let model = Linkage.fit(Self.writtenTwice())
        func bits(_ one: String, _ other: String) -> Double {
            Self.explanation(model, [(.name, one)], [(.name, other)]).bars.reduce(0) { $0 + $1.bits + $1.frequencyBits }
        }
        let same = bits("王伟", "王伟")
        #expect(abs(bits("王伟", "Wei Wang") - same) < 1.5)
        #expect(abs(bits("王伟", "Wang Wei") - same) < 1.5)
    }

    /// A model that an earlier version published has fewer levels, and judges as it did.
    @Test func aModelOfTheFirstFormJudgesByItsLevels() throws {
        var model = Linkage.fit(Self.writtenTwice())
        #expect(model.version == 4 && model.isSound)
        model.version = 1
        #expect(!model.isSound, "too many levels")
        model = model.inForm(1)
        #expect(model.isSound)
        let straight = Self.explanation(model, [(.name, "王伟"), (.gender, "男")], [(.name, "Wei Wang"), (.gender, "女")])
        #expect(straight.bars.map(\.level) == ["same-reading", "same-reading", "different"])
        let exchanged = Self.explanation(model, [(.name, "王伟"), (.gender, "男")], [(.name, "Wang Wei"), (.gender, "男")])
        #expect(exchanged.bars.map(\.level) == ["exchanged-close", "same"])
        for explanation in [straight, exchanged] { #expect(explanation.totalBits.isFinite) }
        model.version = 5
        #expect(!model.isSound, "a form that nobody knows")
    }

    /// Before form 4 a date that cannot be was a slip like any other or left out, and all slips of names weighed the same.
    @Test func aModelOfTheThirdFormJudgesAsItDid() throws {
        let fitted = Linkage.fit(Self.withSlips())
        var model = fitted
        model.version = 3
        #expect(!model.isSound, "too many levels")
        model = fitted.inForm(3)
        #expect(model.isSound)
        func bars(_ model: LinkageModel, _ day: String) -> [PairExplanation.Bar] {
            let name: [(attribute: Attribute, text: String)] = [(.givenName, "quirina"), (.familyName, "marlow")]
            let slip: [(attribute: Attribute, text: String)] = [(.givenName, "quirnia"), (.familyName, "marlow")]
            return Self.explanation(model, name + [(.birthDate, "1980-05-17")], slip + [(.birthDate, day)]).bars
        }
        #expect(bars(model, "1980-05-71").map(\.level) == ["close", "same", "slip"])
        #expect(bars(fitted, "1980-05-71").map(\.level) == ["close", "same", "slip-to-no-day"])
        #expect(bars(model, "1780-05-17").map(\.level) == ["close", "same"])
        #expect(bars(fitted, "1780-05-17").map(\.level) == ["close", "same", "slip-to-no-year"])
        #expect(bars(model, "1980-05-71")[0].frequencyBits == 0)
        #expect(bars(fitted, "1980-05-71")[0].frequencyBits > 0)
    }

    /// A slip of a rare name, or its beginning, is hardly met by chance; two common names that a letter tells apart are two people's.
    @Test func aSlipOfARareNameSaysMore() throws {
        let model = Linkage.fit(Self.withSlips())
        func bits(_ one: String, _ other: String, of comparison: Attribute = .givenName) throws -> Double {
            let bars = Self.explanation(model, [(comparison, one)], [(comparison, other)]).bars
            let bar = try #require(bars.first)
            #expect(["close", "part"].contains(bar.level), "\(one) and \(other)")
            return bar.frequencyBits
        }
        #expect(try bits("quirina", "quirnia") > bits("marie", "maire") + 1)
        #expect(try bits("marie", "maire") > bits("marie", "maria") + 1)
        #expect(try bits("marie", "maria") < 0)
        #expect(try bits("q", "quirina") > bits("m", "marie") + 1)
        #expect(try bits("marlwo", "marlow", of: .familyName) > bits("cordse", "cordes", of: .familyName) + 0.5)
    }

    /// People most of whom are called Marie or Maria; some stand in a second record with a slip, or by an initial.
    private static func withSlips() -> RecordTable {
        var table = RecordTable(subject: .person)
        let givens = ["marie", "maria", "marie", "maria", "marie", "maria", "marie", "bertram", "esther", "florian"]
        for number in 0..<900 {
            let given = givens[number % 10], family = People.families[number / 10 % 11]
            let day = "19\(40 + number % 53)-0\(1 + number % 9)-1\(number / 7 % 10)", phone = "0300\(100_000 + number * 7)"
            table.add(LinkageRecord(key: "\(number)a", values: [(.givenName, given), (.familyName, family), (.birthDate, day), (.phone, phone)]))
            if number % 3 != 0 { continue }
            let again = number % 15 == 0 ? String(given.prefix(1)) : number % 9 == 0 ? String(given.dropLast()) + "x" : given
            table.add(LinkageRecord(key: "\(number)b", values: [(.givenName, again), (.familyName, family), (.birthDate, day), (.phone, phone)]))
        }
        return table
    }
}
