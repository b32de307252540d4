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
