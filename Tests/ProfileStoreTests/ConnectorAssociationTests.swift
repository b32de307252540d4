import NodeOperations
import ProfileModel
import ProfileStore
import Testing

/// What a system said to belong to a record that was not read yet.
struct ConnectorAssociationTests {
    @Test func whatBelongsToARecordIsFoundInTheTransactionThatSaysIt() throws {
        let here = try SearchNode()
        func said(_ id: String) -> ConnectorAssociation {
            ConnectorAssociation(object: "Contact", remoteID: id, association: "AccountId", otherObject: "Account", otherID: "a1", role: nil)
        }
        for number in 1...2 {
            try here.store.write { writer in
                #expect(try writer.connectorAssociationsWaiting("crm", for: "Account", "a1").count == number - 1)
                try writer.setConnectorAssociations([said("c\(number)")], "AccountId", of: "Contact", "c\(number)", connector: "crm")
                #expect(try writer.connectorAssociationsWaiting("crm", for: "Account", "a1").count == number)
                #expect(try writer.connectorAssociationsWaiting("crm", for: "Contact", "a1").isEmpty)
                #expect(try writer.connectorAssociationsWaiting("other", for: "Account", "a1").isEmpty)
            }
        }
    }
}
