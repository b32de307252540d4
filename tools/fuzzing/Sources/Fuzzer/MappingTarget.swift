import DataExchange
import FleetSupport
import NodeOperations
import ProfileModel

/// Files that say what columns mean: read, and used for an import that writes nothing.
enum MappingTarget: FuzzTarget {
    static let name = "mappings"
    static let inputBytesMaximum = 1 << 13

    /// What the JSON reader takes for as many values as a short text may have.
    private static let bound = MemoryBound(constant: 1 << 20)

    nonisolated(unsafe) private static let scene: (fleet: TestFleet, table: String)? = {
        guard let fleet = try? TestFleet(1), let table = try? fleet.folder.file("table.csv", """
            编号,客户,电话,城市,when,what,sum
            1,张伟,13800138000,上海,2024-01-15,order,12.50
            2,Anna,,Paris,yesterday,,x

            """) else { return nil }
        return (fleet, table)
    }()

    static func seeds() throws -> [[UInt8]] {
        [
            #"{"编号":"external_id","客户":"name","电话":"phone","城市":"city"}"#, #"{"客户":"名称","城市":"kind","电话":"nowhere"}"#,
            #"{"编号":"customer","when":"time","what":"type","sum":"amount"}"#, #"{"客户":"tags","城市":"tags","sum":"revenue"}"#, "{}",
            #"{"when":"birth_date","what":"","":"name","sum":"预算"}"#, #"{"\u7f16\u53f7":"external_id"}"#,
        ].map { Array($0.utf8) }
    }

    static func take(_ bytes: UnsafeRawBufferPointer) throws {
        guard let map = bound.measure(inputBytes: bytes.count, { ColumnMap(Array(bytes)) }) else { return }
        guard let (fleet, table) = scene else { fatalError("there is no place for a store") }
        var options = ImportOptions()
        options.mapping = map.fields
        options.isDryRun = true
        options.source = "erp"
        options.addsFields = bytes.count & 1 == 0
        let outcome: ImportOutcome
        do { outcome = try fleet[0].importTable(path: table, options: options) } catch let error as any CodedError {
            return law(["node", "exchange"].contains(error.code.prefix { $0 != "." }), error.code)
        }
        law(outcome.created + outcome.updated + outcome.unchanged + outcome.rejected == outcome.rows, "rows are lost: \(outcome)")
    }
}
