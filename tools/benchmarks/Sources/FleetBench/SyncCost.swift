import FleetSupport
import Foundation
import NodeOperations
import ProfileModel
import Replication

/// What a session costs by how much changed and by how much there is.
struct SyncCost {
    private let options: Main.Options
    private static let rounds = 15

    init(_ options: Main.Options) { self.options = options }

    private struct Cost {
        let hubMilliseconds: Double
        let milliseconds: Double
        let bytes: Double
    }

    func run() throws {
        let small = options.customers ?? 10_000, large = small * 10
        let costs = try [small, large].map { try measure($0) }
        for (index, changed) in [0, 10, 100].enumerated() {
            let (a, b) = (costs[0][index], costs[1][index]), what = "\(changed) rows changed"
            try Output.figure("session, \(what), \(small) customers", a.milliseconds, "ms", anchor: "of it \(text(a.hubMilliseconds)) ms at the hub")
            try Output.figure("session, \(what), \(large) customers", b.milliseconds, "ms", anchor: "of it \(text(b.hubMilliseconds)) ms at the hub")
            try Output.figure("session, \(what), bytes with \(large) customers", b.bytes, "B", anchor: "\(Int(a.bytes)) B with \(small)")
            try Output.figure("session, \(what), time with \(large) / \(small) customers", b.milliseconds / a.milliseconds, "x", goal: 1.5)
        }
    }

    private func text(_ value: Double) -> String { String(format: "%.1f", value) }

    /// The medians of sessions after no, ten and a hundred rows changed at the hub.
    private func measure(_ customers: Int) throws -> [Cost] {
        let fleet = try BenchFleet(folder: options.folder + "/fleet-cost")
        defer { try? FileManager.default.removeItem(atPath: fleet.folder) }
        let hub = try fleet.found("hub"), laptop = try fleet.found("laptop")
        let ids = try fleet.fill(hub, customers: customers)
        try fleet.sync(laptop, hub)
        Output.progress("\(customers) customers on both sides")
        return try [0, 10, 100].map { changed in
            var runs: [Cost] = []
            for round in 0..<Self.rounds {
                for number in 0..<changed {
                    let id = ids[(number * 97 + round * 13) % customers]
                    _ = try hub.edit([id], [Assignment(field: "address", verb: .set, text: "Canal Street \(changed)-\(round)-\(number)")], command: "edit")
                }
                fleet.transport.answering = .zero
                let began = ContinuousClock.now
                let report = try fleet.sync(laptop, hub)
                let elapsed = (ContinuousClock.now - began).seconds * 1000
                guard report.pulled.changes == changed else { throw Failure("\(report.pulled.changes) rows came of \(changed)") }
                runs.append(Cost(hubMilliseconds: fleet.transport.answering.seconds * 1000, milliseconds: elapsed, bytes: Double(report.bytes)))
            }
            return Cost(
                hubMilliseconds: runs.map(\.hubMilliseconds).percentile(50), milliseconds: runs.map(\.milliseconds).percentile(50),
                bytes: runs.map(\.bytes).percentile(50))
        }
    }
}
