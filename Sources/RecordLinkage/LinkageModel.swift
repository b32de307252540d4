/// What a pair's agreement is worth: the probabilities of every agreement level, and how common values are.
///
/// A model is a value: headquarters fits it on everything and publishes it, and every node then judges alike, whatever part of
/// the customers it holds (Fellegi and Sunter 1969).
public struct LinkageModel: Codable, Equatable, Sendable {
    /// The newest form of models that this version reads.
    public static let currentVersion = 4

    /// The form in which models of a subject are written. Of persons it is 4: form 2 brought levels for names in other scripts, form 3 the
    /// boxes of mail that several people have, form 4 levels for dates that cannot be, and how common Latin names are of which one is a slip
    /// or a part of the other. A model of an earlier form judges as it always did.
    public static func version(of subject: LinkageSubject) -> Int { subject == .person ? 4 : 1 }

    public var version: Int
    public var subject: LinkageSubject
    /// How many records it was fitted on.
    public var records: Int
    /// How likely two records taken at random are of one customer.
    public var matchProbability: Double
    /// How likely two records taken at random are of different customers who share a household or belong to one group.
    public var relatedProbability: Double
    public var weights: [ComparisonWeights]
    /// How common values are, by comparison: shares of the records that have any, under the stable hash of the value. What is
    /// not listed is rare.
    public var frequencies: [TermFrequencies]
    /// Boxes of mail that were seen with different people; nil in the forms before 3, by which no box is evidence of the person.
    public var sharedBoxes: SharedBoxes?

    /// The bits that a pair starts with, before anything is compared.
    public var priorBits: Double { log2(matchProbability) - log2(max(1e-300, 1 - matchProbability - relatedProbability)) }

    func frequencies(of comparison: Comparison) -> TermFrequencies? { frequencies.first { $0.comparison == comparison } }

    /// Whether it has a probability for each level of each comparison of its subject: what came from elsewhere is asked this first.
    public var isSound: Bool {
        func areProbabilities(_ values: [Double], _ count: Int) -> Bool {
            values.count == count && values.allSatisfy { $0 > 0 && $0 <= 1 }
        }
        return version <= LinkageModel.version(of: subject) && weights.map(\.comparison) == Comparison.all(of: subject)
            && weights.allSatisfy { weights in
                let levels = subject == .person ? weights.comparison.levelCount(inForm: version) : weights.comparison.levels.count
                return [weights.m, weights.u, weights.related].allSatisfy { areProbabilities($0, levels) }
            }
            && matchProbability > 0 && matchProbability <= 0.5 && relatedProbability > 0 && relatedProbability <= 0.5
            && (version < 3 || sharedBoxes?.isSound == true)
            && frequencies.allSatisfy { terms in
                terms.values.count == terms.shares.count && terms.rare > 0 && terms.agreement > 0
                    && terms.shares.allSatisfy { $0 > 0 && $0 <= 1 } && zip(terms.values, terms.values.dropFirst()).allSatisfy(<)
            }
    }

    /// The model with at most so many values listed, the most common ones of all comparisons: what a row can hold.
    ///
    /// - Complexity: O(n log n) in the listed values.
    public func listing(atMost count: Int) -> LinkageModel {
        let shares = frequencies.flatMap(\.shares)
        if shares.count <= count { return self }
        let least = shares.sorted(by: >)[count]
        var model = self
        model.frequencies = frequencies.map { terms in
            let kept = terms.values.indices.filter { terms.shares[$0] > least }
            var terms = terms
            (terms.values, terms.shares) = (kept.map { terms.values[$0] }, kept.map { terms.shares[$0] })
            return terms
        }
        return model
    }
}

/// The probabilities of the agreement levels of one comparison, from level 1; each list sums to 1, or, where a comparison
/// has levels that are met only under a condition, its two parts do.
public struct ComparisonWeights: Codable, Equatable, Sendable {
    public var comparison: Comparison
    /// Among pairs of one customer.
    public var m: [Double]
    /// Among pairs of strangers.
    public var u: [Double]
    /// Among pairs of different customers who are related.
    public var related: [Double]

    /// The match weight of a level in bits: log2 of m over u.
    public func bits(level: Int) -> Double { level == 0 ? 0 : log2(m[level - 1] / u[level - 1]) }

    /// How much likelier a level is for relatives than for strangers, in bits.
    func relatedBits(level: Int) -> Double { level == 0 ? 0 : log2(related[level - 1] / u[level - 1]) }

    /// The part of the relatives that have the first level in common because they are related; the others do by chance.
    var sharedByRelated: Double { m[0] > u[0] ? min(1, max(0, (related[0] - u[0]) / (m[0] - u[0]))) : 0 }
}

/// How common the values of a comparison are.
///
/// - Privacy: values are named by a hash, and only those that several records have.
public struct TermFrequencies: Codable, Equatable, Sendable {
    public var comparison: Comparison
    /// How likely two records with any value agree in it.
    public var agreement: Double
    /// The share of a value that is not listed.
    public var rare: Double
    /// The hashes in ascending order, and the share of each.
    public var values: [UInt64]
    public var shares: [Float]

    public init(comparison: Comparison, agreement: Double, rare: Double, values: [UInt64], shares: [Float]) {
        self.comparison = comparison
        self.agreement = agreement
        self.rare = rare
        self.values = values
        self.shares = shares
    }

    /// The share of the records with any value that have this one.
    ///
    /// - Complexity: logarithmic.
    func share(of value: UInt64) -> Double {
        var low = 0, high = values.count
        while low < high {
            let middle = (low + high) / 2
            if values[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low < values.count && values[low] == value ? Double(shares[low]) : rare
    }

    /// What an agreement in this value is worth above one in a value of usual frequency, in bits: more for a rare name, less for
    /// a common one. Identifiers and dates can only lose: nearly all of them are rare.
    func bits(of value: UInt64) -> Double {
        let bits = log2(agreement / share(of: value))
        return comparison.isIdentifier || comparison == .birthDate ? min(0, bits) : bits
    }
}
