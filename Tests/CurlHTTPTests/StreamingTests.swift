// Bodies that are never whole in memory.

import CurlHTTP
import Foundation
import LoopbackServing
import Testing

struct StreamingTests {
    /// The server goes on only after the client has seen the first piece.
    @Test func piecesArriveBeforeTheEnd() throws {
        let sawFirst = DispatchSemaphore(value: 0)
        let inTime = Shared(false)
        let server = LoopbackServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            connection.send(chunk: Array("first".utf8))
            inTime.set(sawFirst.wait(timeout: .now() + 3) == .success)
            connection.send(chunk: Array("second".utf8))
            connection.send("0\r\nX-Trailer: 1\r\n\r\n")
        }
        var text = ""
        let response = try makeClient().send(HTTPRequest(.get, server.url)) { piece in
            text += String(decoding: piece, as: UTF8.self)
            sawFirst.signal()
        }
        #expect(inTime.value)
        #expect(text == "firstsecond")
        #expect(response.header("X-Trailer") == nil)
    }

    /// Random pieces up and, as they are, down again.
    @Test(arguments: [true, false])
    func streamsBothWays(declaresLength: Bool) throws {
        let given = ProcessInfo.processInfo.environment["LIMN_SEED"].flatMap { UInt64($0) }
        var random = SplitMix(seed: given ?? UInt64.random(in: 0...UInt64.max))
        print("LIMN_SEED=\(random.seed)")
        let pieces = (0..<30).map { _ in
            (0..<Int.random(in: 0...100_000, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
        }
        let whole = pieces.flatMap { $0 }
        let server = LoopbackServer { connection in
            while let request = connection.readRequest() {
                let isChunked = request.field("transfer-encoding") == "chunked"
                connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-Chunked: \(isChunked)\r\n\r\n")
                for start in stride(from: 0, to: request.body.count, by: 50_000) {
                    connection.send(chunk: Array(request.body[start..<min(start + 50_000, request.body.count)]))
                }
                connection.send("0\r\n\r\n")
            }
        }
        let client = makeClient()
        for _ in 0..<2 {
            var rest = pieces[...]
            var echoed: [UInt8] = []
            let body = HTTPRequest.Body.stream(length: declaresLength ? whole.count : nil) { rest.popFirst() }
            let response = try client.send(HTTPRequest(.post, server.url, body: body)) { echoed += $0 }
            #expect(echoed == whole)
            #expect(response.header("X-Chunked") == "\(!declaresLength)")
        }
        #expect(server.acceptedConnections == 1)
    }

    /// The source is asked for no more than what the connection takes.
    @Test func uploadsPullAsTheConnectionTakes() throws {
        let mayRead = DispatchSemaphore(value: 0)
        let server = LoopbackServer { connection in
            _ = mayRead.wait(timeout: .now() + 3)
            if connection.readRequest() != nil { connection.answer([]) }
        }
        let piece = [UInt8](repeating: 1, count: 1 << 20)
        let total = 64
        let serverReads = Shared(false)
        Thread.detachNewThread {
            Thread.sleep(forTimeInterval: 0.3)
            serverReads.set(true)
            mayRead.signal()
        }
        // Socket buffers on loopback hold a few MiB; without back-pressure the server would read after all 64.
        var given = 0
        var givenBeforeReading: Int?
        let body = HTTPRequest.Body.stream {
            if serverReads.value, givenBeforeReading == nil { givenBeforeReading = given }
            given += 1
            return given <= total ? piece : nil
        }
        let response = try makeClient().send(HTTPRequest(.put, server.url, body: body))
        #expect(response.status == 200)
        #expect(try #require(givenBeforeReading) < total / 2)
    }

    /// The system takes no more than the line carries soon: else a slow transfer would seem to stand still.
    @Test func littleWaitsUnsentInTheSystem() throws {
        let mayRead = DispatchSemaphore(value: 0)
        let server = LoopbackServer { connection in
            _ = mayRead.wait(timeout: .now() + 3)
            if connection.readRequest() != nil { connection.answer([]) }
        }
        let serverReads = Shared(false)
        Thread.detachNewThread {
            Thread.sleep(forTimeInterval: 0.3)
            serverReads.set(true)
            mayRead.signal()
        }
        let piece = [UInt8](repeating: 1, count: 32 << 10)
        var given = 0
        var givenBeforeReading: Int?
        let body = HTTPRequest.Body.stream {
            if serverReads.value, givenBeforeReading == nil { givenBeforeReading = given }
            given += 1
            return given <= 200 ? piece : nil
        }
        #expect(try makeClient().send(HTTPRequest(.put, server.url, body: body)).status == 200)
        #expect(try #require(givenBeforeReading) * piece.count < 1 << 20)
    }

    @Test func bodiesOfRefusalsAreCollected() throws {
        let server = LoopbackServer { connection in
            while connection.readRequest() != nil { connection.answer(Array("why".utf8), status: "409 Conflict") }
        }
        let response = try makeClient().send(HTTPRequest(.get, server.url)) { _ in
            Issue.record("the body of a refusal went to the closure")
        }
        #expect(response.status == 409)
        #expect(response.body == Array("why".utf8))
    }
}

/// Sebastiano Vigna's SplitMix64: small and the same everywhere.
struct SplitMix: RandomNumberGenerator {
    let seed: UInt64
    private var state: UInt64

    init(seed: UInt64) {
        self.seed = seed
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
