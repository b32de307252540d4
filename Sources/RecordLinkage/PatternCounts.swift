/// How many pairs of a table have each agreement pattern.
struct PatternCounts: Sendable {
    /// The patterns in ascending order, so that sums come out alike everywhere.
    private(set) var patterns: [AgreementPattern] = []
    private(set) var counts: [Double] = []
    private(set) var pairs = 0

    /// Counts what blocking makes; of very many pairs a share that is drawn by the numbers of the records.
    init(_ candidates: CandidatePairs, _ table: RecordTable, settings: LinkageSettings, progress: (_ parts: Int, _ of: Int) -> Void = { _, _ in }) {
        let step = UInt64(max(1, candidates.roughCount / settings.trainingPairsMaximum))
        let parts = table.withComparator { comparator, records in
            nonisolated(unsafe) let comparator = comparator, records = records
            return candidates.forEachPart(settings, [AgreementPattern: Int](), progress: progress) { counts, a, b in
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

    init(comparisons: [Comparison]) {
        levels = [[Double]](repeating: [Double](repeating: 0, count: 16), count: comparisons.count)
    }

    /// Counts pairs of a pattern.
    mutating func add(_ pattern: AgreementPattern, _ count: Double = 1) {
        for place in levels.indices { levels[place][pattern.level(place)] += count }
    }

    /// Draws pairs of a table, always the same ones; of a small table it takes all.
    init(_ table: RecordTable, sampleSize: Int) {
        let comparisons = Comparison.all(of: table.subject)
        self.init(comparisons: comparisons)
        table.withComparator { comparator, records in
            draw(sampleSize, comparator, records)
            for (place, comparison) in comparisons.enumerated() where comparison != .locality && comparison != .street {
                if let agreement = TermCounts(comparison, comparator, records).agreement { setAgreement(agreement, place) }
            }
        }
    }

    private mutating func draw(_ sampleSize: Int, _ comparator: PairComparator, _ records: UnsafeBufferPointer<RecordFeatures>) {
        let count = records.count
        if count * (count - 1) / 2 <= sampleSize {
            for a in 0..<count { for b in (a + 1)..<max(count, a + 1) { add(comparator.pattern(records[a], records[b])) } }
            return
        }
        var state: UInt64 = 0x5EED
        for _ in 0..<sampleSize {
            state &+= 0x9E37_79B9_7F4A_7C15
            let bits = StableHash.mix(state)
            let a = Int(((bits >> 32) * UInt64(count)) >> 32), b = Int(((bits & 0xFFFF_FFFF) * UInt64(count)) >> 32)
            if a != b { add(comparator.pattern(records[a], records[b])) }
        }
    }

    /// Sets how often pairs agree in the value of a comparison, level 1, exactly and not by chance.
    private mutating func setAgreement(_ agreement: Double, _ place: Int) {
        let rest = levels[place][2...].reduce(0, +), known = rest + levels[place][1]
        guard rest > 0, agreement < 1 else { return }
        let scale = known * (1 - agreement) / rest
        for level in 2..<16 { levels[place][level] *= scale }
        levels[place][1] = known * agreement
    }
}
