import CurlHTTP
import Foundation
import NodeOperations
import NodeSecurity
import NodeServer
import ProfileModel
import Testing

@Suite struct RunningTests {
    private let fleet = Fleet()

    private func code(of address: String, allowsPlainText: Bool = false) async throws -> String? {
        var options = NodeServer.Options()
        options.address = try ListenAddress(address)
        options.allowsPlainText = allowsPlainText
        options.stopsOnSignals = false
        let server = NodeServer(node: try fleet.found(UUID().uuidString), options: options)
        do {
            try await server.run { _ in Task { await server.stop() } }
            return nil
        } catch let error as any CodedError {
            return error.code
        }
    }

    @Test func saysWhyItCannotListen() async throws {
        let node = try fleet.found("branch")
        try await fleet.serving(node) { (url) async throws in
            let port = url.split(separator: ":").last!
            let refused = try await code(of: "127.0.0.1:\(port)")
            #expect(refused == "server.port-in-use")
        }
        // 192.0.2.0/24 is for documentation (RFC 5737): no machine has it.
        #expect(try await code(of: "192.0.2.1:0", allowsPlainText: true) == "server.address-unavailable")
        #expect(try await code(of: "no-such-host.invalid:0", allowsPlainText: true) == "server.address-unavailable")
        #expect(try await code(of: "0.0.0.0:0") == "server.plain-text-refused")
        #expect(try await code(of: "0.0.0.0:0", allowsPlainText: true) == nil)
        #expect(try await code(of: "localhost:0") == nil)
    }

    @Test func namesItsAddress() async throws {
        let node = try fleet.found("branch")
        try await fleet.serving(node, change: { $0.address = try! ListenAddress("localhost:0") }) { (url) async throws in
            #expect(url.hasPrefix("http://localhost:"))
            #expect(!url.hasSuffix(":0"))
            let health = try await ask(.get, url + "/health", token: nil)
            #expect(health.status == 200)
        }
    }

    /// Its port is free again, idle connections are ended, and nothing answers any more.
    @Test func stopsCleanly() async throws {
        let node = try fleet.found("branch")
        var port = ""
        for _ in 0..<3 {
            let wanted = port.isEmpty ? "0" : port
            let idle = try await fleet.serving(node, change: { $0.address = try! ListenAddress("127.0.0.1:\(wanted)") }) { (url) async throws in
                port = String(url.split(separator: ":").last!)
                #expect(try await ask(.get, url + "/health", token: nil).status == 200)
                let idle = try RawConnection(port: UInt16(port)!)
                idle.send("GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
                return idle
            }
            _ = try await onThread { idle.readToEnd() }
            idle.close()
            #expect(throws: RawConnection.Refused.self) { try RawConnection(port: UInt16(port)!) }
        }
    }

    /// A request that never ends does not keep the server from stopping.
    @Test func stopsThoughARequestStandsStill() async throws {
        let node = try fleet.found("branch")
        let token = try node.admit(name: "laptop").text
        let stuck = try await fleet.serving(node, change: { $0.limits.stopTimeoutSeconds = 1 }) { (url) async throws in
            let stuck = try RawConnection(port: UInt16(url.split(separator: ":").last!)!)
            stuck.send("POST /sync/push HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(token)\r\nContent-Length: 100\r\n\r\nabc")
            #expect(try await ask(.get, url + "/health", token: nil).status == 200)
            return stuck
        }
        stuck.close()
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func endsOnSignals(signal: Int32) async throws {
        var options = NodeServer.Options()
        options.address = try ListenAddress("127.0.0.1:0")
        let server = NodeServer(node: try fleet.found("branch"), options: options)
        // It returns only because the signal ends it.
        try await server.run { _ in kill(getpid(), signal) }
    }

    @Test func doesNotStartOnceItWasStopped() async throws {
        let server = NodeServer(node: try fleet.found("branch"))
        await server.stop()
        try await server.run { _ in Issue.record("it listens") }
    }
}
