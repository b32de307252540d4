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
        try database.all(
            "SELECT * FROM connector_associations WHERE connector = ? AND object = ? AND remote_id = ? ORDER BY association, other_id",
            [connector, object, remoteID]
        ).map(StoreReader.connectorAssociation)
    }

    /// To which records the system said that one belongs.
    public func connectorAssociations(_ connector: String, naming object: String, _ remoteID: String) throws -> [ConnectorAssociation] {
        try database.all(
            """
            SELECT * FROM connector_associations INDEXED BY connector_associations_by_other
            WHERE connector = ? AND other_object = ? AND other_id = ? ORDER BY object, remote_id, association
            """,
            [connector, object, remoteID]
        ).map(StoreReader.connectorAssociation)
    }

    private static func connectorAssociation(_ row: Row) -> ConnectorAssociation {
        ConnectorAssociation(
            object: row["object"], remoteID: row["remote_id"], association: row["association"], otherObject: row["other_object"],
            otherID: row["other_id"], role: row["role"])
    }
}

extension StoreWriter {
    /// Keeps all that the system says under one name to belong to a record, in place of what it said before.
    public func setConnectorAssociations(
        _ associations: [ConnectorAssociation], _ association: String, of object: String, _ remoteID: String, connector: String
    ) throws {
        try database.run(
            "DELETE FROM connector_associations WHERE connector = ? AND object = ? AND remote_id = ? AND association = ?",
            [connector, object, remoteID, association])
        for one in associations {
            try database.run(
                """
                INSERT OR REPLACE INTO connector_associations (connector, object, remote_id, association, other_object, other_id, role)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
                [connector, object, remoteID, association, one.otherObject, one.otherID, one.role])
        }
    }
}
