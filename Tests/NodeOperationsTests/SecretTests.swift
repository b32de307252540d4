import Causality
import Connectors
import FleetSupport
import Foundation
import LoopbackServing
import NodeOperations
import NodeSecurity
import ProfileModel
import ProfileStore
import Testing

/// Where secrets are, and where they are not.
struct SecretTests {
    private let fleet: TestFleet
    private var node: Node { fleet[0] }

    init() throws { fleet = try TestFleet(1) }

    private func code(_ work: () throws -> Void) -> String? {
        do { try work() } catch { return (error as? any CodedError)?.code }
        return nil
    }

    /// The files below a folder in which a text stands.
    private func files(with text: String, in folder: String) throws -> Set<String> {
        var found: Set<String> = []
        for case let name as String in try #require(FileManager.default.enumerator(atPath: folder)) {
            guard let data = FileManager.default.contents(atPath: folder + "/" + name) else { continue }
            if data.range(of: Data(text.utf8)) != nil { found.insert(name) }
        }
        return found
    }

    private func addSystem(_ secret: String = "s3cret-of-the-system") throws {
        _ = try node.addConnector(
            name: "erp", system: "tryton", url: "https://erp.example.com/crm", secret: ConnectorSecret(text: secret), hookSecret: "s3cret-of-its-messages")
    }

    @Test func secretsStandInTheKeyFileAlone() throws {
        try addSystem()
        let token = AccessToken(node.environment)
        _ = try node.addPeer(name: "hq", url: "https://hq.example.com", token: token)
        let home = node.store.home
        _ = try node.store.backUp(to: fleet.folder["copy.limn"])
        for secret in ["s3cret-of-the-system", "s3cret-of-its-messages", token.text] {
            #expect(try files(with: secret, in: home) == ["limn.keys"])
            let copy = try #require(FileManager.default.contents(atPath: fleet.folder["copy.limn"]))
            #expect(copy.range(of: Data(secret.utf8)) == nil)
        }
        _ = try node.removeConnector("erp")
        try node.removePeer("hq")
        #expect(try node.keys.secrets().isEmpty)
    }

    @Test func aCopyWithoutTheKeyFileSaysSo() throws {
        try addSystem()
        _ = try node.addPeer(name: "hq", url: "https://hq.example.com", token: AccessToken(node.environment))
        _ = try node.store.backUp(to: fleet.folder["copy.limn"])
        let restored = try Node.restore(
            fleet.folder["copy.limn"], to: fleet.folder["restored"], author: nil, environment: SimulatedEnvironment(prefix: 9)).node
        #expect(code { _ = try restored.pullConnector("erp") } == "crm.no-secret")
        #expect(try restored.connectorStatus().map(\.advice) == [.giveSecret])
        #expect((try restored.sync(with: restored.peers(named: ["hq"])[0]).error as? any CodedError)?.code == "node.no-token")
        _ = try restored.takeOverConnector("erp", secret: ConnectorSecret(text: "again"))
        #expect(try restored.connectorStatus().map(\.advice) == [.syncFirst])
    }

    @Test func statusSaysWhatIsWrongWithTheKeyFile() throws {
        try addSystem()
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: node.keys.path)
        let status = try #require(try node.connectorStatus().first)
        #expect(status.advice == .lookAtError && status.error?.code == "security.keys-open")
        #expect(code { _ = try node.pullConnector("erp") } == "security.keys-open")
    }

    /// A system that gives a new refresh token, and takes the old one no more.
    @Test func aRenewedSecretIsOnDiskBeforeItIsUsed() throws {
        let seen = TokenSteps(), keys = node.keys
        let server = LoopbackServer { connection in
            while let request = connection.readRequest() {
                let isToken = request.line.contains("/token"), isFresh = request.field("authorization") == "Bearer fresh-access"
                // What a crash at this moment would leave.
                if let held = try? keys.secret("crm:crm") { seen.note("\(isToken ? "token" : isFresh ? "fresh" : "stale") \(held)") }
                let body = isToken ? #"{"access_token":"fresh-access","expires_in":1800}"# : #"{"results":[],"paging":null,"total":0}"#
                let status = isToken || isFresh ? "200 OK" : "401 Unauthorized"
                if !connection.answer(Array(body.utf8), status: status, fields: ["Content-Type: application/json"]) { return }
            }
        }
        _ = try node.addConnector(
            name: "crm", system: "hubspot", url: server.url,
            secret: ConnectorSecret(text: #"{"client_id":"id","client_secret":"cs","refresh_token":"first-refresh","access_token":"stale"}"#))
        var options = ConnectorOptions()
        options.sleep = { _ in }
        _ = try? node.pullConnector("crm", options: options)
        let secret = try #require(try node.keys.secret("crm:crm"))
        #expect(secret.contains("fresh-access"))
        #expect(seen.all.contains { $0.hasPrefix("stale ") } && seen.all.contains { $0.hasPrefix("fresh ") })
        for step in seen.all {
            #expect(step.contains("\"first-refresh\""), "at every moment there is a secret that opens the system")
            #expect(step.hasPrefix("fresh ") == step.contains("fresh-access"), "the new one is on disk before it is used")
        }
        #expect(try files(with: "fresh-access", in: node.store.home) == ["limn.keys"])
    }
}

/// What stood in the key file at each request.
private final class TokenSteps: @unchecked Sendable {
    private let lock = NSLock()
    private var steps: [String] = []
    func note(_ text: String) { lock.withLock { steps.append(text) } }
    var all: [String] { lock.withLock { steps } }
}
