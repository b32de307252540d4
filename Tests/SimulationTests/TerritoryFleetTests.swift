import Foundation
import MergeVectors
import Simulation
import Testing

/// Territories under random histories: `LIMN_SEED` names one, `LIMN_HISTORIES` says how many.
struct TerritoryFleetTests {
    @Test func customersMoveAndNothingIsLost() throws {
        let count = ProcessInfo.processInfo.environment["LIMN_HISTORIES"].flatMap { Int($0) } ?? 8
        var tally: [String: Int] = [:], histories = 0
        // Histories in which nothing happens would agree as well: more are told until each of these has happened.
        let verbs = ["adds", "edits", "notes", "moves", "calls", "loses", "enters", "leaves"]
        var isEventful: Bool { verbs.allSatisfy { tally[$0] ?? 0 > 5 } }
        try TestSeed.forEach(count < 8 ? count : count * 8) { random in
            if histories >= count, isEventful { return }
            histories += 1
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
        #expect(isEventful, "\(tally)")
    }
}
