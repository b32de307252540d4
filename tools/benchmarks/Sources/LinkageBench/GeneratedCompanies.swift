import RecordLinkage

/// Generated Chinese companies, and what several sources say of them. None exists; keys begin with `generated-`.
///
/// Firms of a group share brand, town and often the telephone; branches are customers of their own; sources write short names, put the
/// town in brackets or leave it out, and misspell by ear.
struct GeneratedCompanies {
    private struct Company {
        var city: String
        var brand: String
        var trade: String
        var form: String
        var branch: String
        var code: String
        var phone: String
        var site: String
        var contact: String
        var address: String
    }

    private var chance: Chance
    private let names = ChineseNames()
    private let firstOfBrand = Array("华中天金恒瑞鑫盛宏泰远大博众德信诚嘉联新东海安康万福永兴正隆昌明亿佳龙凯润通达汇光辉伟宇星")
    private let lastOfBrand = Array("信达通泰盛源丰和创利安康顺成邦杰辉腾智科维美佳锐翔宇航洋润泽诚德隆兴旺业宏远驰腾")
    private let trades = [
        "科技", "贸易", "电子", "机械", "建筑工程", "信息技术", "商贸", "实业", "食品", "物流", "装饰工程", "网络科技", "医疗器械", "文化传媒", "环保科技", "新材料",
        "精密机械", "电子商务", "餐饮管理", "企业管理咨询", "生物科技", "汽车配件", "服装", "化工", "包装", "农业发展", "教育科技", "智能科技", "进出口贸易", "供应链管理",
    ]

    init(seed: UInt64) { chance = Chance(seed: seed) }

    /// Makes records of so many companies: one each, a second of four in ten, a third of one in ten.
    static func make(companies: Int, seed: UInt64) -> LinkageSet {
        var generator = GeneratedCompanies(seed: seed)
        var set = LinkageSet(name: "chinese companies", subject: .organization, records: [], truth: [], goal: nil, seed: seed)
        var all: [Company] = []
        while all.count < companies { all += generator.group() }
        for (number, company) in all.prefix(companies).enumerated() {
            var copies = 1
            if generator.chance.happens(0.4) { copies += 1 }
            if generator.chance.happens(0.1) { copies += 1 }
            for copy in 0..<copies {
                let key = "generated-\(set.records.count)"
                set.records.append(LinkageRecord(key: key, values: generator.values(of: company, isFirst: copy == 0)))
                set.truth.append(Int32(number))
            }
        }
        return set
    }

    /// One firm, or several of a group, some with branches.
    private mutating func group() -> [Company] {
        var brand = String([chance.common(of: firstOfBrand, flatness: 15), chance.common(of: lastOfBrand, flatness: 15)])
        if chance.happens(0.25) { brand += String(chance.one(of: lastOfBrand)) }
        let place = chance.common(of: names.places, flatness: 15)
        let phone = landline(), address = address(place.city + place.district), site = "\(letters(brand))\(chance.below(900)).com"
        let size = chance.happens(0.12) ? 2 + chance.below(3) : 1
        var companies: [Company] = []
        for _ in 0..<size {
            let isNear = chance.happens(0.7)
            let own = isNear ? place : chance.common(of: names.places, flatness: 15)
            let company = Company(
                city: String(own.city.dropLast()), brand: brand, trade: chance.common(of: trades, flatness: 10),
                form: chance.happens(0.9) ? "有限公司" : chance.happens(0.5) ? "股份有限公司" : "有限责任公司", branch: "", code: code(own.postcode),
                phone: isNear && chance.happens(0.6) ? phone : landline(), site: chance.happens(0.8) ? site : "\(letters(brand))\(chance.below(900)).cn",
                contact: contact(), address: isNear && chance.happens(0.6) ? address : self.address(own.city + own.district))
            companies.append(company)
            for _ in 0..<(chance.happens(0.08) ? 1 + chance.below(3) : 0) {
                let there = chance.common(of: names.places, flatness: 15)
                var branch = company
                branch.branch = String(there.city.dropLast()) + "分公司"
                branch.code = code(there.postcode)
                branch.contact = contact()
                branch.address = self.address(there.city + there.district)
                if chance.happens(0.6) { branch.phone = landline() }
                companies.append(branch)
            }
        }
        return companies
    }

