import Causality
import FleetSupport
import Foundation
import MergeVectors
import NodeEnvironment
import NodeOperations
import ProfileModel
import ProfileStore
import Replication
import Testing

/// Stores that were copied or put back without noticing it themselves: as virtual machines are, with their machine's id and all.
struct CopyTests {
    /// A laptop and an office that have met; no store notices where it stands.
    private final class Pair {
        let folder: TestFolder
        let transport = DirectTransport()
        let office: Node
        private(set) var laptop: Node
        private var copies = 0
        let deployment = Deployment(id: UniqueID(high: 7, low: 7), key: HashKey(first: 11, second: 13))

        init() throws {
            folder = try TestFolder()
            office = try Node.found(
                home: folder["office"], name: "office", author: "ann", deployment: deployment,
                environment: SimulatedEnvironment(prefix: 1, storePlace: "office")).node
            laptop = try Node.found(
                home: folder["laptop"], name: "laptop", author: "bo", deployment: deployment,
                environment: SimulatedEnvironment(prefix: 2, storePlace: "laptop")).node
        }

        /// A copy of the laptop as it stands now.
        func copy(_ prefix: UInt8 = 3) throws -> Node {
            copies += 1
            try FileManager.default.copyItem(atPath: laptop.store.home, toPath: folder["copy-\(copies)"])
            return try Node.open(
                home: folder["copy-\(copies)"], author: "cy",
                environment: SimulatedEnvironment(prefix: prefix, nowMicroseconds: 1_767_225_700_000_000, storePlace: "laptop"))
        }

        @discardableResult
        func meet(_ caller: Node, _ other: Node, isFirst: Bool = false) throws -> SyncReport {
            let outcome = try transport.session(from: caller, to: other, isFirst: isFirst)
            if let error = outcome.error { throw error }
            return outcome.report
        }

        /// Everybody meets everybody until all hold the same.
        func settle(_ nodes: [Node]) throws {
            for _ in 0..<3 { for a in nodes { for b in nodes where a.store.home != b.store.home { try meet(a, b) } } }
            let digests = try Set(nodes.map { try $0.status().counts.digest })
            guard digests.count == 1 else { throw Disagreement("digests \(digests)") }
            for node in nodes { try StoreLaws.check(node) }
        }
    }

    private func life(_ node: Node) throws -> Origin { try node.store.identity().life }

    /// Both copies go on writing under one origin, in the same cells and in others, the one more than the other.
    @Test(arguments: [(0, 3), (3, 0), (1, 1), (2, 5), (5, 2), (40, 3)])
    func aCopyIsFoundAtItsFirstMeetingAndNothingIsLost(_ edits: (original: Int, copy: Int)) throws {
        let pair = try Pair()
        let a = try pair.laptop.add("name=张伟", "city=上海"), b = try pair.laptop.add("name=李娜", "city=上海", "tags=old")
        try pair.meet(pair.laptop, pair.office)
        let copy = try pair.copy(), laptop = pair.laptop
        #expect(try life(copy) == life(laptop), "nobody has noticed")
        for number in 0..<edits.original { try laptop.edit(a, "note=original \(number)") }
        try laptop.edit(b, "title=original")
        let first = try laptop.add("name=original")
        for number in 0..<edits.copy { try copy.edit(b, "note=copy \(number)", "tags+=copied") }
        try copy.edit(a, "company=copy")
        try copy.edit(a, "city=北京")
        let second = try copy.add("name=copy")
        try pair.meet(laptop, pair.office)
        let former = try life(copy), report = try pair.meet(copy, pair.office)
        #expect(report.warnings.map(\.code) == ["sync.copied"])
        #expect(report.warnings.first?.parameters["name"] == "laptop" && report.warnings.first?.parameters["by"] == "office")
        #expect(report.warnings.first?.parameters["machine"]?.isEmpty == false)
        let lives = try copy.status().lives
        #expect(try lives.count == 2 && lives.last?.reason == "copied" && lives.last?.origin == life(copy) && life(copy) != former)
        #expect(try life(laptop) == former, "the other goes on")
        try pair.settle([laptop, copy, pair.office])
        for node in [laptop, copy, pair.office] {
            let shown = try (node.show(a.description), node.show(b.description))
            #expect(shown.0["company"] == ["copy"] && shown.0["city"] == ["北京"])
            #expect(shown.0["note"] == (edits.original > 0 ? ["original \(edits.original - 1)"] : []))
            #expect(shown.1["title"] == ["original"])
            #expect(shown.1["note"] == (edits.copy > 0 ? ["copy \(edits.copy - 1)"] : []))
            #expect(shown.1.tags == (edits.copy > 0 ? ["copied", "old"] : ["old"]))
            #expect(try node.value("name", of: first) == "original" && node.value("name", of: second) == "copy")
            #expect(try node.conflicts().total == 0)
        }
        // It is said once.
        #expect(try pair.meet(copy, pair.office).warnings.isEmpty && pair.meet(laptop, pair.office).warnings.isEmpty)
    }

