import Foundation
import MergeVectors
import Simulation
import Testing

/// Fleets of real stores that live through bad times and agree in the end.
///
/// `LIMN_SEED` replays a run, `LIMN_HISTORIES` says how many histories it has.
struct FleetTests {
    @Test func fleetsAgreeAndLoseNothing() throws {
        let count = ProcessInfo.processInfo.environment["LIMN_HISTORIES"].flatMap { Int($0) } ?? 8
        var tally: [String: Int] = [:], conflicts = 0, histories = 0
        // Histories in which nothing happens would agree as well: more are told until each of these has happened.
        let verbs = ["adds", "edits", "imports", "tags", "deletes", "merges", "resolves", "undoes", "calls", "loses", "crashes", "repeats"]
        var isEventful: Bool { conflicts > 0 && verbs.allSatisfy { tally[$0] ?? 0 > 5 } }
        try TestSeed.forEach(count < 8 ? count : count * 8) { random in
            if histories >= count, isEventful { return }
            histories += 1
            let steps = random.pick([40, 80, 140])
            var fleet = try SimulatedFleet(random: random)
            do {
                try fleet.live(steps: steps)
                try fleet.heal()
            } catch {
                throw Disagreement("\(error)\nafter\n\(fleet.story.suffix(400).joined(separator: "\n"))")
            }
            tally.merge(fleet.tally, uniquingKeysWith: +)
            conflicts += try fleet.conflictCount()
        }
        print("\(conflicts) conflicts at the end of", tally.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", "))
        if count < 8 { return }
        #expect(isEventful, "\(tally)")
    }
}
