internal import GRDB
public import ProfileModel

/// How complete the customers were on a day.
public struct QualityDay: Sendable, Equatable {
    /// `YYYY-MM-DD`, in UTC.
    public let day: String
    public let records: Int
    public let count: Completeness.Count

    public init(day: String, records: Int, count: Completeness.Count) {
        self.day = day
        self.records = records
        self.count = count
    }
}

extension StoreWriter {
    /// Notes how complete the customers are today; a later word of the same day replaces an earlier one.
    public func note(_ day: QualityDay) throws {
        try database.run(
            "INSERT OR REPLACE INTO quality_days (day, records, filled, fields) VALUES (?, ?, ?, ?)",
            [day.day, day.records, day.count.filled, day.count.records])
    }
}

extension StoreReader {
    /// The latest days on which completeness was noted here, oldest first.
    public func qualityDays(limit: Int = 60) throws -> [QualityDay] {
        try database.all("SELECT day, records, filled, fields FROM quality_days ORDER BY day DESC LIMIT ?", [limit]).reversed().map { row in
            QualityDay(day: row["day"], records: row["records"], count: Completeness.Count(filled: row["filled"], records: row["fields"]))
        }
    }

    /// The distinct texts of a field that has a column, with how many living records hold each.
    ///
    /// - Complexity: linear in the store.
    public func texts(of field: Field) throws -> [(text: String, records: Int)] {
        guard let column = field.columnName else { return [] }
        return try database.all("SELECT \"\(column)\" AS text, count(*) AS records FROM customer_rows WHERE \"\(column)\" IS NOT NULL AND life IN (0, 2) GROUP BY 1", [])
            .map { (text: $0["text"], records: $0["records"]) }
    }

    /// When living records last changed as far as this node saw it, in microseconds since 1970, oldest first.
    ///
    /// - Complexity: linear in the store, with a look into the history a record.
    public func lastChanges() throws -> [Int64] {
        try Int64.fetchAll(database, sql: """
            SELECT max(coalesce(h.stamp, 0), coalesce((SELECT max(y.at) FROM history AS y WHERE y.record = r.id), 0)) AS at
            FROM customer_rows AS r LEFT JOIN headers AS h ON h.ordinal = r.base_header WHERE r.life IN (0, 2) ORDER BY at
            """)
    }

    /// How many records say, with others, what one customer is, beside the first of each.
    public func surplusRecordCount() throws -> Int {
        try Int.fetchOne(
            database, sql: "SELECT count(*) - count(DISTINCT profile) FROM customer_rows WHERE profile IS NOT NULL AND life IN (0, 2)") ?? 0
    }
}
