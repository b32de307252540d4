import Causality
import FleetSupport
import Foundation
import MergeVectors
import NodeEnvironment
import NodeOperations
import ProfileModel
import ProfileStore
import Replication
import Synchronization
import Testing

/// Several users of one store, stores that are not what they should be, and stores that were copied.
struct StoreAccessTests {
    static let shell = ["/usr/bin/sqlite3", "/usr/local/bin/sqlite3", "/opt/homebrew/bin/sqlite3"]
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    func sqlite(_ path: String, _ sql: String, _ setting: String = ".bail on") throws -> (status: Int32, output: String) {
        let process = Process(), pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: StoreAccessTests.shell!)
        process.arguments = ["-batch", "-cmd", ".timeout 10000", "-cmd", setting, path, sql]
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }

    private func code(_ body: () throws -> Void) -> String? {
        do { try body() } catch { return (error as? any CodedError)?.code ?? "\(error)" }
        return nil
    }

    private func bytes(_ home: String) throws -> [String: Data] {
        var files: [String: Data] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: home) where !name.hasSuffix("-shm") && !name.hasSuffix(".lock") {
            files[name] = try Data(contentsOf: URL(fileURLWithPath: home + "/" + name))
        }
        return files
    }

    // MARK: Several users

    /// Two objects stand for two processes: each has connections, a lock and counters of its own.
    @Test(.enabled("there is no sqlite3 on this machine: the outside reader is skipped") { shell != nil })
    func twoWritersAndAnOutsideReader() throws {
        let fleet = try TestFleet(2)
        let first = fleet[0], home = first.store.home
        let second = try Node.open(home: home, author: "somebody else", environment: SimulatedEnvironment(prefix: 9))
        let failures = Mutex<[String]>([]), isOver = Mutex(false)
        let group = DispatchGroup(), queue = DispatchQueue(label: "users", attributes: .concurrent)
        for (index, node) in [first, second].enumerated() {
            queue.async(group: group) {
                do {
                    for number in 0..<60 {
                        let record = try node.add("name=customer \(index) \(number)", "phone=1390000\(1000 + number)")
                        try node.edit(record, "title=title \(number)")
                        if number % 20 == 19 { try node.store.truncateLog() }
                    }
                } catch { failures.withLock { $0.append("\(error)") } }
            }
        }
        let reader = DispatchGroup()
        queue.async(group: reader) {
            var last = 0
            repeat {
                do {
                    let (status, output) = try self.sqlite(home + "/limn.sqlite", "SELECT count(*) FROM customers; PRAGMA quick_check;")
                    let lines = output.split(separator: "\n")
                    guard status == 0, lines.count == 2, lines[1] == "ok", let count = Int(lines[0]), count >= last else {
                        throw Disagreement("status \(status): \(output)")
                    }
                    last = count
                } catch { failures.withLock { $0.append("\(error)") } }
            } while !isOver.withLock { $0 }
        }
        group.wait()
        isOver.withLock { $0 = true }
        reader.wait()
        #expect(failures.withLock { $0 } == [])
        for node in [first, second] {
            #expect(try node.status().counts.customers == 120)
            try StoreLaws.check(node)
        }
        #expect(try first.store.identity() == second.store.identity(), "no life began: it is one store")
        try fleet.settle()
    }

    @Test(.enabled("there is no sqlite3 on this machine: nobody reads the views") { shell != nil })
    func everyViewCanBeRead() throws {
        let fleet = try TestFleet(1)
        let a = try fleet[0].add("name=张伟", "tags=vip;north"), b = try fleet[0].add("name=李娜")
        _ = try fleet[0].note(a.description, text: "came by", next: (due: "2026-02-01", text: "call back"))
        _ = try fleet[0].merge(a.description, b.description)
        for (view, count) in [("customers", 2), ("events", 1), ("tasks", 1), ("links", 1), ("conflicts", 1)] {
            let (status, output) = try sqlite(fleet[0].store.path, "SELECT * FROM \(view);")
            #expect(status == 0 && output.split(separator: "\n").count >= count, "\(view): \(output)")
        }
    }

    @Test func writersInManyThreadsOfOneObject() throws {
        let fleet = try TestFleet(1)
        let node = fleet[0], failures = Mutex<[String]>([])
        DispatchQueue.concurrentPerform(iterations: 8) { index in
            do {
                for number in 0..<10 {
                    let record = try node.add("name=customer \(index) \(number)")
                    _ = try node.show(record.description)
                    _ = try node.conflicts()
                }
            } catch { failures.withLock { $0.append("\(error)") } }
        }
        #expect(failures.withLock { $0 } == [])
        #expect(try node.status().counts.customers == 80)
        try fleet.check()
    }

    // MARK: Stores that are not what they should be

    @Test(.enabled("there is no sqlite3 on this machine: nothing can make such a store") { shell != nil }, arguments: [false, true])
    func aStoreOfANewerVersionIsRefusedUntouched(_ isInLog: Bool) throws {
        let folder = try TestFolder(), home = folder["home"]
        try {
            let node = try Node.found(home: home, name: "node", author: "person", environment: SimulatedEnvironment(prefix: 1)).node
            _ = try node.add("name=张伟")
            if !isInLog { try node.store.truncateLog() }
        }()
        if isInLog {
            let options = ".dbconfig no_ckpt_on_close on"
            #expect(try sqlite(home + "/limn.sqlite", "PRAGMA user_version = 99;", options).status == 0)
        } else {
            #expect(try sqlite(home + "/limn.sqlite", "PRAGMA user_version = 99; PRAGMA wal_checkpoint(TRUNCATE);").status == 0)
        }
        let before = try bytes(home)
        #expect(code { _ = try ProfileStore.open(at: home) } == "store.schema-too-new")
        if !isInLog { #expect(code { _ = try ProfileStore.contents(ofBackup: home + "/limn.sqlite") } == "store.schema-too-new") }
        #expect(try bytes(home) == before)
    }

    @Test(arguments: ["garbage", "short", "truncated", "scribbled"]) func aDamagedFileIsReported(_ how: String) throws {
        let folder = try TestFolder(), home = folder["home"], path = home + "/limn.sqlite"
        try {
            let node = try Node.found(home: home, name: "node", author: "person", environment: SimulatedEnvironment(prefix: 1)).node
            for index in 0..<50 { _ = try node.add("name=customer \(index)") }
            try node.store.truncateLog()
        }()
        var data = try Data(contentsOf: URL(fileURLWithPath: path))
        switch how {
        case "garbage": data = Data((0..<20_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
        case "short": data = Data("hello".utf8)
        case "truncated": data = data.prefix(data.count / 2)
        default: data.replaceSubrange(100..<data.count, with: Data(repeating: 0xa5, count: data.count - 100))
        }
        for ending in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + ending) }
        try data.write(to: URL(fileURLWithPath: path))
        #expect(code { _ = try ProfileStore.open(at: home).read { try $0.node() } } == "store.damaged")
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == data, "the file is left as it is")
        #expect(code { _ = try ProfileStore.contents(ofBackup: path) } == "store.not-a-backup")
    }

    @Test func aStoreWhoseMakingWasCutOffIsMadeAgain() throws {
        let folder = try TestFolder(), home = folder["home"]
        #expect(code { _ = try ProfileStore.open(at: home) } == "store.missing")
        try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
        try Data().write(to: URL(fileURLWithPath: home + "/limn.sqlite"))
        #expect(code { _ = try ProfileStore.open(at: home) } == "store.missing")
        let node = try Node.found(home: home, name: "node", author: "person").node
        _ = try node.add("name=张伟")
        #expect(code { _ = try Node.found(home: home, name: "node", author: "person") } == "store.exists")
        #expect(try node.status().counts.customers == 1)
    }

    // MARK: Copies and backups

    /// A store that was copied with its folder writes under an origin of its own, before it meets anybody.
    @Test func aCopyBeginsALifeOfItsOwn() throws {
        let fleet = try TestFleet(2)
        let record = try fleet[0].add("name=张伟")
        try fleet.settle()
        let life = try fleet[0].store.identity().life
        try fleet[0].edit(record, "company=not told yet")
        let home = fleet.folder["copy"]
        try FileManager.default.copyItem(atPath: fleet[0].store.home, toPath: home)
        let copy = try Node.open(home: home, author: "copy", environment: SimulatedEnvironment(prefix: 7))
        try fleet[1].edit(record, "title=主管")
        let outcome = try fleet.transport.session(from: copy, to: fleet[1])
        #expect(outcome.error == nil)
        let later = try fleet[0].add("name=李娜")
        try fleet.settle()
        #expect(try fleet[1].value("name", of: later) == "李娜", "the copy's feed is not taken for the original's")
        #expect(try copy.store.identity().life != life)
        try copy.edit(record, "address=上海")
        try fleet[0].edit(record, "note=first")
        try fleet[0].edit(record, "occupation=second")
        _ = try fleet.transport.session(from: copy, to: fleet[1])
        try fleet.settle()
        for node in fleet.nodes {
            let profile = try node.show(record.description)
            #expect(profile["title"] == ["主管"] && profile["address"] == ["上海"] && profile["note"] == ["first"] && profile["occupation"] == ["second"])
        }
    }

    @Test func aRestoredBackupCatchesUpAndLosesNothing() throws {
        let fleet = try TestFleet(2)
        let record = try fleet[0].add("name=张伟", "title=经理")
        try fleet.settle()
        let contents = try fleet[0].store.backUp(to: fleet.folder["backup.sqlite"])
        #expect(contents.isSound && contents.counts.customers == 1)
        try fleet[0].edit(record, "address=上海")
        try fleet.settle()
        let home = fleet.folder["restored"]
        let (store, aside) = try ProfileStore.restore(fleet.folder["backup.sqlite"], to: home, environment: SimulatedEnvironment(prefix: 8))
        #expect(aside == nil)
        let restored = Node(store: store, author: "person 0")
        try restored.edit(record, "title=总监", "note=after the restore")
        #expect(try fleet.transport.session(from: restored, to: fleet[1]).error == nil)
        #expect(try restored.value("address", of: record) == "上海", "what the others had comes back")
        #expect(try fleet[1].value("title", of: record) == "总监")
        #expect(try fleet[1].status().counts.digest == restored.status().counts.digest)
        try StoreLaws.check(restored)
    }

    /// Found by the simulation: a clock that stands still gave what was set aside the name of what had been set aside before.
    @Test func twoRestoresAtOneMomentKeepBothStores() throws {
        let folder = try TestFolder(), home = folder["node"], environment = SimulatedEnvironment(prefix: 1, stepMicroseconds: 0)
        let deployment = Deployment(id: UniqueID(high: 7, low: 7), key: HashKey(first: 11, second: 13))
        let node = try Node.found(home: home, name: "node", author: "person", deployment: deployment, environment: environment).node
        _ = try node.store.backUp(to: folder["backup.sqlite"])
        let asides = try (0..<2).map { _ in try #require(try ProfileStore.restore(folder["backup.sqlite"], to: home, environment: environment).aside) }
        #expect(asides[0] != asides[1])
        for aside in asides { #expect(FileManager.default.fileExists(atPath: aside)) }
    }
}
