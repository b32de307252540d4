/// The agreement levels of a pair in every comparison of its subject, four bits each, the first comparison lowest.
///
/// Millions of pairs have some thousands of patterns between them: fitting counts patterns, not pairs.
struct AgreementPattern: Hashable, Sendable {
    var bits: UInt64 = 0

    @inline(__always)
    func level(_ place: Int) -> Int { Int(bits >> (UInt64(place) * 4) & 15) }

    @inline(__always)
    mutating func set(_ place: Int, _ level: UInt8) { bits |= UInt64(level) << (UInt64(place) * 4) }

    /// The pattern in the levels that persons' models of a form have.
    func inForm(_ form: Int, _ comparisons: [Comparison]) -> AgreementPattern {
        var pattern = AgreementPattern()
        for (place, comparison) in comparisons.enumerated() { pattern.set(place, UInt8(comparison.level(level(place), inForm: form))) }
        return pattern
    }

    /// Why a pair of this pattern cannot be one customer, whatever else agrees.
    func contradiction(_ comparisons: [Comparison]) -> LinkageObstacle? {
        for (place, comparison) in comparisons.enumerated() {
            let level = UInt8(level(place))
            if comparison == .officialCode, level == CodeComparison.different { return .officialCodes }
            if comparison == .branch, level >= BranchComparison.branchAndWhole { return .branches }
        }
        return nil
    }
}
