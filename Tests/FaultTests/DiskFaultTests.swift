import Causality
import FleetSupport
import Foundation
import MergeVectors
import Messages
import NodeOperations
import ProfileModel
import ProfileStore
import Replication
import Testing

/// Each operation, with the disk failing at one call after the other: it says so, the store is whole, and holds what it
/// held or what the operation wrote, nothing between.
///
/// `LIMN_ROUNDS` says how many of the calls are tried in each case; else some that are spread over all.
@Suite("The disk fails", .serialized)
struct DiskFaultTests {
    /// What is done, to one node of two that know each other.
    struct Deed: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// Whether it is one transaction for those who look at customers.
        var isWhole = true
        /// Whether the disk fails outside the node's folder too.
        var isElsewhere = false
        /// Whether it gives files other names, which the disk's list of unsynced writes does not follow.
        var renames = false
        let act: @Sendable (_ node: Node, _ other: Node, _ folder: TestFolder) throws -> Void
    }

    static let deeds = [
        Deed(testDescription: "add") { node, _, _ in _ = try node.add(.person, [Assignment("name=新客户")]) },
        Deed(testDescription: "edit") { node, _, _ in try node.edit("crm:1", [Assignment("city=北京"), Assignment("tags+=vip")]) },
        Deed(testDescription: "note") { node, _, _ in _ = try node.note("crm:1", text: "来电") },
        Deed(testDescription: "delete") { node, _, _ in _ = try node.delete("crm:2") },
        Deed(testDescription: "merge") { node, _, _ in _ = try node.merge("crm:1", "crm:2") },
        Deed(testDescription: "resolve") { node, _, _ in _ = try node.resolveAll(ConflictFilter(), by: .policy(.latest)) },
        Deed(testDescription: "undo") { node, _, _ in _ = try node.undo(nil) },
        Deed(testDescription: "import") { node, _, folder in
            _ = try node.importText("external_id,name,city\n" + (0..<40).map { "\($0),甲\($0),杭州\n" }.joined(), source: "erp", in: folder)
        },
        Deed(testDescription: "sync", isWhole: false) { node, other, _ in
            let outcome = try DirectTransport().session(from: node, to: other)
            if let error = outcome.error { throw error }
        },
        Deed(testDescription: "open") { node, _, _ in
            _ = try Node.open(home: node.store.home, author: "another", environment: node.environment).add(.person, [Assignment("name=新客户")])
        },
        Deed(testDescription: "index") { node, _, _ in try node.catchUpSearch() },
        Deed(testDescription: "restore", isElsewhere: true, renames: true) { node, _, folder in
            // It belongs to the same node, and is older.
            let (restored, _, _) = try Node.restore(folder["still-backup"], to: node.store.home, author: nil, environment: node.environment)
            _ = try restored.status()
        },
        Deed(testDescription: "found", isElsewhere: true) { _, _, folder in
            let home = folder["new-\(UUID())"]
            _ = try Node.found(home: home, name: "new", author: "anna", environment: SimulatedEnvironment(prefix: 5)).node.status()
        },
        Deed(testDescription: "backup", isElsewhere: true) { node, _, folder in _ = try node.store.backUp(to: folder["backup-\(UUID()).sqlite"]) },
    ]

    /// Two nodes that have met, and have written since.
    private final class Scene {
        let folder: TestFolder
        let homes = ["one", "two"]

        init() throws {
            try FaultyDisk.install()
            folder = try TestFolder()
            let deployment = Deployment(id: UniqueID(high: 9, low: 9), key: HashKey(first: 1, second: 2))
            let nodes = try homes.enumerated().map { index, home in
                try Node.found(
                    home: folder["still-" + home], name: home, author: "person \(index)", deployment: deployment, environment: environment(index)
                ).node
            }
            _ = try nodes[0].importText("external_id,name,city\n1,张伟,上海\n2,李娜,广州\n3,王芳,深圳\n", source: "crm", in: folder)
            _ = try DirectTransport().session(from: nodes[0], to: nodes[1])
            _ = try nodes[0].store.backUp(to: folder["still-backup"])
            for (index, node) in nodes.enumerated() {
                try node.edit("crm:3", [Assignment("title=t\(index)")])
                _ = try node.add(.person, [Assignment("name=客户\(index)")])
            }
            _ = try DirectTransport().session(from: nodes[0], to: nodes[1])
            for (index, node) in nodes.enumerated() { try node.edit("crm:1", [Assignment("address=a\(index)")]) }
            // Rows that are not in the index yet.
            var options = ImportOptions()
            options.source = "crm"
            options.buildsIndex = false
            _ = try nodes[0].importTable(path: folder.file("more.csv", "external_id,name\n4,赵敏\n5,周芷若\n"), options: options)
        }

        /// - Parameter isLater: whether the scene stands: ids that are drawn then are others than those of before.
        private func environment(_ index: Int, isLater: Bool = false) -> SimulatedEnvironment {
            SimulatedEnvironment(
                prefix: UInt8(index + 1), seed: isLater ? 2 : 1, nowMicroseconds: 1_767_225_600_000_000 + (isLater ? 3_600_000_000 : 0),
                storePlace: "place \(index)")
        }

        /// Copies both stores to where they are used up.
        func begin() throws -> [Node] {
            try homes.map { home in
                try? FileManager.default.removeItem(atPath: folder[home])
                try FileManager.default.copyItem(atPath: folder["still-" + home], toPath: folder[home])
            }
            return try homes.indices.map { try open(folder[homes[$0]], $0) }
        }

        func open(_ home: String, _ index: Int = 0) throws -> Node {
            try Node.open(home: home, author: "person \(index)", environment: environment(index, isLater: true))
        }

        /// All that is shown of all customers, without what names a moment.
        func look(_ node: Node) throws -> [String] {
            try StoreLaws.rows(node).filter(\.kind.isCustomer).map { row in
                let profile = try node.show(row.id.description)
                let values = profile.values.map { "\($0.field.name)=\($0.values)\($0.isConflict)" }.sorted()
                return "\(profile.isDeleted) \(profile.members.count) \(values) \(profile.tags.sorted()) \(profile.eventCount)"
            }.sorted()
        }
    }

    @Test(arguments: deeds, FaultyDisk.Fault.allCases) func anOperationIsWholeOrNotThere(deed: Deed, fault: FaultyDisk.Fault) throws {
        if deed.renames && fault == .powerLoss { return }
        let scene = try Scene(), home = scene.folder["one"]
        defer { FaultyDisk.disarm() }
        let before: [String], after: [String], calls: Int
        do {
            let nodes = try scene.begin()
            before = try scene.look(nodes[0])
            try FaultyDisk.arm(fault, at: 0, in: deed.isElsewhere ? scene.folder.path : home)
            try deed.act(nodes[0], nodes[1], scene.folder)
            calls = FaultyDisk.calls
            FaultyDisk.disarm()
            after = try scene.look(scene.open(home))
        }
        let rounds = ProcessInfo.processInfo.environment["LIMN_ROUNDS"].flatMap { Int($0) } ?? 8
        var struck = 0
        for call in Set((0..<rounds).map { 1 + $0 * calls / rounds } + [calls, calls + 1]).sorted() {
            let nodes = try scene.begin()
            var failure: (any Error)?
            try FaultyDisk.arm(fault, at: call, in: deed.isElsewhere ? scene.folder.path : home)
            do { try deed.act(nodes[0], nodes[1], scene.folder) } catch { failure = error }
            if FaultyDisk.hasStruck { struck += 1 }
            FaultyDisk.disarm()
            if let failure {
                let coded = try #require(failure as? any CodedError, "\(failure)")
                #expect(Catalogue.embedded.block(coded.code) != nil, "\(coded.code) has no text")
            }
            var place = home
            if fault == .powerLoss {
                place = scene.folder["dark-\(call)"]
                try FaultyDisk.afterPowerLoss(of: home, copy: place, kept: call % 3 * 2)
            } else {
                // Who goes on in the same process can.
                _ = try nodes[0].status()
            }
            let again = try scene.open(place)
            try StoreLaws.check(again)
            let now = try scene.look(again)
            if failure == nil {
                #expect(now == after, "\(deed) \(fault) at call \(call) of \(calls)")
            } else if deed.isWhole {
                #expect(now == before || now == after, "\(deed) \(fault) at call \(call) of \(calls)")
            }
            if !deed.isWhole {
                _ = try DirectTransport().session(from: again, to: nodes[1])
                #expect(try again.status().counts.digest == nodes[1].status().counts.digest, "\(deed) \(fault) at call \(call) of \(calls)")
            }
            if fault == .powerLoss { try FileManager.default.removeItem(atPath: place) }
        }
        #expect(struck > 0, "\(calls) calls")
    }
}

/// How often a commit calls the disk.
@Suite("Writes of a commit", .serialized)
struct CommitWriteTests {
    /// This disk does not say that it writes sectors whole, so that a second write fills the last one.
    @Test func aCommitIsOneWriteAndOneFlush() throws {
        let folder = try TestFolder()
        try FaultyDisk.install()
        let node = try Node.found(home: folder["node"], name: "node", author: "anna").node
        _ = try node.importText("external_id,name\n1,张伟\n", source: "crm", in: folder)
        try node.edit("crm:1", [Assignment("title=0")])
        defer { FaultyDisk.disarm() }
        try FaultyDisk.arm(.diskFull, at: 0, in: folder["node"])
        try node.edit("crm:1", [Assignment("title=1")])
        #expect((1...2).contains(FaultyDisk.calls), "writes alone")
        try FaultyDisk.arm(.powerLoss, at: 0, in: folder["node"])
        try node.edit("crm:1", [Assignment("title=2")])
        #expect((2...3).contains(FaultyDisk.calls), "writes and flushes")
    }
}
