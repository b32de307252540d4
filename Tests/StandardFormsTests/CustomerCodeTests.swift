import ProfileModel
import StandardForms
import Testing

/// Codes read as people make them, and tell customers apart whoever makes them.
struct CustomerCodeTests {
    private func facts(
        _ name: String, _ kind: RowKind = .organization, short: String? = nil, phone: String? = nil, year: Int? = nil, high: UInt64 = 12_345_678, low: UInt64 = 1
    ) -> CustomerCode.Facts {
        .init(kind: kind, name: name, shortName: short, phone: phone, year: year, digest: (high, low))
    }

    @Test func theUsualCodesReadAsPeopleMakeThem() throws {
        #expect(CustomerCode.person.code(for: facts("张伟", .person, phone: "+8613800138000")) == "zhangwei8000-10000")
        #expect(CustomerCode.person.code(for: facts("单雄信先生", .person)) == "shanxiongxin-10000")
        #expect(CustomerCode.organization.code(for: facts("上海华信软件股份有限公司")) == "华信软件HXRJ-10000")
        #expect(CustomerCode.organization.code(for: facts("上海华信软件股份有限公司", short: "华信")) == "华信HX-10000")
        let styled = try CustomerCode(pattern: "{initials}{year}{number:8}")
        #expect(styled.code(for: facts("Tech", year: 2024)) == "TECH202487654321")
        #expect(try CustomerCode(pattern: "{initials}{year}{number:3}").code(for: facts("Tech", year: 2024)) == "TECH2024876-10000")
        #expect(try CustomerCode(pattern: "K/{initials:2}_{id:6}").code(for: facts("Blue Sky Trading Ltd", low: 33)) == "K/BS_110000")
    }

    @Test func whatIsUnknownIsLeftOutAndACustomerWithoutAnythingGetsNone() throws {
        #expect(CustomerCode.person.code(for: facts("", .person)) == nil)
        #expect(CustomerCode.person.code(for: facts("", .person, phone: "+862162781234;ext=12")) == "1234-10000")
        #expect(try CustomerCode(pattern: "K{id:8}").code(for: facts("", .person)) == "K10000000")
    }

    @Test(arguments: [
        ("", "codes.empty"), ("{short", "codes.unclosed"), ("{surname}", "codes.unknown-part"), ("{year:2}", "codes.unknown-part"), ("{id:0}", "codes.bad-count"),
        ("{id:13}", "codes.bad-count"), ("{phone:x}", "codes.bad-count"), ("{phone:-4}", "codes.bad-count"), ("a b{id:8}", "codes.bad-character"),
        ("erp:{id:8}", "codes.bad-character"), ("}", "codes.bad-character"), ("{short:32}{pinyin:32}", "codes.too-long"),
    ])
    func aPatternThatIsNoneIsRefused(pattern: String, code: String) {
        let problem = #expect(throws: CodePatternProblem.self) { try CustomerCode(pattern: pattern) }
        #expect(problem?.code == code)
    }

    /// Nodes that never hear of each other: all they share is the pattern. Customers of one name, year and telephone number get codes by
    /// their ids alone, and the same id the same code.
    @Test func differentCustomersGetDifferentCodesWhateverThePattern() throws {
        let seed = Numbers.seed()
        var numbers = Numbers(seed: seed)
        for pattern in ["{initials}{year}{number:3}", "{pinyin}{phone:4}", "K{number:9}", "{short}", "{id:5}", "A"] {
            let code = try CustomerCode(pattern: pattern)
            var seen: [String: UInt64] = [:]
            for _ in 0..<200 {
                let low = numbers.next(), made = code.code(for: facts("张伟", .person, phone: "+8613800138000", year: 2024, high: numbers.next(), low: low))
                let text = try #require(made)
                #expect(seen.updateValue(low, forKey: text) == nil, "seed \(seed): \(pattern) makes \(text) twice")
                #expect(text.count <= CustomerCode.lengthMaximum)
            }
        }
    }

    @Test func aLongerCodeBeginsWithTheShortOne() throws {
        let whole = facts("张伟", .person, low: 0x0123_4567_89AB_CDEF)
        let codes = try (0...CustomerCode.longerMaximum).map { try #require(CustomerCode.person.code(for: whole, longer: $0)) }
        for (short, long) in zip(codes, codes.dropFirst()) { #expect(long.hasPrefix(short) && long.count == short.count + 1) }
    }
}
