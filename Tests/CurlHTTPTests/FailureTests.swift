// Exchanges that fail: each gives its code, and the client works afterwards.

import CurlHTTP
import Foundation
import ProfileModel
import LoopbackServing
import Testing

/// Runs the request and returns the error that it must end with.
func failure(
    on client: HTTPClient = makeClient(), _ request: HTTPRequest, limits: HTTPLimits = HTTPLimits(),
    cancellation: Cancellation? = nil, onBody: ((UnsafeRawBufferPointer) throws -> Void)? = nil
) throws -> HTTPError {
    try #require(throws: HTTPError.self) {
        _ = try client.send(request, limits: limits, cancellation: cancellation, onBody: onBody)
    }
}

struct FailureTests {
    struct OwnError: Error, Equatable {}

    struct OwnCodedError: CodedError {
        let code = "test.own"
        let parameters = ["line": "7"]
        let retry = RetryAdvice.afterBackOff
    }

    @Test func refusedPort() throws {
        let port = closedPort()
        let secret = HTTPHeader("Authorization", "Bearer sesame")
        let error = try failure(HTTPRequest(.get, "http://127.0.0.1:\(port)/path?token=sesame", headers: [secret]))
        #expect(error.code == "http.unreachable")
        #expect(error.retry == .afterBackOff)
        #expect(error.parameters["host"] == "127.0.0.1:\(port)")
        #expect(error.parameters["reason"]?.isEmpty == false)
        #expect(!"\(error)".contains("sesame"))
    }

    @Test func serverThatNeverAnswers() throws {
        let server = LoopbackServer { $0.waitForClose() }
        var limits = HTTPLimits()
        limits.totalTimeoutMilliseconds = 150
        #expect(try failure(HTTPRequest(.get, server.url), limits: limits).code == "http.timed-out")
    }

