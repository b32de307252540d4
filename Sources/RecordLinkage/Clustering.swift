/// A link between two records of a table.
struct Link: Sendable {
    var a: UInt32
    var b: UInt32
    var totalBits: Double
}

/// Puts linked records together, surest links first, and leaves out a link that would make a cluster that cannot be one customer:
/// whose birth dates or codes contradict each other, that people have forbidden, that is too big or too thin.
///
/// - Complexity: the links' sort, and for each merge the product of the two clusters' sizes, which are limited.
struct Clustering {
    private var parent: [UInt32]
    private var members: [UInt32: [UInt32]] = [:]
    /// The pairs that are linked directly.
    private var links: Set<UInt64> = []
    /// The links that were left out.
    private(set) var refused: [Link] = []

    private let records: UnsafeBufferPointer<RecordFeatures>
    private let comparator: PairComparator
    private let rejected: Set<UInt64>
    /// Whether two records would be linked that were never compared, because blocking did not bring them together.
    private let wouldLink: (UInt32, UInt32) -> Bool
    private let settings: LinkageSettings

    init(
        _ records: UnsafeBufferPointer<RecordFeatures>, _ comparator: PairComparator, accepted: [(Int, Int)], rejected: Set<UInt64>,
        settings: LinkageSettings, wouldLink: @escaping (UInt32, UInt32) -> Bool
    ) {
        self.records = records
        self.comparator = comparator
        self.rejected = rejected
        self.settings = settings
        self.wouldLink = wouldLink
        parent = (0..<UInt32(records.count)).map { $0 }
        for (a, b) in accepted { merge(root(UInt32(a)), root(UInt32(b))) }
    }

    /// Adds links, the surest first.
    mutating func add(_ links: [Link]) {
        self.links = Set(links.map { UInt64($0.a) << 32 | UInt64($0.b) })
        let sorted = links.sorted { one, other in
            one.totalBits != other.totalBits ? one.totalBits > other.totalBits : (one.a, one.b) < (other.a, other.b)
        }
        // What is too thin at first may be filled by weaker links: the rest is asked again while anything changes.
        var waiting = sorted
        while !waiting.isEmpty {
            var later: [Link] = []
            for link in waiting where !add(link) { later.append(link) }
            if later.count == waiting.count {
                refused = later
                return
            }
            waiting = later
        }
    }

    private mutating func add(_ link: Link) -> Bool {
        let a = root(link.a), b = root(link.b)
        if a == b { return true }
        guard canMerge(a, b) else { return false }
        merge(a, b)
        return true
    }

    private func canMerge(_ a: UInt32, _ b: UInt32) -> Bool {
        let left = members[a] ?? [a], right = members[b] ?? [b]
        if left.count + right.count > settings.clusterSizeMaximum { return false }
        var direct = 0, hasOtherDates = false, others: [(UInt32, UInt32)] = []
        for one in left {
            for other in right {
                if isForbidden(one, other) { return false }
                if links.contains(UInt64(min(one, other)) << 32 | UInt64(max(one, other))) { direct += 1 } else { others.append((one, other)) }
                hasOtherDates = hasOtherDates || DateComparison.contradict(records[Int(one)].birthDate, records[Int(other)].birthDate)
            }
        }
        let pairs = left.count * right.count
        func areEnough(_ direct: Int) -> Bool {
            // A wrong date is possible, but what most of the records say of each other outweighs it, not a third between two.
            if hasOtherDates { return direct * 2 > pairs }
            return left.count + right.count <= 3 || Double(direct) >= settings.clusterDensityMinimum * Double(pairs)
        }
        // A pair that was never compared has said nothing yet: it is asked where it matters.
        return areEnough(direct) || areEnough(direct + others.count { wouldLink($0.0, $0.1) })
    }

    /// Whether people, or codes that are none's misspelling, keep two records apart.
    private func isForbidden(_ a: UInt32, _ b: UInt32) -> Bool {
        if !rejected.isEmpty, rejected.contains(UInt64(min(a, b)) << 32 | UInt64(max(a, b))) { return true }
        let one = records[Int(a)], other = records[Int(b)]
        if comparator.subject == .organization, BranchComparison.level(one, other, comparator.words) >= BranchComparison.branchAndWhole { return true }
        return CodeComparison.level(one.code, other.code, comparator.codes) == CodeComparison.different
    }

    private mutating func merge(_ a: UInt32, _ b: UInt32) {
        if a == b { return }
        let left = members[a] ?? [a], right = members[b] ?? [b]
        members[b] = nil
        members[a] = left + right
        for record in right { parent[Int(record)] = a }
    }

    private func root(_ record: UInt32) -> UInt32 { parent[Int(record)] }

    /// The clusters of two records and more, each in ascending order, by their first record.
    var clusters: [[Int]] {
        members.values.map { $0.map(Int.init).sorted() }.sorted { $0[0] < $1[0] }
    }
}
