internal import Causality
internal import FleetSupport
internal import MergeVectors
internal import NodeOperations
internal import ProfileModel
internal import ProfileStore
internal import Replication

/// Quiet phases, and what must have come of it all at their end.
extension SimulatedFleet {
    /// Lets neighbours meet over a good network until nothing more is told, and checks every store against the oracle.
    package func heal() throws {
        blocked = []
        for node in nodes {
            node.awayUntil = nil
            node.environment.set(nowMicroseconds: SimulatedFleet.began + 60_000_000)
        }
        repeat {
            // A stub that speaks of what nobody has any more is dropped by leaving its scope and entering it again.
            if isAnythingLost, mix.hasTerritories { for node in nodes { try leaveAndEnter(node) } }
            isAnythingLost = false
            try settle()
            try lookAfter(nodes)
        } while isAnythingLost
        endangered = []
        if mix.hasErasures {
            for node in nodes { try node.node.finishErasures() }
            try settle()
        }
        try lookAfter(nodes)
        tell("the fleet", "rests")
        let places = OraclePlaces(try OracleView(oracle, of: nodes[0].rows))
        for node in nodes {
            let held = try node.scopes()
            do {
                try oracle.checkWrites(node.rows) { node.index == 0 ? true : places.belongs($0, to: held) }
                let view = try OracleView(oracle, of: node.rows)
                try view.checkReadings(node.node)
                try view.checkAnswers(node.node, questions: 5, &random)
                try StoreLaws.check(node.node)
            } catch let error as Disagreement {
                throw Disagreement("at \(node.index): \(error)")
            }
        }
        try TerritoryLaws.check(nodes.map(\.node))
        try checkErasures()
        let digest = try nodes[0].node.status().counts.digest
        for node in nodes where try node.scopes().contains(ScopeSet.root) {
            guard try node.node.status().counts.digest == digest else { throw Disagreement("node \(node.index) has another digest") }
        }
    }

    /// Checks that all nodes know what is erased, and have said that nothing is left of it.
    private func checkErasures() throws {
        let names = try nodes.map { try $0.node.store.identity().nodeName }.sorted()
        for record in oracle.erased.sorted() {
            for node in nodes {
                guard node.erased.contains(record) else { throw Disagreement("\(node.index) does not know that \(record) is erased") }
                let status = try node.node.erasureStatus(record.description)
                guard status.acknowledged == names, status.pending.isEmpty else {
                    throw Disagreement("at \(node.index) the erasure of \(record) waits for \(status.pending)")
                }
            }
        }
    }

    private func settle() throws {
        // Who holds what the one above does not hold has to ask headquarters.
        let pairs = edges.map { ($0, false) } + (mix.hasTerritories ? nodes.indices.dropFirst().map { ((0, $0), true) } : [])
        var quietRounds = 0
        for _ in 0..<30 + 2 * nodes.count where quietRounds < 2 {
            var isQuiet = true
            for ((above, below), isUpward) in pairs {
                let (caller, other) = isUpward || random.chance(50) ? (below, above) : (above, below)
                let outcome = try transport.session(from: nodes[caller].node, to: nodes[other].node)
                if let error = outcome.error {
                    guard mix.hasTerritories, let code = (error as? any CodedError)?.code, SimulatedFleet.disturbances.contains(code) else { throw error }
                    isQuiet = false
                }
                if outcome.report.pulled.changes + outcome.report.pushed.changes > 0 { isQuiet = false }
            }
            quietRounds = isQuiet ? quietRounds + 1 : 0
        }
        guard quietRounds == 2 else { throw Disagreement("the fleet does not come to rest") }
    }

    /// How many conflicts are listed.
    package func conflictCount() throws -> Int { try nodes[0].node.conflicts().total }
}
