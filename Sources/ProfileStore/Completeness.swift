internal import GRDB
internal import ProfileModel

/// How complete living records are, field by field.
public struct Completeness: Sendable {
    /// How many of the records whose kind has a field hold something in it.
    public struct Count: Sendable, Equatable {
        public var filled = 0
        public var records = 0

        public init(filled: Int = 0, records: Int = 0) {
            self.filled = filled
            self.records = records
        }

        /// Between 0 and 1; nil where no record could have the field.
        public var share: Double? { records == 0 ? nil : Double(filled) / Double(records) }
    }

    public let records: Int
    /// By the name of the field, in the order of the catalogue.
    public let fields: [(name: String, count: Count)]
    /// All fields taken together, by the source from which a record first came; records that people made have none.
    public let sources: [(source: String?, records: Int, count: Count)]
    /// The same by the month in which a record was first written, `YYYY-MM`, oldest first.
    public let months: [(month: String, records: Int, count: Count)]

    /// All fields of all records.
    public var overall: Count {
        fields.reduce(into: Count()) { sum, field in
            sum.filled += field.count.filled
            sum.records += field.count.records
        }
    }
}

extension StoreReader {
    /// Counts what living records hold in the fields that have columns, leaving out those that only the system writes.
    ///
    /// - Complexity: linear in the store.
    public func completeness() throws -> Completeness {
        let fields = FieldCatalogue.standard.fields.filter { $0.hasColumn && $0.section != "system" }
        let sums = fields.enumerated().flatMap { index, field -> [String] in
            let kinds = field.kinds.map { String($0.rawValue) }.sorted().joined(separator: ", ")
            return [
                "sum(r.kind IN (\(kinds)) AND r.\"\(field.name)\" IS NOT NULL) AS filled_\(index)", "sum(r.kind IN (\(kinds))) AS records_\(index)",
            ]
        }
        let rows = try Row.fetchAll(database, sql: """
            SELECT h.source AS source, coalesce(strftime('%Y-%m', h.stamp / 1000000, 'unixepoch'), '') AS month, count(*) AS records, \(sums.joined(separator: ", "))
            FROM customer_rows AS r LEFT JOIN headers AS h ON h.ordinal = r.base_header
            WHERE r.life IN (0, 2) GROUP BY h.source, month ORDER BY h.source, month
            """)
        func count(_ row: Row, _ index: Int) -> Completeness.Count {
            Completeness.Count(filled: row["filled_\(index)"], records: row["records_\(index)"])
        }
        func sum(_ counts: [Completeness.Count]) -> Completeness.Count {
            counts.reduce(into: Completeness.Count()) { sum, count in
                sum.filled += count.filled
                sum.records += count.records
            }
        }
        func group<Key: Hashable>(_ key: (Row) -> Key) -> [(key: Key, records: Int, count: Completeness.Count)] {
            var order: [Key] = [], groups: [Key: [Row]] = [:]
            for row in rows {
                if groups[key(row)] == nil { order.append(key(row)) }
                groups[key(row), default: []].append(row)
            }
            return order.map { key in
                let rows = groups[key]!
                return (key, rows.reduce(0) { $0 + ($1["records"] as Int) }, sum(rows.flatMap { row in fields.indices.map { count(row, $0) } }))
            }
        }
        return Completeness(
            records: rows.reduce(0) { $0 + ($1["records"] as Int) },
            fields: fields.enumerated().map { index, field in (field.name, sum(rows.map { count($0, index) })) },
            sources: group { $0["source"] as String? }.map { (source: $0.key, records: $0.records, count: $0.count) },
            months: group { $0["month"] as String }.map { (month: $0.key, records: $0.records, count: $0.count) }.sorted { $0.month < $1.month })
    }
}
