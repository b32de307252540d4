public import Causality
internal import GRDB
internal import NodeEnvironment
public import ProfileModel

extension StoreReader {
    /// A score of all living customers that have one, by the ids of their profiles: linked records are one customer.
    ///
    /// - Complexity: one pass over the customers, or over the events.
    public func scores(_ score: CustomerScore) throws -> [RowID: Int64] {
        switch score {
        case .completeness: try completenessScores()
        case .daysSinceEvent: try daysSinceEvent()
        }
    }

    private func completenessScores() throws -> [RowID: Int64] {
        let fields = FieldCatalogue.standard.fields.filter { $0.hasColumn && $0.section != "system" }
        let filled = fields.map { field in
            let kinds = field.kinds.map { String($0.rawValue) }.sorted().joined(separator: ", ")
            return "max(kind IN (\(kinds)) AND \"\(field.name)\" IS NOT NULL)"
        }
        let counts = Dictionary(uniqueKeysWithValues: [RowKind.person, .organization].map { kind in
            (Int64(kind.rawValue), Int64(fields.filter { $0.kinds.contains(kind) }.count))
        })
        let statement = try RawStatement(
            database,
            sql: """
                SELECT coalesce(profile, id) AS customer, min(kind), \(filled.joined(separator: " + ")) FROM customer_rows
                WHERE life IN (0, 2) GROUP BY customer
                """,
            isKept: false)
        defer { statement.reset() }
        var scores: [RowID: Int64] = [:]
        while try statement.step() {
            guard let count = counts[statement.int64(1)], count > 0 else { continue }
            scores[try StoreReader.id(statement.bytes(0))] = statement.int64(2) * 100 / count
        }
        return scores
    }

    private func daysSinceEvent() throws -> [RowID: Int64] {
        let now = store.environment.now().rawValue
        let statement = try RawStatement(
            database,
            sql: """
                SELECT coalesce(c.profile, c.id) AS customer, max(i.at) FROM item_rows AS i JOIN customer_rows AS c ON c.id = i.owner
                WHERE i.kind = \(RowKind.event.rawValue) AND i.life IN (0, 2) AND i.at <= ?1 AND c.life IN (0, 2) GROUP BY customer
                """,
            isKept: false)
        defer { statement.reset() }
        statement.bind(1, now)
        var scores: [RowID: Int64] = [:]
        while try statement.step() {
            let days = now / 86_400_000_000 - statement.int64(1) / 86_400_000_000
            scores[try StoreReader.id(statement.bytes(0))] = CustomerScore.steps.last { $0 <= days } ?? 0
        }
        return scores
    }
}

/// One of a system's records that is there, with what this node last told it in properties that are computed here.
public struct ToldRecord: Sendable {
    public let remoteID: String
    public let record: RowID
    /// The customer whose record it is.
    public let profile: RowID
    /// By property.
    public let told: [String: ConnectorRewriting]
}

extension StoreReader {
    /// Passes the records of a kind that are there and are living customers here, by the system's ids.
    ///
    /// - Complexity: one pass over the records.
    public func forEachTold(_ connector: String, _ object: String, _ body: (ToldRecord) throws -> Void) throws {
        let statement = try RawStatement(
            database,
            sql: """
                SELECT r.remote_id, r.record, coalesce(c.profile, c.id), w.field, w.ours, w.theirs FROM connector_records AS r
                CROSS JOIN customer_rows AS c ON c.id = r.record
                LEFT JOIN connector_rewritings AS w ON w.connector = r.connector AND w.object = r.object AND w.remote_id = r.remote_id
                WHERE r.connector = ?1 AND r.object = ?2 AND r.state < 2 AND c.life IN (0, 2) ORDER BY r.remote_id
                """,
            isKept: false)
        defer { statement.reset() }
        statement.bind(1, text: connector)
        statement.bind(2, text: object)
        var open: (remoteID: String, record: RowID, profile: RowID)?, told: [String: ConnectorRewriting] = [:]
        func pass() throws {
            if let open { try body(ToldRecord(remoteID: open.remoteID, record: open.record, profile: open.profile, told: told)) }
        }
        while try statement.step() {
            let remoteID = statement.text(0)
            if open?.remoteID != remoteID {
                try pass()
                open = (remoteID, try StoreReader.id(statement.bytes(1)), try StoreReader.id(statement.bytes(2)))
                told = [:]
            }
            if let field = statement.optionalText(3) {
                told[field] = ConnectorRewriting(field: field, ours: statement.text(4), theirs: statement.text(5))
            }
        }
        try pass()
    }
}
