import FleetSupport
import Foundation
import MergeVectors
import StandinServing
import Testing

/// The real program killed while a system's token is renewed.
@Suite("The program is killed in a renewal", .serialized)
struct KilledRenewalTests {
    private static let kills = 20

    /// What the key file holds of a system.
    private func secret(_ home: String) throws -> [String: String] {
        let document = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: home + "/limn.keys"))) as? [String: Any]
        let secrets = try #require(document?["secrets"] as? [String: String]), text = try #require(secrets.values.first)
        #expect(secrets.count == 1)
        return try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: String])
    }

    @Test func theKeyFileIsTheOldOrTheNewAndTheNextRoundGoesOn() throws {
        let standin = try Standin("hubspot", ["--records", "3", "--kind", "contacts"])
        let folder = try TestFolder(), home = folder["node"]
        let token = try folder.file("token", #"{"client_id": "standin-client", "client_secret": "standin-secret", "refresh_token": "standin-refresh"}"#)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: token)
        try #require(LimnProcess.run(home: home, "init", "--name", "node").code == 0)
        let added = try LimnProcess.run(home: home, "crm", "add", "hubspot", "--url", standin.url, "--token-file", token)
        try #require(added.code == 0, "\(added.errors)")
        try #require(LimnProcess.run(home: home, "crm", "sync").code == 0)
        var before = try secret(home), renewals = 0
        #expect(before["access_token"] != nil)
        try KilledNode.kill(Self.kills, within: 400) { _ in
            try standin.fault("expire-token")
            return try LimnProcess(home: home, ["crm", "sync"])
        } check: { _, _ in
            let now = try secret(home)
            if now["access_token"] != before["access_token"] { renewals += 1 }
            #expect(Set(now.keys) == Set(before.keys) && now["refresh_token"] == "standin-refresh", "LIMN_SEED=\(TestSeed.value)")
            let next = try LimnProcess.run(home: home, "crm", "sync")
            #expect(next.code == 0, "LIMN_SEED=\(TestSeed.value): \(next.errors)")
            before = try secret(home)
        }
        #expect(try KilledNode.isWhole(home))
        #expect(try LimnProcess.data(home: home, "status")["customers"] as? Int == 3)
        print("\(renewals) keys were renewed before the end")
    }
}
