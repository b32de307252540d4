import Causality
import GRDB
import NodeEnvironment
import NodeOperations
import ProfileModel
import Testing

@testable import ProfileStore

/// A header is one row, whoever wrote it and in whatever order.
struct HeaderTests {
    @Test func aHeaderIsKeptOnceAlsoWhereTwoProgramsWrite() throws {
        var random = SeededNumbers(seed: printedSeed())
        let here = try SearchNode(), stores = [here.store, try ProfileStore.open(at: here.home)]
        let operations = [here.store.environment.newID(), here.store.environment.newID()]
        var written: Set<[Int]> = [], number = 0
        for _ in 0..<120 {
            try stores[random.below(2)].write { writer in
                for _ in 0...random.below(4) {
                    let operation = random.below(2), stamp = random.below(20)
                    number += 1
                    written.insert([operation, stamp])
                    let header = Header(stamp: Stamp(rawValue: Int64(stamp)), author: "tester", source: "crm", operation: operations[operation])
                    let plain: PlainCells = [
                        CompactRow.PlainCell(key: CellKey(field: FieldCatalogue.standard["name"]!.id.rawValue), value: FieldValue.bytes(text: "n\(number)")),
                    ]
                    let id = try writer.customerID(externalID: "test:\(number)")
                    try writer.put(CompactRow(base: .init(dot: writer.nextDot(), header: header), plain: plain), id: id, kind: .person, replacing: nil)
                }
            }
        }
        let kept = try here.store.read { reader in
            try operations.reduce(0) { count, operation in
                try count + (Int.fetchOne(reader.database, sql: "SELECT count(*) FROM headers WHERE operation = ?", arguments: [operation.data]) ?? 0)
            }
        }
        #expect(kept == written.count)
        for store in stores {
            let stamps = try store.read { reader in
                try (1...number).map { number in try #require(try reader.row(reader.customerID(externalID: "test:\(number)"))).compact.base?.header.stamp.rawValue }
            }
            #expect(Set(stamps).count == 20)
        }
    }
}
