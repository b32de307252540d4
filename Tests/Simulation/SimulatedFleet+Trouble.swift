internal import Causality
internal import FleetSupport
internal import MergeVectors
internal import NodeOperations
internal import ProfileModel
internal import ProfileStore
internal import Replication

/// What happens to nodes that nobody there does.
extension SimulatedFleet {
    /// Looks at stores in which a session or a disk may have changed something, and checks that nothing is lost.
    func lookAfter(_ changed: [SimulatedNode]) throws {
        let before = try changed.map { try $0.look() }
        for (node, before) in zip(changed, before) { try checkMoment(node, before: before) }
    }

    /// Checks what must hold at every moment: each write stands in some store, and a node has rows outside its scopes only while
    /// it waits to be rid of them.
    func checkMoment(_ node: SimulatedNode, before: FleetOracle.Snapshot) throws {
        if !endangered.isEmpty, oracle.forgetLost(remaining: nodes.map(\.rows), of: endangered) { isAnythingLost = true }
        do {
            try oracle.checkKept(before, node.rows, others: nodes.filter { $0.index != node.index }.map(\.rows))
        } catch let error as Disagreement {
            throw Disagreement("at \(node.index): \(error)")
        }
        guard mix.hasTerritories, try !node.scopes().contains("/") else {
            for row in before.keys where node.rows[row] == nil && !oracle.isErased(row) { throw Disagreement("\(row) has vanished from \(node.index)") }
            return
        }
        let waiting = try node.node.store.read { try $0.waitingRows() }
        let outside = try TerritoryLaws.outside(node.node).filter { !waiting.contains($0) }
        guard outside.isEmpty else { throw Disagreement("\(node.index) has \(outside) outside its scopes and does not wait to be rid of them") }
    }

    /// Lets a store find out where it stands: one that was moved or put back begins a new life, which it tells in its own row.
    func observeLife(of node: SimulatedNode) throws {
        let identity = try node.node.store.identity(), before = try node.look()
        if before == node.rows { return }
        let writes = node.rows[identity.node]?.state.cells.values.flatMap(\.self) ?? []
        let operation = writes.first { $0.dot.origin == identity.life }?.header.operation
        try oracle.observe(.edit, operation, before: before, after: node.rows)
    }

    func crash(_ node: SimulatedNode) throws {
        tell("\(node.index)", "crashes")
        try node.crash()
        guard try node.look() == node.rows else { throw Disagreement("a crash changed \(node.index)") }
    }

    /// Moves a store to another place: what writes there is another life.
    func move(_ node: SimulatedNode) throws {
        tell("\(node.index)", "moves")
        let life = try node.node.store.identity().life
        try node.move()
        guard try node.node.store.identity().life != life else { throw Disagreement("a moved store goes on in its old life") }
        try observeLife(of: node)
    }

    func copy(_ node: SimulatedNode) throws {
        try node.copy()
        tell("\(node.index)", "copies", "its store")
    }

    /// Puts an old copy of a store in its place: what nobody else has of what came since is lost, and nothing more.
    func putBack(_ node: SimulatedNode) throws {
        if node.backup == nil { return }
        tell("\(node.index)", "puts back", "an old copy of its store")
        // A request that is still under way would bring back what is taken to be lost.
        transport.forgetKept()
        let life = try node.node.store.identity().life, before = node.rows
        try node.putBack(byCommand: random.chance(50))
        try forgetLost(with: node, life: life)
        let waiting = try nodes.reduce(into: Set<RowID>()) { $0.formUnion(try $1.node.store.read { try $0.waitingRows() }) }
        endangered.formUnion(waiting.filter { before[$0] != node.rows[$0] })
    }

    private func forgetLost(with node: SimulatedNode, life: Origin) throws {
        let born = try node.node.store.identity()
        try node.look()
        // What the new life has said of itself already is seen after what is lost is forgotten.
        let told = node.rows
        if oracle.forgetErasures(except: nodes.reduce(into: []) { $0.formUnion($1.erased) }) { isAnythingLost = true }
        var old = told
        if born.life != life, let own = told[born.node] {
            var state = own.state
            state.cells = state.cells.mapValues { $0.filter { $0.dot.origin != born.life } }.filter { !$0.value.isEmpty }
            state.context = CausalContext(state.context.entries.filter { $0.origin != born.life })
            old[born.node] = FleetOracle.HeldRow(kind: own.kind, state: state)
        }
        if oracle.forgetLost(remaining: nodes.map { $0.index == node.index ? old : $0.rows }) { isAnythingLost = true }
        guard born.life != life else { return }
        let operation = told[born.node]?.state.cells.values.flatMap(\.self).first { $0.dot.origin == born.life }?.header.operation
        try oracle.observe(.edit, operation, before: old, after: told)
    }

