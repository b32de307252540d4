public import Causality
internal import GRDB
internal import NodeEnvironment
internal import ProfileModel

/// Which of a system's records is which of ours, and how it was when it was read last.
public struct ConnectorRecord: Sendable, Equatable {
    /// How the record stands in the system.
    public enum State: Int, Sendable {
        case present, archived, gone
        /// The system has merged it into another.
        case merged
    }

    public let object: String
    public let remoteID: String
    public var record: RowID
    /// The system's own time of its last change, in microseconds since 1970.
    public var stamp: Int64?
    public var version: String?
    /// Of all that was read of it.
    public var hash: Digest128
    public var state: State

    public init(object: String, remoteID: String, record: RowID, stamp: Int64?, version: String?, hash: Digest128, state: State) {
        self.object = object
        self.remoteID = remoteID
        self.record = record
        self.stamp = stamp
        self.version = version
        self.hash = hash
        self.state = state
    }
}

/// How a system writes values of ours that it does not keep as they are given.
public struct ConnectorRewriting: Sendable, Equatable {
    public let field: String
    /// What was sent, and what stands there since; as JSON lists.
    public let ours: String
    public let theirs: String

    public init(field: String, ours: String, theirs: String) {
        self.field = field
        self.ours = ours
        self.theirs = theirs
    }
}

extension StoreReader {
    /// What is known of one of the system's records.
    public func connectorRecord(_ connector: String, _ object: String, _ remoteID: String) throws -> ConnectorRecord? {
        let statement = try statement(
            "SELECT object, remote_id, record, stamp, version, hash, state FROM connector_records WHERE connector = ? AND object = ? AND remote_id = ?")
        defer { statement.reset() }
        statement.bind(connector, object, remoteID)
        return try statement.step() ? StoreReader.connectorRecord(statement) : nil
    }

    /// Whether any of the system's records of a kind is known of which the id is this or, by its bytes, comes behind it.
    public func hasConnectorRecords(_ connector: String, _ object: String, from remoteID: String) throws -> Bool {
        let statement = try statement("SELECT 1 FROM connector_records WHERE connector = ? AND object = ? AND remote_id >= ? LIMIT 1")
        defer { statement.reset() }
        statement.bind(connector, object, remoteID)
        return try statement.step()
    }

    /// The system's records that are this record of ours.
    public func connectorRecords(_ connector: String, of record: RowID) throws -> [ConnectorRecord] {
        // Without a word SQLite reads all records of the system, whose key begins with its name.
        let statement = try statement(
            """
            SELECT object, remote_id, record, stamp, version, hash, state FROM connector_records INDEXED BY connector_records_by_record
            WHERE record = ? AND connector = ? ORDER BY object, remote_id
            """)
        defer { statement.reset() }
        statement.bind(1, id: record)
        statement.bind(2, text: connector)
        var found: [ConnectorRecord] = []
        while try statement.step() { found.append(try StoreReader.connectorRecord(statement)) }
        return found
    }

    /// The ids of the system's records that are there, as far as is known.
    public func connectorRemoteIDs(_ connector: String, _ object: String) throws -> [String] {
        try database.all("SELECT remote_id FROM connector_records WHERE connector = ? AND object = ? AND state < 2 ORDER BY remote_id", [connector, object])
            .map { $0["remote_id"] }
    }

    /// How many of the system's records are known to be there.
    public func connectorRecordCount(_ connector: String) throws -> Int {
        try Int.fetchOne(database, sql: "SELECT count(*) FROM connector_records WHERE connector = ? AND state < 2", arguments: [connector]) ?? 0
    }

    private static func connectorRecord(_ row: RawStatement) throws -> ConnectorRecord {
        let hash = UniqueID(bytes: row.bytes(5)) ?? UniqueID(high: 0, low: 0)
        return ConnectorRecord(
            object: row.text(0), remoteID: row.text(1), record: try StoreReader.id(row.bytes(2)), stamp: row.optionalInt64(3),
            version: row.optionalText(4), hash: Digest128(high: hash.high, low: hash.low), state: .init(rawValue: Int(row.int64(6))) ?? .present)
    }

    /// Whether the system writes values of any of its records of a kind in its own way.
    public func hasConnectorRewritings(_ connector: String, _ object: String) throws -> Bool {
        let statement = try statement("SELECT 1 FROM connector_rewritings WHERE connector = ? AND object = ? LIMIT 1")
        defer { statement.reset() }
        statement.bind(1, text: connector)
        statement.bind(2, text: object)
        return try statement.step()
    }

    /// How the system writes values of one of its records.
    public func connectorRewritings(_ connector: String, _ object: String, _ remoteID: String) throws -> [ConnectorRewriting] {
        let statement = try statement("SELECT field, ours, theirs FROM connector_rewritings WHERE connector = ? AND object = ? AND remote_id = ?")
        defer { statement.reset() }
        statement.bind(connector, object, remoteID)
        var found: [ConnectorRewriting] = []
        while try statement.step() { found.append(ConnectorRewriting(field: statement.text(0), ours: statement.text(1), theirs: statement.text(2))) }
        return found
    }
}

extension StoreWriter {
    /// Keeps which record of ours one of the system's is.
    public func put(_ record: ConnectorRecord, of connector: String) throws {
        let statement = try statement(
            """
            INSERT OR REPLACE INTO connector_records (connector, object, remote_id, record, stamp, version, hash, state)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """)
        statement.bind(connector, record.object, record.remoteID)
        statement.bind(4, id: record.record)
        statement.bind(5, record.stamp)
        statement.bind(6, text: record.version)
        statement.bind(7, id: UniqueID(high: record.hash.high, low: record.hash.low))
        statement.bind(8, Int64(record.state.rawValue))
        try statement.run()
    }

    /// Keeps how the system writes a value of ours; nil forgets it.
    public func setRewriting(_ rewriting: ConnectorRewriting?, field: String, of remoteID: String, _ object: String, connector: String) throws {
        guard let rewriting else {
            try database.run(
                "DELETE FROM connector_rewritings WHERE connector = ? AND object = ? AND remote_id = ? AND field = ?", [connector, object, remoteID, field])
            return
        }
        try database.run(
            "INSERT OR REPLACE INTO connector_rewritings (connector, object, remote_id, field, ours, theirs) VALUES (?, ?, ?, ?, ?, ?)",
            [connector, object, remoteID, field, rewriting.ours, rewriting.theirs])
    }

    /// Counts that the two sides put each other's value back; how often they did within the time.
    public func countFlip(_ connector: String, _ object: String, _ remoteID: String, field: String, within microseconds: Int64) throws -> Int {
        let now = environment.now().rawValue
        try database.run(
            """
            INSERT INTO connector_flips (connector, object, remote_id, field, begun_at, count) VALUES (?1, ?2, ?3, ?4, ?5, 1)
            ON CONFLICT DO UPDATE SET count = CASE WHEN begun_at < ?6 THEN 1 ELSE count + 1 END,
                begun_at = CASE WHEN begun_at < ?6 THEN ?5 ELSE begun_at END
            """, [connector, object, remoteID, field, now, now - microseconds])
        return try database.first(
            "SELECT count FROM connector_flips WHERE connector = ? AND object = ? AND remote_id = ? AND field = ?", [connector, object, remoteID, field]
        )?["count"] ?? 0
    }
}
