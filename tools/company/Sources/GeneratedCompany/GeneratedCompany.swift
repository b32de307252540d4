public import ProfileModel
internal import StandardForms

/// A company's customers put together by chance, as three tables with gaps and slips, and what would be true of each.
///
/// About 65 of 100 fields hold something. Most of the gaps follow from what is left: a birth date from a resident identity number, a
/// place from a postcode, a landline number or an address, an address from orders. Two postcodes and landline numbers in a hundred are of
/// another place, one identity number is somebody else's, one employer another, and one order in twenty went somewhere else. Every row says in `note` that it is generated. The same seed makes the same company.
public struct GeneratedCompany: Sendable {
    /// What is true of a field of a customer, as the product's standard forms write it.
    public struct Truth: Sendable {
        public let externalID: String
        public let field: String
        public let value: String
    }

    public private(set) var persons = "", organizations = "", orders = ""
    public private(set) var truth: [Truth] = []

    /// Fields that the rules can fill; of these few are given.
    static let recoverable: Set<String> = [
        "code", "given_name", "family_name", "short_name", "gender", "birth_date", "country", "region", "region_code", "state", "city", "industry", "address",
    ]
    /// What an organization says of itself alone.
    static let saidByOrganizations: Set<String> = ["industry", "address"]
    static let recoverableGiven = 0.06, otherGiven = 0.93
    static let slips = 0.02

    private var chance: Chance
    private let places: [Place]
    private var names = Set<String>()
    private var employers: [(name: String, industry: String)] = []

    /// - Parameter persons: how many; there is an organization for nine of them.
    public init(persons count: Int, seed: UInt64) {
        chance = Chance(state: seed)
        places = Place.all
        let fields = FieldCatalogue.standard.fields.filter { $0.hasColumn && $0.section != "system" }
        let ofPersons = fields.filter { $0.kinds.contains(.person) }, ofOrganizations = fields.filter { $0.kinds.contains(.organization) }
        persons = "external_id," + ofPersons.map(\.name).joined(separator: ",") + "\n"
        organizations = "external_id," + ofOrganizations.map(\.name).joined(separator: ",") + "\n"
        orders = "external_id,customer,type,time,amount,currency,delivery_address\n"
        for number in 1...max(1, count / 9) {
            let customer = organization(number)
            employers.append((customer["name"]!, customer["industry"]!))
            organizations += row("o\(number)", ofOrganizations, customer, spared: GeneratedCompany.saidByOrganizations)
        }
        for number in 1...max(1, count) {
            let customer = person(number, chance.pick(employers))
            persons += row("p\(number)", ofPersons, customer, spared: [])
            for order in 1...(3 + chance.below(3)) {
                let day = "2025-\(two(1 + chance.below(12)))-\(two(1 + chance.below(28)))"
                // Now and then something goes to somebody else.
                let address = chance.happens(0.05) ? chance.pick(places).region.name + "示例路1号" : customer["address"]!
                orders += "p\(number)-\(order),p\(number),order,\(day)T10:00:00Z,\(10 + chance.below(900)),CNY,\(address)\n"
            }
        }
    }

    /// A row of what is known of a customer, and the note of what is true.
    private mutating func row(_ id: String, _ fields: [Field], _ customer: [String: String], spared: Set<String>) -> String {
        var cells = [id]
        for field in fields {
            let value = customer[field.name] ?? filler(field)
            if let actual = customer[field.name], field.name != "code" { truth.append(Truth(externalID: id, field: field.name, value: actual)) }
            let isRare = GeneratedCompany.recoverable.contains(field.name) && !spared.contains(field.name)
            let isGiven = field.name == "name" || field.name == "note" || field.name != "code" && chance.happens(isRare ? GeneratedCompany.recoverableGiven : GeneratedCompany.otherGiven)
            cells.append(!isGiven ? "" : chance.happens(GeneratedCompany.slips) ? slip(field, value) : value)
        }
        return cells.joined(separator: ",") + "\n"
    }

    private mutating func slip(_ field: Field, _ value: String) -> String {
        switch field.name {
        case "postcode": chance.pick(places).postcode
        case "phone": "+86" + chance.pick(places).area + "62781234"
        case "national_id" where chance.happens(0.5): identity(chance.pick(places).region.code, "19\(50 + chance.below(50))-01-0\(1 + chance.below(9))", isMan: chance.happens(0.5))
        case "company" where chance.happens(0.5): chance.pick(employers).name
        default: value
        }
    }

