/// What people have said of pairs: one customer, or not. It binds.
public struct Decisions: Sendable {
    /// A pair of records by their keys.
    struct Pair: Hashable, Sendable {
        let first: String
        let second: String

        init(_ a: String, _ b: String) { (first, second) = a < b ? (a, b) : (b, a) }
    }

    private(set) var accepted: Set<Pair> = []
    private(set) var rejected: Set<Pair> = []

    public init() {}

    /// Says that two records are of one customer; takes back what was said before.
    public mutating func accept(_ a: String, _ b: String) {
        rejected.remove(Pair(a, b))
        accepted.insert(Pair(a, b))
    }

    /// Says that two records are of two customers; takes back what was said before.
    public mutating func reject(_ a: String, _ b: String) {
        accepted.remove(Pair(a, b))
        rejected.insert(Pair(a, b))
    }

    /// How many pairs people have decided on.
    public var count: Int { accepted.count + rejected.count }

    /// The decisions on records of a table, by their numbers.
    func numbered(_ table: RecordTable) -> (accepted: [(Int, Int)], rejected: Set<UInt64>) {
        if count == 0 { return ([], []) }
        let named = Set((accepted.union(rejected)).flatMap { [$0.first, $0.second] })
        var numbers: [String: Int] = [:]
        for (number, key) in table.keys.enumerated() where named.contains(key) { numbers[key] = number }
        func pair(_ pair: Pair) -> (Int, Int)? {
            guard let a = numbers[pair.first], let b = numbers[pair.second] else { return nil }
            return (min(a, b), max(a, b))
        }
        return (
            accepted.compactMap(pair).sorted { $0 < $1 }, Set(rejected.compactMap(pair).map { UInt64($0.0) << 32 | UInt64($0.1) })
        )
    }
}
