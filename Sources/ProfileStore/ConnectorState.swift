public import Causality
internal import GRDB
internal import ProfileModel

/// How far this node is with a system that it reads and writes: a row of `connectors`.
public struct ConnectorState: Sendable, Equatable {
    public let name: String
    /// The mapping by which the system was read last.
    public var mapping: String
    /// How often the mapping has changed.
    public var generation: Int
    /// Up to this feed number rows have been looked at for what is to be written.
    public var pushedFeed: UInt64
    public var suspendedUntil: Stamp?
    public var lastPull: Stamp?
    public var lastPush: Stamp?
    /// The code of what stopped the last round, and what it speaks of as JSON.
    public var error: String?
    public var errorParameters: String?

    public init(name: String) {
        self.name = name
        mapping = ""
        generation = 0
        pushedFeed = 0
    }
}

extension StoreReader {
    /// The systems that this node reads and writes, or has read and written, by name.
    public func connectorStates() throws -> [ConnectorState] {
        try database.all("SELECT * FROM connectors ORDER BY name").map { row in
            var state = ConnectorState(name: row["name"])
            state.mapping = row["mapping"]
            state.generation = row["generation"]
            state.pushedFeed = StoreReader.unsigned(row["pushed_feed"])
            state.suspendedUntil = (row["suspended_until"] as Int64?).map(Stamp.init(rawValue:))
            state.lastPull = (row["last_pull"] as Int64?).map(Stamp.init(rawValue:))
            state.lastPush = (row["last_push"] as Int64?).map(Stamp.init(rawValue:))
            state.error = row["error"]
            state.errorParameters = row["error_parameters"]
            return state
        }
    }

    public func connectorState(_ name: String) throws -> ConnectorState? { try connectorStates().first { $0.name == name } }

    /// How far a kind of the system's records has been read, as text; nil before the first time.
    public func connectorCursor(_ name: String, object: String) throws -> String? {
        try database.first("SELECT cursor FROM connector_cursors WHERE connector = ? AND object = ?", [name, object])?["cursor"]
    }

    /// When all ids of a kind of the system's records were last compared with what is known; nil before all were read.
    public func connectorComparison(_ name: String, object: String) throws -> Stamp? {
        let row = try database.first("SELECT compared_at FROM connector_cursors WHERE connector = ? AND object = ?", [name, object])
        return (row?["compared_at"] as Int64?).map(Stamp.init(rawValue:))
    }

    /// The id of the row that names a system: one in the deployment.
    public func connectorID(_ name: String) throws -> RowID { try naturalID("connector", name) }

    /// The document of the row that names a system; nil where there is none or it was removed.
    public func connectorDocument(_ row: StoredRow) throws -> String? {
        let reading = CellReading(CellKey(field: FieldID.content.rawValue), of: [Member(record: row.id, state: row.state)], key: try node().key)
        return reading.latest?.write.value.map { FieldValue.plainText(of: $0) }
    }

    /// Customers that have changed after a feed number, by a link or an affiliation too, with the last number looked at.
    ///
    /// - Parameter source: rows that hold nothing but this source's word are left out.
    public func customersChanged(after feed: UInt64, saidByOthersThan source: String, limit: Int) throws -> (ids: [RowID], feed: UInt64, isLast: Bool) {
        var ids: [RowID] = [], numbers: [UInt64] = []
        for layout in [RowLayout.customers, RowLayout.items] {
            let condition = layout.table == RowLayout.customers.table
                ? "feed > ?1 ORDER BY feed LIMIT ?2"
                : "feed > ?1 AND kind IN (\(RowKind.link.rawValue), \(RowKind.affiliation.rawValue)) ORDER BY feed LIMIT ?2"
            let rows = try rows(layout, where: condition) {
                $0.bind(1, Int64(bitPattern: feed))
                $0.bind(2, Int64(limit))
            }
            if rows.count == limit, let last = rows.last { numbers.append(last.feed) }
            for row in rows {
                if row.kind.isBetweenCustomers {
                    if row.kind == .affiliation, row.compact.isSaid(by: source) { continue }
                    let (owner, other) = try customers(ofItem: row)
                    ids += [owner, other].compactMap(\.self)
                } else if row.profile != nil || !row.compact.isSaid(by: source) {
                    ids.append(row.id)
                }
            }
        }
        // What the shorter list has beyond the end of a longer one is looked at again.
        let isLast = numbers.isEmpty
        return (ids, try isLast ? node().feed : numbers.min()!, isLast)
    }
}

