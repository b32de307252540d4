/// How often each value of a comparison stands in a table.
struct TermCounts {
    private var counts: [UInt64: UInt32] = [:]
    private var total = 0

    /// Counts values; with `readings` also how names are read, so that pinyin is as common as the names that it stands for.
    init(
        _ comparison: Comparison, _ comparator: PairComparator, _ records: UnsafeBufferPointer<RecordFeatures>, readings: Bool = false
    ) {
        for record in records {
            let values = comparator.values(comparison, of: record, readings: readings)
            if !values.isEmpty { total += 1 }
            for value in values { counts[value, default: 0] += 1 }
        }
    }

    /// How likely two records with a value agree in it: exact, where pairs drawn at random would hardly meet one.
    var agreement: Double? {
        guard total > 1 else { return nil }
        let pairs = counts.values.reduce(0.0) { $0 + Double($1) * Double($1 - 1) }
        return pairs / (Double(total) * Double(total - 1))
    }

    /// The shares that are published: of values that at least `least` records have, the most common ones.
    ///
    /// A share is that among other customers: the two records of a pair do not count for it, and half a record more than is seen has
    /// the value (Krichevsky and Trofimov 1981). What is not listed is no commoner than values are that strangers have in common: of a small
    /// table half a record would be a large share.
    func frequencies(_ comparison: Comparison, agreement: Double, least: UInt32, most: Int) -> TermFrequencies? {
        guard total > 1 else { return nil }
        var common = counts.filter { $0.value >= least }.map { (value: $0.key, count: $0.value) }
        common.sort { $0.count == $1.count ? $0.value < $1.value : $0.count > $1.count }
        common = Array(common.prefix(most)).sorted { $0.value < $1.value }
        let others = Double(total)
        return TermFrequencies(
            comparison: comparison, agreement: agreement, rare: min(0.5 / others, agreement), values: common.map(\.value),
            shares: common.map { Float((Double($0.count) - 1.5) / others) })
    }
}
