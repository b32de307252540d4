// Which addresses and fields are let through, and which machine they mean.

import CurlHTTP
import Foundation
import LoopbackServing
import Testing

struct AddressTests {
    @Test(arguments: [
        "http://127.0.0.1", "http://127.1.2.3:7300/a", "http://127.1", "http://0x7f000001/", "http://[::1]:80",
        "http://[0:0:0:0:0:0:0:1]", "http://LOCALHOST:1", "https://localhost",
    ])
    func loopback(_ url: String) throws {
        #expect(try HTTPOrigin(url).isLoopback)
    }

    @Test(arguments: [
        "http://127.0.0.1.example.com", "http://localhost.example", "http://128.0.0.1", "http://0.0.0.0",
        "http://[::2]", "http://[::ffff:10.0.0.1]", "http://127.0.0.example", "http://example.com/127.0.0.1",
        "http://192.0.2.1#127.0.0.1",
    ])
    func otherMachines(_ url: String) throws {
        #expect(try !HTTPOrigin(url).isLoopback)
        #expect(try failure(HTTPRequest(.get, url)).code == "http.plain-text-refused")
    }

    @Test func parts() throws {
        let origin = try HTTPOrigin("HTTPS://Example.COM/x")
        #expect(origin.isEncrypted && origin.host == "example.com" && origin.port == 443)
        #expect(try HTTPOrigin("http://[::1]:7300").authority == "[::1]:7300")
    }

    @Test(arguments: [
        "", "localhost", "localhost:80/a", "//localhost", "ftp://localhost", "file:///etc/hostname", "http://",
        "http://localhost:99999", "http://localhost:x", "http://name:sesame@localhost", "http://lo calhost",
        "http://localhost/\r\nX: y", "http://localhost/\0", "http://localhost/客户",
    ])
    func badAddresses(_ url: String) throws {
        let error = try failure(HTTPRequest(.get, url))
        #expect(error.code == "http.bad-url")
        #expect(!"\(error)".contains("sesame"))
        #expect(throws: HTTPError.self) { try HTTPOrigin(url) }
    }

    @Test(arguments: [
        HTTPHeader("X-Token", "sesame\r\nX-Other: 1"), HTTPHeader("X-Token", "sesame\n"), HTTPHeader("", "a"),
        HTTPHeader("X-Token", "sesame\0"), HTTPHeader("X-Token: sesame", "b"), HTTPHeader("Content-Length", "5"),
    ])
    func badFields(_ header: HTTPHeader) throws {
        let server = LoopbackServer { $0.waitForClose() }
        let error = try failure(HTTPRequest(.get, server.url, headers: [header]))
        #expect(error.code == "http.bad-header")
        #expect(!"\(error)".contains("sesame"))
        #expect(server.acceptedConnections == 0)
    }

    /// 0.0.0.0 leads to this machine but is not loopback by name, so the server sees whether anything was sent.
    @Test func plainTextIsRefusedBeforeConnecting() throws {
        let server = LoopbackServer { connection in
            while connection.readRequest() != nil { connection.answer([1]) }
        }
        let request = HTTPRequest(.get, "http://0.0.0.0:\(server.port)")
        let error = try failure(request)
        #expect(error.code == "http.plain-text-refused")
        #expect(error.parameters == ["host": "0.0.0.0:\(server.port)"])
        #expect(server.acceptedConnections == 0)
        guard getenv("http_proxy") == nil, getenv("all_proxy") == nil, getenv("ALL_PROXY") == nil else { return }
        var options = HTTPClient.Options(userAgent: "limn/0")
        options.allowsPlainText = true
        #expect(try HTTPClient(options).send(request).status == 200)
        #expect(server.acceptedConnections == 1)
    }
}
