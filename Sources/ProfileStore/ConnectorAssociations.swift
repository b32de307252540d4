public import Causality
internal import GRDB
internal import ProfileModel

/// What a system said last: that another of its records belongs to one.
public struct ConnectorAssociation: Sendable, Equatable {
    public let object: String
    public let remoteID: String
    /// Its name in the mapping.
    public let association: String
    public let otherObject: String
    public let otherID: String
    /// The part in decisions in the system's words; nil where it tells none.
    public let role: String?

    public init(object: String, remoteID: String, association: String, otherObject: String, otherID: String, role: String?) {
        self.object = object
        self.remoteID = remoteID
        self.association = association
        self.otherObject = otherObject
        self.otherID = otherID
        self.role = role
    }
}

extension StoreReader {
    /// What the system said to belong to one of its records.
    public func connectorAssociations(_ connector: String, of object: String, _ remoteID: String) throws -> [ConnectorAssociation] {
        try connectorAssociations(
            """
            SELECT object, remote_id, association, other_object, other_id, role FROM connector_associations
            WHERE connector = ? AND object = ? AND remote_id = ? ORDER BY association, other_id
            """
        ) { $0.bind(connector, object, remoteID) }
    }

    /// What the system said to belong to its records that are a record of ours, but for those that are gone or were merged into others.
    public func connectorAssociations(_ connector: String, of record: RowID) throws -> [ConnectorAssociation] {
        // How a record stands is not in the index, and is asked only where something belongs to it.
        try connectorAssociations(
            """
            SELECT a.object, a.remote_id, a.association, a.other_object, a.other_id, a.role
            FROM connector_records AS r INDEXED BY connector_records_by_record
            CROSS JOIN connector_associations AS a ON a.connector = r.connector AND a.object = r.object AND a.remote_id = r.remote_id
            CROSS JOIN connector_records AS s ON s.connector = r.connector AND s.object = r.object AND s.remote_id = r.remote_id
            WHERE r.record = ? AND r.connector = ? AND s.state NOT IN (2, 3) ORDER BY r.object, r.remote_id, a.association, a.other_id
            """
        ) {
            $0.bind(1, id: record)
            $0.bind(2, text: connector)
        }
    }

    /// To which records the system said that one belongs.
    public func connectorAssociations(_ connector: String, naming object: String, _ remoteID: String) throws -> [ConnectorAssociation] {
        try connectorAssociations(
            """
            SELECT object, remote_id, association, other_object, other_id, role FROM connector_associations
            INDEXED BY connector_associations_by_other WHERE connector = ? AND other_object = ? AND other_id = ? ORDER BY object, remote_id, association
            """
        ) { $0.bind(connector, object, remoteID) }
    }

    /// Whether the system said that something belongs to any of its records of a kind.
    fileprivate func isAnyNamed(_ connector: String, _ object: String) throws -> Bool {
        let statement = try statement(
            """
            SELECT 1 FROM connector_associations INDEXED BY connector_associations_by_other WHERE connector = ? AND other_object = ? LIMIT 1
            """)
        defer { statement.reset() }
        statement.bind(1, text: connector)
        statement.bind(2, text: object)
        return try statement.step()
    }

    private func connectorAssociations(_ sql: StaticString, _ bind: (RawStatement) -> Void) throws -> [ConnectorAssociation] {
        let statement = try statement(sql)
        defer { statement.reset() }
        bind(statement)
        var found: [ConnectorAssociation] = []
        while try statement.step() {
            found.append(ConnectorAssociation(
                object: statement.text(0), remoteID: statement.text(1), association: statement.text(2), otherObject: statement.text(3),
                otherID: statement.text(4), role: statement.optionalText(5)))
        }
        return found
    }
}

extension StoreWriter {
    /// To which records the system said that one belongs; where that is none of its whole kind, as in a first pull, it is asked once in a transaction.
    public func connectorAssociationsWaiting(_ connector: String, for object: String, _ remoteID: String) throws -> [ConnectorAssociation] {
        var isNamed = facts.namedKinds[connector]?[object]
        if isNamed == nil {
            isNamed = try isAnyNamed(connector, object)
            facts.namedKinds[connector, default: [:]][object] = isNamed
        }
        return isNamed == false ? [] : try connectorAssociations(connector, naming: object, remoteID)
    }

    /// Keeps all that the system says under one name to belong to a record, in place of what it said before.
    public func setConnectorAssociations(
        _ associations: [ConnectorAssociation], _ association: String, of object: String, _ remoteID: String, connector: String
    ) throws {
        let delete = try statement("DELETE FROM connector_associations WHERE connector = ? AND object = ? AND remote_id = ? AND association = ?")
        delete.bind(connector, object, remoteID)
        delete.bind(4, text: association)
        try delete.run()
        if associations.isEmpty { return }
        let insert = try statement(
            """
            INSERT OR REPLACE INTO connector_associations (connector, object, remote_id, association, other_object, other_id, role)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """)
        for one in associations {
            insert.bind(connector, object, remoteID)
            insert.bind(4, text: association)
            insert.bind(5, text: one.otherObject)
            insert.bind(6, text: one.otherID)
            insert.bind(7, text: one.role)
            try insert.run()
            facts.namedKinds[connector, default: [:]][one.otherObject] = true
        }
    }
}
