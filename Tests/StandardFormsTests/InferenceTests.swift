import ProfileModel
import StandardForms
import Testing

/// Gaps are filled with the one thing that follows, and with nothing where several may.
struct InferenceTests {
    private func known(_ registers: [String: String], _ kind: RowKind = .person, phones: [String] = []) -> KnownValues {
        var known = KnownValues(kind: kind, registers: registers, today: "2026-01-01")
        known.phones = phones
        return known
    }

    private func filled(_ rule: InferenceRule, _ known: KnownValues) -> [String: String] {
        Dictionary(uniqueKeysWithValues: rule.inferences(from: known).map { ($0.field, "\($0.value) by \($0.origin)") })
    }

    @Test func aPlaceIsToldByTheBestStatement() {
        #expect(filled(.place, known(["postcode": "518000"])) == [
            "region": "广东省深圳市 by postcode", "region_code": "440300 by postcode", "state": "广东省 by postcode", "city": "深圳市 by postcode",
            "country": "中国 by postcode",
        ])
        #expect(filled(.place, known([:], phones: ["+8651262781234"]))["city"] == "苏州市 by area-code")
        #expect(filled(.place, known([:], phones: ["+861062781234;ext=12"]))["region"] == "北京市 by area-code")
        #expect(filled(.place, known([:], phones: ["+8613862781234", "+442079460958", "95588"])) == [:], "a mobile number moves with its owner")
        #expect(filled(.place, known(["address": "江苏省苏州市昆山市人民路1号", "postcode": "215300"]))["district"] == "昆山市 by address")
        let stated = filled(.place, known(["region": "上海市浦东新区"]))
        #expect(stated == [
            "region_code": "310115 by region", "state": "上海市 by region", "city": "上海市 by region", "district": "浦东新区 by region", "country": "中国 by region",
        ])
        #expect(filled(.place, known(["region_code": "320583"]))["region"] == "江苏省苏州市昆山市 by region-code")
        #expect(filled(.place, known(["state": "江苏", "city": "苏州"]))["region"] == "江苏省苏州市 by city")
        #expect(filled(.place, known(["state": "江苏省"], phones: ["+8651262781234"]))["city"] == "苏州市 by area-code")
    }

    @Test func nothingIsTakenFromWhatContradictsItself() {
        #expect(filled(.place, known(["postcode": "518000"], phones: ["+861062781234"])) == [:])
        #expect(filled(.place, known(["region": "江苏省苏州市"], phones: ["+861062781234"]))["city"] == "苏州市 by region", "a telephone number does not shake what is stated")
        #expect(filled(.place, known(["region": "江苏省苏州市", "region_code": "110105"])) == [:])
        #expect(filled(.place, known(["region": "鼓楼区", "postcode": "518000"])) == [:], "a text that may be several places is left to people")
        #expect(filled(.place, known(["country": "Germany", "postcode": "518000"])) == [:])
        #expect(filled(.place, known(["postcode": "5180"])) == [:])
    }

    @Test func anAreaCodeThatSeveralPrefecturesShareIsThatOfTheProvince() {
        #expect(PlacePrefix.region(ofPhone: "+862988888888")?.name == "陕西省")
        #expect(PlacePrefix.region(ofPostcode: "225300")?.name == "江苏省泰州市" && PlacePrefix.region(ofPostcode: "225000")?.name == "江苏省扬州市")
    }

    @Test func everyRegionOfThePrefixesExists() throws {
        let lines = try #require(EmbeddedFile.text("prefixes.tsv")).split(separator: "\n").filter { $0.hasPrefix("area\t") || $0.hasPrefix("postcode\t") }
        #expect(lines.count > 1_400)
        for line in lines {
            let code = try #require(line.split(separator: "\t").last)
            #expect(Region(code: String(code))?.code == String(code), "\(line)")
        }
    }

    @Test func anIdentityNumberTellsBirthAndGender() {
        #expect(filled(.identity, known(["national_id": "11010519491231002X"])) == ["birth_date": "1949-12-31 by identity", "gender": "female by identity"])
        #expect(filled(.identity, known(["national_id": "11010519491231002X", "gender": "male"])) == [:], "one of both is wrong")
        #expect(filled(.identity, known(["national_id": "E12345678"])) == [:])
        #expect(InferenceRule.identity.inferences(from: known(["national_id": "11010519491231002X"])).allSatisfy { $0.evidence == nil })
    }

    @Test func namesAreTakenApart() {
        #expect(filled(.names, known(["name": "欧阳娜娜"])) == ["family_name": "欧阳 by name", "given_name": "娜娜 by name"])
        #expect(filled(.names, known(["name": "张总"])) == [:])
        #expect(filled(.names, known(["name": "张伟女士"])) == ["gender": "female by name"])
        #expect(filled(.names, known(["name": "Anna Schneider"])) == [:])
        #expect(filled(.names, known(["name": "张伟", "family_name": "李"])) == [:])
        #expect(filled(.names, known(["name": "上海华信软件有限公司"], .organization)) == ["short_name": "华信软件 by name"])
        #expect(filled(.names, known(["name": "上海华信软件有限公司苏州分公司"], .organization)) == [:])
    }

    @Test func ordersTellAnAddressWhereMostWentThere() {
        var customer = known([:])
        customer.orderAddresses = ["a", "a", "b"]
        #expect(filled(.orders, customer) == ["delivery_address": "a by orders", "address": "a by orders"])
        customer.orderAddresses = ["a", "a", "b", "b"]
        #expect(filled(.orders, customer) == [:])
        customer.orderAddresses = ["a", "a"]
        #expect(filled(.orders, customer) == [:])
    }

    @Test func aProvinceTellsWhatPeopleThereCanSpendUnlessTheIncomeIsKnown() {
        #expect(filled(.purchasingPower, known(["region": "上海市浦东新区"])) == ["purchasing_power": "very-high by regional-income"])
        #expect(filled(.purchasingPower, known(["state": "江苏"])) == ["purchasing_power": "high by regional-income"])
        #expect(filled(.purchasingPower, known(["postcode": "250000"])) == ["purchasing_power": "medium by regional-income"])
        #expect(filled(.purchasingPower, known([:], phones: ["+8693188888888"])) == ["purchasing_power": "low by regional-income"])
        #expect(InferenceRule.purchasingPower.inferences(from: known(["region_code": "440300"])).map(\.evidence) == ["广东省"])
        #expect(filled(.purchasingPower, known(["region": "上海市", "income": "90000"])) == [:])
        #expect(filled(.purchasingPower, known(["region": "上海市", "purchasing_power": "low"])) == [:])
        #expect(filled(.purchasingPower, known(["region": "上海市"], .organization)) == [:], "the table tells of people")
        #expect(filled(.purchasingPower, known(["region": "香港特别行政区"])) == [:])
        #expect(filled(.purchasingPower, known(["region": "上海市", "country": "Germany"])) == [:])
        #expect(filled(.purchasingPower, known(["region": "上海市", "region_code": "440300"])) == [:])
    }

    @Test func everyProvinceThatTheSurveyReachesHasAnIncome() throws {
        let missing = Region.all.filter { $0.level == .province && PurchasingPower(of: $0) == nil }.map { String($0.code.prefix(2)) }
        #expect(Set(missing) == ["71", "81", "82"])
        let steps = Set(Region.all.compactMap { PurchasingPower(of: $0) })
        #expect(steps == Set(PurchasingPower.allCases))
    }

    @Test func whatCannotBeIsFlagged() {
        func reasons(_ registers: [String: String], _ rule: PlausibilityRule = .impossible) -> [String] {
            rule.implausibilities(of: known(registers)).map { "\($0.field) \($0.reason.rawValue) \($0.proposed ?? "-")" }
        }
        #expect(reasons(["birth_date": "1826-01-01"]) == ["birth_date quality.impossible-age -"])
        #expect(reasons(["birth_date": "2026-05-01"]) == ["birth_date quality.in-future -"])
        #expect(reasons(["birth_date": "1950-01-01", "national_id": "11010519491231002X"]) == ["birth_date quality.birth-against-identity 1949-12-31"])
        #expect(reasons(["birth_date": "1949", "gender": "male", "national_id": "11010519491231002X"]) == ["gender quality.gender-against-identity female"])
        #expect(reasons(["region": "江苏省苏州市", "region_code": "110105"]) == ["region_code quality.places-disagree 320500"])
        #expect(reasons(["founded": "2020-02-02", "customer_since": "2019-01-01"]) == ["customer_since quality.dates-reversed -"])
        #expect(reasons(["birth_date": "1950-01-01", "region": "江苏省", "region_code": "320500"]) == [])
        #expect(reasons([:], .quarantine) == ["industry quality.quarantine -"] && reasons(["industry": "I65"], .quarantine) == [])
    }

    @Test func aFewWildNumbersDoNotHideEachOther() throws {
        let numbers = Numbers.seed()
        var generator = Numbers(seed: numbers)
        var values = (0..<200).map { _ in 4.5 + Double(generator.next() % 1_000) / 1_000 }
        values += Array(repeating: 12, count: 20)
        let spread = try #require(RobustSpread(values))
        #expect(values.allSatisfy { spread.isOutlier($0) == ($0 == 12) }, "seed \(numbers)")
        #expect(RobustSpread(Array(values.prefix(19))) == nil)
        #expect(RobustSpread(Array(repeating: 3, count: 30))?.isOutlier(3.1) == false)
        #expect(RobustSpread.median(of: [3, 1, 2, 10]) == 2.5)
    }
}
