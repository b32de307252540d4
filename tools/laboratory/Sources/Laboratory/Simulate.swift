internal import ArgumentParser
internal import Foundation
internal import MergeVectors
internal import Causality
internal import Simulation

extension FleetMix.Kind: ExpressibleByArgument {}

/// Runs random histories of a fleet and says whether anything was lost, invented or brought back.
struct Simulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Runs random histories of nodes with real stores, and checks what comes of each against an oracle.",
        discussion: "Ends with 1 at the first history that fails, tells what happened in it, and how to see it again.")

    @Option(help: "All randomness comes from this number; drawn anew where it is not given.") var seed: UInt64?
    @Option(help: "So many histories.") var histories = 100
    @Option(help: "Only the history with this number, counted from 0.") var history: Int?
    @Option(help: "So many nodes in each history; three to seven where it is not given.") var nodes: Int?
    @Option(help: "Simulated hours of each history, of six steps each; 7 to 23 where it is not given.") var hours: Int?
    @Option(help: "What happens: \(FleetMix.Kind.allCases.map(\.rawValue).joined(separator: ", ")); each in turns where it is not given.") var kind: FleetMix.Kind?
    @Option(help: "A history that takes more seconds ends the program by SIGALRM; for programs that may never end.") var limit: UInt32 = 0
    @Option(help: "A row, by its whole id: what each node holds of it is told whenever it changes.") var watch: String?

    func validate() throws {
        guard histories > 0, nodes ?? 2 >= 2, nodes ?? 2 <= 200, hours ?? 1 > 0 else { throw ValidationError("numbers must be positive") }
        guard watch == nil || UniqueID(watch!) != nil else { throw ValidationError("--watch names a row by its whole id") }
    }

    func run() throws {
        let seed = seed ?? UInt64.random(in: 0..<1 << 32), began = ContinuousClock.now
        var tally: [String: Int] = [:]
        for index in history.map({ $0..<$0 + 1 }) ?? 0..<histories {
            alarm(limit)
            let outcome = live(SplitMix64(seed: seed, history: index), kind ?? Simulate.turns[index % Simulate.turns.count])
            tally.merge(outcome.tally, uniquingKeysWith: +)
            guard let failure = outcome.failure else { continue }
            print(outcome.story.joined(separator: "\n"))
            print("history \(index) fails: \(failure)")
            print("again: \(command(seed, index))")
            throw ExitCode(1)
        }
        print(tally.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", "))
        print("seed \(seed): \(history == nil ? histories : 1) histories hold, \((ContinuousClock.now - began).components.seconds) s")
    }

    private static let turns: [FleetMix.Kind] = [.all, .whole, .all, .territories]

    private func live(_ random: SplitMix64, _ kind: FleetMix.Kind) -> (tally: [String: Int], story: [String], failure: (any Error)?) {
        var random = random
        do {
            let steps = hours.map { $0 * 6 } ?? random.pick([40, 80, 140])
            let fleet = try SimulatedFleet(kind, random: random, nodeCount: nodes)
            fleet.watched = watch.flatMap { UniqueID($0) }
            do {
                // Now and then all meet in the middle of it.
                for part in Simulate.phases(steps) {
                    try fleet.live(steps: part)
                    try fleet.heal()
                }
                return (fleet.tally, fleet.story, nil)
            } catch {
                return (fleet.tally, fleet.story, error)
            }
        } catch {
            return ([:], [], error)
        }
    }

    /// Long histories have a quiet phase every day.
    private static func phases(_ steps: Int) -> [Int] { stride(from: 0, to: steps, by: 100).map { min(100, steps - $0) } }

    /// The line that shows a history again, on the same commit.
    private func command(_ seed: UInt64, _ index: Int) -> String {
        var words = ["tools/simulate", "--seed", "\(seed)", "--history", "\(index)", "--kind", (kind ?? Simulate.turns[index % Simulate.turns.count]).rawValue]
        if let nodes { words += ["--nodes", "\(nodes)"] }
        if let hours { words += ["--hours", "\(hours)"] }
        return words.joined(separator: " ")
    }
}
