import Causality
import Foundation
import NodeOperations
import ProfileModel
import Replication
import Testing

@testable import ProfileStore

/// The write-ahead log is copied into the store now and then, not at each write.
struct LogTests {
    private func bytes(_ path: String) -> Int {
        (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int).flatMap(\.self) ?? 0
    }

    private func modified(_ path: String) -> Date? { try? FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date }

    @Test func theLogIsCopiedSeldomAndStaysShort() throws {
        let here = try SearchNode()
        let log = here.store.path + "-wal"
        let blob = String(repeating: "长", count: 19_000)
        var copies = 0, longest = 0
        for number in 0..<400 {
            let before = modified(here.store.path)
            _ = try here.node.add(.person, [Assignment(field: "note", verb: .set, text: "\(number) \(blob)")])
            if modified(here.store.path) != before { copies += 1 }
            longest = max(longest, bytes(log))
        }
        // Each of these writes more than 57 KB: some 25 MB in all, copied every 12 MB.
        #expect((1...8).contains(copies))
        #expect(longest < 20 << 20)
    }

    /// A copied log is begun again at once: who opens the store next finds it short, and does not copy it once more.
    @Test func aCopiedLogIsBegunAgain() throws {
        let here = try SearchNode()
        let blob = String(repeating: "长", count: 19_000)
        for number in 0..<140 { _ = try here.node.add(.person, [Assignment(field: "note", verb: .set, text: "\(number) \(blob)")]) }
        #expect(try framesInUse(here.store.path + "-wal") > 1_500)
        let digest = try here.store.sums(within: .all).total
        // One page; on a disk that does not say that it writes sectors whole SQLite repeats it to their end.
        let short = 1...8
        try here.store.shortenLog()
        #expect(try short.contains(framesInUse(here.store.path + "-wal")))
        try here.store.shortenLog()
        #expect(try short.contains(framesInUse(here.store.path + "-wal")))
        #expect(try ProfileStore.open(at: here.home).sums(within: .all).total == digest)
    }

    /// The frames of a log from its beginning on that bear its present salt: others are left from before it was begun again.
    private func framesInUse(_ path: String) throws -> Int {
        let log = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        var count = 0
        while 32 + (count + 1) * 4_120 <= log.count, log[(40 + count * 4_120)..<(48 + count * 4_120)] == log[16..<24] { count += 1 }
        return count
    }

    /// While a reader holds on to an old state the log grows; it is short again some writes after the reader is gone.
    @Test func aReaderDelaysTheCopyAndNothingElse() throws {
        let here = try SearchNode()
        let log = here.store.path + "-wal"
        let blob = String(repeating: "长", count: 19_000)
        func write(_ count: Int) throws {
            for number in 0..<count { _ = try here.node.add(.person, [Assignment(field: "note", verb: .set, text: "\(number) \(blob)")]) }
        }
        try here.store.read { reader in
            let before = try reader.node().feed
            try write(220)
            #expect(bytes(log) > 8 << 20)
            #expect(try reader.node().feed == before)
        }
        try write(120)
        #expect(bytes(log) < 20 << 20)
        #expect(try here.store.read { try $0.counts().customers } == 340)
    }
}
