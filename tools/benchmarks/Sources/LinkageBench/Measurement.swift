import Foundation
import RecordLinkage

/// What one set showed.
struct Measurement: Codable {
    var set: String
    var seed: UInt64?
    var records: Int
    var pairsCompared: Int
    var precision: Double
    var recall: Double
    var f1: Double
    /// Of single pairs at the same probability, before clusters are made of them.
    var pairF1: Double
    var goal: Double?
    var seconds: Double
    /// Of all processors together: what is left of the seconds on a machine that others use too.
    var processorSeconds: Double
    var peakMegabytes: Double

    /// Fits and links a set with the general settings.
    init(_ set: LinkageSet, settings: LinkageSettings, prints: Bool) {
        let start = ContinuousClock.now, processorStart = clock()
        var table = RecordTable(subject: set.subject)
        for record in set.records { table.add(record) }
        let prepared = ContinuousClock.now
        let (model, result) = Linkage.run(table, settings: settings)
        let end = ContinuousClock.now
        let accuracy = Accuracy(result.clusters, set)
        let pairs = Accuracy(result.pairs.filter { $0.probability >= settings.linkAbove }.map { [Int($0.a), Int($0.b)] }, set)
        self.set = set.name
        seed = set.seed
        records = set.records.count
        pairsCompared = result.compared
        precision = accuracy.precision
        recall = accuracy.recall
        f1 = accuracy.f1
        pairF1 = pairs.f1
        goal = set.goal
        seconds = Measurement.seconds(end - start)
        processorSeconds = Double(clock() - processorStart) / Double(CLOCKS_PER_SEC)
        peakMegabytes = Measurement.peakMegabytes
        if prints {
            Diagnosis(set, table, model, result, settings).print()
            Swift.print("prepared in \(Measurement.seconds(prepared - start)) s, linked in \(Measurement.seconds(end - prepared)) s")
        }
    }

    static func seconds(_ duration: Duration) -> Double {
        Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
    }

    /// The most memory that the process has held, from the kernel.
    static var peakMegabytes: Double {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") } ?? ""
        return (Double(line.filter(\.isNumber)) ?? 0) / 1024
    }
}
