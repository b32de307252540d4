/// Fits a model to counted patterns: m-probabilities by expectation and maximization (Dempster, Laird and Rubin 1977; Winkler
/// 1988), u-probabilities from pairs drawn at random.
///
/// Pairs are of three classes: one customer, strangers, and relatives, who share name and address without being one. The third
/// class keeps households and groups of firms from looking like matches; its probabilities begin as those of the other two, mixed as
/// `Comparison.sharedByRelated` says.
struct ExpectationMaximization {
    private let comparisons: [Comparison]
    private let random: RandomPairs
    private let observed: PatternCounts
    private let decided: [AgreementPattern: (accepted: Int, rejected: Int)]
    private let decisionStrength: Double
    private let records: Int
    private let totalPairs: Double

    private(set) var weights: [ComparisonWeights]
    /// How many pairs are of one customer, and of relatives.
    private(set) var matches: Double
    private(set) var relatives: Double
    private(set) var rounds = 0
    private let leastRelatives: Double

    /// How likely two records taken at random are of one customer.
    var matchProbability: Double { min(0.5, (matches + ExpectedStrangers.matches) / (totalPairs + ExpectedStrangers.pairs)) }
    /// How likely they are of relatives.
    var relatedProbability: Double { min(0.25, relatives / (totalPairs + ExpectedStrangers.pairs)) }

    static let roundsMaximum = 200
    /// Fitting ends when no probability changes by more than this.
    static let tolerance = 1e-5
    /// As many pairs as this speak for what is expected before anything is fitted.
    private static let expectedPairs = 20.0
    /// As many pairs as this speak for what is expected of relatives.
    private static let expectedRelatives = 1_000.0
    /// So many pairs of relatives a record are reckoned with where none are seen.
    private static let relativesMinimum = 0.01
    /// What strangers share cannot be rarer than this part of what is seen among all pairs.
    private static let strangersMinimumShare = 0.05

    init(
        subject: LinkageSubject, records: Int, random: RandomPairs, observed: PatternCounts,
        decided: [AgreementPattern: (accepted: Int, rejected: Int)] = [:], decisionStrength: Double = 2,
        reckonsWithRelatives: Bool = true
    ) {
        comparisons = Comparison.all(of: subject)
        self.random = random
        self.observed = observed
        self.decided = decided
        self.decisionStrength = decisionStrength
        self.records = records
        totalPairs = max(1, Double(records) * Double(records - 1) / 2)
        weights = comparisons.map { comparison in
            let expected = ExpectationMaximization.normalized(comparison.expectedM, comparison)
            return ComparisonWeights(comparison: comparison, m: expected, u: expected, related: expected)
        }
        matches = 0
        relatives = 0
        leastRelatives = reckonsWithRelatives ? max(1, Double(records) * Self.relativesMinimum) : 1e-6
        estimateStrangers()
        estimateRelatives()
        // Before anything is fitted, whoever has the code or both names and the birth date is taken for one.
        let certain = zip(observed.patterns, observed.counts).reduce(0.0) { $0 + (isCertain($1.0) ? $1.1 : 0) }
        matches = min(max(1, certain / 0.7), Double(records) * 5)
        relatives = max(1, Double(records) * Self.relativesMinimum * 10)
        estimateStrangers()
        estimateRelatives()
    }

    private func isCertain(_ pattern: AgreementPattern) -> Bool {
        var agreeing = 0
        for (place, comparison) in comparisons.enumerated() {
            let level = pattern.level(place)
            switch comparison {
            case .officialCode where level == 1: return true
            case .givenName, .familyName, .birthDate: if level == 1 { agreeing += 1 }
            case .companyName: if level == 1 { agreeing += 2 }
            case .street, .locality, .contact, .phone: if level == 1, comparisons[0] == .companyName { agreeing += 1 }
            default: break
            }
        }
        return agreeing >= 3
    }

    /// Repeats both steps until nothing changes.
    mutating func run(isCancelled: () -> Bool = { false }, progress: (_ rounds: Int) -> Void = { _ in }) {
        while rounds < Self.roundsMaximum, !isCancelled() {
            rounds += 1
            progress(rounds)
            if step() < Self.tolerance { return }
        }
    }

    /// One expectation and one maximization; returns the greatest change of a probability.
    private mutating func step() -> Double {
        var sums = comparisons.map { [Double](repeating: 0, count: $0.levels.count) }, relatedSums = sums
        var newMatches = 0.0, newRelatives = 0.0
        let table = RatioTable(weights)
        let strangers = max(1, totalPairs - matches - relatives)
        for (pattern, count) in zip(observed.patterns, observed.counts) {
            let ratios = table.ratios(pattern)
            let match = pattern.contradiction(comparisons) != nil ? 0 : matches * ratios.match, relative = relatives * ratios.related
            let all = match + relative + strangers
            var share = match / all
            if let votes = decided[pattern] {
                let total = Double(votes.accepted + votes.rejected)
                share = (share * decisionStrength + Double(votes.accepted)) / (decisionStrength + total)
            }
            let expected = count * share
            newMatches += expected
            let expectedRelatives = count * (1 - share) * relative / (relative + strangers)
            newRelatives += expectedRelatives
            for place in comparisons.indices {
                let level = pattern.level(place)
                if level > 0 {
                    sums[place][level - 1] += expected
                    relatedSums[place][level - 1] += expectedRelatives
                }
            }
        }
        matches = max(1, newMatches)
        relatives = max(leastRelatives, newRelatives)
        var change = 0.0
        for place in comparisons.indices {
            let expected = Self.normalized(comparisons[place].expectedM, comparisons[place])
            let m = Self.normalized(zip(sums[place], expected).map { $0 + $1 * Self.expectedPairs }, comparisons[place])
            change = max(change, zip(m, weights[place].m).map { abs($0 - $1) }.max() ?? 0)
            weights[place].m = m
        }
        estimateStrangers()
        estimateRelatives(relatedSums)
        return change
    }

