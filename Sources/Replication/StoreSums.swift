public import Causality

/// Which rows two nodes compare: those of some scopes and of the scope that all nodes hold, or all.
public struct ScopeRange: Hashable, Sendable {
    /// Names of subtrees, sorted; nil for everything. Rows that were never given a scope belong to every range.
    public let names: [String]?

    /// Everything.
    public static let all = ScopeRange(names: nil)

    init(names: [String]?) { self.names = names.map { Set($0).sorted() } }

    /// What a node with these scopes holds; none means everything.
    public init(heldBy scopes: [String]) { self.init(names: scopes.isEmpty || scopes.contains("/") ? nil : scopes) }

    /// Whether rows of this scope belong to the range.
    public func contains(_ scope: String) -> Bool {
        guard let names, scope != "/" else { return true }
        return names.contains { ScopeRange.isScope(scope, within: $0) }
    }

    /// What both ranges contain.
    public func intersection(_ other: ScopeRange) -> ScopeRange {
        guard let names else { return other }
        guard let others = other.names else { return self }
        return ScopeRange(names: names.filter { name in others.contains { ScopeRange.isScope(name, within: $0) } }
            + others.filter { name in names.contains { ScopeRange.isScope(name, within: $0) } })
    }

    private static func isScope(_ scope: String, within subtree: String) -> Bool {
        scope == subtree || scope.hasPrefix(subtree + "/")
    }
}

/// What a store's rows sum to: kept on write, so that two stores find where they differ without reading their rows.
public struct StoreSums: Sendable {
    /// The sum of a cell that is not 0.
    public struct CellSum: Hashable, Sendable {
        public let cell: SumCell
        /// The low halves of the rows' fingerprints, summed modulo 2⁶⁴.
        public let sum: UInt64

        public init(cell: SumCell, sum: UInt64) {
            self.cell = cell
            self.sum = sum
        }
    }

    /// The sum of all rows' fingerprints.
    public var total = Digest128.zero
    public var rows = 0
    /// In any order; a cell may occur several times, and its sums add up.
    public var cells: [CellSum] = []

    public init() {}
}

/// A row's id and the fingerprint of its state.
public struct RowFingerprint: Hashable, Sendable {
    public let id: RowID
    public let digest: Digest128

    public init(id: RowID, digest: Digest128) {
        self.id = id
        self.digest = digest
    }
}

/// A row that two stores hold differently.
public struct RowDifference: Hashable, Sendable {
    /// On which side a row is held.
    public enum Place: String, Sendable, CaseIterable {
        case here, there
        /// Both hold it, each in another state.
        case both
    }

    public let id: RowID
    public let place: Place

    public init(id: RowID, place: Place) {
        self.id = id
        self.place = place
    }
}

/// The sums of a store, folded into as many buckets as its size is worth.
struct BucketSums {
    let bits: Int
    let sums: [UInt64]
    private let cells: [StoreSums.CellSum]

    init(_ sums: StoreSums, bits: Int) {
        self.bits = bits
        cells = sums.cells
        var folded = [UInt64](repeating: 0, count: 1 << bits)
        for entry in cells { folded[entry.cell.bucket(bits: bits)] &+= entry.sum }
        self.sums = folded
    }

    /// Sums of groups of neighbouring buckets, two to the power of `bits`.
    func groups(bits groupBits: Int) -> [UInt64] {
        let shift = bits - groupBits
        var groups = [UInt64](repeating: 0, count: 1 << groupBits)
        for (bucket, sum) in sums.enumerated() { groups[bucket >> shift] &+= sum }
        return groups
    }

    /// The cells that fall into each of these buckets, in their order.
    func cells(of buckets: [Int]) -> [[SumCell]] {
        var found = Dictionary(uniqueKeysWithValues: buckets.map { ($0, Set<SumCell>()) })
        for entry in cells {
            let bucket = entry.cell.bucket(bits: bits)
            if found[bucket] != nil { found[bucket]!.insert(entry.cell) }
        }
        return buckets.map { found[$0]!.sorted() }
    }

    /// So many buckets and groups that ten differing rows are found with few bytes: about 60 rows a bucket at a million
    /// rows, and as many groups as take a third of the bytes.
    static func shape(rows: Int) -> (bits: Int, groupBits: Int) {
        let magnitude = Int.bitWidth - max(rows, 1).leadingZeroBitCount
        let bits = min(max(magnitude - 4, 3), SumCell.bucketBitsMaximum)
        return (bits, bits - min(max(bits - 5, 0), 4))
    }
}
