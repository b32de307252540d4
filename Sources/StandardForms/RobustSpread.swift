/// The middle of numbers and how far they lie from it, by measures that a few wild ones do not move.
///
/// Source: Iglewicz and Hoaglin, "How to Detect and Handle Outliers" (1993): the modified z-score
/// 0.6745 · (x − median) / MAD. Amounts of money and people are compared by their logarithms, for they are skewed.
public struct RobustSpread: Sendable {
    public let median: Double
    /// The median of the distances from the median.
    public let deviation: Double

    /// So many values at least: the spread of fewer says nothing.
    public static let countMinimum = 20
    /// From this score on a value is an outlier; 3.5 is usual, and asks about too many honest values.
    public static let scoreMaximum = 6.0

    /// Nil where there are too few values.
    public init?(_ values: [Double]) {
        guard values.count >= RobustSpread.countMinimum else { return nil }
        let median = RobustSpread.median(of: values)
        self.median = median
        deviation = RobustSpread.median(of: values.map { abs($0 - median) })
    }

    /// How unusual a value is; where more than half of the values are alike, a twentieth counts as their spread.
    public func score(_ value: Double) -> Double { 0.6745 * abs(value - median) / max(deviation, 0.05) }

    public func isOutlier(_ value: Double) -> Bool { score(value) > RobustSpread.scoreMaximum }

    /// The middle value, or the mean of both in the middle.
    public static func median(of values: [Double]) -> Double {
        precondition(!values.isEmpty, "nothing has no middle")
        let sorted = values.sorted(), half = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
    }
}
