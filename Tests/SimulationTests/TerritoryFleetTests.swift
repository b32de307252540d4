import Foundation
import MergeVectors
import Simulation
import Testing

/// Territories under random histories: `LIMN_SEED` names one, `LIMN_HISTORIES` says how many.
struct TerritoryFleetTests {
    @Test func customersMoveAndNothingIsLost() throws {
        let count = ProcessInfo.processInfo.environment["LIMN_HISTORIES"].flatMap { Int($0) } ?? 8
        var tally: [String: Int] = [:]
        try TestSeed.forEach(count) { random in
            let steps = random.pick([30, 60, 120])
            var fleet = try TerritoryFleet(random: random)
            do {
                try fleet.live(steps: steps)
                try fleet.heal()
            } catch {
                throw Disagreement("\(error)\nafter\n\(fleet.story.suffix(200).joined(separator: "\n"))")
            }
            tally.merge(fleet.tally, uniquingKeysWith: +)
        }
        print(tally.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", "))
        if count < 8 { return }
        for verb in ["adds", "edits", "notes", "moves", "calls", "loses", "enters", "leaves"] { #expect(tally[verb] ?? 0 > 5, "\(verb)") }
    }
}
