import CurlHTTP
import NodeOperations
import NodeSecurity
import NodeServer
import ProfileModel
import ProfileStore
import Replication
import Testing

/// Programs of different versions over real HTTP.
@Suite struct VersionsOverHTTPTests {
    private let fleet = Fleet()

    private func error(speaking versions: ClosedRange<Int>) async throws -> (any CodedError)? {
        let server = try fleet.found("branch")
        let laptop = try await fleet.serving(server) { (url) async throws in
            let token = try server.admit(name: "laptop"), folder = fleet.folder
            return try await onThread { try Node.join(home: folder + "/laptop", name: "laptop", author: "laptop", url: url, token: token).node }
        }
        return try await fleet.serving(server, change: { $0.limits.sync.versions = versions }) { (url) async throws in
            let name = try laptop.peers(named: [])[0].name
            _ = try laptop.addPeer(name: name, url: url, token: try server.admit(name: "laptop"))
            return try await onThread { try laptop.sync(with: laptop.peers(named: [])[0]).error as? any CodedError }
        }
    }

    @Test func aNewerServerSaysThatThisNodeIsTooOld() async throws {
        let error = try await error(speaking: 2...3)
        #expect(error?.code == "sync.outdated-here")
        #expect(error?.parameters == ["ours": "1", "theirs": "2-3"])
    }

    @Test func aServerThatSpeaksMoreChoosesWhatBothSpeak() async throws {
        #expect(try await error(speaking: 1...2) == nil)
    }

    @Test func aNewerCallerIsRefused() async throws {
        let server = try fleet.found("branch")
        let token = try server.admit(name: "laptop").text
        try await fleet.serving(server) { (url) async throws in
            let reply = try await ask(.post, url + "/sync/hello", token: token, .bytes(Array(#"{"protocol": [2, 3]}"#.utf8)))
            #expect(reply.status == 409)
            #expect(reply.code == "sync.no-common-protocol")
        }
    }
}
