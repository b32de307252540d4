import Foundation
import RecordLinkage

/// The weights of a model, and examples of what was missed and what was wrong, for whoever looks for the reason.
struct Diagnosis {
    private let set: LinkageSet
    private let table: RecordTable
    private let model: LinkageModel
    private let result: LinkageResult
    private let settings: LinkageSettings

    init(_ set: LinkageSet, _ table: RecordTable, _ model: LinkageModel, _ result: LinkageResult, _ settings: LinkageSettings) {
        (self.set, self.table, self.model, self.result, self.settings) = (set, table, model, result, settings)
    }

    func print() {
        let pairs = Double(table.count) * Double(table.count - 1) / 2
        Swift.print(set.name, "matches", Int(model.matchProbability * pairs), "relatives", Int(model.relatedProbability * pairs),
            "refused", result.refused, result.oversizedBlocks.map { "\($0.rule) \($0.blocks)" })
        for weights in model.weights {
            let levels = weights.comparison.levels.enumerated().map { place, name in
                "\(name) \(String(format: "%.4f/%.7f/%.3f %+.1f", weights.m[place], weights.u[place], weights.related[place], weights.bits(level: place + 1)))"
            }
            Swift.print("  \(weights.comparison.rawValue): \(levels.joined(separator: ", "))")
        }
        printCalibration()
        var cluster = [Int](repeating: -1, count: table.count)
        for (number, members) in result.clusters.enumerated() { for record in members { cluster[record] = number } }
        var wrong = 0
        for members in result.clusters {
            for (place, a) in members.enumerated() {
                for b in members[(place + 1)...] where set.truth[a] != set.truth[b] {
                    wrong += 1
                    if wrong <= 25 { show("WRONG", a, b) }
                }
            }
        }
        var byCustomer: [Int32: [Int]] = [:]
        for (record, customer) in set.truth.enumerated() { byCustomer[customer, default: []].append(record) }
        var missed = 0, reasons: [String: Int] = [:]
        for (_, members) in byCustomer.sorted(by: { $0.key < $1.key }) where members.count > 1 {
            for (place, a) in members.enumerated() {
                for b in members[(place + 1)...] where cluster[a] < 0 || cluster[a] != cluster[b] {
                    missed += 1
                    let explanation = Linkage.explain(a, b, of: table, by: model, settings: settings)
                    let reason = explanation.obstacle?.rawValue ?? (explanation.probability >= 0.95 ? "above" : explanation.probability > 0.2 ? "near" : "low")
                    reasons[reason, default: 0] += 1
                    if reasons[reason]! <= 70 { show("MISSED \(reason)", a, b) }
                }
            }
        }
        Swift.print("wrong \(wrong), missed \(missed): \(reasons.sorted { $0.value > $1.value })")
    }

    /// Whether probabilities are what they say: of the pairs in each range how many are one customer, beside what the model expects.
    private func printCalibration() {
        let bounds = [0.0, 0.2, 0.5, 0.8, 0.95, 0.99, 0.999, 1.1]
        for (low, high) in zip(bounds, bounds.dropFirst()) {
            let pairs = result.pairs.filter { $0.obstacle == nil && $0.probability >= low && $0.probability < high }
            let right = pairs.count { set.truth[Int($0.a)] == set.truth[Int($0.b)] }
            let expected = pairs.reduce(0) { $0 + $1.probability }
            Swift.print("  probability from \(low):", pairs.count, "pairs,", right, "of one customer, expected", Int(expected))
        }
    }

    private func show(_ what: String, _ a: Int, _ b: Int) {
        let explanation = Linkage.explain(a, b, of: table, by: model, settings: settings)
        Swift.print(what, String(format: "%.3f %+.1f related %+.1f", explanation.probability, explanation.totalBits, explanation.relatedBits))
        for record in [a, b] { Swift.print("   ", set.records[record].values.map { $0.text }.joined(separator: " | ")) }
        Swift.print("   ", explanation.bars.map { "\($0.comparison.rawValue) \($0.level) \(String(format: "%+.1f%+.1f", $0.bits, $0.frequencyBits))" }.joined(separator: ", "))
    }
}
