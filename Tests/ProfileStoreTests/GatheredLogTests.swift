import CSQLiteOptions
import Foundation
import GRDB
import Testing

/// Pages of a commit go to the log in one piece: nothing else may differ from what SQLite does by itself.
struct GatheredLogTests {
    /// Two connections to one file, of which the first gathers, with caches so small that long transactions write before they commit.
    private struct Pair {
        let gathering: DatabaseQueue, plain: DatabaseQueue
        let path: String

        init() throws {
            path = NSTemporaryDirectory() + "gathered-\(UUID().uuidString).sqlite"
            var configuration = Configuration()
            configuration.prepareDatabase { database in
                try database.execute(sql: "PRAGMA cache_size = 5; PRAGMA wal_autocheckpoint = 0; PRAGMA cache_spill = 1")
            }
            gathering = try DatabaseQueue(path: path, configuration: configuration)
            plain = try DatabaseQueue(path: path, configuration: configuration)
            try gathering.writeWithoutTransaction { database in
                try database.execute(sql: "PRAGMA journal_mode = WAL; CREATE TABLE item (id INTEGER PRIMARY KEY, text BLOB NOT NULL)")
                #expect(limn_sqlite_flush_each_commit(UnsafeMutableRawPointer(database.sqliteConnection)) == 0)
            }
        }

        /// What a reader who comes now finds.
        func items() throws -> [Int: Data] {
            try DatabaseQueue(path: path).read { database in
                #expect(try String.fetchAll(database, sql: "PRAGMA integrity_check") == ["ok"])
                let rows = try Row.fetchAll(database, sql: "SELECT id, text FROM item")
                return Dictionary(uniqueKeysWithValues: rows.map { ($0[0], $0[1]) })
            }
        }

        func remove() { for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + end) } }
    }

    private struct Refusal: Error {}

    private static func put(_ id: Int, _ text: Data, _ database: Database) throws {
        try database.execute(sql: "INSERT OR REPLACE INTO item VALUES (?, ?)", arguments: [id, text])
    }

    /// What a transaction wrote before it was rolled back lies nowhere where another process has meanwhile written its own.
    @Test func whatWasRolledBackIsNeverWritten() throws {
        let pair = try Pair()
        defer { pair.remove() }
        let text = Data(repeating: 7, count: 3_000), other = Data(repeating: 8, count: 3_000)
        #expect(throws: Refusal.self) {
            try pair.gathering.write { database in
                for id in 0..<100 { try Self.put(id, text, database) }
                throw Refusal()
            }
        }
        try pair.plain.write { database in for id in 1_000..<1_100 { try Self.put(id, other, database) } }
        try pair.gathering.write { try Self.put(1, text, $0) }
        #expect(try pair.items() == Dictionary(uniqueKeysWithValues: [(1, text)] + (1_000..<1_100).map { ($0, other) }))
    }

    /// Commits, rollbacks, savepoints and checkpoints of both by chance, beside a dictionary.
    @Test func bothSeeWhatWasCommitted() throws {
        var random = SeededNumbers(seed: printedSeed())
        let pair = try Pair()
        defer { pair.remove() }
        var known: [Int: Data] = [:]
        for _ in 0..<150 {
            let connection = random.below(3) > 0 ? pair.gathering : pair.plain
            if random.below(8) == 0 {
                let kind = random.pick(["PASSIVE", "FULL", "RESTART", "TRUNCATE"])
                try connection.writeWithoutTransaction { try $0.execute(sql: "PRAGMA wal_checkpoint(\(kind))") }
                continue
            }
            var changed = known
            let isKept = random.below(3) > 0
            do {
                try connection.write { database in
                    for _ in 0..<random.pick([1, 3, 40]) {
                        let before = changed, isTakenBack = random.below(6) == 0
                        try database.inSavepoint {
                            for _ in 0...random.below(6) {
                                let id = random.below(60), text = Data((0..<random.below(9_000)).map { UInt8(truncatingIfNeeded: $0 &* id) })
                                if random.below(4) == 0 {
                                    try database.execute(sql: "DELETE FROM item WHERE id = ?", arguments: [id])
                                    changed[id] = nil
                                } else {
                                    try Self.put(id, text, database)
                                    changed[id] = text
                                }
                            }
                            return isTakenBack ? .rollback : .commit
                        }
                        if isTakenBack { changed = before }
                    }
                    // Pages that were written before the commit are read from where they wait.
                    let count = try Int.fetchOne(database, sql: "SELECT count(*) FROM item WHERE length(text) >= 0")
                    #expect(count == changed.count)
                    if !isKept { throw Refusal() }
                }
                known = changed
            } catch is Refusal {}
            #expect(try pair.items() == known)
        }
    }
}
