import Testing

@testable import RuleLanguage

struct DecimalTextTests {
    @Test(arguments: [
        ("0", "0"), ("-0", "0"), ("-0.00", "0"), ("007", "7"), ("+5", "5"), ("1.50", "1.5"), ("0.5", "0.5"), ("-2.50", "-2.5"),
        ("1_000_000", "1000000"), ("100万", "1000000"), ("1.5亿", "150000000"), ("1.23456万", "12345.6"), ("0.00001万", "0.1"),
        ("3百万", "3000000"), ("-1千", "-1000"), ("2萬億", "2000000000000"), ("2亿亿", nil), ("2万亿", "2000000000000"), ("0亿", "0"),
        ("", nil), ("-", nil), ("+", nil), (".5", nil), ("5.", nil), ("1__0", nil), ("_1", nil), ("1_", nil), ("1_.5", nil),
        ("1e5", nil), ("1,000", nil), ("万", nil), ("1万万", nil), ("1 000", nil), ("１", nil), ("1.2.3", nil), ("--1", nil),
        ("99999999999999999999999999999999999999", "99999999999999999999999999999999999999"),
        ("100000000000000000000000000000000000000", nil), ("0.000000000000000000000000000000000000001", nil),
        ("0000000000000000000000000000000000000000001.000000", "1"),
    ] as [(String, String?)])
    func canonicalForm(_ text: String, _ expected: String?) {
        #expect(DecimalText.canonical(text) == expected)
    }

    @Test func orderIsThatOfScaledIntegers() throws {
        let seed = printedSeed()
        var numbers = SeededNumbers(seed: seed)
        func scaled(_ value: Int128, _ places: Int) -> String {
            var digits = String(value.magnitude)
            digits = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
            return (value < 0 ? "-" : "") + digits.dropLast(places) + (places > 0 ? "." + digits.suffix(places) : "")
        }
        for _ in 0..<5_000 {
            let places = Int.random(in: 0...12, using: &numbers)
            let size = Int.random(in: 1...37, using: &numbers)
            var bound: Int128 = 1
            for _ in 0..<size { bound *= 10 }
            let one = Int128.random(in: -bound..<bound, using: &numbers)
            let other = Bool.random(using: &numbers) ? one + Int128.random(in: -1...1, using: &numbers) : -one / 10
            guard let left = DecimalText.canonical(scaled(one, places)), let right = DecimalText.canonical(scaled(other, places))
            else {
                Issue.record("not read: \(scaled(one, places)) or \(scaled(other, places)); LIMN_SEED=\(seed)")
                return
            }
            #expect(DecimalText.isLess(left, right) == (one < other), "\(left) \(right) LIMN_SEED=\(seed)")
            #expect((left == right) == (one == other), "\(left) \(right) LIMN_SEED=\(seed)")
            #expect(DecimalText.canonical(left) == left)
        }
    }
}

struct NearestNameTests {
    private func distance(_ one: String, _ other: String) -> Int {
        NearestName.distance(Array(one.unicodeScalars), Array(other.unicodeScalars))
    }

    @Test func knownDistances() {
        #expect(distance("", "") == 0)
        #expect(distance("", "abc") == 3)
        #expect(distance("kitten", "sitting") == 3)
        #expect(distance("ab", "ba") == 1)
        #expect(distance("ca", "abc") == 2)
        #expect(distance("a cat", "an abct") == 3)
        #expect(distance("客户", "户客") == 1)
    }

    @Test func distanceIsAMetric() {
        let seed = printedSeed()
        var numbers = SeededNumbers(seed: seed)
        func word() -> String { String((0..<Int.random(in: 0...7, using: &numbers)).map { _ in "abc".randomElement(using: &numbers)! }) }
        for _ in 0..<3_000 {
            let (a, b, c) = (word(), word(), word())
            #expect(distance(a, b) == distance(b, a), "\(a) \(b) LIMN_SEED=\(seed)")
            #expect((distance(a, b) == 0) == (a == b), "\(a) \(b) LIMN_SEED=\(seed)")
            #expect(distance(a, c) <= distance(a, b) + distance(b, c), "\(a) \(b) \(c) LIMN_SEED=\(seed)")
        }
    }

    @Test func findsTheNearest() {
        let names = ["name", "phone", "revenue", "region", "owner", "城市", "客户名称"]
        #expect(NearestName.find("nmae", in: names) == "name")
        #expect(NearestName.find("REVENU", in: names) == "revenue")
        #expect(NearestName.find("城是", in: names) == "城市")
        #expect(NearestName.find("名称", in: names) == nil)
        #expect(NearestName.find("x", in: names) == nil)
        #expect(NearestName.find("", in: names) == nil)
        #expect(NearestName.find("cat", in: ["cut", "bat", "car"]) == "bat")
        #expect(NearestName.find(String(repeating: "x", count: 5_000), in: names) == nil)
    }
}
