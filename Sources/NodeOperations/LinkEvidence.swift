internal import Foundation
internal import RecordLinkage

/// Why the linker takes two records for one customer, or thinks that they may be: the bars of a waterfall, without the values that
/// were compared.
///
/// Numbers are rounded, so that two nodes which find the same say it in the same bytes.
public struct LinkEvidence: Codable, Sendable, Equatable {
    /// One comparison's part of the sum.
    public struct Bar: Codable, Sendable, Equatable {
        /// The name of the comparison, such as `given-name`.
        public let comparison: String
        /// The name of the agreement level, such as `same-reading`.
        public let level: String
        /// What the level says for one customer, in bits; negative where it speaks against it.
        public let bits: Double
        /// What the frequency of the shared value adds, in bits.
        public let frequency: Double
    }

    /// From 0 to 0.9999; what an obstacle keeps apart has no more than 0.5.
    public let probability: Double
    /// What two records start with, in bits.
    public let prior: Double
    public let bars: [Bar]
    /// What is taken away because members of a household, or firms of a group, agree so too, in bits; at most 0.
    public let related: Double
    /// The sum: the logarithm to base 2 of the odds.
    public let total: Double
    /// Why the two are not linked however likely it is: `no-evidence`, `official-codes-contradict`, `branches-differ`, or
    /// `others-contradict` where records that are linked to them contradict each other.
    public let obstacle: String?

    init(_ explanation: PairExplanation, isRefused: Bool) {
        func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }
        probability = min(0.9999, (explanation.probability * 10_000).rounded(.down) / 10_000)
        prior = rounded(explanation.priorBits)
        bars = explanation.bars.map {
            Bar(comparison: $0.comparison.rawValue, level: $0.level, bits: rounded($0.bits), frequency: rounded($0.frequencyBits))
        }
        related = rounded(explanation.relatedBits)
        total = rounded(explanation.totalBits)
        obstacle = explanation.obstacle?.rawValue ?? (isRefused ? "others-contradict" : nil)
    }

    /// Why records with the same number of an authority are one, whatever else they say: by rule, not by a model.
    init(sameCode comparison: Comparison) {
        probability = 0.9999
        prior = 0
        // As many bits as the probability is worth.
        total = 13.29
        bars = [Bar(comparison: comparison.rawValue, level: comparison.levels[0], bits: total, frequency: 0)]
        related = 0
        obstacle = nil
    }

    /// The text of the row's cell.
    var document: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(self) else { preconditionFailure("finite numbers and texts can be written as JSON") }
        return String(decoding: data, as: UTF8.self)
    }

    /// Reads the text of a cell; nil where a later version wrote what this one does not know.
    init?(document: String) {
        guard let read = try? JSONDecoder().decode(LinkEvidence.self, from: Data(document.utf8)) else { return nil }
        self = read
    }
}
