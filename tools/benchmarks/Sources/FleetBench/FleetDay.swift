import Causality
import FleetSupport
import Foundation
import MergeVectors
import NodeOperations
import ProfileModel
import Replication

/// A day of a hub and its laptops: everybody edits and calls at random times, some meet each other, and in the evening all
/// hold the same.
///
/// On a day with territories each laptop holds its city or its province, customers move while others edit them without having heard of
/// it, and some laptops enter and leave scopes.
final class FleetDay {
    let options: Main.Options
    let customers: Int
    private let editsPerLaptop: Int
    let fleet: BenchFleet
    let hub: Node
    var random: SplitMix64
    private var ids: [RowID] = []
    /// Nil on a day on which everybody holds everything.
    var territories: Territories?
    let rows = ServedRows()
    var ledger = WriteLedger()
    private var notes: [RowID] = []
    private var bytes: [Double]
    private var calls = 0, meetings = 0, edits = 0
    /// What moved, and what was written where nobody had heard of it.
    var moves = 0, entered = 0, left = 0, editsOfMoved = 0

    init(_ options: Main.Options, hasTerritories: Bool) throws {
        self.options = options
        customers = options.customers ?? 2_000
        editsPerLaptop = options.edits ?? 3
        fleet = try BenchFleet(folder: options.folder + "/fleet-day")
        random = SplitMix64(seed: options.seed)
        hub = try fleet.found("hub")
        bytes = [Double](repeating: 0, count: options.laptops)
        if hasTerritories {
            territories = Territories(laptops: options.laptops, customers: customers, &random)
            fleet.rows = rows
        }
    }

    enum Happening {
        case edit, call
        /// A session with a colleague in a hotel.
        case meet(Int)
        /// The hub gives a customer to another city, or who holds it does.
        case move(byHub: Bool)
        case enter
        case leave
    }

    func name(_ laptop: Int) -> String { "laptop-\(laptop)" }

    /// What happens in the day, in the order of its seconds.
    private func plan() -> [(second: Double, laptop: Int, what: Happening)] {
        var plan: [(second: Double, laptop: Int, what: Happening)] = []
        let seconds = options.hours * 3_600
        for laptop in 0..<options.laptops {
            for _ in 0..<editsPerLaptop { plan.append((Double(random.below(seconds)), laptop, .edit)) }
            for _ in 0..<options.meetings {
                let colleague = colleague(of: laptop), isColleague = random.chance(5) && colleague != laptop
                plan.append((Double(random.below(seconds)), laptop, isColleague ? .meet(colleague) : .call))
            }
        }
        if territories != nil { plan += planOfTerritories(seconds: seconds) }
        return plan.sorted { ($0.second, $0.laptop) < ($1.second, $1.laptop) }
    }

    /// Anybody; where there are territories, in half of the cases somebody of the same city.
    private func colleague(of laptop: Int) -> Int {
        let anybody = random.below(options.laptops), cities = Territories.cities.count
        if territories == nil || random.chance(50) { return anybody }
        let inCity = anybody / cities * cities + laptop % cities
        return inCity < options.laptops ? inCity : laptop
    }

    func run() throws {
        defer { try? FileManager.default.removeItem(atPath: fleet.folder) }
        ids = try fleet.fill(hub, customers: customers) { self.territories?.places[$0] }
        for laptop in 0..<options.laptops {
            try fleet.sync(fleet.found(name(laptop), scopes: territories?.held[laptop] ?? []), hub)
            if laptop % 100 == 99 { Output.progress("\(laptop + 1) laptops have joined") }
        }
        let joined = Output.peakBytes()
        fleet.transport.answering = .zero
        let plan = plan(), began = ContinuousClock.now
        for (done, (second, laptop, what)) in plan.enumerated() {
            fleet.set(secondsSinceBegin: 86_400 + second, for: "hub", name(laptop))
            try happen(what, to: laptop, at: 86_400 + second)
            if done % 1_000 == 999 { Output.progress("\(done + 1) of \(plan.count) happenings, \(Int((ContinuousClock.now - began).seconds)) s") }
        }
        let answering = fleet.transport.answering.seconds
        try settle()
        try report(answering: answering, joined: joined)
        try territories == nil ? checkDigests() : checkTerritories()
        try checkWrites()
    }

