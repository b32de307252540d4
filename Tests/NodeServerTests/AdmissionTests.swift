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

    /// A machine that was installed anew takes its name again with a new token.
    @Test func setsANameFreeWithANewToken() async throws {
        let server = try fleet.found("branch")
        let old = try server.admit(name: "laptop")
        try await fleet.serving(server) { [fleet] url in
            let first = try fleet.found("laptop", deployment: deployment(of: server))
            _ = try first.addPeer(name: "branch", url: url, token: old)
            func outcome(_ node: Node) async throws -> String? {
                try await onThread { try (node.sync(with: node.peers(named: ["branch"])[0]).error as? any CodedError)?.code }
            }
            #expect(try server.store.read { try $0.admissions() }.first?.usedAt == nil)
            #expect(try await outcome(first) == nil)
            let bound = try #require(try server.store.read { try $0.admissions() }.first)
            #expect(try bound.usedAt != nil && bound.node == first.store.identity().node)
            let again = try fleet.found("laptop", in: "again", deployment: deployment(of: server))
            _ = try again.addPeer(name: "branch", url: url, token: old)
            #expect(try await outcome(again) == "sync.name-taken")
            _ = try again.addPeer(name: "branch", url: url, token: server.admit(name: "laptop"))
            #expect(try await outcome(again) == nil)
            #expect(try await outcome(first) == "server.token-unknown")
            #expect(try server.store.read { try $0.admissions() }.first?.node == again.store.identity().node)
        }
    }

    /// A reader gets what there is; what it writes stays with it, and a push is refused all the same.
    @Test func takesNothingFromAReader() async throws {
        let server = try fleet.found("branch")
        let record = try server.add(.person, [Assignment("name=张伟")]).id
        let token = try server.admit(name: "laptop", role: .reader)
        try await fleet.serving(server) { [fleet] url in
            let reader = try fleet.found("laptop", deployment: deployment(of: server))
            let own = try reader.add(.person, [Assignment("name=李娜")]).id
            let peer = try reader.addPeer(name: "branch", url: url, token: token)
            let result = try await onThread { reader.sync(with: peer) }
            #expect(result.error == nil)
            #expect(result.report.warnings.map(\.code) == ["sync.read-only"])
            #expect(try reader.store.read { try $0.row(record) } != nil)
            #expect(try server.store.read { try $0.row(own) } == nil)
            #expect(try reader.status().unsent > 0)
            let preamble = try Self.preamble(from: reader, to: server)
            let refused = try await ask(.post, url + "/sync/push", token: token.text, .bytes(preamble))
            #expect(refused.status == 403)
            #expect(refused.code == "sync.read-only")
        }
    }

    /// The first item of a push, as a stream of items begins with it.
    private static func preamble(from node: Node, to server: Node) throws -> [UInt8] {
        let own = try node.store.identity(), other = try server.store.identity()
        let text = #"{"after":0,"deployment":"\#(own.deployment)","life":"\#(own.life)","name":"\#(own.nodeName)","node":"\#(own.node)","to":"\#(other.life)"}"#
        let count = UInt32(text.utf8.count)
        return (0..<4).map { UInt8(truncatingIfNeeded: count >> (8 * UInt32($0))) } + Array(text.utf8)
    }

    @Test func joiningTellsWhyItIsRefused() async throws {
        let server = try fleet.found("branch")
        let used = try server.admit(name: "laptop", isOnce: true)
        try await fleet.serving(server) { [fleet] url in
            func join(_ token: AccessToken) async throws -> String? {
                try await onThread {
                    do {
                        _ = try Node.join(home: fleet.folder + "/other", name: "laptop", author: "a", url: url, token: token)
                        return nil
                    } catch { return (error as? any CodedError)?.code }
                }
            }
            #expect(try await join(AccessToken(SystemEnvironment())) == "server.token-unknown")
            let first = try fleet.found("laptop", deployment: deployment(of: server))
            let peer = try first.addPeer(name: "branch", url: url, token: used)
            _ = try await onThread { first.sync(with: peer) }
            #expect(try await join(used) == "server.token-used")
            #expect(!FileManager.default.fileExists(atPath: fleet.folder + "/other/limn.sqlite"))
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
