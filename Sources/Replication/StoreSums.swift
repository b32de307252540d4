public import Causality
public import ProfileModel

/// Which rows two nodes compare: those of some scopes and of the scope that all nodes hold, or all.
public struct ScopeRange: Hashable, Sendable {
    /// Names of subtrees, sorted; nil for everything. What all nodes hold belongs to every range.
    public let names: [String]?

    /// Everything.
    public static let all = ScopeRange(names: nil)

    init(names: [String]?) { self.names = names.map { Set($0).sorted() } }

    /// What a node with these scopes holds.
    public init(heldBy scopes: ScopeSet) { self.init(names: scopes.isWhole ? nil : scopes.names) }

    /// The same as a set of scopes.
    var scopes: ScopeSet { names.map { ScopeSet($0) } ?? .whole }

    /// Whether rows of this scope belong to the range.
    public func contains(_ scope: String) -> Bool {
        scopes.holds(scope)
    }

    /// What both ranges contain.
    public func intersection(_ other: ScopeRange) -> ScopeRange {
        ScopeRange(heldBy: scopes.intersection(other.scopes))
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
