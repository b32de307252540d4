import Causality
import FleetSupport
import GRDB
import NodeOperations
import ProfileModel
import Testing

@testable import ProfileStore

/// Takes back what migrations did.
enum OlderStore {
    /// Undoes migration 14.
    static func beforeComparisons(_ database: Database) throws {
        try database.execute(sql: """
            ALTER TABLE connector_cursors DROP COLUMN compared_at;
            ALTER TABLE connectors ADD COLUMN last_reconciled INTEGER;
            """)
    }
}

/// Stores of earlier forms are brought to this one with all that they say.
struct OlderStoreTests {
    @Test func conflictsAboutAffiliationsAreListedAndComparisonsAreKept() throws {
        let fleet = try TestFleet(2)
        let person = try fleet[0].add(.person, [Assignment("name=王芳")]).id.description
        let organization = try fleet[0].add(.organization, [Assignment("name=海辰科技")]).id.description
        try fleet.settle()
        for (index, role) in ["buyer", "champion"].enumerated() { _ = try fleet[index].affiliate(person, with: organization, role: role) }
        try fleet.settle()
        try fleet[0].store.write { writer in
            let database = writer.database
            try OlderStore.beforeComparisons(database)
            try database.execute(sql: """
                DELETE FROM contested;
                INSERT INTO connectors (name, secret, mapping, generation, pushed_feed, last_reconciled) VALUES ('crm', '', '', 0, 0, 7);
                INSERT INTO connector_cursors (connector, object, cursor) VALUES ('crm', 'contacts', '{}');
                PRAGMA user_version = 13;
                """)
        }
        try fleet.reopen(0)
        #expect(try fleet[0].conflicts().conflicts.map(\.field) == ["affiliation.decision_role"])
        #expect(try fleet[0].store.read { try $0.connectorComparison("crm", object: "contacts") }?.rawValue == 7)
        try StoreLaws.check(fleet[0])
    }
}
