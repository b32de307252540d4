import Testing

@testable import RecordLinkage

/// Tables of pairs and the levels at which they agree.
@Suite("Comparisons")
struct ComparisonTests {
    /// The names of the levels of two records, by comparison; silent ones are left out.
    static func levels(
        _ a: [(Attribute, String)], _ b: [(Attribute, String)], subject: LinkageSubject = .person
    ) -> [Comparison: String] {
        var table = RecordTable(subject: subject)
        table.add(LinkageRecord(key: "a", values: a.map { (attribute: $0.0, text: $0.1) }))
        table.add(LinkageRecord(key: "b", values: b.map { (attribute: $0.0, text: $0.1) }))
        return table.withComparator { comparator, records in
            let pattern = comparator.pattern(records[0], records[1])
            #expect(pattern == comparator.pattern(records[1], records[0]), "\(a) and \(b) are not compared alike both ways")
            var found: [Comparison: String] = [:]
            for (place, comparison) in Comparison.all(of: subject).enumerated() where pattern.level(place) > 0 {
                found[comparison] = comparison.levels[pattern.level(place) - 1]
            }
            return found
        }
    }

    @Test(arguments: [
        ("张伟", "张伟", "same", "same"),
        ("张伟", "张玮", "same-reading", "same"),
        ("张伟", "章伟", "same", "same-reading"),
        ("张伟", "Zhang Wei", "exchanged-other-script", ""),
        ("张伟", "Wei Zhang", "same-reading-other-script", "same-reading-other-script"),
        ("张伟", "Peter Zhang", "different-other-script", "same-reading-other-script"),
        ("张建国", "Jian Zhang", "part-other-script", "same-reading-other-script"),
        ("张 伟", "张伟先生", "same", "same"),
        ("张伟", "张总", "", "same"),
        ("张伟", "小张", "", "same"),
        ("欧阳修", "欧阳先生", "", "same"),
        ("王建国", "王建军", "similar", "same"),
        ("王思琪", "王思", "part", "same"),
        ("陈静", "陈进", "close", "same"),
        ("单雄", "Xiong Shan", "same-reading-other-script", "same-reading-other-script"),
        ("John Smith", "Smith, John", "same", "same"),
        ("Mr John Smith", "Jon Smith", "close", "same"),
        ("Bill Taylor", "William Taylor", "same-reading", "same"),
        ("J Taylor", "John Taylor", "part", "same"),
        ("Taylor Joan", "Joan Taylor", "exchanged", ""),
        ("José Müller", "jose MULLER", "same", "same"),
        ("Mary Jones", "Peter Brown", "different", "different"),
    ])
    func names(_ a: String, _ b: String, given: String, family: String) {
        let levels = Self.levels([(.name, a)], [(.name, b)])
        #expect(levels[.givenName] ?? "" == given)
        #expect(levels[.familyName] ?? "" == family)
    }

    @Test(arguments: [
        ("1980-05-17", "19800517", "same"),
        ("1980-05-07", "1980-07-05", "day-and-month-exchanged"),
        ("1980-05-17", "1980-05-71", "slip-to-no-day"),
        ("1980-05-27", "1980-15-27", "slip-to-no-day"),
        ("1979-02-28", "1979-02-29", "slip-to-no-day"),
        ("1980-02-28", "1980-02-29", "slip"),
        ("1980-05-17", "9180-05-17", "slip-to-no-day"),
        ("1980-05-71", "1980-05-72", "slip"),
        ("1980-05-17", "1980-05-18", "slip"),
        ("1980-05-17", "1998-05-17", "other-year"),
        ("1980-05-17", "1980", "partly"),
        ("1980-05-17", "1980-01-01", "partly"),
        ("1980-05-17", "1981-06-17", "two-slips"),
        ("1980-05-17", "1980-11-29", "same-year"),
        ("1980-05-17", "1954-11-29", "different"),
        ("1980-05-17", "1780-05-17", "slip-to-no-year"),
        ("1980-05-17", "1754-11-29", ""),
        ("1780-05-17", "1780-05-17", ""),
        ("1980-05-17", "1780", ""),
        ("1980", "1780-05-17", ""),
        ("1953-01-01", "1753-01-01", ""),
        ("1980-05-17", "soon", ""),
    ])
    func birthDates(_ a: String, _ b: String, level: String) {
        #expect(Self.levels([(.birthDate, a)], [(.birthDate, b)])[.birthDate] ?? "" == level)
    }

