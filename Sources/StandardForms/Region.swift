/// A province, city or district of China.
public struct Region: Hashable, Sendable {
    /// How much of the country a region is.
    public enum Level: Int, Comparable, Sendable {
        case province, city, district

        public static func < (a: Level, b: Level) -> Bool { a.rawValue < b.rawValue }
    }

    /// Six digits of GB/T 2260.
    public let code: String
    public let level: Level
    /// The names from the province down, without groupings such as 市辖区 that are no place.
    public let path: [String]

    /// The names in one: 江苏省苏州市昆山市.
    public var name: String { path.joined() }

    /// The region that a text names as a whole: `江苏/苏州/昆山`, `上海浦东新区`, `昆山市`; nil where it is none, or may be several.
    public init?(_ text: String) {
        guard let found = RegionTable.shared.region(named: Array(text.unicodeScalars)) else { return nil }
        self = found
    }

    /// The region with this code of six digits, or the one in which a longer code of statistics lies; nil where there is none.
    public init?(code: String) {
        guard code.utf8.count >= 6, let number = Int(code.prefix(6)), let found = RegionTable.shared.region(coded: number) else { return nil }
        self = found
    }

    /// The province's name: 江苏省.
    public var province: String { path[0] }

    /// The city's name, of a municipality its own, of a county that no city governs the county's; nil where only a province is known.
    public var city: String? {
        if ["11", "12", "31", "50"].contains(code.prefix(2)) { return path[0] }
        return path.count > 1 ? path[1] : nil
    }

    /// The district's or county's name, where one is known.
    public var district: String? { level == .district ? path.last : nil }

    /// Whether another region is this one or lies in it.
    public func contains(_ other: Region) -> Bool {
        switch level {
        case .province: code.prefix(2) == other.code.prefix(2)
        case .city: code.prefix(4) == other.code.prefix(4) && other.level >= .city
        case .district: code == other.code
        }
    }

    /// The region with which a text begins, and how many scalars name it; nil where it begins with none, or with one of several.
    ///
    /// Source: an address says its region first, and a company often begins its name with its own.
    public static func leading(_ text: String) -> (region: Region, scalars: Int)? {
        RegionTable.shared.regionLeading(Array(text.unicodeScalars))
    }

    /// All regions, in the order of their codes.
    public static var all: [Region] { RegionTable.shared.all }

    init(code: String, level: Level, path: [String]) {
        self.code = code
        self.level = level
        self.path = path
    }
}
