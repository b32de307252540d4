import Causality
import Connectors
import FleetSupport
import Foundation
import GRDB
import NodeOperations
import NodeSecurity
import ProfileModel
import Testing

@testable import ProfileStore

/// Stores of versions that kept secrets in the store, and schedules of cleaning alone.
struct LeftSecretTests {
    private let fleet: TestFleet
    private var node: Node { fleet[0] }

    init() throws {
        fleet = try TestFleet(1)
        _ = try node.addConnector(
            name: "erp", system: "tryton", url: "https://erp.example.com/crm", secret: ConnectorSecret(text: "new-s3cret"))
        _ = try node.addPeer(name: "hq", url: "https://hq.example.com", token: AccessToken(node.environment))
        try FileManager.default.removeItem(atPath: node.keys.path)
    }

    /// Puts secrets where an earlier version had them.
    private func leave() throws {
        try node.store.write { writer in
            try writer.database.execute(sql: "UPDATE connectors SET secret = 'old-s3cret-of-the-system'")
            try writer.database.execute(sql: "UPDATE peers SET token = 'old-t0ken-of-the-peer'")
        }
    }

    /// The files of the node in which a text stands.
    private func files(with text: String) throws -> Set<String> {
        let home = node.store.home
        return try Set(FileManager.default.contentsOfDirectory(atPath: home).filter { name in
            FileManager.default.contents(atPath: home + "/" + name)?.range(of: Data(text.utf8)) != nil
        })
    }

    @Test func theyAreMovedWithoutATrace() throws {
        try leave()
        try node.store.truncateLog()
        #expect(try files(with: "old-s3cret-of-the-system") == ["limn.sqlite"])
        try fleet.reopen(0)
        #expect(try node.keys.secrets() == ["crm:erp": "old-s3cret-of-the-system", "peer:hq": "old-t0ken-of-the-peer"])
        for secret in ["old-s3cret-of-the-system", "old-t0ken-of-the-peer"] { #expect(try files(with: secret) == ["limn.keys"]) }
    }

    @Test func aCrashBetweenTheTwoStepsLosesNothing() throws {
        try leave()
        try node.keys.change { ($0["crm:erp"], $0["peer:hq"]) = ("old-s3cret-of-the-system", "old-t0ken-of-the-peer") }
        try fleet.reopen(0)
        #expect(try files(with: "old-s3cret-of-the-system") == ["limn.keys"])
        #expect(try node.keys.secret("peer:hq") == "old-t0ken-of-the-peer")
        // What is renewed since is not undone by another opening.
        try node.keys.set("crm:erp", to: "renewed")
        try fleet.reopen(0)
        #expect(try node.keys.secret("crm:erp") == "renewed")
    }

    @Test func nothingIsBlankedThatCannotBeMoved() throws {
        try leave()
        #expect(FileManager.default.createFile(atPath: node.keys.path, contents: Data(), attributes: [.posixPermissions: 0o644]))
        #expect(throws: SecurityError.keysOpen(path: node.keys.path)) { try fleet.reopen(0) }
        #expect(try node.store.read { try $0.leftSecrets().connectors } == ["erp": "old-s3cret-of-the-system"])
        try FileManager.default.removeItem(atPath: node.keys.path)
        try fleet.reopen(0)
        #expect(try node.keys.secrets().count == 2)
    }

    @Test func schedulesOfCleaningStay() throws {
        try node.store.write { writer in
            let database = writer.database
            for table in ["schedules", "connector_hooks", "connector_hooks_seen"] { try database.execute(sql: "DROP TABLE \(table)") }
            try database.execute(sql: try #require(EmbeddedFile.text("migrations/0006.sql")))
            try OlderStore.beforeComparisons(database)
            try database.execute(sql: "INSERT INTO cleaning_schedules VALUES ('nightly', '0 3 * * *', 'fill-region\nfill-city', 5, 7, 6, 'store.busy')")
            try database.execute(sql: "PRAGMA user_version = 12")
        }
        try fleet.reopen(0)
        let schedule = try #require(try node.store.read { try $0.schedules(of: .clean) }.first)
        #expect(schedule.name == "nightly" && schedule.times == "0 3 * * *" && schedule.details == ["fill-region", "fill-city"])
        #expect(schedule.setAt.rawValue == 5 && schedule.lastRun?.rawValue == 7 && schedule.missed?.rawValue == 6 && schedule.error == "store.busy")
        #expect(try node.store.read { try $0.schedules(of: .crm) }.isEmpty)
    }
}
