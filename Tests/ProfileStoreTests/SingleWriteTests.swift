import Causality
import Foundation
import GRDB
import NodeEnvironment
import NodeOperations
import ProfileModel
import Replication
import Testing

@testable import ProfileStore

/// What single writes leave for later is there for every reader, and after a kill.
struct SingleWriteTests {
    /// The store as a kill at this moment would leave it, opened somewhere else.
    private func afterKill(_ store: ProfileStore, _ body: (ProfileStore) throws -> Void) throws {
        let home = FileManager.default.temporaryDirectory.appendingPathComponent("limn-killed-\(UUID())").path
        try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: home) }
        for ending in ["", "-wal"] { try FileManager.default.copyItem(atPath: store.path + ending, toPath: home + "/limn.sqlite" + ending) }
        try body(try ProfileStore.open(at: home))
    }

    /// Writes a customer whose id is a hash, so that many cells of sums are touched.
    private func put(_ store: ProfileStore, _ number: Int, _ name: String) throws {
        try store.write { writer in
            let id = try writer.customerID(externalID: "test:\(number)")
            let header = Header(stamp: store.environment.now(), author: "tester", source: nil, operation: store.environment.newID())
            let plain: PlainCells = [
                CompactRow.PlainCell(key: CellKey(field: FieldCatalogue.standard["name"]!.id.rawValue), value: FieldValue.bytes(text: name)),
            ]
            try writer.put(
                CompactRow(base: .init(dot: writer.nextDot(), header: header), plain: plain), id: id, kind: .person,
                replacing: writer.row(id, like: .person))
        }
    }

    private struct Kept: Equatable {
        let scopes: [Digest128]
        let rows: Int
        let cells: [SumCell: UInt64]

        init(_ store: ProfileStore) throws {
            let sums = try store.sums(within: .all)
            scopes = try store.read { try $0.scopes() }.map(\.digest) + [sums.total]
            rows = sums.rows
            cells = sums.cells.reduce(into: [:]) { $0[$1.cell, default: 0] &+= $1.sum }.filter { $0.value != 0 }
        }
    }

    @Test func sumsHoldAfterEveryWriteAndAKill() throws {
        var random = SeededNumbers(seed: printedSeed())
        let here = try SearchNode()
        var waited = 0, settled = 0
        for step in 0..<(3 * SumChanges.waitingMaximum) {
            try put(here.store, random.below(2 * SumChanges.waitingMaximum), "Anna \(step)")
            let isWaiting = try here.store.read { try !$0.node().waitingSums.isEmpty }
            if isWaiting { waited += 1 } else { settled += 1 }
            #expect(try here.store.read { try $0.sumsHold() }, "step \(step)")
            if step % 12 == 11 || !isWaiting {
                let kept = try Kept(here.store)
                try afterKill(here.store) { (store: ProfileStore) throws in
                    #expect(try Kept(store) == kept)
                    #expect(try store.read { try $0.sumsHold() })
                }
            }
        }
        #expect(waited > 0 && settled > 0)
        let customers = try here.store.read { try $0.counts().customers }
        #expect(try here.store.sums(within: .all).rows == customers + 1)
    }

    @Test func whatWaitsForTheIndexIsFoundAfterAKill() throws {
        let here = try SearchNode()
        var ids: [RowID] = []
        for number in 0..<20 { ids.append(try here.add(.person, "name=Anna Berg\(number)", "city=Berlin")) }
        try here.node.catchUpSearch()
        ids.append(try here.add(.person, "name=Carla Dorn"))
        _ = try here.node.edit(ids[3].description, [Assignment("name=Boris Egger")])
        #expect(try here.store.read { try $0.unindexedCount(through: 100) } == 2)
        try afterKill(here.store) { (store: ProfileStore) throws in
            let node = Node(store: store, author: "tester")
            #expect(try node.find("carla").rows.map(\.id) == [ids[20]])
            #expect(try node.find("boris").rows.map(\.id) == [ids[3]])
            #expect(try node.find("anna").total == 19)
            #expect(try node.find("name = \"Boris Egger\"").rows.map(\.id) == [ids[3]])
            #expect(try store.read { try !$0.isSearchBehind() })
        }
        #expect(try here.find("boris") == [ids[3]])
    }

    @Test func anEditOfWhatIsNotSearchedLeavesTheIndex() throws {
        let here = try SearchNode()
        let id = try here.add(.person, "name=Anna Berg", "phone=+4915112345678", "city=Berlin")
        try here.node.catchUpSearch()
        _ = try here.node.edit(id.description, [Assignment("city=Hamburg"), Assignment("stage=active")])
        #expect(try here.store.read { try !$0.isSearchBehind() })
        _ = try here.node.edit(id.description, [Assignment("phone=+4915199999999")])
        #expect(try here.store.read { try $0.isSearchBehind() })
        #expect(try here.find("12345678").isEmpty)
        #expect(try here.find("99999999") == [id])
        _ = try here.node.delete(id.description)
        #expect(try here.find("anna").isEmpty)
        _ = try here.node.restore(id.description)
        #expect(try here.find("anna") == [id])
    }

    /// SQLite gives the ordinal of a last row that is gone to the next row.
    @Test func aCustomerWithTheOrdinalOfOneThatIsGoneIsFound() throws {
        let here = try SearchNode()
        try here.add(.person, "name=Anna Berg")
        let gone = try here.add(.person, "name=Boris Egger")
        try here.node.catchUpSearch()
        let ordinal = try here.store.write { writer in
            let row = try #require(try writer.row(gone))
            try writer.unindex(row)
            try writer.database.execute(sql: "DELETE FROM customer_rows WHERE ordinal = ?", arguments: [row.ordinal])
            return row.ordinal
        }
        let id = try here.add(.person, "name=Carla Dorn")
        #expect(try here.store.read { try $0.row(id)?.ordinal } == ordinal)
        #expect(try here.find("carla") == [id])
        #expect(try here.find("boris").isEmpty)
    }

    @Test func manySingleWritesAreIndexedWithoutASearch() throws {
        let here = try SearchNode()
        for number in 0..<300 { try here.add(.person, "name=Anna \(number)") }
        #expect(try here.store.read { try $0.unindexedCount(through: 1_000) } < 260)
        #expect(try here.node.find("anna").total == 300)
    }

    /// An operation's part of the history is found between those of others.
    @Test func theHistoryOfAnOperationIsFoundByItsPlace() throws {
        let here = try SearchNode()
        var operations: [(id: OperationID, record: RowID)] = []
        for number in 0..<5 {
            let made = try here.node.add(.person, [Assignment("name=Anna \(number)"), Assignment("city=Berlin")], tags: ["vip"])
            operations.append((try #require(made.operation), made.id))
        }
        let edit = try #require(try here.node.edit(operations[2].record.description, [Assignment("city=Hamburg")]).operation)
        try here.store.read { reader in
            for (operation, record) in operations {
                let entries = try reader.history(ofOperation: operation)
                #expect(entries.count == 3 && entries.allSatisfy { $0.record == record && $0.operation == operation })
                #expect(Set(entries.compactMap(\.added?.dot)).count == 1)
                #expect(try reader.operation(operation)?.id == operation)
            }
            #expect(try reader.history(ofOperation: edit).map(\.record) == [operations[2].record])
            #expect(try reader.history(ofOperation: UniqueID(high: 1, low: 2)).isEmpty)
            #expect(try reader.operations().map(\.id) == [edit] + operations.reversed().map(\.id))
        }
        _ = try here.node.undo(operations[2].id)
    }
}
