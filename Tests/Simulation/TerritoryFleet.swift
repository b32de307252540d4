internal import Causality
internal import FleetSupport
internal import Foundation
package import MergeVectors
internal import NodeOperations
internal import ProfileModel
internal import ProfileStore
internal import Replication
internal import WireFormat

/// Nodes with territories that live through a random history: customers move, are written of meanwhile, and nodes enter and
/// leave scopes, over connections that break.
///
/// What must hold at every moment: each write stands in some store, and a node has rows outside its scopes only while it
/// waits to be rid of them.
package struct TerritoryFleet: RandomHistory {
    private static let scopes = ["cn/east", "cn/east/a", "cn/east/b", "cn/eastern", "cn/west", "cn/west/a"]
    private static let held: [[String]] = [[], ["cn/east"], ["cn/west", "cn/eastern"], ["cn/east/a"], ["cn/east/a", "cn/east/b"], ["cn/west/a"]]
    /// Who calls whom in the end: each the one above it.
    private static let edges = [(1, 0), (2, 0), (3, 1), (4, 1), (5, 2)]

    private let fleet: TestFleet
    private var random: SplitMix64
    private var number = 0
    private var customers: [RowID] = []
    /// The tags that customers were given, none of which is ever taken away.
    private var tags: [RowID: Set<String>] = [:]
    /// Events by their customers.
    private var events: [RowID: RowID] = [:]
    package private(set) var story: [String] = []
    package private(set) var tally: [String: Int] = [:]

    package init(random: SplitMix64) throws {
        self.random = random
        fleet = try TestFleet(scopes: TerritoryFleet.held)
        fleet.transport.pieceBytes = self.random.pick([60, 900, 16 << 10])
        fleet.transport.limits.frame.rowsMaximum = self.random.pick([1, 2, 5, 2048])
        fleet.transport.limits.rowsAtOnce = self.random.pick([1, 3, 2048])
    }

    private mutating func tell(_ who: Int, _ verb: String, _ rest: String = "") {
        story.append("\(who) \(verb) \(rest)")
        tally[verb, default: 0] += 1
    }

    /// Lives through so many steps, and checks after each.
    package mutating func live(steps: Int) throws {
        for _ in 0..<steps {
            let index = random.below(fleet.nodes.count)
            switch random.below(100) {
            case 0..<50: try work(index)
            case 50..<90: try meet()
            case 90..<94: try changeScopes(index)
            default:
                tell(index, "crashes")
                try fleet.reopen(index)
            }
            try checkMoment()
        }
    }

    private mutating func meet() throws {
        var (caller, other) = random.pick(TerritoryFleet.edges)
        if random.chance(30) { (caller, other) = (random.below(fleet.nodes.count), random.below(fleet.nodes.count)) }
        if caller == other { return }
        if random.chance(30) { swap(&caller, &other) }
        fleet.transport.piecesLeft = random.chance(35) ? random.below(24) : nil
        let outcome = try fleet.transport.session(from: fleet[caller], to: fleet[other], isFirst: random.chance(15))
        tell(caller, outcome.error == nil ? "calls" : "loses", "\(other)")
        if let error = outcome.error, !(error is DirectTransport.Lost) { throw error }
        fleet.transport.piecesLeft = nil
    }

    private mutating func changeScopes(_ index: Int) throws {
        if index == 0 { return }
        let held = try fleet[index].store.read { try $0.node().scopes }.filter { $0 != ScopeSet.shared }
        let scope = random.pick(TerritoryFleet.scopes)
        if held.contains(scope) {
            tell(index, "leaves", scope)
            _ = try fleet[index].leave(scopes: [scope])
        } else {
            tell(index, "enters", scope)
            _ = try fleet[index].enter(scopes: [scope])
        }
    }

    private mutating func work(_ index: Int) throws {
        let node = fleet[index], held = try node.store.identity().scopes
        let here = try customers.filter { try node.has($0) }
        number += 1
        do {
            if here.isEmpty || random.chance(15) {
                let own = TerritoryFleet.scopes.filter(held.holds)
                guard !own.isEmpty else { return }
                let scope = random.pick(own)
                let id = try node.add(.person, [Assignment("name=c\(number)")], scope: scope).id
                customers.append(id)
                tell(index, "adds", "\(id) in \(scope)")
                return
            }
            let id = random.pick(here)
            switch random.below(100) {
            case 0..<45:
                try node.edit(id, "tags+=t\(number)")
                tags[id, default: []].insert("t\(number)")
                tell(index, "edits", "\(id) t\(number)")
            case 45..<70:
                let event = try node.note(id.description, text: "n\(number)").event
                events[event] = id
                tell(index, "notes", "\(event) of \(id)")
            case 70..<75:
                let other = random.pick(here)
                if other == id { return }
                _ = try node.merge(id.description, other.description)
                tell(index, "merges", "\(id) and \(other)")
            default:
                let scope = random.pick(TerritoryFleet.scopes)
                _ = try node.move([id.description], to: scope)
                tell(index, "moves", "\(id) to \(scope)")
            }
        } catch let error as NodeError {
            guard error.code == "node.outside-scopes" else { throw error }
            tell(index, "is refused")
        }
    }

    // MARK: What must hold

    private func present(_ node: Node, _ id: RowID) throws -> Set<String> {
        guard let row = try node.store.read({ try $0.row(id) }) else { return [] }
        return Set(row.state.cells.keys.filter { $0.field == FieldID.tags.rawValue }.map { FieldValue.plainText(of: $0.element) })
    }

    private func checkMoment() throws {
        for (index, node) in fleet.nodes.enumerated() {
            let waiting = try node.store.read { try $0.waitingRows() }
            let outside = try TerritoryLaws.outside(node).filter { !waiting.contains($0) }
            guard outside.isEmpty else { throw Disagreement("\(index) has \(outside) outside its scopes and does not wait to be rid of them") }
        }
        for id in customers {
            let kept = try fleet.nodes.reduce(into: Set<String>()) { $0.formUnion(try present($1, id)) }
            let lost = (tags[id] ?? []).subtracting(kept)
            guard lost.isEmpty else { throw Disagreement("\(lost) of \(id) are in no store") }
            guard try fleet.nodes.contains(where: { try $0.has(id) }) else { throw Disagreement("\(id) is in no store") }
        }
        for event in events.keys {
            guard try fleet.nodes.contains(where: { try $0.has(event) }) else { throw Disagreement("the event \(event) is in no store") }
        }
    }

    /// Lets each node meet the one above it, and headquarters, until nothing more is told, and checks what has come of it all.
    package mutating func heal() throws {
        fleet.transport.piecesLeft = nil
        var quietRounds = 0
        for _ in 0..<30 where quietRounds < 2 {
            var isQuiet = true
            // Who holds what the one above does not hold has to ask headquarters.
            for (caller, answering) in TerritoryFleet.edges + fleet.nodes.indices.dropFirst().map({ ($0, 0) }) {
                let report = try fleet.sync(caller, answering)
                if report.pulled.changes + report.pushed.changes > 0 { isQuiet = false }
            }
            quietRounds = isQuiet ? quietRounds + 1 : 0
        }
        guard quietRounds == 2 else { throw Disagreement("the fleet does not come to rest") }
        try checkMoment()
        let hq = fleet[0]
        for id in customers {
            let lost = try (tags[id] ?? []).subtracting(present(hq, id))
            guard lost.isEmpty else { throw Disagreement("headquarters lack \(lost) of \(id)") }
        }
        for (event, customer) in events {
            guard try hq.has(event) else { throw Disagreement("headquarters lack the event \(event) of \(customer)") }
        }
        let places = try hq.store.read { reader in
            try Dictionary(uniqueKeysWithValues: (customers + Array(events.keys)).map { id in (id, try reader.scopesKnown(of: reader.row(id)!)) })
        }
        for (index, node) in fleet.nodes.enumerated() {
            let held = try node.store.identity().scopes
            for (id, scopes) in places {
                let has = try node.has(id)
                guard has == scopes.contains(where: held.holds) else {
                    throw Disagreement("\(index) \(has ? "has" : "lacks") \(id), which is in \(scopes)")
                }
            }
        }
        try TerritoryLaws.check(fleet.nodes)
    }
}
