import FleetSupport
import Foundation
import MergeVectors
import ProfileStore
import Testing

/// A node whose programs are killed, and a hub that serves beside it: after each kill the store is whole and both come to hold the same.
final class KilledNode {
    let folder: TestFolder
    let home: String
    let hub: String
    private let server: LimnProcess
    private(set) var kills = 0

    init() throws {
        folder = try TestFolder()
        (home, hub) = (folder["node"], folder["hub"])
        try #require(LimnProcess.run(home: hub, "init", "--name", "hub").code == 0)
        let token = try folder.file("token", LimnProcess.run(home: hub, "peer", "token", "node").output)
        server = try LimnProcess(home: hub, ["serve", "--listen", "127.0.0.1:0"])
        let joined = try LimnProcess.run(home: home, "init", "--name", "node", "--join", server.firstLine(), "--token-file", token)
        try #require(joined.code == 0, "\(joined.errors)")
    }

    deinit {
        server.signal(SIGKILL)
        _ = server.wait()
    }

    /// Starts programs and kills each at a random moment of its run, until so many were ended by that.
    ///
    /// - Parameters:
    ///   - start: starts the program with this number, from 1.
    ///   - check: looks at what the program left, whether it was killed or had ended before.
    static func kill(
        _ wanted: Int, within milliseconds: Double, start: (Int) throws -> LimnProcess,
        check: (_ run: Int, LimnProcess.Result) throws -> Void
    ) throws {
        var longest = milliseconds, kills = 0, runs = 0
        try TestSeed.forEach(10 * wanted) { random in
            guard kills < wanted else { return }
            runs += 1
            let run = try start(runs)
            Thread.sleep(forTimeInterval: longest / 1_000 * Double(random.below(10_000)) / 10_000)
            run.signal(SIGKILL)
            let result = run.wait()
            if result.isKilled { kills += 1 }
            // So that most signals come while it runs, and all parts of a run are reached.
            longest = min(max(longest * (result.isKilled ? 1.03 : 0.85), milliseconds / 20), milliseconds * 4)
            try check(runs, result)
        }
        #expect(kills == wanted, "LIMN_SEED=\(TestSeed.value): \(kills) of \(runs) programs were killed")
        print("\(kills) kills in \(runs) runs, at most \(Int(longest)) ms after the start")
    }

    /// The same with a program on this node, and what holds after each.
    func kill(
        _ wanted: Int, within milliseconds: Double, _ arguments: (Int) throws -> [String], check: (_ run: Int, LimnProcess.Result) throws -> Void = { _, _ in }
    ) throws {
        try KilledNode.kill(wanted, within: milliseconds) { try LimnProcess(home: home, arguments($0)) } check: { run, result in
            #expect(try KilledNode.isWhole(home), "LIMN_SEED=\(TestSeed.value)")
            try check(run, result)
            try converge()
        }
    }

    /// Whether SQLite and the sums find nothing wrong.
    static func isWhole(_ home: String) throws -> Bool {
        let store = try ProfileStore.open(at: home)
        return try store.read { try $0.integrityProblems().isEmpty && $0.sumsHold() }
    }

    func converge() throws {
        let sync = try LimnProcess.run(home: home, "sync")
        #expect(sync.code == 0, "LIMN_SEED=\(TestSeed.value): \(sync.errors)")
        let digests = try [home, hub].map { try LimnProcess.data(home: $0, "status")["digest"] as? String }
        #expect(digests[0] != nil && digests[0] == digests[1], "LIMN_SEED=\(TestSeed.value)")
    }
}