    private func happen(_ what: Happening, to laptop: Int, at second: Double) throws {
        switch what {
        case .edit:
            let node = try fleet.open(name(laptop))
            if let customer = try customer(for: node, laptop) { try edit(customer, on: node) }
        case .call:
            bytes[laptop] += Double(try fleet.sync(fleet.open(name(laptop)), hub).bytes)
            calls += 1
        case .meet(let colleague):
            fleet.set(secondsSinceBegin: second, for: name(colleague))
            let before = fleet.transport.answering
            let count = Double(try fleet.sync(fleet.open(name(laptop)), fleet.open(name(colleague))).bytes)
            fleet.transport.answering = before
            bytes[laptop] += count
            bytes[colleague] += count
            meetings += 1
        case .move(let byHub): try move(laptop, byHub: byHub, at: second)
        case .enter: try enter(laptop)
        case .leave: try leave(laptop)
        }
    }

    /// A customer that somebody calls; on a day with territories one that is there, if there is one.
    private func customer(for node: Node, _ laptop: Int) throws -> Int? {
        territories == nil ? random.below(ids.count) : try customer(heldBy: node, laptop)
    }

    func id(of customer: Int) -> RowID { ids[customer] }

    /// What a person writes after a call: in one of five cases a note, else a register or a tag.
    func edit(_ customer: Int, on node: Node) throws {
        let id = ids[customer]
        edits += 1
        if random.chance(20) {
            notes.append(try node.note(id.description, text: "Called back, asks for an offer of \(random.below(100_000)) pieces").event)
            return
        }
        let assignment = BenchFleet.assignment(&random)
        try ledger.observe(id, on: node) { _ = try node.edit([id], [assignment], command: "edit") }
    }

    // MARK: The evening

    /// Lets all laptops call twice.
    private func settle() throws {
        for round in 0..<2 {
            fleet.set(secondsSinceBegin: 2 * 86_400 + Double(round) * 3_600, for: "hub")
            for laptop in 0..<options.laptops {
                fleet.set(secondsSinceBegin: 2 * 86_400 + Double(round) * 3_600, for: name(laptop))
                try fleet.sync(fleet.open(name(laptop)), hub)
            }
            Output.progress("evening round \(round + 1) is over")
        }
    }

    /// The names of a day with territories begin with this.
    private var title: String { territories == nil ? "" : "territories: " }

    private func report(answering: Double, joined: Int) throws {
        let what = "\(options.laptops) laptops, \(customers) customers"
        try figure("hub, \(what): sessions a second", Double(calls) / answering, "/s", anchor: "\(calls) sessions in one thread, commits on disk")
        try figure("hub: time a session", answering / Double(calls) * 1000, "ms")
        try figure("laptop a day, median", bytes.percentile(50) / 1e3, "KB", anchor: "bodies of \(calls) calls and \(meetings) meetings, \(edits) edits in all")
        try figure("laptop a day, 99 of 100", bytes.percentile(99) / 1e3, "KB")
        try figure("hub, one laptop and the simulation: peak memory", Double(Output.peakBytes()) / 1e6, "MB", anchor: "\(joined / 1_000_000) MB once all had joined")
        let stores = try stride(from: 0, to: options.laptops, by: max(1, options.laptops / 50)).map { Double(try fleet.storeBytes(fleet.open(name($0)))) }
        try figure("store of a laptop, median", stores.percentile(50) / 1e3, "KB", anchor: "of \(stores.count) laptops, without search")
    }

    func figure(_ name: String, _ value: Double, _ unit: String, goal: Double? = nil, anchor: String = "") throws {
        try Output.figure(title + name, value, unit, goal: goal, anchor: anchor)
    }

    private func checkDigests() throws {
        let digest = try fleet.digest(hub)
        let others = try (0..<options.laptops).filter { try fleet.digest(fleet.open(name($0))) != digest }
        try figure("laptops whose digest differs at the end of the day", Double(others.count), "", goal: 0)
    }

    /// What was acknowledged to people is at the hub, or was replaced by somebody who had seen it.
    private func checkWrites() throws {
        let wrong = try ledger.disagreements(with: hub), lost = try notes.filter { try !hub.has($0) }
        for text in wrong.prefix(5) { Output.progress(text) }
        guard ledger.count > 0, !notes.isEmpty else { throw Failure("nobody wrote anything") }
        try figure("writes that are not at the hub, or again", Double(wrong.count + lost.count), "", goal: 0, anchor: "\(ledger.count) writes and \(notes.count) notes")
    }
}
