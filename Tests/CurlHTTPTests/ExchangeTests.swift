// What goes over the wire in exchanges that succeed.

import CurlHTTP
import Foundation
import Synchronization
import LoopbackServing
import Testing

func makeClient() -> HTTPClient { HTTPClient(HTTPClient.Options(userAgent: "limn/0")) }

/// A value that a server's thread hands to the test.
final class Shared<Value: Sendable>: Sendable {
    private let storage: Mutex<Value>
    init(_ value: Value) { storage = Mutex(value) }
    var value: Value { storage.withLock { $0 } }
    func set(_ value: Value) { storage.withLock { $0 = value } }
}

struct ExchangeTests {
    @Test func getCarriesFieldsBothWays() throws {
        let seen = Shared("")
        let server = LoopbackServer { connection in
            while let request = connection.readRequest() {
                seen.set(request.head)
                connection.send("HTTP/1.1 103 Early Hints\r\nX-Interim: 1\r\n\r\n")
                connection.answer(Array("nothing".utf8), status: "404 Not Found", fields: ["X-One: a  ", "x-one: b"])
            }
        }
        let headers = [HTTPHeader("Authorization", "Bearer abc"), HTTPHeader("X-Empty", "")]
        let response = try makeClient().send(HTTPRequest(.get, server.url + "/a?b=c#d", headers: headers))
        #expect(response.status == 404 && !response.isSuccess)
        #expect(response.body == Array("nothing".utf8))
        #expect(response.headers.filter { $0.name.lowercased() == "x-one" }.map(\.value) == ["a", "b"])
        #expect(response.header("X-ONE") == "a")
        #expect(response.header("X-Interim") == nil)
        #expect(seen.value.hasPrefix("GET /a?b=c HTTP/1.1\r\n"))
        for field in ["Authorization: Bearer abc", "X-Empty:", "User-Agent: limn/0"] {
            #expect(seen.value.contains("\r\n\(field)\r\n"))
        }
        #expect(!seen.value.contains("Expect"))
    }

    @Test(arguments: [HTTPRequest.Method.post, .put, .patch, .delete])
    func methodsWithBody(_ method: HTTPRequest.Method) throws {
        let server = LoopbackServer { connection in
            while let request = connection.readRequest() {
                connection.answer(request.body, fields: ["X-Line: \(request.line)"])
            }
        }
        let client = makeClient()
        for body in [[], Array("profile".utf8), [UInt8](repeating: 7, count: 300_000)] {
            let response = try client.send(HTTPRequest(method, server.url + "/x", body: .bytes(body)))
            #expect(response.header("x-line") == "\(method.rawValue) /x HTTP/1.1")
            #expect(response.body == body)
        }
        #expect(server.acceptedConnections == 1)
    }

    @Test func headHasNoBody() throws {
        let server = LoopbackServer { connection in
            while let request = connection.readRequest() {
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 12\r\nX-Line: \(request.line)\r\n\r\n")
            }
        }
        let response = try makeClient().send(HTTPRequest(.head, server.url))
        #expect(response.header("x-line") == "HEAD / HTTP/1.1")
        #expect(response.body.isEmpty)
    }

    @Test func connectionsAreReused() throws {
        let server = LoopbackServer { connection in
            while connection.readRequest() != nil { connection.answer([1]) }
        }
        let client = makeClient()
        for _ in 0..<20 { _ = try client.send(HTTPRequest(.get, server.url)) }
        #expect(server.acceptedConnections == 1)
        _ = try makeClient().send(HTTPRequest(.get, server.url))
        #expect(server.acceptedConnections == 2)
    }

    /// The server closes a connection that the client still thinks of as open: the request goes over a new one.
    @Test func aConnectionClosedWhileIdleIsReplaced() throws {
        let server = LoopbackServer { connection in
            if let request = connection.readRequest() { connection.answer(request.body) }
        }
        let client = makeClient()
        for round in 1...3 {
            let response = try client.send(HTTPRequest(.post, server.url, body: .bytes([UInt8(round)])))
            #expect(response.body == [UInt8(round)])
        }
        #expect(server.acceptedConnections == 3)
    }

    @Test func metricsCountTheWire() throws {
        let received = Shared(0)
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Some: thing\r\n\r\nhello"
        let server = LoopbackServer { connection in
            while connection.readRequest() != nil {
                received.set(connection.bytesRead)
                connection.send(answer)
            }
        }
        let body = [UInt8](repeating: 65, count: 1000)
        let response = try makeClient().send(HTTPRequest(.post, server.url + "/m", body: .bytes(body)))
        #expect(response.metrics.bytesSent == received.value)
        #expect(response.metrics.bytesReceived == answer.utf8.count)
    }

    /// 1,000 bytes of one repeated sentence, compressed by gzip at level 9 without a time.
    static let gzip: [UInt8] = [
        0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0xd7, 0x51, 0x48,
        0xce, 0xcf, 0x2d, 0x28, 0x4a, 0x2d, 0x2e, 0x4e, 0x4d, 0x51, 0x28, 0xcf, 0x2f, 0xca, 0x49, 0xd1, 0x53, 0xc8,
        0x18, 0x95, 0x18, 0x95, 0x18, 0x95, 0x18, 0x2e, 0x12, 0x00, 0x83, 0xd3, 0x1f, 0xd7, 0xe8, 0x03, 0x00, 0x00,
    ]

    @Test func compressedBodiesAreDecoded() throws {
        let accepted = Shared("")
        let server = LoopbackServer { connection in
            while let request = connection.readRequest() {
                accepted.set(request.field("accept-encoding") ?? "")
                connection.answer(ExchangeTests.gzip, fields: ["Content-Encoding: gzip"])
            }
        }
        let client = makeClient()
        let text = String(repeating: "hello, compressed world. ", count: 40)
        let response = try client.send(HTTPRequest(.get, server.url))
        #expect(String(decoding: response.body, as: UTF8.self) == text)
        #expect(response.metrics.bytesReceived < 300)
        #expect(accepted.value.contains("gzip"))
        var streamed: [UInt8] = []
        let second = try client.send(HTTPRequest(.get, server.url)) { streamed += $0 }
        #expect(String(decoding: streamed, as: UTF8.self) == text)
        #expect(second.body.isEmpty)
    }

    @Test func proxiesAreNotUsedForLoopback() throws {
        let server = LoopbackServer { connection in
            if let request = connection.readRequest() { connection.answer(Array(request.line.utf8)) }
        }
        // With http_proxy set, the request line of a proxied request holds the whole address.
        let response = try makeClient().send(HTTPRequest(.get, server.url + "/p"))
        #expect(String(decoding: response.body, as: UTF8.self) == "GET /p HTTP/1.1")
    }

    @Test func redirectsAreAnswers() throws {
        let server = LoopbackServer { connection in
            while connection.readRequest() != nil {
                connection.answer([], status: "302 Found", fields: ["Location: /other"])
            }
        }
        let response = try makeClient().send(HTTPRequest(.get, server.url))
        #expect(response.status == 302)
        #expect(response.header("location") == "/other")
    }
}
