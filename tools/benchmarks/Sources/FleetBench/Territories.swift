import MergeVectors

/// The territories of a fleet: cities in provinces, of which each laptop holds one, and some a whole province.
struct Territories {
    static let provinces = [
        "cn/jiangsu": ["nanjing", "suzhou", "wuxi", "nantong"], "cn/zhejiang": ["hangzhou", "ningbo", "wenzhou", "jiaxing"],
        "cn/guangdong": ["guangzhou", "shenzhen", "foshan", "dongguan"], "cn/shandong": ["jinan", "qingdao", "yantai", "weifang"],
        "cn/sichuan": ["chengdu", "mianyang", "deyang", "yibin"], "cn/hubei": ["wuhan", "xiangyang", "yichang", "jingzhou"],
        "cn/hunan": ["changsha", "zhuzhou", "yueyang", "hengyang"], "cn/fujian": ["fuzhou", "xiamen", "quanzhou", "zhangzhou"],
        "cn/anhui": ["hefei", "wuhu", "bengbu", "anqing"],
    ]
    static let cities = provinces.sorted { $0.key < $1.key }.flatMap { province, cities in cities.map { "\(province)/\($0)" } }

    /// How many of a hundred laptops are a manager's, who holds the province.
    private static let managersPercent = 8

    /// What each laptop holds, as far as it has been told to.
    private(set) var held: [[String]]
    /// Where each customer was moved last, by its place in the list.
    private(set) var places: [String]
    /// The customers of each city.
    private var customers: [String: [Int]] = [:]

    init(laptops: Int, customers count: Int, _ random: inout SplitMix64) {
        held = (0..<laptops).map { laptop in
            let city = Self.cities[laptop % Self.cities.count]
            return [random.chance(Self.managersPercent) ? Self.province(of: city) : city]
        }
        places = (0..<count).map { Self.cities[$0 % Self.cities.count] }
        for (customer, city) in places.enumerated() { customers[city, default: []].append(customer) }
    }

    static func province(of city: String) -> String { city.split(separator: "/").dropLast().joined(separator: "/") }

    static func isWithin(_ city: String, _ scope: String) -> Bool { city == scope || city.hasPrefix(scope + "/") }

    /// The cities that a laptop holds.
    func cities(of laptop: Int) -> [String] { Self.cities.filter { city in held[laptop].contains { Self.isWithin(city, $0) } } }

    /// A customer of a city; nil where it has none.
    func customer(in city: String, _ random: inout SplitMix64) -> Int? {
        guard let found = customers[city], !found.isEmpty else { return nil }
        return found[random.below(found.count)]
    }

    /// The laptops that hold a city.
    func laptops(in city: String) -> [Int] { held.indices.filter { held[$0].contains { Self.isWithin(city, $0) } } }

    mutating func move(_ customer: Int, to city: String) {
        customers[places[customer]]?.removeAll { $0 == customer }
        customers[city, default: []].append(customer)
        places[customer] = city
    }

    mutating func enter(_ scope: String, by laptop: Int) { held[laptop].append(scope) }

    mutating func leave(_ scope: String, by laptop: Int) { held[laptop].removeAll { $0 == scope } }

    /// A city to which a customer goes, or a traveller: in two of three cases within the province.
    static func destination(from city: String, _ random: inout SplitMix64) -> String {
        let province = province(of: city), isNear = random.chance(66)
        let others = cities.filter { $0 != city && (!isNear || isWithin($0, province)) }
        return others[random.below(others.count)]
    }
}