    @Test func bothEditOneCellAndBothAreListed() throws {
        let pair = try Pair()
        let record = try pair.laptop.add("name=张伟", "city=上海")
        try pair.meet(pair.laptop, pair.office)
        let copy = try pair.copy()
        try pair.laptop.edit(record, "city=北京")
        try copy.edit(record, "city=广州")
        try pair.meet(pair.laptop, pair.office)
        try pair.meet(copy, pair.office)
        try pair.settle([pair.laptop, copy, pair.office])
        for node in [pair.laptop, copy, pair.office] {
            #expect(try node.conflicts(of: record) == ["field city: 北京, 广州"])
            #expect(try Set(node.conflicts().conflicts[0].candidates.map(\.node)) == ["laptop"])
        }
    }

    /// The office calls: whoever answers finds out by itself.
    @Test func aCopyThatIsCalledIsFoundToo() throws {
        let pair = try Pair()
        let record = try pair.laptop.add("name=张伟", "city=上海")
        try pair.meet(pair.office, pair.laptop)
        try pair.meet(pair.office, pair.laptop)
        let copy = try pair.copy()
        try pair.laptop.edit(record, "title=original")
        try copy.edit(record, "company=copy")
        try pair.meet(pair.office, pair.laptop)
        let report = try pair.meet(pair.office, copy)
        #expect(report.warnings.map(\.code) == ["sync.neighbour-copied"])
        #expect(report.warnings.first?.parameters["name"] == "laptop" && report.warnings.first?.parameters["machine"]?.isEmpty == false)
        #expect(try life(copy) != life(pair.laptop))
        try pair.settle([pair.office, copy, pair.laptop])
        let profile = try pair.office.show(record.description)
        #expect(profile["title"] == ["original"] && profile["company"] == ["copy"])
    }

    @Test func twoCopiesMeetEachOtherFirst() throws {
        let pair = try Pair()
        let record = try pair.laptop.add("name=张伟", "city=上海")
        try pair.meet(pair.laptop, pair.office)
        let copy = try pair.copy()
        try pair.laptop.edit(record, "title=original")
        try copy.edit(record, "company=copy")
        let report = try pair.meet(copy, pair.laptop, isFirst: true)
        #expect(report.warnings.map(\.code) == ["sync.neighbour-copied"])
        #expect(try life(copy) != life(pair.laptop))
        try pair.settle([pair.office, copy, pair.laptop])
        let profile = try pair.office.show(record.description)
        #expect(profile["title"] == ["original"] && profile["company"] == ["copy"])
        // One of them has met the office since the copy was made, and the other has not.
        let again = try pair.copy(5), laptop = pair.laptop
        try laptop.edit(record, "address=original", "tags+=original")
        try pair.meet(laptop, pair.office)
        try again.edit(record, "department=copy", "tags+=copy")
        try again.edit(record, "postcode=100000")
        try pair.meet(again, laptop, isFirst: true)
        try pair.meet(again, pair.office)
        try pair.settle([pair.office, copy, laptop, again])
        let later = try pair.office.show(record.description)
        #expect(later["address"] == ["original"] && later["department"] == ["copy"] && later["postcode"] == ["100000"])
        #expect(later.tags == ["copy", "original"])
        // A store that calls itself is none.
        #expect((try pair.transport.session(from: copy, to: copy, isFirst: true).error as? any CodedError)?.code == "sync.same-store")
    }