    private mutating func person(_ number: Int, _ employer: (name: String, industry: String)) -> [String: String] {
        let place = chance.pick(places), surname = chance.pick(GeneratedCompany.surnames)
        let given = (0...chance.below(2)).map { _ in chance.pick(GeneratedCompany.givenCharacters) }.joined()
        let birth = "\(1950 + chance.below(50))-\(two(1 + chance.below(12)))-\(two(1 + chance.below(28)))"
        let isMan = chance.happens(0.5)
        var customer = customer(at: place, number)
        customer["name"] = surname + given
        customer["family_name"] = surname
        customer["given_name"] = given
        customer["birth_date"] = birth
        customer["gender"] = isMan ? "male" : "female"
        customer["national_id"] = identity(place.region.code, birth, isMan: isMan)
        customer["company"] = employer.name
        customer["industry"] = employer.industry
        customer["phone"] = chance.happens(0.3) ? "+86\(place.area)6\(seven(number))" : "+86139\(seven(number))\(chance.below(10))"
        return customer
    }

    private mutating func organization(_ number: Int) -> [String: String] {
        let place = chance.pick(places)
        var core = ""
        repeat { core = (0..<3).map { _ in chance.pick(GeneratedCompany.companyCharacters) }.joined() + chance.pick(["科技", "贸易", "机械", "食品"]) } while !names.insert(core).inserted
        var customer = customer(at: place, number)
        customer["name"] = core + "有限公司"
        customer["short_name"] = core
        customer["industry"] = chance.pick(["C34", "F51", "I65", "C14", "M75", "G54"])
        customer["phone"] = "+86\(place.area)8\(seven(number))"
        return customer
    }

    private mutating func customer(at place: Place, _ number: Int) -> [String: String] {
        let region = place.region
        return [
            "country": "中国", "region": region.name, "region_code": region.code, "state": region.province, "city": region.city ?? region.province,
            "address": region.name + "示例路\(1 + chance.below(900))号", "postcode": place.postcode,
            "note": "generated: no such customer", "email": "customer\(number)@example.com",
        ]
    }

    /// Something for a field of which nothing follows.
    private mutating func filler(_ field: Field) -> String {
        if case .choices(let choices)? = field.rules.first(where: { if case .choices = $0 { true } else { false } }) { return chance.pick(choices).name }
        switch field.type {
        case .integer: return String(1 + chance.below(200))
        case .decimal: return String(150 + chance.below(50))
        case .money: return "\(50_000 + 1_000 * chance.below(100)) CNY"
        case .date: return "\(field.name == "founded" ? 2008 : 2024)-\(two(1 + chance.below(12)))-\(two(1 + chance.below(28)))"
        case .boolean: return chance.happens(0.5) ? "true" : "false"
        case .url: return "https://example.com/\(chance.below(10_000))"
        case .email: return "customer\(chance.below(10_000))@example.com"
        default: return "generated \(chance.below(50))"
        }
    }

    private mutating func identity(_ region: String, _ birth: String, isMan: Bool) -> String {
        let digits = region + birth.filter(\.isNumber) + two(chance.below(100)) + String(2 * chance.below(5) + (isMan ? 1 : 0))
        let check = "0123456789X".map(String.init).first { ResidentIdentity(digits + $0) != nil }
        return digits + (check ?? "0")
    }

    private func two(_ number: Int) -> String { (number < 10 ? "0" : "") + String(number) }
    private func seven(_ number: Int) -> String { String(String(10_000_000 + number * 37 % 9_999_999).suffix(7)) }

    private static let surnames = Array("王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗").map(String.init)
    private static let givenCharacters = Array("伟芳娜敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂文辉玲健红建亮燕").map(String.init)
    private static let companyCharacters = Array("华信恒瑞博远鼎盛嘉泰弘毅捷诚凯旋普蓝晟昊").map(String.init)
}

/// A district with a postcode and an area code that are its own city's.
private struct Place: Sendable {
    let region: Region
    let postcode: String
    /// Without its zero.
    let area: String

    /// The districts of cities of which both are known.
    static let all: [Place] = {
        var postcodes: [String: String] = [:], areas: [String: String] = [:]
        for line in (EmbeddedFile.text("prefixes.tsv") ?? "").split(separator: "\n") {
            let fields = line.split(separator: "\t")
            guard fields.count == 3 else { continue }
            let code = String(fields[2])
            if fields[0] == "area" { areas[code] = String(fields[1].dropFirst()) }
            if fields[0] == "postcode", fields[1].count == 4 { postcodes[code] = String(fields[1]) + "00" }
        }
        return Region.all.filter { $0.level == .district }.compactMap { region in
            let city = region.code.prefix(4) + "00"
            guard let postcode = postcodes[String(city)], let area = areas[String(city)] else { return nil }
            return Place(region: region, postcode: postcode, area: area)
        }
    }()
}

/// A repeatable source of chance (SplitMix64).
private struct Chance: Sendable {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }

    mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }
    mutating func happens(_ share: Double) -> Bool { Double(next() >> 11) / Double(1 << 53) < share }
    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }
}
