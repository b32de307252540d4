package import Causality
internal import FleetSupport
internal import Foundation
package import MergeVectors
internal import NodeOperations
internal import ProfileModel
internal import ProfileStore
internal import Replication
internal import WireFormat

/// Nodes with real stores that live through a random history: people at work, files, territories, bad networks, wrong clocks,
/// failing disks, crashes, programs of several releases.
///
/// One thread of control; everything random comes from one seed.
package final class SimulatedFleet {
    struct Direction: Hashable {
        let caller: Int
        let answering: Int
    }

    static let began: Int64 = 1_767_225_600_000_000
    static let territories = ["cn/east", "cn/east/a", "cn/east/b", "cn/eastern", "cn/west", "cn/west/a"]
    private static let held = [["/"], ["cn/east"], ["cn/west", "cn/eastern"], ["cn/east/a"], ["cn/east/a", "cn/east/b"], ["cn/west/a"]]
    private static let deployment = Deployment(id: UniqueID(high: 3, low: 3), key: HashKey(first: 5, second: 8))

    let folder: TestFolder
    var nodes: [SimulatedNode] = []
    let transport = DirectTransport()
    let mix: FleetMix
    var oracle = FleetOracle()
    var random: SplitMix64
    /// Who can reach whom: all, or a tree, in which what one neighbour is not told comes by no other way.
    private(set) var edges: [(Int, Int)] = []
    /// Connections that nobody can make this way round, though the other way may go.
    var blocked: Set<Direction> = []
    /// Whether something was lost with the only store that held it, so that stubs may speak of what nobody has.
    var isAnythingLost = false
    /// Rows that are let go of on the word of a store that has been put back since.
    var endangered: Set<RowID> = []
    /// What went wrong while a session was under way.
    private var trouble: (any Error)?
    private var valueNumber = 0
    /// What happened, for a report.
    package private(set) var story: [String] = []
    /// A row whose way through the nodes the story tells.
    package var watched: RowID?
    private var whereabouts: [Int: String] = [:]
    /// How often each thing happened.
    package private(set) var tally: [String: Int] = [:]

    /// - Parameter nodeCount: nil for three to seven.
    package init(_ kind: FleetMix.Kind, random: SplitMix64, nodeCount: Int? = nil) throws {
        var random = random
        mix = FleetMix(kind, &random)
        self.random = random
        folder = try TestFolder()
        if mix.hasDiskFaults { try FaultyDisk.install() }
        transport.keptMaximum = 20
        transport.pieceBytes = self.random.pick([60, 900, 16 << 10])
        transport.limits.frame.rowsMaximum = self.random.pick([1, 2, 5, 2048])
        transport.limits.rowsAtOnce = self.random.pick([1, 3, 2048])
        transport.limits.missingRowsMaximum = self.random.pick([1, 4096])
        let drawn = 3 + self.random.below(5)
        for index in 0..<(nodeCount ?? drawn) { try addNode(index) }
        let isTree = mix.hasTerritories || self.random.chance(70)
        let scopes = try nodes.map { ScopeSet(try $0.scopes()) }
        for node in 1..<nodes.count {
            let above = (0..<node).filter { scopes[$0].holds(scopes[node]) }
            edges += isTree ? [(self.random.pick(above), node)] : (0..<node).map { ($0, node) }
        }
        tell("the fleet", "has", "\(try nodes.map { try $0.scopes() }), \(edges), \(mix)")
    }

    private func addNode(_ index: Int) throws {
        let isLater = mix.hasLaterVersions && random.chance(50)
        let environment = SimulatedEnvironment(
            prefix: UInt8(index + 1), seed: random.next(), nowMicroseconds: SimulatedFleet.began + (mix.areClocksStill ? 0 : wrongness()),
            // Clocks that stand still between steps give equal stamps.
            stepMicroseconds: mix.areClocksStill ? 0 : random.pick([1_000_000, 0]), stateFolder: folder["state-\(index)"],
            knownFields: isLater ? LaterVersion.fields : .standard)
        let scopes = index == 0 || !mix.hasTerritories ? ["/"] : random.pick(SimulatedFleet.held)
        let node = try SimulatedNode(index, scopes: scopes, deployment: SimulatedFleet.deployment, environment: environment, in: folder)
        nodes.append(node)
        if isLater { transport.versions[node.author] = LaterVersion.versions }
        try observeLife(of: node)
    }

    /// How far off a clock may be: mostly little, at times hours, days or years.
    func wrongness() -> Int64 {
        let seconds = random.pick([0, 0, 0, 40, 400, 3_600, 86_400, 31_557_600 * 3, 31_557_600 * 10])
        return Int64(random.below(2) * 2 - 1) * Int64(seconds) * 1_000_000
    }

    func newNumber() -> Int {
        valueNumber += 1
        return valueNumber
    }

    func tell(_ who: String, _ verb: String, _ rest: String = "") {
        story.append("\(who) \(verb) \(rest)")
        tally[verb, default: 0] += 1
        watch()
    }

    private func watch() {
        guard let watched else { return }
        for node in nodes {
            guard let text = try? node.node.store.read({ try $0.whereabouts(of: watched) }), whereabouts.updateValue(text, forKey: node.index) != text else { continue }
            story.append("    at \(node.index) it \(text)")
        }
    }

    // MARK: A history

    /// Lives through so many steps of ten minutes each, and checks at each what always must hold.
    package func live(steps: Int) throws {
        if mix.hasSourceOrder {
            for deed in trustDeeds() { try perform(deed, at: nodes[0], mayFail: false) }
            guard try nodes[0].node.fields().catalogue["standing"] != nil else { throw Disagreement("no field shows the source that is trusted most") }
        }
        for step in 0..<steps {
            if !mix.areClocksStill { for node in nodes { node.environment.advance(microseconds: 600_000_000) } }
            for node in nodes { if let until = node.awayUntil, until <= step { node.awayUntil = nil } }
            let node = nodes[random.below(nodes.count)]
            if node.awayUntil != nil { continue }
            switch random.below(mix.hasTerritories ? 1030 : 1000) {
            case 0..<540: try work(node)
            case 540..<830: try meet()
            case 830..<855: if !mix.areClocksStill { node.environment.set(nowMicroseconds: SimulatedFleet.began + wrongness()) }
            case 855..<880: try crash(node)
            case 880..<888: try move(node)
            case 888..<900: turn(random.pick(edges))
            case 900..<905: leave(node, until: step + random.below(steps - step) + 1)
            case 905..<915: try copy(node)
            case 915..<925: if mix.hasOldCopies { try putBack(node) }
            case 925..<940: try deliverAgain()
            case 940..<955: if mix.hasTerritories { try changeScopes(node); try reachFirst(node) }
            case 955..<962: if mix.hasTerritories { try leaveAndEnter(node); try reachFirst(node) }
            case 962..<966: if mix.hasLaterVersions { try upgrade(node) }
            case 966..<974: if mix.hasDiskFaults { try losePower(node) }
            case 974..<984: try linkAndPart(node)
            case 984..<1000: try ask(node, questions: 4)
            default: try contend()
            }
        }
    }

    /// Blocks a connection one way round, or opens it again.
    private func turn(_ edge: (Int, Int)) {
        let direction = random.chance(50) ? Direction(caller: edge.0, answering: edge.1) : Direction(caller: edge.1, answering: edge.0)
        if blocked.remove(direction) == nil { blocked.insert(direction) }
        tell("the network", blocked.contains(direction) ? "blocks" : "opens", "\(direction.caller) to \(direction.answering)")
    }

    /// Puts a node away; a year has passed for everybody when it is back.
    private func leave(_ node: SimulatedNode, until step: Int) {
        tell("\(node.index)", "is away", "until step \(step)")
        node.awayUntil = step
        if mix.areClocksStill { return }
        for node in nodes { node.environment.advance(microseconds: 31_557_600_000_000) }
    }

    /// Asks a node what it holds.
    private func ask(_ node: SimulatedNode, questions: Int) throws {
        tell("\(node.index)", "is asked")
        try OracleView(oracle, of: node.rows).checkAnswers(node.node, questions: questions, &random)
    }

    // MARK: The network

    /// Codes of sessions that end because something was done meanwhile, or because what they carried makes a node ask again
    /// for what it has let go of.
    static let disturbances: Set<String> = ["sync.cursor-moved", "sync.scopes-changed", "sync.life-changed", "sync.row-missing"]

    private func meet() throws {
        var (caller, other) = random.pick(edges)
        if mix.hasTerritories, random.chance(25) { (caller, other) = (random.below(nodes.count), random.below(nodes.count)) }
        if random.chance(50) { swap(&caller, &other) }
        try meet(caller, other)
    }

    /// Lets one node call another, where it can.
    func meet(_ caller: Int, _ other: Int) throws {
        if caller == other || nodes[caller].awayUntil != nil || nodes[other].awayUntil != nil { return }
        if blocked.contains(Direction(caller: caller, answering: other)) { return }
        transport.piecesLeft = random.chance(mix.cutPercent) ? random.below(24) : nil
        let ends = [nodes[caller], nodes[other]]
        let heard = try feedsHeard(ends)
        let fault = mix.hasDiskFaults && random.chance(8) ? random.pick(FaultyDisk.Fault.allCases) : nil, victim = random.pick(ends)
        if fault == nil { transport.onNextRequest = { [unowned self] in interlude(ends, areStrangers: heard.contains(nil)) } }
        if let fault { try FaultyDisk.arm(fault, at: 1 + random.below(random.pick([10, 60, 300])), in: victim.home + "/") }
        let isFirst = random.chance(15)
        let failure: (any Error)?
        do { failure = try transport.session(from: ends[0].node, to: ends[1].node, isFirst: isFirst).error } catch { failure = error }
        let hasStruck = fault != nil && FaultyDisk.hasStruck
        FaultyDisk.disarm()
        transport.onNextRequest = nil
        transport.piecesLeft = nil
        if let trouble { throw trouble }
        tell("\(caller)", failure == nil ? "calls" : hasStruck ? "fails to call" : "loses", "\(other)")
        if fault == .powerLoss { try losePower(victim, kept: random.pick([0, 1, 3, 1_000])) }
        try lookAfter(ends)
        if let error = failure {
            let code = (error as? any CodedError)?.code
            let isExpected = error is DirectTransport.Lost || hasStruck && code != nil
                || (mix.interludesPercent > 0 || mix.hasTerritories) && code.map(SimulatedFleet.disturbances.contains) ?? false
            guard isExpected else { throw error }
            if random.chance(30) { try crash(random.pick(ends)) }
        }
        if random.chance(mix.repetitionPercent) { try deliverAgain() }
        // Who begins a feed again may first get what was sent to it when it had that.
        for (end, (before, after)) in zip(ends, zip(heard, try feedsHeard(ends))) where before ?? 0 > after ?? 0 && random.chance(60) {
            try deliverAgain(to: end)
        }
    }

    /// How far each end of a session has the other's feed; nil where it never heard of it.
    private func feedsHeard(_ ends: [SimulatedNode]) throws -> [UInt64?] {
        try zip(ends, ends.reversed()).map { try $0.node.store.cursor(for: $1.node.store.identity().node)?.feed }
    }

    /// Something that is done at one end of a session between two of its requests.
    ///
    /// - Parameter areStrangers: whether one of them has heard nothing of the other yet: then it may hold more before it does.
    private func interlude(_ ends: [SimulatedNode], areStrangers: Bool) {
        let isEntered = mix.hasTerritories && areStrangers && random.chance(20)
        guard trouble == nil, random.chance(isEntered ? 100 : mix.interludesPercent) else { return }
        do {
            try lookAfter(ends)
            let node = random.pick(ends)
            tell("\(node.index)", "acts meanwhile")
            if isEntered || mix.hasTerritories && random.chance(40) {
                try random.chance(50) ? changeScopes(node) : leaveAndEnter(node)
            } else {
                try work(node, mayFail: false)
            }
        } catch {
            trouble = error
        }
    }

    /// - Parameter receiver: where the request once went; nil for anywhere.
    func deliverAgain(to receiver: SimulatedNode? = nil) throws {
        let kept = transport.kept(for: receiver?.home)
        guard !kept.isEmpty else { return }
        let old = random.pick(kept), share = random.pick([30, 70, 100, 100])
        tell("the network", "repeats", "an old request")
        let home = transport.deliverAgain(old, sharePercent: share, among: nodes.map(\.node))
        try lookAfter(nodes.filter { $0.home == home })
    }
}
