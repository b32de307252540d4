/// Finds the records of one customer.
public enum Linkage {
    /// Fits a model to a table: what agreement is worth there, and how common values are. People's decisions refine it.
    ///
    /// - Complexity: blocking, and at most about `trainingPairsMaximum` comparisons.
    public static func fit(
        _ table: RecordTable, decisions: Decisions = Decisions(), settings: LinkageSettings = LinkageSettings(),
        progress: (LinkageProgress) -> Void = { _ in }
    ) -> LinkageModel {
        fit(table, CandidatePairs(table, settings, progress), decisions, settings, progress)
    }

    /// Compares what blocking brings together and links what a model finds to be one customer.
    ///
    /// - Complexity: a comparison for each candidate pair; memory for the blocks and for what is reported.
    public static func find(
        _ table: RecordTable, by model: LinkageModel, decisions: Decisions = Decisions(), settings: LinkageSettings = LinkageSettings(),
        progress: (LinkageProgress) -> Void = { _ in }
    ) -> LinkageResult {
        find(table, CandidatePairs(table, settings, progress), model, decisions, settings, progress)
    }

    /// Fits a model to a table and links by it; blocks once.
    public static func run(
        _ table: RecordTable, decisions: Decisions = Decisions(), settings: LinkageSettings = LinkageSettings()
    ) -> (model: LinkageModel, result: LinkageResult) {
        let candidates = CandidatePairs(table, settings)
        let model = fit(table, candidates, decisions, settings)
        return (model, find(table, candidates, model, decisions, settings))
    }

    /// Why two records of a table are, or are not, one customer by a model.
    public static func explain(
        _ a: Int, _ b: Int, of table: RecordTable, by model: LinkageModel, settings: LinkageSettings = LinkageSettings()
    ) -> PairExplanation {
        table.withComparator { comparator, records in
            PairScorer(model, comparator, settings).explanation(records[a], records[b])
        }
    }

    private static func fit(
        _ table: RecordTable, _ candidates: CandidatePairs, _ decisions: Decisions, _ settings: LinkageSettings,
        _ progress: (LinkageProgress) -> Void = { _ in }
    ) -> LinkageModel {
        let observed = PatternCounts(candidates, table, settings: settings) { progress(.counting(parts: $0, of: $1)) }
        let random = RandomPairs(table, sampleSize: settings.randomPairs)
        var fitting = ExpectationMaximization(
            subject: table.subject, records: table.count, random: random, observed: observed, decided: votes(decisions, table),
            decisionStrength: settings.decisionStrength, reckonsWithRelatives: settings.reckonsWithRelatives)
        fitting.run(isCancelled: settings.isCancelled) { progress(.fitting(rounds: $0)) }
        let frequencies = table.withComparator { comparator, records in
            Comparison.all(of: table.subject).compactMap { comparison -> TermFrequencies? in
                let terms = TermCounts(comparison, comparator, records, readings: true)
                // Where level 1 is agreement in the value alone, strangers' agreement has the matches left out.
                let isWhole = comparison != .locality && comparison != .street
                let strangers = fitting.weights.first { $0.comparison == comparison }?.u[0]
                guard let agreement = isWhole ? strangers : terms.agreement, agreement > 0 else { return nil }
                return terms.frequencies(
                    comparison, agreement: agreement, least: UInt32(settings.listedTermMinimumCount), most: settings.listedTermsMaximum)
            }
        }
        let boxes = table.subject == .person ? table.withComparator { SharedBoxes($0, $1) } : nil
        return LinkageModel(
            version: LinkageModel.version(of: table.subject), subject: table.subject, records: table.count,
            matchProbability: fitting.matchProbability, relatedProbability: fitting.relatedProbability, weights: fitting.weights,
            frequencies: frequencies, sharedBoxes: boxes)
    }

