import CurlHTTP
import Foundation
import NodeEnvironment
import NodeOperations
import NodeSecurity
import NodeServer
import ProfileModel
import ProfileStore
import Replication
import Testing

@Suite struct AdmissionTests {
    private let fleet = Fleet()

    @Test func asksForATokenEverywhereButHealth() async throws {
        let node = try fleet.found("branch")
        let good = try node.admit(name: "laptop").text
        try await fleet.serving(node) { (url) async throws in
            let health = try await ask(.get, url + "/health", token: nil)
            #expect(health.status == 200)
            #expect(health.text == #"{"status":"ok"}"#)
            let unknown = AccessToken(SystemEnvironment()).text
            for (token, code) in [(nil, "server.token-missing"), (unknown, "server.token-unknown"), (String(good.dropLast()), "security.token-malformed")] {
                for path in ["/sync/hello", "/sync/pull", "/sync/push", "/sync/fetch"] {
                    let reply = try await ask(.post, url + path, token: token, .bytes(Array("{}".utf8)))
                    #expect(reply.status == 401, "\(path)")
                    #expect(reply.code == code, "\(path)")
                }
                let reply = try await ask(.get, url + "/join", token: token)
                #expect(reply.status == 401)
                #expect(reply.code == code)
                #expect(!reply.text.contains("hashKey"))
            }
            #expect(try await ask(.get, url + "/join", token: good).status == 200)
        }
    }

    @Test func replacesAndTakesBackTokens() async throws {
        let node = try fleet.found("branch")
        let old = try node.admit(name: "laptop").text
        try await fleet.serving(node) { (url) async throws in
            #expect(try await ask(.get, url + "/join", token: old).status == 200)
            let new = try node.admit(name: "laptop").text
            #expect(try await ask(.get, url + "/join", token: old).status == 401)
            #expect(try await ask(.get, url + "/join", token: new).status == 200)
            try node.removePeer("laptop")
            #expect(try await ask(.get, url + "/join", token: new).status == 401)
        }
    }

    @Test func invitesIntoTheDeployment() async throws {
        let node = try fleet.found("总部")
        let token = try node.admit(name: "laptop", scopes: ["cn/east"]).text
        try await fleet.serving(node) { (url) async throws in
            let reply = try await ask(.get, url + "/join", token: token)
            let invitation = try JSONDecoder().decode(Invitation.self, from: Data(reply.text.utf8))
            let own = try node.store.identity()
            #expect(invitation == Invitation(
                deployment: own.deployment, hashKey: own.hashKey, node: "总部", name: "laptop", scopes: ["cn/east"]))
        }
    }

    /// The token of one name lets no other name in; a name stays with the node that used it first.
    @Test func bindsANameToItsNode() async throws {
        let server = try fleet.found("branch")
        let token = try server.admit(name: "laptop", isOnce: true)
        try await fleet.serving(server) { [fleet] url in
            let joined = try await onThread {
                try Node.join(home: fleet.folder + "/laptop", name: "laptop", author: "a", url: url, token: token).node
            }
            let stranger = try fleet.found("stranger", deployment: deployment(of: server))
            let twin = try fleet.found("laptop", in: "twin", deployment: deployment(of: server))
            for node in [joined, stranger, twin] { _ = try node.addPeer(name: "branch", url: url, token: token) }
            func outcome(_ node: Node) async throws -> String? {
                try await onThread { try (node.sync(with: node.peers(named: ["branch"])[0]).error as? any CodedError)?.code }
            }
            #expect(try await ask(.get, url + "/join", token: token.text).status == 200)
            #expect(try await outcome(stranger) == "sync.not-admitted")
            #expect(try await outcome(joined) == nil)
            #expect(try await outcome(twin) == "sync.name-taken")
            #expect(try await outcome(joined) == nil)
            let again = try await ask(.get, url + "/join", token: token.text)
            #expect(again.status == 403)
            #expect(again.code == "server.token-used")
        }
    }

    @Test func refusesAnotherDeployment() async throws {
        let server = try fleet.found("branch")
        let token = try server.admit(name: "laptop")
        let other = try fleet.found("laptop")
        try await fleet.serving(server) { (url) async throws in
            let peer = try other.addPeer(name: "branch", url: url, token: token)
            let error = try await onThread { other.sync(with: peer).error as? any CodedError }
            #expect(error?.code == "sync.other-deployment")
        }
    }

    private func deployment(of node: Node) throws -> Deployment {
        let own = try node.store.identity()
        return Deployment(id: own.deployment, key: own.hashKey)
    }
}
