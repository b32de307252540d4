import Causality
import GRDB
import NodeEnvironment
import NodeOperations
import ProfileModel
import Testing

@testable import ProfileStore

/// The index holds what it would hold if it were made anew, whatever happened to the rows.
struct SearchIndexTests {
    @Test func theIndexEqualsOneMadeAnew() throws {
        var random = SeededNumbers(seed: printedSeed())
        let here = try SearchNode()
        var ids: [RowID] = []
        for step in 0..<250 {
            try change(here, &ids, &random)
            guard step % 25 == 24 else { continue }
            if step % 50 == 49 { try here.node.catchUpSearch() }
            let kept = try vocabulary(here.store, anew: false), made = try vocabulary(here.store, anew: true)
            #expect(kept == made, "after step \(step)")
        }
    }

    @Test func slicesOfAnySizeMakeTheSameIndex() throws {
        let here = try SearchNode()
        try here.store.write { writer in
            for number in 0..<100 { try put(writer, number, "Anna \(number)") }
            for number in stride(from: 99, through: 0, by: -3) { try put(writer, number, "Boris \(number)") }
        }
        var counts: [Int] = []
        while true {
            let count = try here.store.write { try $0.indexPending(limit: 7) }
            counts.append(count)
            if count == 0 { break }
        }
        #expect(counts.reduce(0, +) == 100)
        #expect(try vocabulary(here.store, anew: false) == vocabulary(here.store, anew: true))
        #expect(try here.find("boris").count == 34)
        #expect(try here.find("anna").count == 66)
    }

    @Test func rowsThatChangeTwiceInOneTransactionAreTakenOutOnce() throws {
        let here = try SearchNode()
        try here.store.write { try put($0, 1, "Anna") }
        try here.node.catchUpSearch()
        try here.store.write { writer in
            try put(writer, 1, "Boris")
            _ = try writer.indexPending(limit: 10)
            try put(writer, 1, "Carla")
            try put(writer, 1, "Dmitri")
        }
        #expect(try here.find("anna").isEmpty)
        #expect(try here.find("boris").isEmpty)
        #expect(try here.find("carla").isEmpty)
        #expect(try here.find("dmitri").count == 1)
        #expect(try vocabulary(here.store, anew: false) == vocabulary(here.store, anew: true))
    }

    /// Writes a customer with a name, over the one that is there.
    private func put(_ writer: StoreWriter, _ number: Int, _ name: String) throws {
        let id = try writer.customerID(externalID: "test:\(number)")
        let header = Header(
            stamp: writer.store.environment.now(), author: "tester", source: nil, operation: UniqueID(high: 7, low: UInt64(number)))
        let plain: PlainCells = [CompactRow.PlainCell(key: CellKey(field: FieldCatalogue.standard["name"]!.id.rawValue), value: FieldValue.bytes(text: name))]
        try writer.put(
            CompactRow(base: .init(dot: writer.nextDot(), header: header), plain: plain), id: id, kind: .person,
            replacing: writer.row(id, like: .person))
    }

    private func change(_ here: SearchNode, _ ids: inout [RowID], _ random: inout SeededNumbers) throws {
        let names = ["张伟", "单雄信", "Anna Schneider", "上海华为技术有限公司", "Renée", "A公司", ""]
        let phones = ["13800138000", "010-62781234", "+4915112345678", "95588"]
        let node = here.node
        switch ids.count < 3 ? 0 : random.below(10) {
        case 0...3:
            ids.append(try here.add(
                random.pick([.person, .organization]), "name=\(random.pick(names))x", "phone=\(random.pick(phones))",
                "nickname=\(random.pick(names))", "former_names=\(random.pick(names));\(random.pick(names))"))
        case 4, 5:
            let fields = ["name", "nickname", "phone", "former_names", "company"]
            let field = random.pick(fields)
            let value = field == "phone" ? random.pick(phones) : random.pick(names)
            do { _ = try node.edit(random.pick(ids).description, [Assignment("\(field)=\(value)")]) } catch is NodeError {}
        case 6: _ = try node.delete(random.pick(ids).description)
        case 7: _ = try node.restore(random.pick(ids).description)
        case 9: do { _ = try node.undo(nil) } catch is NodeError {}
        default:
            let a = random.pick(ids), b = random.pick(ids)
            if a != b { _ = try node.merge(a.description, b.description) }
        }
    }

    /// Every token with the rows that hold it.
    private func vocabulary(_ store: ProfileStore, anew: Bool) throws -> [String] {
        struct Looked: Error { let terms: [String] }
        do {
            try store.write { writer in
                if anew {
                    let unindexed = try Int64.fetchAll(writer.database, sql: StoreReader.unindexedSQL(String(writer.node().indexed)))
                    let all = try Int64.fetchAll(writer.database, sql: "SELECT ordinal FROM customer_rows ORDER BY ordinal")
                    try SearchIndex.createTable(in: writer.database)
                    for ordinal in Set(all).subtracting(unindexed).sorted() { try writer.index([ordinal]) }
                }
                try writer.database.execute(sql: "INSERT INTO search (search) VALUES ('integrity-check')")
                try writer.database.execute(sql: "CREATE VIRTUAL TABLE temp.terms USING fts5vocab(main, search, instance)")
                let terms = try Row.fetchAll(writer.database, sql: "SELECT term, doc FROM temp.terms ORDER BY 1, 2").map { "\($0)" }
                throw Looked(terms: terms)
            }
        } catch let looked as Looked { return looked.terms }
        return []
    }
}
