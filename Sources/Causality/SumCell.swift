/// One of the cells by which a store sums the fingerprints of its rows, so that two stores find where they differ.
///
/// Ids made by a hash are spread evenly: their first 14 bits name the cell. Ids made from a time (version 7) would all fall
/// into few of these; theirs is a cell for each 70 minutes. Either way the rows of a cell stand together in an index of ids.
///
/// Two stores compare **buckets**, 2¹⁴ at most: a cell of time falls into one by a hash of its number.
public struct SumCell: Hashable, Comparable, Sendable {
    /// Below 2¹⁴ for the first bits of an id, above for a span of time.
    public let number: Int

    /// There are two to the power of so many buckets at most.
    public static let bucketBitsMaximum = 14

    private static let hashedCount = 1 << bucketBitsMaximum
    /// A span of time is what is left of 48 bits of milliseconds without the last 22.
    private static let spanShift: UInt64 = 16 + 22

    /// The highest number of a cell.
    public static let numberMaximum = hashedCount + 1 << (64 - Int(spanShift)) - 1

    /// - Precondition: `number` is within 0 and `numberMaximum`.
    public init(number: Int) {
        precondition(number >= 0 && number <= SumCell.numberMaximum, "a cell has a number below the highest")
        self.number = number
    }

    /// The cell of a row.
    @inline(__always)
    public init(of id: RowID) {
        number = id.high >> 12 & 15 == 7
            ? SumCell.hashedCount + Int(id.high >> SumCell.spanShift) : Int(id.high >> UInt64(64 - SumCell.bucketBitsMaximum))
    }

    public static func < (a: SumCell, b: SumCell) -> Bool { a.number < b.number }

    /// Whether the cell is a span of time, so that only ids of version 7 fall into it.
    public var isOfTime: Bool { number >= SumCell.hashedCount }

    /// The bucket that the cell falls into, where there are two to the power of `bits`.
    public func bucket(bits: Int) -> Int {
        let whole = !isOfTime ? UInt64(number) : SumCell.mix(UInt64(number)) >> UInt64(64 - SumCell.bucketBitsMaximum)
        return Int(whole >> UInt64(SumCell.bucketBitsMaximum - bits))
    }

    /// The ids between which the cell's rows stand; rows of other cells may stand there too.
    public var ids: ClosedRange<RowID> {
        let shift = isOfTime ? SumCell.spanShift : UInt64(64 - SumCell.bucketBitsMaximum)
        let first = UInt64(isOfTime ? number - SumCell.hashedCount : number) << shift
        return RowID(high: first, low: 0)...RowID(high: first | (1 << shift - 1), low: .max)
    }

    /// The finalizer of SplitMix64 (Steele, Lea, Flood 2014): a permutation that spreads neighbours.
    private static func mix(_ value: UInt64) -> UInt64 {
        var z = value &* 0x9e37_79b9_7f4a_7c15
        z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
        return z ^ z >> 31
    }
}
