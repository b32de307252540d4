import Causality
import Foundation
import GRDB
import NodeOperations
import ProfileModel
import Testing

@testable import ProfileStore

/// A store that a version with fewer fields and kinds wrote, brought to this one.
@Suite struct UpgradeTests {
    private let home = NSTemporaryDirectory() + "limn-upgrade-" + UUID().uuidString

    @Test func whatAnEarlierVersionDidNotKnowIsDerived() throws {
        defer { try? FileManager.default.removeItem(atPath: home) }
        let node = try Node.found(home: home, name: "office", author: "Chen").node
        let record = try node.add(.person, ["name=Gong Li", "city=Wuhan", "phone+=+49301234567"].map(Assignment.init), tags: ["vip"]).id
        _ = try node.edit(record.description, ["city=Xian"].map(Assignment.init))
        let task = try #require(try node.note(record.description, text: "Letter", next: (due: "2030-01-02", text: "Call back")).task)
        let digest = try node.status().counts.digest
        try forget(["city", "phone"], of: record, in: node.store)
        try node.store.write { try $0.database.execute(sql: "UPDATE item_rows SET owner = NULL, at = NULL, waiting = NULL WHERE kind = 7") }
        #expect(try node.status().counts.digest == digest)
        #expect(try node.show(record.description).openTasks.isEmpty)
        // What stands in the blob is read all the same.
        #expect(try node.show(record.description)["city"] == ["Xian"])
        let feed = try node.store.feedHead()

        try node.store.write { try $0.deriveAnew() }
        #expect(try node.show(record.description).openTasks.map(\.id) == [task])
        try node.store.read { reader in
            let row = try #require(try Row.fetchOne(reader.database, sql: "SELECT city, phone, tags FROM customer_rows WHERE id = ?", arguments: [Data(record.bytes)]))
            #expect(row["city"] as String? == "Xian")
            #expect(row["phone"] as String? == "+49301234567")
            #expect(row["tags"] as String? == "vip")
            #expect(try reader.sumsHold())
        }
        #expect(try node.store.feedHead() == feed)
        #expect(try node.status().counts.digest == digest)
        #expect(try node.find("city = Xian").rows.map(\.id) == [record])
    }

    @Test func whatAnEarlierVersionKeptAlthoughItIsErasedGoes() throws {
        defer { try? FileManager.default.removeItem(atPath: home) }
        let node = try Node.found(home: home, name: "office", author: "Chen").node
        let record = try node.add(.person, ["name=Gong Li", "external_ids+=erp:1"].map(Assignment.init)).id
        let before = try #require(try node.store.read { try $0.row(record) })
        _ = try node.erase(record.description, confirmation: record.description)
        let digest = try node.status().counts.digest
        // Whoever does not know what an erasure is keeps it beside what is erased.
        try node.store.write { writer in
            try writer.database.execute(sql: "DELETE FROM erasures")
            try writer.put(before.compact, id: record, kind: .person, replacing: nil)
        }
        #expect(try node.status().counts.digest != digest)

        try node.store.write { try $0.deriveAnew() }
        #expect(try node.store.read { try $0.row(record) } == nil)
        #expect(try node.status().counts.digest == digest)
        #expect(try node.store.read { try $0.sumsHold() })
        #expect(throws: StoreError.self) { try node.show(record.description) }
    }

    /// Stores some fields of a customer as a version does that has no columns for them.
    private func forget(_ names: [String], of record: RowID, in store: ProfileStore) throws {
        let fields = Set(names.map { FieldCatalogue.standard[$0]!.id.rawValue })
        try store.write { writer in
            let row = try #require(try writer.row(record))
            var blob = CellsBlob()
            blob.plain = PlainCells(row.compact.plain.filter { fields.contains($0.key.field) })
            blob.exceptions = row.compact.exceptions
            blob.contextBeyond = row.compact.contextBeyond
            blob.scopesLeft = row.compact.scopesLeft
            #expect(!blob.isEmpty)
            let bytes = try blob.encoded(headers: store.headers, in: writer.database)
            try writer.database.execute(
                sql: "UPDATE customer_rows SET \(names.map { "\"\($0)\" = NULL" }.joined(separator: ", ")), cells = ? WHERE id = ?",
                arguments: [Data(bytes), Data(record.bytes)])
        }
    }
}
