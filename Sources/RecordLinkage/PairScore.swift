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
    /// The form of a persons' model; nil for organizations, whose levels are the same in all.
    private let form: Int?
    private let matchBits: [Double]
    private let relatedBits: [Double]
    private let frequencies: [TermFrequencies?]
    private let priorBits: Double
    private let relatedPriorBits: Double
    private let shares: [Double]
    private let evidenceMinimumBits: Double
    /// The boxes of mail that are no evidence of the person; nil where none is.
    private let sharedBoxes: SharedBoxes?
    /// A pair that lies further below the wanted bits before frequencies are looked up is not worth that.
    private let frequencyMaximumBits = 24.0
    /// Readings and slips are not counted so surely that they may say more than this.
    private static let readingBitsMaximum = 4.0
    /// How often strangers agree at each level of each comparison.
    private let strangers: [Double]
    /// The same of one customer.
    private let matches: [Double]

    init(_ model: LinkageModel, _ comparator: PairComparator, _ settings: LinkageSettings) {
        comparisons = model.weights.map(\.comparison)
        self.comparator = comparator
        form = model.subject == .person ? model.version : nil
        sharedBoxes = model.version >= 3 && model.subject == .person ? model.sharedBoxes : nil
        evidenceMinimumBits = !settings.reckonsWithRelatives
            ? -.infinity : model.subject == .person ? settings.evidenceMinimumBits : settings.organizationEvidenceMinimumBits
        var match = [Double](repeating: 0, count: comparisons.count * 16), related = match, strangers = match, matches = match
        for (place, weights) in model.weights.enumerated() {
            for level in weights.m.indices {
                match[place * 16 + level + 1] = weights.bits(level: level + 1)
                related[place * 16 + level + 1] = weights.relatedBits(level: level + 1)
                strangers[place * 16 + level + 1] = weights.u[level]
                matches[place * 16 + level + 1] = weights.m[level]
            }
        }
        self.strangers = strangers
        self.matches = matches
        matchBits = match
        relatedBits = related
        frequencies = comparisons.map(model.frequencies)
        priorBits = model.priorBits
        relatedPriorBits = model.priorBits + log2(model.relatedProbability / model.matchProbability)
        shares = model.weights.map(\.sharedByRelated)
    }

    /// The pattern of two records in the levels of the model.
    @inline(__always)
    private func pattern(_ a: RecordFeatures, _ b: RecordFeatures) -> AgreementPattern {
        let pattern = comparator.pattern(a, b)
        guard let form, form < LinkageModel.version(of: .person) else { return pattern }
        return pattern.inForm(form, comparisons)
    }

    /// The score of a pair, or nil where it is certainly below the wanted bits.
    func score(_ a: RecordFeatures, _ b: RecordFeatures, above wantedBits: Double) -> Score? {
        let pattern = pattern(a, b)
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
            if level > 1, let added = readingBits(comparison, UInt8(level), place, a, b) ?? slipBits(comparison, UInt8(level), place, a, b) { bits = added }
            if comparison == .givenName, level == Int(NameComparison.exchanged) { bits = exchangedBits(a) }
            if comparison == .givenName, level == Int(NameComparison.exchangedClose) || level == Int(NameComparison.exchangedOtherScript) {
                bits = exchangedReadingBits(UInt8(level), a, b)
            }
            parts.frequency[place] = bits
            let matchBits = matchBits[place * 16 + level] + bits
            // Relatives share a rare value as one customer does; what they have alike by chance they have as strangers do.
            let share = shares[place]
            let relatedBits = bits == 0 ? relatedBits[place * 16 + level] : log2(share * exp2(matchBits) + 1 - share)
            parts.match += matchBits
            related += relatedBits
            let isEvidence = comparison.tellsFromRelated || comparison == .email && level == 1 && haveBoxOfOnePerson(pattern, a, b)
            if isEvidence { parts.evidence = max(parts.evidence, matchBits - relatedBits) }
        }
        parts.relatedLoss = related > 60 ? -related : -log2(1 + exp2(related))
        return parts
    }

    /// Whether a box of mail that two records have in common is one person's, as far as its name, the model and the pair say.
    ///
    /// What lies on this node beside the two has no say: all nodes judge alike.
    private func haveBoxOfOnePerson(_ pattern: AgreementPattern, _ a: RecordFeatures, _ b: RecordFeatures) -> Bool {
        guard let sharedBoxes, !pattern.isOfTwoPeople else { return false }
        let codes = comparator.codes
        return [a.emails.0, a.emails.1].contains { box in
            box != 0 && (box == b.emails.0 || box == b.emails.1) && !SharedBoxNames.isShared(codes.text(box))
                && !sharedBoxes.contains(comparator.hash(codes, box))
        }
    }

    /// What it adds that the reading which two names have in common is rarer or commoner than those of strangers are; nil where no reading
    /// is shared.
    private func readingBits(
        _ comparison: Comparison, _ level: UInt8, _ place: Int, _ a: RecordFeatures, _ b: RecordFeatures
    ) -> Double? {
        guard comparison == .givenName || comparison == .familyName, let terms = frequencies[place],
            comparison.level(Int(level), inForm: 1) == Int(NameComparison.sameReading) else { return nil }
        if level > NameComparison.sameReading { return otherScriptBits(comparison, place, Int(level), pair(comparison, a, b).0, terms) }
        let pair = pair(comparison, a, b)
        // Short forms of Latin names are no readings that are counted.
        if comparator.names.script(pair.0) == .latin, comparator.names.script(pair.1) == .latin { return nil }
        // The share of those that are read so and written otherwise. Either of the two may be the name that was written wrongly, so the
        // likelihoods of both cases are added: their harmonic mean counts.
        let others = (max(otherwise(pair.0, terms), terms.rare), max(otherwise(pair.1, terms), terms.rare))
        let share = 2 / (1 / others.0 + 1 / others.1)
        // In a small table strangers were seen to agree so less often than its rarest value could.
        let usual = max(strangers[place * 16 + Int(level)], terms.rare)
        return max(-Self.readingBitsMaximum, min(Self.readingBitsMaximum, log2(usual / share)))
    }

    /// What it adds that the Latin name of which the other is a slip, or the shorter of the two, is rarer or commoner than those with which
    /// strangers come as close; nil for any other level, and in the forms before 4.
    private func slipBits(_ comparison: Comparison, _ level: UInt8, _ place: Int, _ a: RecordFeatures, _ b: RecordFeatures) -> Double? {
        guard let form, form >= 4, comparison == .givenName || comparison == .familyName, let terms = frequencies[place],
            level == NameComparison.close || level == NameComparison.part else { return nil }
        let names = comparator.names, pair = pair(comparison, a, b)
        guard names.script(pair.0) == .latin, names.script(pair.1) == .latin else { return nil }
        let first = terms.share(of: comparator.hash(names, pair.0)), second = terms.share(of: comparator.hash(names, pair.1))
        let share: Double
        if level == NameComparison.close {
            // How many of the others are as close to each: those with the other name, and the slips of its own. Either may be the slip:
            // the harmonic mean, as with readings.
            let slips = matches[place * 16 + Int(level)] / 2
            share = 2 / (1 / (second + slips * first) + 1 / (first + slips * second))
        } else {
            // Many names begin with J; how many of these are written as J alone is what the share of J says.
            share = 2 * (names.text(pair.0).count < names.text(pair.1).count ? first : second)
        }
        let usual = max(strangers[place * 16 + Int(level)], terms.rare)
        return max(-Self.readingBitsMaximum, min(Self.readingBitsMaximum, log2(usual / share)))
    }

    private func pair(_ comparison: Comparison, _ a: RecordFeatures, _ b: RecordFeatures) -> (UInt32, UInt32) {
        comparison == .givenName ? (a.given, b.given) : (a.family, b.family)
    }

    /// The same where one name is in Latin letters and the other is not: the share of those that are read so counts.
    private func otherScriptBits(_ comparison: Comparison, _ place: Int, _ level: Int, _ name: UInt32, _ terms: TermFrequencies) -> Double {
        let share = terms.share(of: comparator.readingValue(name)) * (comparison == .givenName ? straightShare(place) : 1)
        let usual = max(strangers[place * 16 + level], terms.rare)
        return max(-Self.readingBitsMaximum, min(Self.readingBitsMaximum, log2(usual / share)))
    }

    /// How many of the names in Latin letters have the given name where it belongs; those of strangers are written so as often.
    private func straightShare(_ given: Int) -> Double { 1 - matches[given * 16 + Int(NameComparison.exchangedOtherScript)] }

    /// The share of the records that have another name with the reading of this one.
    private func otherwise(_ name: UInt32, _ terms: TermFrequencies) -> Double {
        let names = comparator.names
        let all = terms.share(of: comparator.readingValue(name))
        return names.script(name) == .latin ? all : all - terms.share(of: comparator.hash(names, name))
    }

    /// What the frequencies of two exchanged names add: those of the likelier order.
    private func exchangedBits(_ record: RecordFeatures) -> Double {
        guard let given = comparisons.firstIndex(of: .givenName), let family = comparisons.firstIndex(of: .familyName),
            let givens = frequencies[given], let families = frequencies[family] else { return 0 }
        let first = comparator.hash(comparator.names, record.given), second = comparator.hash(comparator.names, record.family)
        return min(givens.bits(of: first) + families.bits(of: second), givens.bits(of: second) + families.bits(of: first))
    }

    /// The same where the names are only read alike, by the record that is written in characters.
    private func exchangedReadingBits(_ level: UInt8, _ a: RecordFeatures, _ b: RecordFeatures) -> Double {
        guard let given = comparisons.firstIndex(of: .givenName), let family = comparisons.firstIndex(of: .familyName),
            let givens = frequencies[given], let families = frequencies[family] else { return 0 }
        let isWrittenOtherwise = level == NameComparison.exchangedOtherScript
        func bits(_ name: UInt32, _ place: Int, _ terms: TermFrequencies) -> Double {
            let first = isWrittenOtherwise ? comparisons[place].levelCount(inForm: 1) + 1 : Int(NameComparison.same)
            let usual = strangers[place * 16 + first] + strangers[place * 16 + first + 1]
            return log2(max(usual, terms.rare) / terms.share(of: comparator.readingValue(name)))
        }
        let written = [a, b].filter { comparator.names.script($0.given) != .latin && comparator.names.script($0.family) != .latin }
        let all = written.map { bits($0.given, given, givens) + bits($0.family, family, families) }
        let order = isWrittenOtherwise ? -log2(straightShare(given)) : 0
        return max(-Self.readingBitsMaximum, min(Self.readingBitsMaximum, (all.min() ?? 0) + order))
    }

    private func obstacle(_ pattern: AgreementPattern, _ parts: Parts) -> LinkageObstacle? {
        pattern.contradiction(comparisons) ?? (parts.evidence < evidenceMinimumBits ? .noEvidence : nil)
    }

    /// Everything about a pair, for a person to read.
    func explanation(_ a: RecordFeatures, _ b: RecordFeatures) -> PairExplanation {
        let pattern = pattern(a, b)
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
