import Causality
import Replication
import Testing
import WireFormat

@Suite struct ConvergenceTests {
    private func joined(_ stores: [MemoryStore]) -> [RowID: RowState] {
        var all: [RowID: RowState] = [:]
        for store in stores {
            for (id, entry) in store.content.rows { all[id] = all[id].map { RowState.join($0, entry.row.expanded) } ?? entry.row.expanded }
        }
        return all
    }

    private func heal(_ stores: [MemoryStore], _ network: SimulatedNetwork, _ note: Comment) {
        network.piecesLeft = nil
        for _ in 0..<2 {
            for other in stores.dropFirst() {
                guard case .finished = network.session(from: other, to: stores[0]) else {
                    Issue.record("a clean session finishes: \(note)")
                    return
                }
            }
        }
    }

    private func expectEqual(_ stores: [MemoryStore], _ expected: [RowID: RowState], _ note: Comment) {
        for store in stores {
            #expect(store.digest == stores[0].digest, note)
            let held = store.content.rows.mapValues { $0.row.expanded }
            let different = expected.keys.filter { held[$0] != expected[$0] } + held.keys.filter { expected[$0] == nil }
            #expect(different.isEmpty, "\(store.name): \(note)")
        }
    }

    /// Many replicas, a network that loses, repeats, delays and cuts, and restores from backups: at the end all hold the
    /// join of what any held.
    @Test func replicasConvergeOverABadNetwork() {
        let seed = testSeed("replicasConvergeOverABadNetwork")
        for round in 0..<testRounds(60) {
            let note: Comment = "seed \(seed) round \(round)"
            var edits = RandomEdits(seed: seed &+ round)
            let stores = (1...UInt64.random(in: 3...6, using: &edits.generator)).map { MemoryStore($0) }
            let network = SimulatedNetwork()
            network.keepsRequests = true
            network.limits.missingRowsMaximum = edits.generator.chance(50) ? 2 : 4096
            network.limits.frame.rowsMaximum = Int.random(in: 1...6, using: &edits.generator)
            network.limits.rowsAtOnce = Int.random(in: 1...5, using: &edits.generator)
            network.pieceBytes = [7, 100, 4096].randomElement(using: &edits.generator)!
            var backups: [(MemoryStore, MemoryStore.Content)] = []
            var lives: UInt64 = 1000
            let restorePercent = edits.generator.chance(50) ? 30 : 100
            for _ in 0..<150 {
                let store = stores.randomElement(using: &edits.generator)!
                switch Int.random(in: 0..<20, using: &edits.generator) {
                case 0..<9: edits.edit(store)
                case 9..<17:
                    let other = stores.randomElement(using: &edits.generator)!
                    if other === store { continue }
                    network.piecesLeft = edits.generator.chance(40) ? Int.random(in: 0..<12, using: &edits.generator) : nil
                    let outcome = network.session(from: store, to: other, knows: edits.generator.chance(80))
                    if let error = outcome.error, !(error is SimulatedNetwork.Lost) { Issue.record("\(error) \(note)") }
                case 17: network.deliverAgain(using: &edits.generator)
                case 18: backups.append((store, store.content))
                default:
                    guard edits.generator.chance(restorePercent), let (store, backup) = backups.randomElement(using: &edits.generator) else { continue }
                    lives += 1
                    store.restore(backup, life: Origin(rawValue: lives &* 0x9e37_79b9_7f4a_7c15))
                }
            }
            let expected = joined(stores)
            heal(stores, network, note)
            expectEqual(stores, expected, note)
        }
    }

    /// A session that is cut at any one piece leaves nothing that the next does not mend.
    @Test func everyInterruptionIsMendedByTheNextSession() {
        let seed = testSeed("everyInterruptionIsMendedByTheNextSession")
        var edits = RandomEdits(seed: seed)
        edits.rowCount = 12
        let first = MemoryStore(1), second = MemoryStore(2)
        let network = SimulatedNetwork()
        network.limits.frame.rowsMaximum = 3
        network.limits.rowsAtOnce = 4
        network.pieceBytes = 300
        for _ in 0..<40 { edits.edit(first) }
        _ = network.session(from: second, to: first)
        for _ in 0..<30 { edits.edit(first); edits.edit(second) }
        let expected = joined([first, second])
        var pieces = 0, isOver = false
        while !isOver {
            let a = MemoryStore(copying: first), b = MemoryStore(copying: second)
            network.piecesLeft = pieces
            let outcome = network.session(from: b, to: a)
            if case .finished = outcome { isOver = true }
            network.piecesLeft = nil
            guard let report = network.session(from: b, to: a).report else {
                Issue.record("a clean session finishes: seed \(seed) piece \(pieces)")
                return
            }
            #expect(isOver ? report.roundTrips == 1 : true)
            expectEqual([a, b], expected, "seed \(seed) piece \(pieces)")
            pieces += 1
        }
        #expect(pieces > 10)
    }

    /// A store that fails at any one of its writes stops the session; the next one goes on.
    @Test func everyFailureOfAStoreIsMendedByTheNextSession() {
        let seed = testSeed("everyFailureOfAStoreIsMendedByTheNextSession")
        var edits = RandomEdits(seed: seed)
        let first = MemoryStore(1), second = MemoryStore(2)
        let network = SimulatedNetwork()
        network.limits.frame.rowsMaximum = 4
        for _ in 0..<30 { edits.edit(first); edits.edit(second) }
        let expected = joined([first, second])
        for isCaller in [true, false] {
            for count in 0..<12 {
                let a = MemoryStore(copying: first), b = MemoryStore(copying: second)
                (isCaller ? b : a).failsAfter = count
                _ = network.session(from: b, to: a)
                a.failsAfter = nil
                b.failsAfter = nil
                #expect(network.session(from: b, to: a).report != nil)
                expectEqual([a, b], expected, "seed \(seed) write \(count)")
            }
        }
    }
}
