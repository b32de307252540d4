import Foundation
import RecordLinkage

/// How long one new record takes against an index of a million.
struct IndexMeasurement: Codable {
    var records: Int
    var medianMilliseconds: Double
    var longestMilliseconds: Double
    var peakMegabytes: Double

    /// The model is fitted on another draw of the same generator, as a published one would be.
    init(seed: UInt64) {
        var table = RecordTable(subject: .person)
        for record in GeneratedHouseholds.make(people: 50_000, seed: seed + 1).records { table.add(record) }
        let model = Linkage.fit(table)
        var index = LinkageIndex(subject: .person)
        let set = GeneratedHouseholds.make(people: 740_000, seed: seed)
        for record in set.records { index.add(record) }
        let matcher = RecordMatcher(model: model)
        var times: [Double] = []
        for number in 0..<1_000 {
            var record = set.records[number * (set.records.count / 1_000)]
            record.key = "new"
            let start = ContinuousClock.now
            _ = matcher.matches(of: record, in: index)
            times.append(Measurement.seconds(ContinuousClock.now - start) * 1_000)
        }
        times.sort()
        records = index.count
        medianMilliseconds = times[times.count / 2]
        longestMilliseconds = times[times.count - 1]
        peakMegabytes = Measurement.peakMegabytes
    }

    var line: String {
        String(
            format: "one record against %d: median %.2f ms, longest of 1000 %.2f ms (goal 20 ms), %.0f MB", records, medianMilliseconds,
            longestMilliseconds, peakMegabytes)
    }
}