    /// Installs a later release on a node.
    func upgrade(_ node: SimulatedNode) throws {
        if node.isLater { return }
        tell("\(node.index)", "is upgraded")
        transport.versions[node.author] = LaterVersion.versions
        try node.upgrade()
        guard try node.look() == node.rows else { throw Disagreement("an upgrade changed \(node.index)") }
    }

    // MARK: Disks

    /// Takes the power away from a node where nothing is under way: all that it acknowledged is on its disk.
    func losePower(_ node: SimulatedNode) throws {
        tell("\(node.index)", "loses power")
        try FaultyDisk.arm(.powerLoss, at: 0, in: node.home + "/")
        for _ in 0..<2 { try work(node, mayFail: false) }
        FaultyDisk.disarm()
        try losePower(node, kept: 0)
        let before = try node.look()
        if try takeRefused(node, before: before) { return }
        let changed = Set(before.keys).union(node.rows.keys).filter { before[$0] != node.rows[$0] && (before[$0] ?? node.rows[$0])?.kind != .node }
        guard changed.isEmpty else { throw Disagreement("the power went, and with it what \(node.index) had acknowledged of \(changed.sorted())") }
    }

    /// Tells the oracle of what was refused and is there all the same; whether there is such a thing.
    private func takeRefused(_ node: SimulatedNode, before: FleetOracle.Snapshot) throws -> Bool {
        guard let (deed, newest) = node.refused, let last = try node.node.operations(limit: 1).first?.id, last != newest else { return false }
        node.refused = nil
        tell("\(node.index)", "has done", deed.text)
        oracle.erase(deed.erases)
        try oracle.observe(deed.action, last, before: before, after: node.rows)
        return true
    }

    func losePower(_ node: SimulatedNode, kept: Int) throws {
        try node.losePower(kept: kept)
        try StoreLaws.check(node.node)
    }

    // MARK: Territories

    func changeScopes(_ node: SimulatedNode) throws {
        if node.index == 0 { return }
        let held = try node.scopes().filter { $0 != ScopeSet.shared }
        let scope = random.chance(4) ? ScopeSet.root : random.pick(SimulatedFleet.territories)
        if held.contains(scope) {
            tell("\(node.index)", "leaves", scope)
            _ = try node.node.leave(scopes: [scope])
        } else {
            tell("\(node.index)", "enters", scope)
            _ = try node.node.enter(scopes: [scope])
        }
        try lookAfter([node])
    }

    /// Lets a node leave all that it holds, and enter it again before it meets anybody.
    func leaveAndEnter(_ node: SimulatedNode) throws {
        let held = try node.scopes().filter { $0 != ScopeSet.shared }
        if node.index == 0 || held.isEmpty { return }
        tell("\(node.index)", "leaves and enters", held.joined(separator: " "))
        _ = try node.node.leave(scopes: held)
        try lookAfter([node])
        _ = try node.node.enter(scopes: held)
        try lookAfter([node])
    }

    /// Lets branches that hold one customer move it apart at once, and meet each other before anybody who holds everything.
    func contend() throws {
        let branches = try nodes.filter { try $0.awayUntil == nil && !$0.scopes().contains("/") }
        let known = Dictionary(grouping: branches.flatMap { branch in branch.rows.filter(\.value.kind.isCustomer).keys.map { ($0, branch) } }, by: \.0)
        let contested = known.filter { $0.value.count > 1 }.keys.sorted()
        guard !contested.isEmpty else { return }
        let record = random.pick(contested), name = record.description
        for (_, branch) in known[record]! {
            try perform(relocation(name), at: branch, mayFail: false)
            if random.chance(50) { try perform(note(name), at: branch, mayFail: false) }
        }
        for _ in 0..<2 + random.below(6) { try meet(random.pick(branches).index, random.pick(branches).index) }
    }

    /// What reaches a node first after it has entered a scope: a file, an old request, or a call of a neighbour that believes it to
    /// be as it was.
    func reachFirst(_ node: SimulatedNode) throws {
        if random.chance(40) { try perform(table(), at: node, mayFail: false) }
        if random.chance(40) { try deliverAgain(to: node) }
        let neighbours = edges.compactMap { $0.0 == node.index ? $0.1 : $0.1 == node.index ? $0.0 : nil }
        if random.chance(40), !neighbours.isEmpty { try meet(random.pick(neighbours), node.index) }
    }
}