    /// A year in which nobody alive was born brings nothing together, and an identity number outranks it.
    @Test func aDateThatCannotBeIsKeptForComparisonAlone() {
        var table = RecordTable(subject: .person)
        table.add(LinkageRecord(key: "a", values: [(.givenName, "esther"), (.familyName, "quandt"), (.birthDate, "1780-05-17")]))
        table.add(LinkageRecord(key: "b", values: [(.givenName, "esther"), (.familyName, "quandt")]))
        #expect(table.blockingKeys(of: 0) == table.blockingKeys(of: 1))
        let levels = Self.levels([(.officialCode, "110105194912310020"), (.birthDate, "1749-12-30")], [(.birthDate, "1949-12-31")])
        #expect(levels[.birthDate] == "same")
    }

    @Test(arguments: [
        ("+8613800138000", "138 0013 8000", "same"),
        ("+862087654321", "87654321", "close"),
        ("13800138000", "13800138001", "close"),
        ("13800138000", "13800130800", "close"),
        ("13800138000", "13900139999", "different"),
        ("020-87654321;ext=12", "02087654321", "same"),
    ])
    func phones(_ a: String, _ b: String, level: String) {
        #expect(Self.levels([(.phone, a)], [(.phone, b)])[.phone] == level)
    }

    @Test(arguments: [
        ("info@one.example", "INFO@one.example", "same"),
        ("katherine@one.example", "katherine@two.example", "same-local-part"),
        ("katherine@one.example", "kathrine@one.example", "close"),
        ("brown50@one.example", "brown51@one.example", "different"),
    ])
    func mail(_ a: String, _ b: String, level: String) {
        #expect(Self.levels([(.email, a)], [(.email, b)])[.email] == level)
    }

    @Test func anyOfSeveralTelephonesCounts() {
        let levels = Self.levels(
            [(.phone, "13800138000"), (.phone, "02062781234")], [(.phone, "13911112222"), (.phone, "+862062781234")])
        #expect(levels[.phone] == "same")
    }

    @Test func addressesInOneLineAreTakenApart() {
        let levels = Self.levels([(.address, "江苏省苏州市鼓楼区科技大道12号3栋502室")], [(.address, "苏州市鼓楼区科技大道12号3-502")])
        #expect(levels[.street] == "same")
        #expect(levels[.premises] == "same")
        #expect(levels[.locality] == "same-place")
        let other = Self.levels([(.address, "南京市鼓楼区科技大道12号")], [(.address, "徐州市鼓楼区科技大道12号")])
        #expect(other[.locality] == "different", "a district of one name in another city")
    }

    @Test func residentIDsTellBirthDateAndGender() {
        let levels = Self.levels([(.officialCode, "110105194912310020")], [(.birthDate, "1949-12-31"), (.gender, "女")])
        #expect(levels[.birthDate] == "same")
        #expect(levels[.gender] == "same")
    }

    @Test(arguments: [
        ("苏州华信精密机械有限公司", "苏州华信精密机械有限责任公司", "same", "both-whole"),
        ("苏州市华信精密机械有限公司", "华信（苏州）精密机械有限公司", "same", "both-whole"),
        ("苏州华信精密机械有限公司", "苏州华欣精密机械有限公司", "same-reading", "both-whole"),
        ("苏州华信精密机械有限公司", "苏州华信", "only-brand", "both-whole"),
        ("苏州华信精密机械有限公司", "苏州华信机械有限公司", "part-of-trade", "both-whole"),
        ("苏州华信精密机械有限公司", "苏州华信贸易有限公司", "other-trade", "both-whole"),
        ("苏州华信贸易有限公司", "苏州华信贸易有限公司上海分公司", "same", "branch-and-whole"),
        ("苏州华信贸易有限公司北京分公司", "苏州华信贸易有限公司上海分公司", "same", "different"),
        ("苏州华信贸易上海分公司", "苏州华信贸易有限公司上海分公司", "same", "same"),
        ("Northwind Trading Ltd.", "NORTHWIND TRADING LIMITED", "same", "both-whole"),
        ("Northwind Ltd", "Northwind Foods Inc.", "only-brand", "both-whole"),
        ("苏州华信贸易有限公司", "上海天成软件有限公司", "different", "both-whole"),
    ])
    func companies(_ a: String, _ b: String, name: String, branch: String) {
        let levels = Self.levels([(.organizationName, a)], [(.organizationName, b)], subject: .organization)
        #expect(levels[.companyName] == name)
        #expect(levels[.branch] == branch)
    }

    @Test func seatsAreCompared() {
        let levels = Self.levels([(.organizationName, "苏州华信有限公司")], [(.organizationName, "上海华信有限公司")], subject: .organization)
        #expect(levels[.seat] == "different")
    }
}
