import CFaultyDisk
import FleetSupport
import Foundation
import NodeEnvironment
import NodeOperations
import ProfileStore
import Synchronization
import Testing

/// A checkpoint beside a commit, which Debian 12's SQLite does not always survive: the write lock keeps them apart.
@Suite("A checkpoint beside a commit", .serialized)
struct CheckpointRaceTests {
    /// Work on a thread of its own.
    private final class Work: Sendable {
        private let isDone = Mutex(false)
        private let end = DispatchSemaphore(value: 0)

        init(_ body: @escaping @Sendable () -> Void) {
            Thread.detachNewThread { [self] in
                body()
                isDone.withLock { $0 = true }
                end.signal()
            }
        }

        var hasEnded: Bool { isDone.withLock { $0 } }

        func wait() {
            end.wait()
            end.signal()
        }

        /// Gives it time to end; whoever is held up does not, however long that is.
        func wait(milliseconds: Int) {
            if end.wait(timeout: .now() + .milliseconds(milliseconds)) == .success { end.signal() }
        }
    }

    /// A store with one customer, of which copies stand in its log.
    private func found(_ folder: TestFolder) throws -> Node {
        try FaultyDisk.install()
        let node = try Node.found(home: folder["node"], name: "node", author: "anna").node
        _ = try node.importText("external_id,name,title\n1,张伟,0\n", source: "crm", in: folder)
        return node
    }

    /// Holds up a commit of one store while another one of the same file copies the log, and counts where both were at work at once.
    ///
    /// - Parameter isLockShared: else each has a lock file of its own, which is no lock.
    private func overlaps(isLockShared: Bool) throws -> Int {
        let folder = try TestFolder(), node = try found(folder), home = folder["node"]
        if !isLockShared { try FileManager.default.removeItem(atPath: home + "/limn.lock") }
        let other = try Node.open(home: home, author: "ben")
        _ = try other.status()
        faulty_watch(home)
        faulty_gate(GATE_LOG_WRITE)
        let commit = Work { _ = try? node.edit("crm:1", [Assignment("title=1")]) }
        faulty_await()
        let checkpoint = Work { try? other.store.truncateLog() }
        if isLockShared { checkpoint.wait(milliseconds: 300) } else { checkpoint.wait() }
        #expect(checkpoint.hasEnded == !isLockShared)
        faulty_gate(GATE_NONE)
        for work in [commit, checkpoint] { work.wait() }
        #expect(try node.value("title", of: node.record("crm:1")) == "1")
        try StoreLaws.check(node)
        return faulty_overlaps()
    }

    @Test func theLockKeepsThemApart() throws {
        #expect(try overlaps(isLockShared: true) == 0)
        #expect(try overlaps(isLockShared: false) > 0, "the check does not see what it looks for")
    }

    /// Lets somebody copy the log, and holds him up when he knows what it holds; meanwhile a commit begins the log anew.
    ///
    /// - Returns: whether the last acknowledged write is there in the end.
    private func isWriteKept(underLock: Bool) throws -> Bool {
        let folder = try TestFolder(), node = try found(folder), home = folder["node"]
        faulty_watch(home)
        let late = try #require(outsider_open(node.store.path)), early = try #require(outsider_open(node.store.path))
        defer { for outsider in [late, early] { outsider_close(outsider) } }
        #expect(outsider_read(late) == 0)
        // The log is long, and all of it is copied.
        _ = try node.importText("external_id,name\n" + (10..<400).map { "\($0),客户\($0)\n" }.joined(), source: "crm", in: folder)
        #expect(outsider_read(early) == 0 && outsider_checkpoint(early) == 0)
        let lock = open(home + "/limn.lock", O_RDWR | O_CLOEXEC)
        defer { close(lock) }
        faulty_gate(GATE_CHECKPOINT)
        let checkpoint = Work { [pointer = Int(bitPattern: late)] in
            if underLock { flock(lock, LOCK_EX) }
            _ = outsider_checkpoint(OpaquePointer(bitPattern: pointer))
            if underLock { flock(lock, LOCK_UN) }
        }
        faulty_await()
        let commit = Work { _ = try? node.edit("crm:1", [Assignment("title=1")]) }
        if underLock { commit.wait(milliseconds: 300) } else { commit.wait() }
        #expect(commit.hasEnded == !underLock)
        faulty_gate(GATE_NONE)
        for work in [checkpoint, commit] { work.wait() }
        try node.edit("crm:1", [Assignment("title=2")])
        try node.store.truncateLog()
        let again = try Node.open(home: home, author: "anna")
        let kept = try? again.value("title", of: again.record("crm:1"))
        if underLock { try StoreLaws.check(again) }
        return kept == "2"
    }

    @Test func withoutTheLockAnAcknowledgedWriteIsLost() throws {
        #expect(try isWriteKept(underLock: true))
        #expect(try isWriteKept(underLock: false) == (sqlite_is_mended() != 0))
    }
}
