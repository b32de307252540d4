/// Why a pair is not linked although it looks alike: a person has to say.
public enum LinkageObstacle: String, Codable, Sendable {
    /// What agrees is shared by a household or a group; nothing tells the customer from the others.
    case noEvidence = "no-evidence"
    case officialCodes = "official-codes-contradict"
    /// One is a branch and the other is not that branch.
    case branches = "branches-differ"
}

/// How likely two records are of one customer, and why: the bars of a waterfall, whose sum is the logarithm of the odds.
public struct PairExplanation: Sendable, Equatable {
    /// One comparison's part of the sum.
    public struct Bar: Sendable, Equatable {
        public var comparison: Comparison
        /// The name of the agreement level, from `Comparison.levels`.
        public var level: String
        /// The match weight of the level, in bits.
        public var bits: Double
        /// What the frequency of the shared value adds, in bits.
        public var frequencyBits: Double
    }

    /// What a pair starts with, in bits.
    public var priorBits: Double
    /// The comparisons in which neither record is silent.
    public var bars: [Bar]
    /// What is taken away because relatives agree so too, in bits; at most 0.
    public var relatedBits: Double
    /// The sum: log2 of the odds.
    public var totalBits: Double
    public var probability: Double
    public var obstacle: LinkageObstacle?
}

/// Judges pairs by a model.
struct PairScorer {
    struct Score: Sendable {
        var pattern: AgreementPattern
        var totalBits: Double
        var obstacle: LinkageObstacle?

        /// With an obstacle no more than a half: open.
        var probability: Double {
            let probability = 1 / (1 + exp2(-totalBits))
            return obstacle == nil ? probability : min(probability, 0.5)
        }
    }

    private let comparisons: [Comparison]
    private let comparator: PairComparator
    private let matchBits: [Double]
    private let relatedBits: [Double]
    private let frequencies: [TermFrequencies?]
    private let priorBits: Double
    private let relatedPriorBits: Double
    private let shares: [Double]
    private let evidenceMinimumBits: Double
    /// A pair that lies further below the wanted bits before frequencies are looked up is not worth that.
    private let frequencyMaximumBits = 24.0

    init(_ model: LinkageModel, _ comparator: PairComparator, _ settings: LinkageSettings) {
        comparisons = model.weights.map(\.comparison)
        self.comparator = comparator
        evidenceMinimumBits = !settings.reckonsWithRelatives
            ? -.infinity : model.subject == .person ? settings.evidenceMinimumBits : settings.organizationEvidenceMinimumBits
        var match = [Double](repeating: 0, count: comparisons.count * 16), related = match
        for (place, weights) in model.weights.enumerated() {
            for level in weights.m.indices {
                match[place * 16 + level + 1] = weights.bits(level: level + 1)
                related[place * 16 + level + 1] = weights.relatedBits(level: level + 1)
            }
        }
        matchBits = match
        relatedBits = related
        frequencies = comparisons.map(model.frequencies)
        priorBits = model.priorBits
        relatedPriorBits = model.priorBits + log2(model.relatedProbability / model.matchProbability)
        shares = model.weights.map(\.sharedByRelated)
    }

    /// The score of a pair, or nil where it is certainly below the wanted bits.
    func score(_ a: RecordFeatures, _ b: RecordFeatures, above wantedBits: Double) -> Score? {
        let pattern = comparator.pattern(a, b)
        var match = priorBits
        for place in comparisons.indices { match += matchBits[place * 16 + pattern.level(place)] }
        if match + frequencyMaximumBits < wantedBits { return nil }
        let parts = parts(pattern, a, b)
        let score = Score(pattern: pattern, totalBits: parts.total, obstacle: obstacle(pattern, parts))
        return score.totalBits < wantedBits ? nil : score
    }

    /// The sums of a pair, and what each comparison brings.
    private struct Parts {
        var frequency: [Double]
        var match = 0.0
        var relatedLoss = 0.0
        /// The most that one comparison says for the customer rather than a relative.
        var evidence = 0.0
        var total: Double { match + relatedLoss }
    }

    private func parts(_ pattern: AgreementPattern, _ a: RecordFeatures, _ b: RecordFeatures) -> Parts {
        var parts = Parts(frequency: [Double](repeating: 0, count: comparisons.count))
        parts.match = priorBits
        var related = relatedPriorBits
        for (place, comparison) in comparisons.enumerated() {
            let level = pattern.level(place)
            if level == 0 { continue }
            var bits = 0.0
            if level == 1, let terms = frequencies[place], let value = comparator.sharedValue(comparison, a, b) { bits = terms.bits(of: value) }
            if comparison == .givenName, level == Int(NameComparison.exchanged) { bits = exchangedBits(a) }
            parts.frequency[place] = bits
            let matchBits = matchBits[place * 16 + level] + bits
            // Relatives share a rare value as one customer does; what they have alike by chance they have as strangers do.
            let share = shares[place]
            let relatedBits = bits == 0 ? relatedBits[place * 16 + level] : log2(share * exp2(matchBits) + 1 - share)
            parts.match += matchBits
            related += relatedBits
            if comparison.tellsFromRelated { parts.evidence = max(parts.evidence, matchBits - relatedBits) }
        }
        parts.relatedLoss = related > 60 ? -related : -log2(1 + exp2(related))
        return parts
    }

    /// What the frequencies of two exchanged names add: those of the likelier order.
    private func exchangedBits(_ record: RecordFeatures) -> Double {
        guard let given = comparisons.firstIndex(of: .givenName), let family = comparisons.firstIndex(of: .familyName),
            let givens = frequencies[given], let families = frequencies[family] else { return 0 }
        let first = comparator.hash(comparator.names, record.given), second = comparator.hash(comparator.names, record.family)
        return min(givens.bits(of: first) + families.bits(of: second), givens.bits(of: second) + families.bits(of: first))
    }

    private func obstacle(_ pattern: AgreementPattern, _ parts: Parts) -> LinkageObstacle? {
        pattern.contradiction(comparisons) ?? (parts.evidence < evidenceMinimumBits ? .noEvidence : nil)
    }

    /// Everything about a pair, for a person to read.
    func explanation(_ a: RecordFeatures, _ b: RecordFeatures) -> PairExplanation {
        let pattern = comparator.pattern(a, b)
        let parts = parts(pattern, a, b)
        let obstacle = obstacle(pattern, parts)
        let bars = comparisons.indices.compactMap { place -> PairExplanation.Bar? in
            let level = pattern.level(place)
            if level == 0 { return nil }
            return PairExplanation.Bar(
                comparison: comparisons[place], level: comparisons[place].levels[level - 1], bits: matchBits[place * 16 + level],
                frequencyBits: parts.frequency[place])
        }
        let score = Score(pattern: pattern, totalBits: parts.total, obstacle: obstacle)
        return PairExplanation(
            priorBits: priorBits, bars: bars, relatedBits: parts.relatedLoss, totalBits: parts.total, probability: score.probability,
            obstacle: obstacle)
    }
}