    @Test func serverThatStalls() throws {
        let server = LoopbackServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbeginning")
            connection.waitForClose()
        }
        var limits = HTTPLimits()
        limits.leastBytesPerSecond = 1000
        limits.stallTimeoutSeconds = 1
        #expect(try failure(HTTPRequest(.get, server.url), limits: limits).code == "http.timed-out")
    }

    /// A TLS handshake that does not end belongs to connecting.
    @Test func handshakeThatNeverEnds() throws {
        let server = LoopbackServer { $0.waitForClose() }
        var limits = HTTPLimits()
        limits.connectTimeoutMilliseconds = 150
        let error = try failure(HTTPRequest(.get, "https://127.0.0.1:\(server.port)"), limits: limits)
        #expect(error.code == "http.unreachable")
    }

    @Test func serverThatSpeaksNoTLS() throws {
        let server = LoopbackServer { connection in
            connection.send("HTTP/1.1 400 Bad Request\r\n\r\n")
            connection.waitForClose()
        }
        let error = try failure(HTTPRequest(.get, "https://127.0.0.1:\(server.port)"))
        #expect(error.code == "http.tls")
        #expect(error.retry == .afterSomeoneActs)
    }

    @Test func cancelMidTransfer() throws {
        let server = LoopbackServer { connection in
            while connection.readRequest() != nil {
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbeginning")
            }
        }
        let cancellation = Cancellation()
        var seen = 0
        let error = try failure(HTTPRequest(.get, server.url), cancellation: cancellation) { piece in
            seen += piece.count
            Thread.detachNewThread {
                Thread.sleep(forTimeInterval: 0.05)
                cancellation.cancel()
            }
        }
        #expect(error.code == "http.cancelled")
        #expect(seen == 9)
        #expect(cancellation.isCancelled)
    }

    @Test func cancelledBeforeItBegan() throws {
        let server = LoopbackServer { $0.waitForClose() }
        let cancellation = Cancellation()
        cancellation.cancel()
        #expect(try failure(HTTPRequest(.get, server.url), cancellation: cancellation).code == "http.cancelled")
        #expect(server.acceptedConnections == 0)
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbeginning",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nbeginning\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nbeg",
        "",
    ])
    func connectionCutMidway(_ answer: String) throws {
        let server = LoopbackServer { connection in
            if connection.readRequest() != nil { connection.send(answer) }
        }
        let error = try failure(HTTPRequest(.get, server.url)) { _ in }
        #expect(error.code == "http.interrupted")
        #expect(error.retry == .afterBackOff)
    }

    @Test func connectionCutWhileSending() throws {
        let server = LoopbackServer { _ in }
        let piece = [UInt8](repeating: 1, count: 1 << 16)
        var given = 0
        let body = HTTPRequest.Body.stream {
            given += 1
            return given < 1000 ? piece : nil
        }
        #expect(try failure(HTTPRequest(.post, server.url, body: body)).code == "http.interrupted")
    }

    @Test func answersThatAreTooLarge() throws {
        let server = LoopbackServer { connection in
            while let request = connection.readRequest() {
                if request.line.contains("/head") {
                    for number in 0..<5000 {
                        guard connection.send(number == 0 ? "HTTP/1.1 200 OK\r\n" : "X-\(number): a\r\n") else {
                            return
                        }
                    }
                    connection.send("Content-Length: 0\r\n\r\n")
                } else if request.line.contains("/gzip") {
                    connection.answer(ExchangeTests.gzip, fields: ["Content-Encoding: gzip"])
                } else {
                    connection.answer([UInt8](repeating: 1, count: 1001))
                }
            }
        }
        let client = makeClient()
        var limits = HTTPLimits()
        limits.headerBytes = 10_000
        let head = try failure(on: client, HTTPRequest(.get, server.url + "/head"), limits: limits)
        #expect(head.code == "http.too-large")
        #expect(head.parameters["limitBytes"] == "10000")
        limits.collectedBodyBytes = 1000
        #expect(try failure(on: client, HTTPRequest(.get, server.url), limits: limits).code == "http.too-large")
        #expect(try client.send(HTTPRequest(.get, server.url + "/gzip"), limits: limits).body.count == 1000)
        limits.collectedBodyBytes = 999
        #expect(
            try failure(on: client, HTTPRequest(.get, server.url + "/gzip"), limits: limits).code == "http.too-large")
        limits.streamedBodyBytes = 1000
        var seen = 0
        let streamed = try failure(on: client, HTTPRequest(.get, server.url), limits: limits) { seen += $0.count }
        #expect(streamed.code == "http.too-large")
        #expect(seen <= 1000)
    }

    @Test func oneEndlessHeaderLine() throws {
        let server = LoopbackServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.send("HTTP/1.1 200 OK\r\nX-Long: ")
            while connection.send([UInt8](repeating: 97, count: 10_000)) {}
        }
        #expect(try failure(HTTPRequest(.get, server.url)).code == "http.too-large")
    }

    @Test func garbageIsNoAnswer() throws {
        let server = LoopbackServer { connection in
            if connection.readRequest() != nil { connection.send("SSH-2.0-OpenSSH_9.2\r\n") }
        }
        #expect(try failure(HTTPRequest(.get, server.url)).code == "http.failed")
    }

    @Test func errorsOfTheClosuresComeOut() throws {
        let server = LoopbackServer { connection in
            while let request = connection.readRequest() { connection.answer(request.body) }
        }
        let client = makeClient()
        let post = HTTPRequest(.post, server.url, body: .bytes([1, 2, 3]))
        let plain = try failure(on: client, post) { _ in throw OwnError() }
        #expect(plain.code == "http.stopped")
        guard case .stopped(let cause) = plain else { return #expect(Bool(false), "\(plain)") }
        #expect(cause is OwnError)
        let coded = try failure(on: client, post) { _ in throw OwnCodedError() }
        #expect(coded.code == "test.own")
        #expect(coded.parameters == ["line": "7"])
        #expect(coded.retry == .afterBackOff)
        let source = HTTPRequest.Body.stream { throw OwnCodedError() }
        #expect(try failure(on: client, HTTPRequest(.post, server.url, body: source)).code == "test.own")
        #expect(try client.send(post).body == [1, 2, 3])
    }

    @Test(arguments: [2, 4])
    func aSourceOfTheWrongLength(declared: Int) throws {
        let server = LoopbackServer { connection in
            while let request = connection.readRequest() { connection.answer(request.body) }
        }
        var pieces: [[UInt8]] = [[1, 2, 3]]
        let body = HTTPRequest.Body.stream(length: declared) { pieces.popLast() }
        let error = try failure(HTTPRequest(.post, server.url, body: body))
        #expect(error.code == "http.failed")
        #expect(error.parameters["reason"]?.contains("\(declared)") == true)
    }
}
