import Causality
import FleetSupport
import Foundation
import MergeVectors
import NodeOperations
import ProfileModel
import ProfileStore
import Synchronization
import Testing

/// Stores and sessions used by many threads at once; `tools/sanitize` runs this under the thread sanitizer.
///
/// `LIMN_ROUNDS` says how much each thread does.
@Suite("Many threads", .serialized)
struct ThreadTests {
    private static let rounds = ProcessInfo.processInfo.environment["LIMN_ROUNDS"].flatMap { Int($0) }.map { min($0, 200) } ?? 15

    /// Runs each piece of work on a thread of its own; gives what they threw.
    private func together(_ works: [@Sendable () throws -> Void]) -> [String] {
        let failures = Mutex<[String]>([])
        let ends = works.map { work in
            let end = DispatchSemaphore(value: 0)
            Thread.detachNewThread {
                do { try work() } catch { failures.withLock { $0.append("\(error)") } }
                end.signal()
            }
            return end
        }
        for end in ends { end.wait() }
        return failures.withLock { $0 }
    }

    @Test func editsReadsSyncsAndCheckpointsOfTwoStores() throws {
        let fleet = try TestFleet(2), rounds = Self.rounds
        let (here, there) = (fleet[0], fleet[1])
        let record = try here.add("name=客户", "phone=13900001000")
        try fleet.sync(0, 1)
        // The same file by other connections and another descriptor of the lock, as a second process has them.
        let beside = try Node.open(home: here.store.home, author: "somebody else", environment: SimulatedEnvironment(prefix: 9))
        func edits(_ node: Node, _ name: String) -> @Sendable () throws -> Void {
            {
                for round in 0..<rounds {
                    let own = try node.add("name=\(name) \(round)")
                    try node.edit(record, "title=\(name) \(round)", "tags+=\(name) \(round)")
                    if round % 5 == 4 { _ = try node.delete(own.description) }
                }
            }
        }
        func sessions(from caller: Node, to answering: Node) -> @Sendable () throws -> Void {
            {
                for _ in 0..<rounds {
                    let outcome = try DirectTransport().session(from: caller, to: answering)
                    if let error = outcome.error { throw error }
                }
            }
        }
        let watch = StoreWatch(here.store)
        let failures = together([
            edits(here, "one"), edits(here, "two"), edits(beside, "three"), edits(there, "four"),
            sessions(from: here, to: there), sessions(from: there, to: here), sessions(from: there, to: beside),
            {
                for _ in 0..<rounds {
                    _ = try here.find("name ~ one")
                    _ = try here.find("客户")
                    _ = try here.status()
                    _ = try here.show(record.description)
                    _ = try here.conflicts(ConflictFilter())
                }
            },
            {
                var head: UInt64 = 0
                for _ in 0..<rounds * 50 {
                    let now = try watch.feedHead()
                    guard now >= head else { throw Disagreement("the feed went back") }
                    head = now
                }
            },
            { for _ in 0..<rounds { try here.store.truncateLog() } },
        ])
        #expect(failures == [])
        try fleet.settle()
        let tags = try here.show(record.description).tags
        for name in ["one", "two", "three", "four"] {
            for round in 0..<rounds { #expect(tags.contains("\(name) \(round)")) }
        }
    }
}
