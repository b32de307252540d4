import Foundation
import MergeVectors
import Simulation
import Testing

/// Fleets of real stores that live through bad times and agree in the end.
///
/// `LIMN_SEED` replays a run, `LIMN_HISTORIES` says how many histories of each kind it has.
struct FleetTests {
    /// What must have happened, or the histories show nothing.
    private static let verbs: [FleetMix.Kind: [String]] = [
        .whole: ["adds", "edits", "imports", "tags", "deletes", "merges", "resolves", "undoes", "calls", "loses", "crashes", "repeats", "is asked"],
        .territories: ["adds", "edits", "imports", "notes", "relocates", "assigns", "calls", "loses", "enters", "leaves"],
        .all: ["adds", "edits", "imports", "relocates", "resolves", "hears", "calls", "is asked"],
    ]

    @Test(arguments: FleetMix.Kind.allCases) func fleetsAgreeAndLoseNothing(kind: FleetMix.Kind) throws {
        let count = ProcessInfo.processInfo.environment["LIMN_HISTORIES"].flatMap { Int($0) } ?? 6
        var tally: [String: Int] = [:], conflicts = 0, histories = 0
        // Histories in which nothing happens would agree as well: more are told until each of these has happened.
        var isEventful: Bool { conflicts > 0 && FleetTests.verbs[kind]!.allSatisfy { tally[$0] ?? 0 > 5 } }
        try TestSeed.forEach(count < 6 ? count : count * 8) { random in
            if histories >= count, isEventful { return }
            histories += 1
            let steps = random.pick([40, 80, 140])
            let fleet = try SimulatedFleet(kind, random: random)
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
        if count < 6 { return }
        #expect(isEventful, "\(tally)")
    }
}