    /// People's decisions by the patterns of their pairs.
    private static func votes(_ decisions: Decisions, _ table: RecordTable) -> [AgreementPattern: (accepted: Int, rejected: Int)] {
        let decided = decisions.numbered(table)
        var votes: [AgreementPattern: (accepted: Int, rejected: Int)] = [:]
        table.withComparator { comparator, records in
            for (a, b) in decided.accepted { votes[comparator.pattern(records[a], records[b]), default: (0, 0)].accepted += 1 }
            for pair in decided.rejected {
                votes[comparator.pattern(records[Int(pair >> 32)], records[Int(pair & 0xFFFF_FFFF)]), default: (0, 0)].rejected += 1
            }
        }
        return votes
    }

    private static func find(
        _ table: RecordTable, _ candidates: CandidatePairs, _ model: LinkageModel, _ decisions: Decisions, _ settings: LinkageSettings,
        _ progress: (LinkageProgress) -> Void = { _ in }
    ) -> LinkageResult {
        precondition(model.subject == table.subject, "a model judges its own subject")
        let wantedBits = log2(settings.reportAbove / (1 - settings.reportAbove))
        let decided = decisions.numbered(table)
        return table.withComparator { comparator, records in
            let scorer = PairScorer(model, comparator, settings)
            nonisolated(unsafe) let shared = scorer, features = records
            let parts = candidates.forEachPart(settings, FoundPairs(), progress: { progress(.comparing(parts: $0, of: $1)) }) { found, a, b in
                found.compared += 1
                guard let score = shared.score(features[a], features[b], above: wantedBits) else { return }
                found.pairs.append(FoundPair(a: UInt32(a), b: UInt32(b), totalBits: score.totalBits, obstacle: score.obstacle))
            }
            var result = LinkageResult()
            var links: [Link] = []
            let linkBits = log2(settings.linkAbove / (1 - settings.linkAbove))
            for part in parts {
                result.compared += part.compared
                for pair in part.pairs where !decided.rejected.contains(UInt64(pair.a) << 32 | UInt64(pair.b)) {
                    result.pairs.append(pair)
                    if pair.obstacle == nil, pair.totalBits >= linkBits { links.append(Link(a: pair.a, b: pair.b, totalBits: pair.totalBits)) }
                }
            }
            var clustering = Clustering(records, comparator, accepted: decided.accepted, rejected: decided.rejected, settings: settings) { one, other in
                let a = Int(min(one, other)), b = Int(max(one, other))
                guard let score = scorer.score(records[a], records[b], above: linkBits) else { return false }
                return score.obstacle == nil
            }
            clustering.add(links)
            result.clusters = clustering.clusters
            result.refused = clustering.refused.count
            result.oversizedBlocks = zip(BlockingRule.all(of: table.subject), candidates.oversized).filter { $0.1 > 0 }.map { ($0.0, $0.1) }
            return result
        }
    }
}

/// A pair that may be one customer.
public struct FoundPair: Sendable {
    /// The records' numbers in their table, `a` the lower one.
    public var a: UInt32
    public var b: UInt32
    /// The logarithm to base 2 of the odds.
    public var totalBits: Double
    public var obstacle: LinkageObstacle?

    /// How likely the two are one customer; with an obstacle no more than a half.
    public var probability: Double {
        let probability = 1 / (1 + exp2(-totalBits))
        return obstacle == nil ? probability : min(probability, 0.5)
    }
}

private struct FoundPairs: Sendable {
    var pairs: [FoundPair] = []
    var compared = 0
}

/// What a search for duplicates found.
public struct LinkageResult: Sendable {
    /// The pairs that are likely enough to be reported, linked ones among them; none that people have rejected.
    public var pairs: [FoundPair] = []
    /// The records of each customer that has several, by their numbers in the table.
    public var clusters: [[Int]] = []
    /// How many pairs were compared.
    public var compared = 0
    /// How many links were left out because their cluster would have contradicted itself, or grown too big or too thin.
    public var refused = 0
    /// The rules with blocks that were too big, and how many.
    public var oversizedBlocks: [(rule: BlockingRule, blocks: Int)] = []

    public init() {}
}
