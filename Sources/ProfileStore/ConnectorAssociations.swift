internal import Causality
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
            """, connector, object, remoteID)
    }

    /// To which records the system said that one belongs.
    public func connectorAssociations(_ connector: String, naming object: String, _ remoteID: String) throws -> [ConnectorAssociation] {
        try connectorAssociations(
            """
            SELECT object, remote_id, association, other_object, other_id, role FROM connector_associations
            INDEXED BY connector_associations_by_other WHERE connector = ? AND other_object = ? AND other_id = ? ORDER BY object, remote_id, association
            """, connector, object, remoteID)
    }

    private func connectorAssociations(_ sql: String, _ connector: String, _ object: String, _ remoteID: String) throws -> [ConnectorAssociation] {
        let statement = try RawStatement(database, sql: sql)
        defer { statement.reset() }
        statement.bind(connector, object, remoteID)
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
    /// Keeps all that the system says under one name to belong to a record, in place of what it said before.
    public func setConnectorAssociations(
        _ associations: [ConnectorAssociation], _ association: String, of object: String, _ remoteID: String, connector: String
    ) throws {
        let delete = try RawStatement(
            database, sql: "DELETE FROM connector_associations WHERE connector = ? AND object = ? AND remote_id = ? AND association = ?")
        delete.bind(connector, object, remoteID, association)
        try delete.run()
        if associations.isEmpty { return }
        let insert = try RawStatement(
            database,
            sql: """
                INSERT OR REPLACE INTO connector_associations (connector, object, remote_id, association, other_object, other_id, role)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """)
        for one in associations {
            insert.bind(connector, object, remoteID, association, one.otherObject, one.otherID)
            insert.bind(7, text: one.role)
            try insert.run()
        }
    }
}
