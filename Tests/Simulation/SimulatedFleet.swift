internal import Causality
internal import FleetSupport
internal import Foundation
package import MergeVectors
internal import NodeOperations
internal import ProfileModel
internal import ProfileStore
internal import Replication
internal import WireFormat

/// How bad the network of a history is.
private struct Weather {
    /// Sessions that are cut somewhere.
    let cutPercent: Int
    /// Sessions after which an old request arrives once more.
    let repetitionPercent: Int

    init(_ random: inout SplitMix64) {
        cutPercent = random.pick([0, 30, 45, 80])
        repetitionPercent = random.pick([0, 10, 50])
    }
}

private struct Direction: Hashable {
    let caller: Int
    let answering: Int
}

/// Nodes with real stores that live through a random history: people at work, files, bad networks, wrong clocks, crashes.
///
/// One thread of control; everything random comes from one seed.
package struct SimulatedFleet: RandomHistory {
    private static let deployment = Deployment(id: UniqueID(high: 3, low: 3), key: HashKey(first: 5, second: 8))
    private static let began: Int64 = 1_767_225_600_000_000

    private let folder: TestFolder
    private var nodes: [Node] = []
    private var environments: [SimulatedEnvironment] = []
    private let transport = DirectTransport()
    /// Who can reach whom: all, or a tree, in which what one neighbour is not told comes by no other way.
    private var edges: [(Int, Int)] = []
    private var oracle = FleetOracle()
    private var random: SplitMix64
    private let weather: Weather
    /// Connections that nobody can make this way round, though the other way may go.
    private var blocked: Set<Direction> = []
    /// Nodes that are away, such as a laptop in a drawer, and the step at which they are back.
    private var away: [Int: Int] = [:]
    /// Copies of stores that may be put back, by node.
    private var copies: [Int: String] = [:]
    private var valueNumber = 0
    private var homeNumber = 0
    package private(set) var story: [String] = []
    package private(set) var tally: [String: Int] = [:]

    /// - Parameter nodeCount: nil for three to seven.
    package init(random: SplitMix64, nodeCount: Int? = nil) throws {
        self.random = random
        folder = try TestFolder()
        transport.keptMaximum = 20
        transport.pieceBytes = self.random.pick([60, 900, 16 << 10])
        transport.limits.frame.rowsMaximum = self.random.pick([1, 2, 5, 2048])
        transport.limits.rowsAtOnce = self.random.pick([1, 3, 2048])
        transport.limits.missingRowsMaximum = self.random.pick([1, 4096])
        weather = Weather(&self.random)
        let drawn = 3 + self.random.below(5)
        for index in 0..<(nodeCount ?? drawn) {
            let environment = SimulatedEnvironment(
                prefix: UInt8(index + 1), seed: self.random.next(), nowMicroseconds: SimulatedFleet.began + wrongness(),
                // Clocks that stand still between steps give equal stamps.
                stepMicroseconds: self.random.pick([1_000_000, 0]), stateFolder: folder["state-\(index)"])
            environments.append(environment)
            let node = try Node.found(
                home: folder["home-\(index)"], name: "node \(index)", author: "person \(index)", deployment: SimulatedFleet.deployment,
                environment: environment
            ).node
            nodes.append(node)
            let description = try node.store.read { try $0.node().id }
            let after = try snapshot(index)
            let operation = after[description]?.cells.values.first?.first?.header.operation
            try oracle.observe(.edit, operation, before: [:], after: after) { [$0] }
        }
        let isTree = self.random.chance(70)
        for node in 1..<nodes.count {
            edges += isTree ? [(self.random.below(node), node)] : (0..<node).map { ($0, node) }
        }
    }

    /// How far off a clock may be: mostly little, at times hours, days or years.
    private mutating func wrongness() -> Int64 {
        let seconds = random.pick([0, 0, 0, 40, 400, 3_600, 86_400, 31_557_600 * 3, 31_557_600 * 10])
        return Int64(random.below(2) * 2 - 1) * Int64(seconds) * 1_000_000
    }

    private func snapshot(_ index: Int) throws -> FleetOracle.Snapshot {
        Dictionary(uniqueKeysWithValues: try StoreLaws.rows(nodes[index]).map { ($0.id, $0.row.expanded) })
    }

    private mutating func newValue() -> String {
        valueNumber += 1
        return "v\(valueNumber)"
    }

    // MARK: A history

    /// Lives through so many steps of ten minutes each.
    package mutating func live(steps: Int) throws {
        for step in 0..<steps {
            for environment in environments { environment.advance(microseconds: 600_000_000) }
            away = away.filter { $0.value > step }
            let index = random.below(nodes.count)
            if away[index] != nil { continue }
            switch random.below(1000) {
            case 0..<570: try work(index)
            case 570..<870: try meet()
            case 870..<900: environments[index].set(nowMicroseconds: SimulatedFleet.began + wrongness())
            case 900..<935: try crash(index)
            case 935..<945: try move(index)
            case 945..<960: turn(random.pick(edges))
            case 960..<965: leave(index, until: step + random.below(steps - step) + 1)
            case 965..<975: try copyStore(of: index)
            case 975..<985: try putBack(index)
            default: if transport.keptCount > 0 { deliverAgain() }
            }
        }
    }

    /// Blocks a connection one way round, or opens it again.
    private mutating func turn(_ edge: (Int, Int)) {
        let direction = random.chance(50) ? Direction(caller: edge.0, answering: edge.1) : Direction(caller: edge.1, answering: edge.0)
        if blocked.remove(direction) == nil { blocked.insert(direction) }
        tell("the network", blocked.contains(direction) ? "blocks" : "opens", "\(direction.caller) to \(direction.answering)")
    }

    /// Puts a node away; a year has passed for everybody when it is back.
    private mutating func leave(_ index: Int, until step: Int) {
        tell("\(index)", "is away", "until step \(step)")
        away[index] = step
        for environment in environments { environment.advance(microseconds: 31_557_600_000_000) }
    }

    private mutating func tell(_ who: String, _ verb: String, _ rest: String = "") {
        story.append("\(who) \(verb) \(rest)")
        tally[verb, default: 0] += 1
    }

    private mutating func deliverAgain() {
        let old = random.below(transport.keptCount), share = random.pick([30, 70, 100])
        tell("the network", "repeats", "an old request")
        transport.deliverAgain(old, sharePercent: share, among: nodes)
    }

    private mutating func meet() throws {
        var (caller, other) = random.pick(edges)
        if random.chance(50) { swap(&caller, &other) }
        if away[caller] != nil || away[other] != nil || blocked.contains(Direction(caller: caller, answering: other)) { return }
        transport.piecesLeft = random.chance(weather.cutPercent) ? random.below(24) : nil
        let outcome = try transport.session(from: nodes[caller], to: nodes[other], isFirst: random.chance(15))
        tell("\(caller)", outcome.error == nil ? "calls" : "loses", "\(other)")
        if let error = outcome.error {
            guard error is DirectTransport.Lost else { throw error }
            if random.chance(30) { try crash(random.pick([caller, other])) }
        }
        transport.piecesLeft = nil
        if transport.keptCount > 0, random.chance(weather.repetitionPercent) { deliverAgain() }
    }

    /// Drops a store without a word, and opens it from what is on disk.
    private mutating func crash(_ index: Int) throws {
        tell("\(index)", "crashes")
        let home = nodes[index].store.home
        nodes[index] = try Node.open(home: home, author: "person \(index)", environment: environments[index])
    }

    /// Moves a store to another place: what writes there is another life.
    private mutating func move(_ index: Int) throws {
        tell("\(index)", "moves")
        homeNumber += 1
        let old = nodes[index].store.home, new = folder["home-\(index)-\(homeNumber)"]
        let origin = try nodes[index].store.identity().life, before = try snapshot(index)
        try FileManager.default.copyItem(atPath: old, toPath: new)
        nodes[index] = try Node.open(home: new, author: "person \(index)", environment: environments[index])
        try FileManager.default.removeItem(atPath: old)
        let identity = try nodes[index].store.identity(), after = try snapshot(index)
        guard identity.life != origin else { throw Disagreement("a moved store goes on in its old life") }
        // The new life is announced in the row that describes the node.
        let writes = after[identity.node]?.cells.values.flatMap(\.self) ?? []
        let operation = writes.first { $0.dot.origin == identity.life }?.header.operation
        try oracle.observe(.edit, operation, before: before, after: after) { [$0] }
    }

    private mutating func copyStore(of index: Int) throws {
        homeNumber += 1
        let file = folder["copy-\(index)-\(homeNumber)"]
        _ = try nodes[index].store.backUp(to: file)
        copies[index] = file
        tell("\(index)", "copies", "its store")
    }

    /// Puts an old copy of a store in its place: what nobody else has of what came since is lost, and nothing more.
    private mutating func putBack(_ index: Int) throws {
        guard let file = copies[index] else { return }
        tell("\(index)", "puts back", "an old copy of its store")
        let home = nodes[index].store.home, life = try nodes[index].store.identity().life
        for name in try FileManager.default.contentsOfDirectory(atPath: home) where name.hasPrefix("limn.sqlite") {
            try FileManager.default.removeItem(atPath: home + "/" + name)
        }
        try FileManager.default.copyItem(atPath: file, toPath: home + "/limn.sqlite")
        // A request that is still under way would bring back what is taken to be lost.
        transport.forgetKept()
        nodes[index] = try Node.open(home: home, author: "person \(index)", environment: environments[index])
        let before = try snapshot(index)
        oracle.forgetLost(remaining: try nodes.indices.map { try snapshot($0) })
        let identity = try nodes[index].store.identity(), after = try snapshot(index)
        let writes = after[identity.node]?.cells.values.flatMap(\.self) ?? []
        let operation = writes.first { $0.dot.origin == identity.life }?.header.operation
        if identity.life != life { try oracle.observe(.edit, operation, before: before, after: after) { [$0] } }
    }

    // MARK: Work

    private mutating func work(_ index: Int) throws {
        let before = try snapshot(index), node = nodes[index]
        let customers = try StoreLaws.rows(node).filter(\.kind.isCustomer).map(\.id).sorted()
        let profiles = try node.store.read { reader in
            Dictionary(uniqueKeysWithValues: try customers.map { ($0, try reader.linkedMembers(of: $0)) })
        }
        var action = FleetOracle.Action.edit, operation: OperationID?, text: String
        do {
            (text, action, operation) = try act(index, customers)
        } catch let error as NodeError {
            guard ["node.deleted", "node.not-linked", "node.same-record", "node.nothing-to-undo"].contains(error.code) else { throw error }
            guard try snapshot(index) == before else { throw Disagreement("\(error.code) left a change") }
            tell("\(index)", "is refused:", error.code)
            return
        }
        let words = text.split(separator: " ", maxSplits: 1).map(String.init)
        tell("\(index)", words[0], words.count > 1 ? words[1] : "")
        try oracle.observe(action, operation, before: before, after: snapshot(index)) { profiles[$0] ?? [$0] }
    }

    private mutating func act(_ index: Int, _ customers: [RowID]) throws -> (String, FleetOracle.Action, OperationID?) {
        let node = nodes[index], choice = random.below(100)
        guard let record = customers.isEmpty ? nil : random.pick(customers) else {
            if random.chance(50) { return try importTable(index) }
            return ("adds", .edit, try node.add(.person, [Assignment("name=\(newValue())")]).operation)
        }
        let name = record.description
        switch choice {
        case 0..<6:
            return ("adds", .edit, try node.add(.person, [Assignment("name=\(newValue())"), Assignment("title=\(newValue())")], tags: ["vip"]).operation)
        case 6..<36:
            var assignments = [Assignment(field: random.pick(["title", "title", "address", "name"]), verb: .set, text: newValue())]
            if random.chance(20) { assignments.append(Assignment(field: "note", verb: .set, text: random.pick(["", "same", newValue()]))) }
            return ("edits \(name) \(assignments.map { "\($0.field)=\($0.text)" })", .edit, try node.edit(name, assignments).operation)
        case 36..<52: return try importTable(index)
        case 52..<62:
            let assignment = Assignment(field: "tags", verb: random.pick([.add, .remove]), text: random.pick(["vip", "north", "old"]))
            return ("tags \(name)", .edit, try node.edit(name, [assignment]).operation)
        case 62..<67: return ("deletes \(name)", .edit, try node.delete(name).operation)
        case 67..<71: return ("restores \(name)", .edit, try node.restore(name).operation)
        case 71..<76:
            let other = random.pick(customers)
            return ("merges \(name) and \(other)", .edit, try node.merge(name, other.description).operation)
        case 76..<79:
            let linked = try customers.filter { try node.show($0.description).members.count > 1 }
            let name = linked.isEmpty ? name : random.pick(linked).description
            return ("unmerges \(name)", .edit, try node.unmerge(name, dissolving: random.chance(30)).operation)
        case 79..<91: return try resolve(index)
        default: return try undo(index)
        }
    }

    /// A file of a source, in which each customer's values are of few versions, so that it goes back now and then.
    private mutating func importTable(_ index: Int) throws -> (String, FleetOracle.Action, OperationID?) {
        let source = random.pick(["erp", "crm"])
        var text = "external_id,name,title,tags\n"
        for number in 0..<4 where random.chance(60) {
            let title = random.pick(["\(source)-1", "\(source)-2", "\(source)-3", "\\N", ""])
            text += "\(number),\(source) \(number),\(title),\(random.pick(["vip", "vip;north", ""]))\n"
        }
        let outcome = try nodes[index].importText(text, source: source, in: folder)
        guard outcome.created + outcome.updated + outcome.unchanged + outcome.rejected == outcome.rows, outcome.rejected == 0 else {
            throw Disagreement("an import counts \(outcome)")
        }
        return ("imports \(source)", .statement(source: source), outcome.operation)
    }

    private mutating func resolve(_ index: Int) throws -> (String, FleetOracle.Action, OperationID?) {
        let node = nodes[index], conflicts = try node.conflicts().conflicts
        if conflicts.isEmpty { return ("finds no conflict", .resolution, nil) }
        if random.chance(15) {
            let rule: ResolutionRule = random.chance(50) ? .policy(.latest) : .prefer(random.pick(["erp", "node 1"]))
            return ("resolves all", .resolution, try node.resolveAll(ConflictFilter(), by: rule).operation)
        }
        let conflict = random.pick(conflicts)
        let decision: Decision
        if random.chance(50) {
            decision = .pick(random.pick(conflict.candidates.map(\.dot).sorted()))
        } else {
            let text = switch conflict.kind {
            case .deleteEdit: random.pick(["deleted", "living"])
            case .link: random.pick(["yes", "no"])
            default: newValue()
            }
            decision = .value(text)
        }
        let outcome = try node.resolve(conflict.key, decision)
        if try node.conflicts().conflicts.contains(where: { $0.key == conflict.key }) {
            throw Disagreement("a conflict that was resolved is listed: \(conflict)")
        }
        return ("resolves \(conflict.key)", .resolution, outcome.operation)
    }

    private mutating func undo(_ index: Int) throws -> (String, FleetOracle.Action, OperationID?) {
        let node = nodes[index], operations = try node.operations(limit: 6).filter { $0.undoneBy == nil }
        guard !operations.isEmpty else { return ("finds nothing to undo", .edit, nil) }
        let target = random.pick(operations)
        let outcome = try node.undo(target.id)
        return ("undoes \(target.command), \(outcome.cells) cells, kept \(outcome.kept.count)", .undo(target.id), outcome.operation)
    }

    // MARK: The end

    /// Lets neighbours meet over a good network until nothing more is told, and checks what has come of it all.
    package mutating func heal() throws {
        transport.piecesLeft = nil
        (blocked, away) = ([], [:])
        for index in environments.indices { environments[index].set(nowMicroseconds: SimulatedFleet.began + 60_000_000) }
        var isQuiet = false
        for _ in 0..<2 * nodes.count where !isQuiet {
            isQuiet = true
            for edge in edges {
                let (caller, other) = random.chance(50) ? edge : (edge.1, edge.0)
                let outcome = try transport.session(from: nodes[caller], to: nodes[other])
                if let error = outcome.error { throw error }
                if outcome.report.pulled.changes + outcome.report.pushed.changes > 0 { isQuiet = false }
            }
        }
        guard isQuiet else { throw Disagreement("the fleet does not come to rest") }
        oracle.finish()
        let digest = try nodes[0].status().counts.digest
        for index in nodes.indices {
            guard try nodes[index].status().counts.digest == digest else { throw Disagreement("node \(index) has another digest") }
            try oracle.checkWrites(snapshot(index))
            try oracle.checkReadings(nodes[index])
            try StoreLaws.check(nodes[index])
        }
    }

    /// How many conflicts are listed.
    package func conflictCount() throws -> Int { try nodes[0].conflicts().total }
}