    private func letters(_ brand: String) -> String {
        let pinyin = names.pinyin(brand)
        return (pinyin.family + pinyin.given).lowercased()
    }

    private mutating func landline() -> String { "0\(chance.one(of: [10, 21, 512, 571, 755, 28, 27, 532]))-\(60_000_000 + chance.below(29_999_999))" }

    private mutating func contact() -> String {
        chance.common(of: names.families, flatness: 6) + String([chance.common(of: names.generations), chance.common(of: names.men)])
    }

    private mutating func address(_ place: String) -> String {
        "\(place)\(chance.common(of: names.streets, flatness: 15))\(1 + chance.below(400))号\(chance.happens(0.5) ? "\(1 + chance.below(20))楼" : "")"
    }

    private mutating func code(_ region: String) -> String {
        let marks = Array("0123456789ABCDEFGHJKLMNPQRTUWXY")
        return "91\(region)" + String((0..<10).map { _ in chance.one(of: marks) })
    }

    private mutating func values(of company: Company, isFirst: Bool) -> [(attribute: Attribute, text: String)] {
        var values: [(attribute: Attribute, text: String)] = [(.organizationName, name(of: company))]
        if chance.happens(0.35) { values.append((.officialCode, chance.happens(0.03) ? Slips.digitSlip(company.code, &chance) : company.code)) }
        if chance.happens(0.7) {
            // Sales people write down the telephone of whoever they spoke to.
            let phone = chance.happens(0.3) ? "13\(100_000_000 + chance.below(899_999_999))" : company.phone
            values.append((.phone, chance.happens(0.02) ? Slips.digitSlip(phone, &chance) : phone))
        }
        if chance.happens(0.3) { values.append((.website, "www.\(company.site)")) }
        if chance.happens(0.25) {
            values.append((.email, chance.happens(0.5) ? "\(100_000_000 + chance.below(2_000_000_000))@qq.com" : "info@\(company.site)"))
        }
        if chance.happens(0.5) { values.append((.contactName, chance.happens(0.3) ? contact() : company.contact)) }
        if !chance.happens(0.25) {
            let moved = !isFirst && chance.happens(0.08)
            values.append((.address, moved ? address(String(company.address.prefix(6))) : company.address))
        }
        return values
    }

    private mutating func name(of company: Company) -> String {
        var brand = company.brand
        if chance.happens(0.04) {
            var characters = Array(brand)
            let place = chance.below(characters.count)
            if let others = names.homophones[characters[place]] { characters[place] = chance.one(of: others) }
            brand = String(characters)
        }
        if chance.happens(0.02) {
            var characters = Array(brand)
            characters[chance.below(characters.count)] = chance.one(of: lastOfBrand)
            brand = String(characters)
        }
        let form = Double(chance.below(1_000)) / 1_000
        let city = company.city
        if form < 0.08 { return city + brand + company.branch }
        if form < 0.16 { return brand + company.trade + company.branch }
        if form < 0.24 { return city + brand + company.trade + company.branch }
        if form < 0.32 { return brand + company.trade + company.form + company.branch }
        if form < 0.40 { return "\(brand)（\(city)）\(company.trade)\(company.form)\(company.branch)" }
        if form < 0.48 { return "\(city)市\(brand)\(company.trade)\(company.form)\(company.branch)" }
        if form < 0.51 { return city + brand + String(company.trade.prefix(2)) + company.form + company.branch }
        return city + brand + company.trade + company.form + company.branch
    }
}