    /// A later copy is found although the first one was.
    @Test func copiesOfCopies() throws {
        let pair = try Pair()
        let record = try pair.laptop.add("name=张伟")
        try pair.meet(pair.laptop, pair.office)
        let copies = try (0..<3).map { try pair.copy(UInt8(3 + $0)) }
        for (index, copy) in copies.enumerated() { try copy.edit(record, ["title", "company", "city"][index] + "=copy \(index)") }
        try pair.laptop.edit(record, "note=original")
        for node in [copies[0], pair.laptop] + copies[1...] { try pair.meet(node, pair.office) }
        try pair.settle(copies + [pair.laptop, pair.office])
        #expect(try Set((copies + [pair.laptop]).map(life)).count == 4)
        let profile = try pair.office.show(record.description)
        #expect(profile["title"] == ["copy 0"] && profile["company"] == ["copy 1"] && profile["city"] == ["copy 2"] && profile["note"] == ["original"])
    }

    /// Last week's copy in the place of the store: it wrote again before it met anybody.
    @Test func aStoreThatWasPutBackReusesNoDot() throws {
        let pair = try Pair()
        let record = try pair.laptop.add("name=张伟", "city=上海")
        try pair.meet(pair.laptop, pair.office)
        let lastWeek = try pair.copy()
        for number in 0..<5 { try pair.laptop.edit(record, "note=this week \(number)", "title=经理") }
        try pair.meet(pair.laptop, pair.office)
        try lastWeek.edit(record, "company=after the restore")
        try lastWeek.edit(record, "address=after the restore")
        let report = try pair.meet(lastWeek, pair.office)
        #expect(report.warnings.map(\.code) == ["sync.copied"])
        for node in [lastWeek, pair.office] {
            let profile = try node.show(record.description)
            #expect(profile["note"] == ["this week 4"] && profile["company"] == ["after the restore"] && profile["address"] == ["after the restore"])
            #expect(try node.conflicts().total == 0)
        }
        // The cells that an operation gives a row which it makes share a dot.
        struct Place: Equatable { let row: RowID, header: Header }
        var dots: [Dot: Place] = [:]
        for row in try StoreLaws.rows(pair.office) {
            for writes in row.row.expanded.cells.values {
                #expect(Set(writes.map(\.dot)).count == writes.count)
                for write in writes {
                    let place = Place(row: row.id, header: write.header)
                    #expect([nil, place].contains(dots.updateValue(place, forKey: write.dot)), "\(write.dot) names two writes")
                }
            }
        }
    }

