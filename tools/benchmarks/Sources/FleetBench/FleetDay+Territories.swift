import Causality
import FleetSupport
import MergeVectors
import NodeOperations
import ProfileModel
import ProfileStore
import Replication

/// What happens only where there are territories, and what must hold in the evening.
extension FleetDay {
    /// One customer in ten moves in the day; one laptop in ten travels, enters another city, and in the evening leaves it or its own.
    func planOfTerritories(seconds: Int) -> [(second: Double, laptop: Int, what: Happening)] {
        var plan: [(second: Double, laptop: Int, what: Happening)] = []
        for _ in 0..<max(1, customers / 10) {
            plan.append((Double(random.below(seconds)), random.below(options.laptops), .move(byHub: random.chance(60))))
        }
        for laptop in 0..<options.laptops where random.chance(10) {
            let morning = random.below(seconds / 2)
            plan.append((Double(morning), laptop, .enter))
            plan.append((Double(morning + 1 + random.below(seconds / 2)), laptop, .leave))
        }
        return plan
    }

    /// A customer that a laptop has and holds; nil where none is found at once.
    func customer(heldBy node: Node, _ laptop: Int) throws -> Int? {
        guard let territories else { return nil }
        let cities = territories.cities(of: laptop)
        for _ in 0..<8 {
            let city = cities[random.below(cities.count)]
            if let customer = territories.customer(in: city, &random), try holds(node, customer) { return customer }
        }
        return nil
    }

    /// Whether a node has a customer, and takes it to be in its scopes.
    private func holds(_ node: Node, _ customer: Int) throws -> Bool {
        try node.store.read { reader in
            guard let row = try reader.row(id(of: customer)) else { return false }
            let held = try reader.node().held
            return try reader.scopesKnown(of: row).contains(where: held.holds)
        }
    }

    /// Moves a customer. Two of those who have it edit it in the same minute, before they can have heard.
    func move(_ laptop: Int, byHub: Bool, at second: Double) throws {
        guard territories != nil else { return }
        let mover = byHub ? hub : try fleet.open(name(laptop))
        guard let customer = byHub ? random.below(customers) : try customer(heldBy: mover, laptop), let from = territories?.places[customer] else { return }
        let to = Territories.destination(from: from, &random), id = id(of: customer)
        try ledger.observe(id, on: mover) { _ = try mover.move([id.description], to: to) }
        territories?.move(customer, to: to)
        moves += 1
        var colleagues = territories?.laptops(in: from) ?? []
        colleagues.shuffle(using: &random)
        var editing = 0
        for colleague in colleagues where editing < 2 && colleague != laptop {
            fleet.set(secondsSinceBegin: second + 30, for: name(colleague))
            let node = try fleet.open(name(colleague))
            guard try holds(node, customer) else { continue }
            try edit(customer, on: node)
            editing += 1
        }
        editsOfMoved += editing
    }

    func enter(_ laptop: Int) throws {
        guard let base = territories?.cities(of: laptop).first else { return }
        let city = Territories.destination(from: base, &random)
        // Who holds the province holds the city already.
        if territories?.cities(of: laptop).contains(city) ?? true { return }
        _ = try fleet.open(name(laptop)).enter(scopes: [city])
        territories?.enter(city, by: laptop)
        entered += 1
    }

    func leave(_ laptop: Int) throws {
        guard let held = territories?.held[laptop], held.count > 1 else { return }
        let scope = held[random.below(held.count)]
        _ = try fleet.open(name(laptop)).leave(scopes: [scope])
        territories?.leave(scope, by: laptop)
        left += 1
    }

    /// Each laptop has what its scopes hold and nothing else, and was never sent anything else.
    func checkTerritories() throws {
        guard moves > 0, entered > 0, left > 0, editsOfMoved > 0 else { throw Failure("no customer and no laptop has moved") }
        let counts = try hub.store.read { try $0.scopes() }
        var differing = 0, outside = 0, compared = 0
        for laptop in 0..<options.laptops {
            let node = try fleet.open(name(laptop)), held = try node.store.identity().scopes
            let own = Dictionary(uniqueKeysWithValues: try node.heldScopes().map { ($0.name, $0.digest) })
            let scopes = counts.filter { held.holds($0.name) }
            let names = Set(scopes.map(\.name)).union(own.keys)
            compared += names.count
            let hubs = Dictionary(uniqueKeysWithValues: scopes.map { ($0.name, $0.digest) })
            if names.contains(where: { own[$0] ?? .zero != hubs[$0] ?? .zero }) { differing += 1 }
            if try !TerritoryLaws.outside(node).isEmpty { outside += 1 }
        }
        for text in rows.outside.prefix(5) { Output.progress(text) }
        try figure(
            "laptops whose digest of a scope differs at the end of the day", Double(differing), "", goal: 0,
            anchor: "\(compared) digests; \(moves) customers moved, \(editsOfMoved) edits by those who had not heard, \(entered) scopes entered, \(left) left")
        try figure("laptops that still have a row outside their scopes", Double(outside), "", goal: 0)
        try figure(
            "rows sent to a laptop outside its scopes", Double(rows.outside.count), "", goal: 0,
            anchor: "\(rows.served) rows and \(rows.departed) departures sent to laptops, \(rows.handedOn) handed on by who does not hold them either")
        guard rows.served > 0, rows.departed > 0 else { throw Failure("nobody was sent a customer, or told that one has gone") }
    }
}
