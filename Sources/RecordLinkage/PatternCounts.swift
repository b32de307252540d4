/// How many pairs of a table have each agreement pattern.
struct PatternCounts: Sendable {
    /// The patterns in ascending order, so that sums come out alike everywhere.
    private(set) var patterns: [AgreementPattern] = []
    private(set) var counts: [Double] = []
    private(set) var pairs = 0

    /// Counts what blocking makes; of very many pairs a share that is drawn by the numbers of the records.
    init(_ candidates: CandidatePairs, _ table: RecordTable, settings: LinkageSettings) {
        let step = UInt64(max(1, candidates.roughCount / settings.trainingPairsMaximum))
        let parts = table.withComparator { comparator, records in
            nonisolated(unsafe) let comparator = comparator, records = records
            return candidates.forEachPart(threads: settings.threads, [AgreementPattern: Int]()) { counts, a, b in
                if step > 1, StableHash.mix(UInt64(a) << 32 | UInt64(b)) % step != 0 { return }
                counts[comparator.pattern(records[a], records[b]), default: 0] += 1
            }
        }
        var sum: [AgreementPattern: Int] = [:]
        for part in parts { sum.merge(part, uniquingKeysWith: +) }
        self.init(sum, scale: Double(step))
    }

    init(_ sum: [AgreementPattern: Int], scale: Double = 1) {
        let ordered = sum.sorted { $0.key.bits < $1.key.bits }
        patterns = ordered.map(\.key)
        counts = ordered.map { Double($0.value) * scale }
        pairs = sum.values.reduce(0, +)
    }
}

/// How often pairs that are drawn at random agree at each level of each comparison.
struct RandomPairs {
    /// By comparison and level from 0.
    private(set) var levels: [[Double]]

    /// Draws pairs of a table, always the same ones; of a small table it takes all.
    init(_ table: RecordTable, sampleSize: Int) {
        let comparisons = Comparison.all(of: table.subject)
        var levels = [[Double]](repeating: [Double](repeating: 0, count: 16), count: comparisons.count)
        table.withComparator { comparator, records in
            func add(_ a: Int, _ b: Int) {
                let pattern = comparator.pattern(records[a], records[b])
                for place in comparisons.indices { levels[place][pattern.level(place)] += 1 }
            }
            let count = records.count
            if count * (count - 1) / 2 <= sampleSize {
                for a in 0..<count { for b in (a + 1)..<max(count, a + 1) { add(a, b) } }
            } else {
                var state: UInt64 = 0x5EED
                for _ in 0..<sampleSize {
                    state &+= 0x9E37_79B9_7F4A_7C15
                    let bits = StableHash.mix(state)
                    let a = Int(((bits >> 32) * UInt64(count)) >> 32), b = Int(((bits & 0xFFFF_FFFF) * UInt64(count)) >> 32)
                    if a != b { add(a, b) }
                }
            }
            for (place, comparison) in comparisons.enumerated() {
                let terms = TermCounts(comparison, comparator, records)
                guard let agreement = terms.agreement, comparison != .locality, comparison != .street else { continue }
                // Exactly, not by chance: level 1 is agreement in the value.
                let rest = levels[place][2...].reduce(0, +), known = rest + levels[place][1]
                guard rest > 0, agreement < 1 else { continue }
                let scale = known * (1 - agreement) / rest
                for level in 2..<16 { levels[place][level] *= scale }
                levels[place][1] = known * agreement
            }
        }
        self.levels = levels
    }
}