    /// Copies and their original write at random and meet the office in any order: every word that any of them wrote stands.
    @Test func whateverCopiesWriteStands() throws {
        let seed = ProcessInfo.processInfo.environment["LIMN_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0...UInt64(UInt32.max))
        print("whateverCopiesWriteStands: LIMN_SEED=\(seed)")
        for history in 0..<8 {
            var random = SplitMix64(seed: seed &+ UInt64(history))
            let pair = try Pair()
            let records = try (0..<4).map { try pair.laptop.add("name=客户\($0)", "city=上海") }
            try pair.meet(pair.laptop, pair.office)
            var nodes = [pair.laptop], expected: [RowID: Set<String>] = [:], added: [RowID] = []
            for step in 0..<60 {
                let node = nodes[Int(random.next() % UInt64(nodes.count))], record = records[Int(random.next() % 4)]
                switch random.next() % 10 {
                case 0 where nodes.count < 4: nodes.append(try pair.copy(UInt8(2 + nodes.count)))
                case 1: added.append(try node.add("name=new \(step)"))
                case 2..<7:
                    try node.edit(record, "tags+=t\(step)", "note=\(step)")
                    expected[record, default: []].insert("t\(step)")
                case 7: try node.edit(record, "city=c\(step)")
                default:
                    let report = random.next() % 2 == 0 ? try pair.meet(node, pair.office) : try pair.meet(pair.office, node)
                    #expect(report.warnings.allSatisfy { $0.code.hasSuffix("copied") }, "seed \(seed), history \(history)")
                }
            }
            // By way of each other before that, they would not all be found in time.
            for node in nodes { try pair.meet(node, pair.office) }
            try pair.settle(nodes + [pair.office])
            for node in nodes + [pair.office] {
                for (record, tags) in expected { #expect(try Set(node.show(record.description).tags) == tags, "seed \(seed), history \(history)") }
                for record in added { #expect(try node.store.read { try $0.row(record) } != nil, "seed \(seed), history \(history)") }
            }
            #expect(try Set(nodes.map(life)).count == nodes.count, "seed \(seed), history \(history)")
        }
    }

    /// What it wrote is known by way of another node that it has never met.
    @Test func aStoreLearnsByWayOfOthersThatItWasPutBack() throws {
        let pair = try Pair()
        let branch = try Node.found(
            home: pair.folder["branch"], name: "branch", author: "di", deployment: pair.deployment,
            environment: SimulatedEnvironment(prefix: 9, storePlace: "branch")).node
        let record = try pair.laptop.add("name=张伟")
        let lastWeek = try pair.copy()
        try pair.laptop.edit(record, "title=经理")
        try pair.laptop.edit(record, "note=this week")
        try pair.meet(pair.laptop, pair.office)
        try pair.meet(branch, pair.office)
        let report = try pair.meet(lastWeek, branch)
        #expect(report.warnings.map(\.code) == ["sync.copied"])
        #expect(try lastWeek.status().lives.last?.reason == "behind")
        try lastWeek.edit(record, "city=北京")
        try pair.settle([lastWeek, branch, pair.office, pair.laptop])
        let profile = try lastWeek.show(record.description)
        #expect(profile["title"] == ["经理"] && profile["note"] == ["this week"] && profile["city"] == ["北京"])
    }

    @Test func deletesListsAndLinksOfACopyKeepTheirMeaning() throws {
        let pair = try Pair()
        let a = try pair.laptop.add("name=张伟", "city=上海"), b = try pair.laptop.add("name=张伟")
        try pair.meet(pair.laptop, pair.office)
        try pair.office.edit(a, "city=北京")
        try pair.laptop.edit(a, "city=广州")
        try pair.meet(pair.laptop, pair.office)
        let copy = try pair.copy()
        let key = try #require(try copy.conflicts().conflicts.first?.key)
        _ = try copy.resolve(key, .value("深圳"))
        try copy.edit(b, "title=gone")
        _ = try copy.delete(b.description)
        try pair.laptop.edit(a, "note=original")
        try pair.meet(pair.laptop, pair.office)
        #expect(try pair.meet(copy, pair.office).warnings.map(\.code) == ["sync.copied"])
        try pair.settle([pair.laptop, copy, pair.office])
        for node in [pair.laptop, copy, pair.office] {
            #expect(try node.value("city", of: a) == "深圳" && node.conflicts().total == 0)
            #expect(try node.show(b.description).isDeleted)
        }
    }

    /// Lost requests and answers, and two programs on one store, are no copies.
    @Test func badLinesAndTwoProgramsBeginNoLife() throws {
        let pair = try Pair()
        let seed = ProcessInfo.processInfo.environment["LIMN_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0...UInt64(UInt32.max))
        print("badLinesAndTwoProgramsBeginNoLife: LIMN_SEED=\(seed)")
        var random = SplitMix64(seed: seed)
        let second = try Node.open(
            home: pair.laptop.store.home, author: "bo", environment: SimulatedEnvironment(prefix: 5, storePlace: "laptop"))
        let record = try pair.laptop.add("name=张伟")
        try pair.meet(pair.laptop, pair.office)
        let lives = try [life(pair.laptop), life(pair.office)]
        for number in 0..<120 {
            let node = random.next() % 2 == 0 ? pair.laptop : second
            if random.next() % 2 == 0 { try node.edit(record, "note=\(number)") }
            pair.transport.piecesLeft = random.next() % 2 == 0 ? Int(random.next() % 6) : nil
            let (caller, other) = random.next() % 3 == 0 ? (pair.office, node) : (node, pair.office)
            let outcome = try pair.transport.session(from: caller, to: other)
            #expect(outcome.error == nil || outcome.error is DirectTransport.Lost, "seed \(seed), session \(number)")
            #expect(outcome.report.warnings.isEmpty, "seed \(seed), session \(number)")
        }
        pair.transport.piecesLeft = nil
        try pair.settle([pair.laptop, pair.office])
        #expect(try [life(pair.laptop), life(pair.office)] == lives, "seed \(seed)")
    }

    @Test func anIdleSyncIsOneRoundTripAndSmall() throws {
        let pair = try Pair()
        _ = try pair.laptop.add("name=张伟")
        for _ in 0..<3 { try pair.meet(pair.laptop, pair.office) }
        let report = try pair.meet(pair.laptop, pair.office)
        #expect(report.roundTrips == 1 && report.bytes < 1_024, "\(report.bytes) bytes")
    }

    // MARK: The witness

    /// The file's content is put back in its place: machine, path and inode say nothing.
    @Test func aStorePutBackInItsPlaceIsNoticedByTheWitness() throws {
        let folder = try TestFolder(), home = folder["home"], path = home + "/limn.sqlite"
        func environment(_ prefix: UInt8) -> SimulatedEnvironment { SimulatedEnvironment(prefix: prefix, stateFolder: folder["state"]) }
        func contents() throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path)) }
        let record = try {
            let node = try Node.found(home: home, name: "laptop", author: "bo", environment: environment(1)).node
            let record = try node.add("name=张伟")
            try node.store.truncateLog()
            return record
        }()
        let backup = try contents()
        let (life, sequence) = try {
            let node = try Node.open(home: home, author: "bo", environment: environment(2))
            try node.edit(record, "note=this week")
            try node.store.truncateLog()
            let own = try node.store.identity()
            return (own.life, own.sequence)
        }()
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try handle.truncate(atOffset: 0)
        try handle.write(contentsOf: backup)
        try handle.close()
        for ending in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + ending) }
        let node = try Node.open(home: home, author: "bo", environment: environment(3))
        try node.edit(record, "note=written again")
        let own = try node.store.identity()
        #expect(own.life != life && own.sequence < sequence)
        #expect(try node.status().lives.map(\.reason) == ["founded", "behind"])
        try node.edit(record, "note=and again")
        #expect(try node.status().lives.count == 2)
    }

    @Test func aWitnessThatIsMissingOrUnreadableSaysNothing() throws {
        let folder = try TestFolder(), state = folder["state"]
        func open() throws -> Node {
            try Node.open(home: folder["home"], author: "bo", environment: SimulatedEnvironment(prefix: 2, stateFolder: state))
        }
        let record = try Node.found(
            home: folder["home"], name: "laptop", author: "bo", environment: SimulatedEnvironment(prefix: 1, stateFolder: state)).node.add("name=张伟")
        let files = try FileManager.default.contentsOfDirectory(atPath: state)
        #expect(files.count == 1)
        try Data("garbage".utf8).write(to: URL(fileURLWithPath: state + "/" + files[0]))
        try open().edit(record, "note=1")
        try FileManager.default.removeItem(atPath: state)
        try open().edit(record, "note=2")
        #expect(try FileManager.default.contentsOfDirectory(atPath: state) == files)
        try FileManager.default.removeItem(atPath: state)
        try Data().write(to: URL(fileURLWithPath: state))
        try open().edit(record, "note=3")
        #expect(try open().status().lives.count == 1)
    }
}
