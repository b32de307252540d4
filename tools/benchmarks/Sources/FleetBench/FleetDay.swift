import Causality
import FleetSupport
import Foundation
import MergeVectors
import NodeOperations
import ProfileModel
import Replication

/// A day of a hub and its laptops: everybody edits and calls at random times, some meet each other, and in the evening all
/// hold the same.
struct FleetDay {
    private let options: Main.Options
    private let customers: Int
    private let editsPerLaptop: Int

    init(_ options: Main.Options) {
        self.options = options
        customers = options.customers ?? 2_000
        editsPerLaptop = options.edits ?? 3
    }

    private enum Happening {
        case edit, call
        /// A session with a colleague in a hotel.
        case meet(Int)
    }

    private func name(_ laptop: Int) -> String { "laptop-\(laptop)" }

    /// What happens in the day, in the order of its seconds.
    private func plan(_ random: inout SplitMix64) -> [(second: Double, laptop: Int, what: Happening)] {
        var plan: [(second: Double, laptop: Int, what: Happening)] = []
        let seconds = options.hours * 3_600
        for laptop in 0..<options.laptops {
            for _ in 0..<editsPerLaptop { plan.append((Double(random.below(seconds)), laptop, .edit)) }
            for _ in 0..<options.meetings {
                let colleague = random.below(options.laptops), isColleague = random.chance(5) && colleague != laptop
                plan.append((Double(random.below(seconds)), laptop, isColleague ? .meet(colleague) : .call))
            }
        }
        return plan.sorted { ($0.second, $0.laptop) < ($1.second, $1.laptop) }
    }

    func run() throws {
        let fleet = try BenchFleet(folder: options.folder + "/fleet-day")
        defer { try? FileManager.default.removeItem(atPath: fleet.folder) }
        var random = SplitMix64(seed: options.seed)
        let hub = try fleet.found("hub")
        let ids = try fleet.fill(hub, customers: customers)
        for laptop in 0..<options.laptops {
            try fleet.sync(fleet.found(name(laptop)), hub)
            if laptop % 100 == 99 { Output.progress("\(laptop + 1) laptops have joined") }
        }
        let joined = Output.peakBytes()
        fleet.transport.answering = .zero
        var bytes = [Double](repeating: 0, count: options.laptops), calls = 0, meetings = 0, done = 0
        let plan = plan(&random), began = ContinuousClock.now
        for (second, laptop, what) in plan {
            fleet.set(secondsSinceBegin: 86_400 + second, for: "hub", name(laptop))
            let node = try fleet.open(name(laptop))
            switch what {
            case .edit:
                _ = try node.edit([ids[random.below(ids.count)]], [BenchFleet.assignment(&random)], command: "edit")
            case .call:
                bytes[laptop] += Double(try fleet.sync(node, hub).bytes)
                calls += 1
            case .meet(let colleague):
                fleet.set(secondsSinceBegin: 86_400 + second, for: name(colleague))
                let before = fleet.transport.answering
                let count = Double(try fleet.sync(node, fleet.open(name(colleague))).bytes)
                fleet.transport.answering = before
                bytes[laptop] += count
                bytes[colleague] += count
                meetings += 1
            }
            done += 1
            if done % 1_000 == 0 { Output.progress("\(done) of \(plan.count) happenings, \(Int((ContinuousClock.now - began).seconds)) s") }
        }
        let answering = fleet.transport.answering.seconds
        try settle(fleet, hub)
        let what = "\(options.laptops) laptops, \(customers) customers"
        try Output.figure("hub, \(what): sessions a second", Double(calls) / answering, "/s", anchor: "\(calls) sessions in one thread, commits on disk")
        try Output.figure("hub: time a session", answering / Double(calls) * 1000, "ms")
        try Output.figure("laptop a day, median", bytes.percentile(50) / 1e3, "KB", anchor: "bodies of \(calls) calls and \(meetings) meetings, \(plan.count - calls - meetings) edits in all")
        try Output.figure("laptop a day, 99 of 100", bytes.percentile(99) / 1e3, "KB")
        try Output.figure("hub, one laptop and the simulation: peak memory", Double(Output.peakBytes()) / 1e6, "MB", anchor: "\(joined / 1_000_000) MB once all had joined")
    }

    /// Lets all laptops call twice and compares their digests with the hub's.
    private func settle(_ fleet: BenchFleet, _ hub: Node) throws {
        for round in 0..<2 {
            fleet.set(secondsSinceBegin: 2 * 86_400 + Double(round) * 3_600, for: "hub")
            for laptop in 0..<options.laptops {
                fleet.set(secondsSinceBegin: 2 * 86_400 + Double(round) * 3_600, for: name(laptop))
                try fleet.sync(fleet.open(name(laptop)), hub)
            }
            Output.progress("evening round \(round + 1) is over")
        }
        let digest = try fleet.digest(hub)
        let others = try (0..<options.laptops).filter { try fleet.digest(fleet.open(name($0))) != digest }
        try Output.figure("laptops whose digest differs at the end of the day", Double(others.count), "", goal: 0)
    }
}
