import CurlHTTP
import Foundation
import NodeOperations
import NodeSecurity
import NodeServer
import Replication
import Testing
import WireFormat

/// A request that breaks the rules is refused with a reason, and the server goes on.
@Suite struct HostileRequestTests {
    private let fleet = Fleet()

    private func served(_ change: (inout NodeServer.Options) -> Void = { _ in }, _ body: (String, String) async throws -> Void) async throws {
        let node = try fleet.found("branch", in: UUID().uuidString)
        let token = try node.admit(name: "laptop").text
        try await fleet.serving(node, change: change) { (url) async throws in
            try await body(url, token)
            #expect(try await ask(.get, url + "/health", token: nil).status == 200)
        }
    }

    @Test func refusesGarbage() async throws {
        let seed = ProcessInfo.processInfo.environment["LIMN_SEED"].flatMap(UInt64.init) ?? .random(in: 0 ... .max)
        var generator = Seeded(state: seed)
        func random(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) } }
        var bodies = [[], Array("{}".utf8), Array("[1,2".utf8), [0, 0, 0, 0], [0xFF, 0xFF, 0xFF, 0xFF, 1], FrameStream.item(Array("{}".utf8))]
        for _ in 0..<20 {
            let count = Int.random(in: 1...3000, using: &generator)
            bodies += [random(count), FrameStream.item(random(count)) + FrameStream.end]
        }
        try await served { (url, token) async throws in
            for path in ["/sync/hello", "/sync/pull", "/sync/push", "/sync/fetch", "/sync/wait"] {
                for body in bodies {
                    let reply = try await ask(.post, url + path, token: token, .bytes(body))
                    #expect([400, 413].contains(reply.status), "\(path), LIMN_SEED=\(seed)")
                    let room = reply.code?.prefix { $0 != "." }
                    #expect(room == "sync" || room == "wire", "\(path), LIMN_SEED=\(seed)")
                }
            }
        }
    }

    @Test func refusesAPushThatWasCut() async throws {
        try await served { (url, token) async throws in
            let reply = try await ask(.post, url + "/sync/push", token: token, .bytes(Array(FrameStream.item([1, 2, 3]).dropLast())))
            #expect(reply.status == 400)
            #expect(reply.code == "sync.cut")
        }
    }

    /// The caller sees the refusal though it was still sending.
    @Test func refusesWhatIsTooLarge() async throws {
        try await served({ $0.limits.sync.messageBytesMaximum = 10_000 }) { (url, token) async throws in
            for path in ["/sync/hello", "/sync/pull", "/sync/fetch", "/sync/wait"] {
                let known = try await ask(.post, url + path, token: token, .bytes([UInt8](repeating: 0x20, count: 3_000_000)))
                #expect(known.status == 413)
                #expect(known.code == "server.too-large")
                let unknown = try await ask(.post, url + path, token: token, .pieces(100, of: 30_000))
                #expect(unknown.status == 413)
            }
            let frame = try await ask(.post, url + "/sync/push", token: token, .pieces(400, of: 30_000))
            #expect(frame.status == 413)
            let stranger = try await ask(.post, url + "/sync/push", token: nil, .pieces(400, of: 30_000))
            #expect(stranger.status == 401)
        }
        try await served({ $0.limits.pushBytesMaximum = 100 }) { (url, token) async throws in
            let reply = try await ask(.post, url + "/sync/push", token: token, .bytes([200] + [UInt8](repeating: 0, count: 200)))
            #expect(reply.status == 413)
            #expect(reply.code == "server.too-large")
        }
    }

    @Test func knowsItsPathsAndMethods() async throws {
        try await served { (url, token) async throws in
            for path in ["/", "/sync", "/sync/hello/", "/Sync/hello", "/health%00", "/.well-known/x"] {
                #expect(try await ask(.get, url + path, token: token).status == 404, "\(path)")
            }
            #expect(try await ask(.post, url + "/health", token: token).code == "server.wrong-method")
            #expect(try await ask(.get, url + "/sync/hello", token: token).status == 405)
            #expect(try await ask(.get, url + "/health?x=1", token: nil).status == 200)
        }
    }

    @Test func refusesMoreRequestsThanItTakes() async throws {
        try await served({ $0.limits.requestsMaximum = 1 }) { (url, token) async throws in
            let port = UInt16(url.split(separator: ":").last!)!
            var slow: [RawConnection] = []
            var reply = try await ask(.get, url + "/health", token: nil)
            // A slow request that meets another one is refused itself; then the next one takes its place.
            for _ in 0..<200 where reply.status == 200 {
                let connection = try RawConnection(port: port)
                connection.send("POST /sync/push HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(token)\r\nContent-Length: 100\r\n\r\nabc")
                slow.append(connection)
                reply = try await ask(.get, url + "/health", token: nil)
            }
            #expect(reply.status == 503)
            #expect(reply.code == "server.busy")
            for connection in slow { connection.close() }
            for _ in 0..<2000 where reply.status != 200 { reply = try await ask(.get, url + "/health", token: nil) }
            #expect(reply.status == 200)
        }
    }

    @Test func endsConnectionsThatStandStillOrTalkTooMuch() async throws {
        try await served({ $0.limits.idleTimeoutSeconds = 1; $0.limits.headerBytesMaximum = 2000 }) { (url, token) async throws in
            let port = UInt16(url.split(separator: ":").last!)!
            for beginning in ["", "GET /heal", "POST /sync/push HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(token)\r\nContent-Length: 9\r\n\r\nab"] {
                let connection = try RawConnection(port: port)
                connection.send(beginning)
                // It returns only because the server ends the connection.
                _ = try await onThread { connection.readToEnd() }
                connection.close()
            }
            let connection = try RawConnection(port: port)
            connection.send("GET /health HTTP/1.1\r\nHost: x\r\nX: " + String(repeating: "x", count: 5000) + "\r\n\r\n")
            let answer = try await onThread { connection.readToEnd() }
            connection.close()
            #expect(!answer.contains("200 OK"))
            #expect(answer.contains("HTTP/1.1 4"))
        }
    }
}

struct Seeded: RandomNumberGenerator {
    var state: UInt64

    /// SplitMix64 (Steele, Lea, Flood 2014).
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