    /// What strangers share: what all pairs do, without the matches among them.
    private mutating func estimateStrangers() {
        let drawn = random.levels
        // What was drawn stands for all pairs of the table, of which there are so many.
        let expectedWeight = ExpectedStrangers.pairs * max(1, drawn.first?.reduce(0, +) ?? 0) / totalPairs
        for place in comparisons.indices {
            let comparison = comparisons[place], count = weights[place].m.count
            let end = (comparison.firstConditionalLevel ?? count + 1) - 1
            let known = drawn[place][1...end].reduce(0, +), conditional = drawn[place][(end + 1)...].reduce(0, +)
            let matchShare = matches / totalPairs, relatedShare = relatives / totalPairs
            var u = [Double](repeating: 0, count: count)
            for level in 0..<count {
                // Half a pair more than was drawn: never seen is not impossible.
                let seen = (drawn[place][level + 1] + 0.5 / Double(count)) / ((level < end ? known : conditional) + 0.5)
                let others = comparison.isIdentifier
                    ? seen : seen - matchShare * weights[place].m[level] - relatedShare * weights[place].related[level]
                u[level] = max(others, seen * Self.strangersMinimumShare) * (level < end ? known : conditional)
            }
            let expected = Self.normalized(comparison.expectedU, comparison)
            weights[place].u = Self.normalized(zip(u, expected).map { $0 + $1 * expectedWeight }, comparison)
        }
        estimateExchanges()
    }

    /// Names of strangers that fit crosswise are too rare to be counted: theirs fit as often as straight ones do, and are exchanged as
    /// often as those of one customer.
    private mutating func estimateExchanges() {
        guard let given = comparisons.firstIndex(of: .givenName), let family = comparisons.firstIndex(of: .familyName) else { return }
        func both(_ givens: [Double], _ families: [Double]) -> (same: Double, close: Double) {
            let like = (givens[1] + givens[2], families[1] + families[2])
            return (givens[0] * families[0], like.0 * families[0] + givens[0] * like.1 + like.0 * like.1)
        }
        func bothInOtherScripts(_ givens: [Double], _ families: [Double]) -> Double {
            let first = Int(NameComparison.sameReading) - 1
            let like = [(givens, NameComparison.otherScriptGiven), (families, NameComparison.otherScriptFamily)].map { list, offset in
                list[first + Int(offset)] + list[first + 1 + Int(offset)]
            }
            return like[0] * like[1]
        }
        let matches = both(weights[given].m, weights[family].m), strangers = both(weights[given].u, weights[family].u)
        let exchanged = Int(NameComparison.exchanged) - 1, close = Int(NameComparison.exchangedClose) - 1
        weights[given].u[exchanged] = weights[given].m[exchanged] * strangers.same / matches.same
        weights[given].u[close] = weights[given].m[close] * strangers.close / matches.close
        let written = Int(NameComparison.exchangedOtherScript) - 1
        weights[given].u[written] = weights[given].m[written] * bothInOtherScripts(weights[given].u, weights[family].u)
            / bothInOtherScripts(weights[given].m, weights[family].m)
        weights[given].u = Self.normalized(weights[given].u, .givenName)
    }

    /// What relatives share: what those seen do, and what is expected of them where few are.
    private mutating func estimateRelatives(_ sums: [[Double]]? = nil) {
        for place in comparisons.indices {
            let shared = comparisons[place].sharedByRelated
            let expected = comparisons[place].expectedRelated
                ?? zip(weights[place].m, weights[place].u).map { $0 * shared + $1 * (1 - shared) }
            // What ties relatives is held fast, or the class would turn into something else; what tells them apart is fitted.
            guard let seen = sums?[place], comparisons[place].tellsFromRelated, comparisons[place].expectedRelated == nil else {
                weights[place].related = expected
                continue
            }
            weights[place].related = Self.normalized(zip(seen, expected).map { $0 + $1 * Self.expectedRelatives }, comparisons[place])
        }
    }

    /// Probabilities that sum to 1, those under a condition by themselves.
    private static func normalized(_ values: [Double], _ comparison: Comparison) -> [Double] {
        let end = (comparison.firstConditionalLevel ?? values.count + 1) - 1
        let sum = values[..<end].reduce(0, +), conditional = values[end...].reduce(0, +)
        return values.enumerated().map { $0.element / ($0.offset < end ? sum : conditional) }
    }
}

/// The ratios m/u and related/u of every level, ready to be multiplied.
struct RatioTable: Sendable {
    private var match: [Double]
    private var related: [Double]
    private let count: Int

    init(_ weights: [ComparisonWeights]) {
        count = weights.count
        match = [Double](repeating: 1, count: count * 16)
        related = match
        for (place, weight) in weights.enumerated() {
            for level in weight.m.indices {
                match[place * 16 + level + 1] = exp2(weight.bits(level: level + 1))
                related[place * 16 + level + 1] = exp2(weight.relatedBits(level: level + 1))
            }
        }
    }

    /// How much likelier a pattern is for one customer, and for relatives, than for strangers.
    @inline(__always)
    func ratios(_ pattern: AgreementPattern) -> (match: Double, related: Double) {
        var match = 1.0, related = 1.0
        for place in 0..<count {
            let level = place * 16 + pattern.level(place)
            match *= self.match[level]
            related *= self.related[level]
        }
        return (match, related)
    }
}