extension CompactRow {
    fileprivate func isSaid(by source: String) -> Bool {
        exceptions.isEmpty && base?.header.source.map { $0.utf8.elementsEqual(source.utf8) } ?? false
    }
}

extension StoreWriter {
    /// Keeps what is known of a system, or adds it.
    public func put(_ state: ConnectorState) throws {
        try database.run(
            """
            INSERT INTO connectors (name, secret, mapping, generation, pushed_feed, suspended_until, last_pull, last_push, error, error_parameters)
                VALUES (?, '', ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (name) DO UPDATE SET mapping = excluded.mapping, generation = excluded.generation, pushed_feed = excluded.pushed_feed,
                suspended_until = excluded.suspended_until, last_pull = excluded.last_pull, last_push = excluded.last_push,
                error = excluded.error, error_parameters = excluded.error_parameters
            """,
            [
                state.name, state.mapping, state.generation, Int64(bitPattern: state.pushedFeed), state.suspendedUntil?.rawValue,
                state.lastPull?.rawValue, state.lastPush?.rawValue, state.error, state.errorParameters,
            ])
    }

    /// Keeps how far a kind of the system's records has been read.
    public func setConnectorCursor(_ name: String, object: String, to cursor: String) throws {
        try database.run(
            """
            INSERT INTO connector_cursors (connector, object, cursor) VALUES (?, ?, ?)
            ON CONFLICT (connector, object) DO UPDATE SET cursor = excluded.cursor
            """, [name, object, cursor])
    }

    /// Keeps when all ids of a kind of the system's records that has been read were last compared with what is known.
    public func setConnectorComparison(_ name: String, object: String, at time: Stamp) throws {
        try database.run("UPDATE connector_cursors SET compared_at = ? WHERE connector = ? AND object = ?", [time.rawValue, name, object])
    }

    /// Forgets all that this node kept of a system beside its rows.
    public func forgetConnector(_ name: String) throws {
        let tables = [
            "connectors", "connector_cursors", "connector_records", "connector_rewritings", "connector_outbox", "connector_dead_letters", "connector_flips",
            "connector_associations", "connector_hooks", "connector_hooks_seen",
        ]
        for table in tables {
            try database.execute(sql: "DELETE FROM \(table) WHERE \(table == "connectors" ? "name" : "connector") = ?", arguments: [name])
        }
    }

    /// Forgets how far a system was read, so that all is read again.
    public func restartConnector(_ name: String) throws {
        try database.execute(sql: "DELETE FROM connector_cursors WHERE connector = ?", arguments: [name])
    }

    /// Forgets what was kept of a customer that is erased.
    func forgetConnectorRecords(of record: RowID) throws {
        let named = "SELECT 1 FROM connector_records AS r WHERE r.record = ?1 AND r.connector = t.connector AND r.object = t.object AND r.remote_id = t.remote_id"
        for table in ["connector_rewritings", "connector_flips", "connector_associations"] {
            try database.execute(sql: "DELETE FROM \(table) AS t WHERE EXISTS (\(named))", arguments: [record.data])
        }
        for table in ["connector_dead_letters", "connector_outbox", "connector_records"] {
            try database.execute(sql: "DELETE FROM \(table) WHERE record = ?1", arguments: [record.data])
        }
    }
}
