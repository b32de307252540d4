import NodeServer
import Testing

@Suite struct ListenAddressTests {
    @Test(arguments: [
        ("127.0.0.1:7300", "127.0.0.1", 7300, true), ("localhost:0", "localhost", 0, true), ("[::1]:80", "::1", 80, true),
        ("127.9.9.9:65535", "127.9.9.9", 65_535, true), ("0.0.0.0:1", "0.0.0.0", 1, false), ("[::]:1", "::", 1, false),
        ("127.example.com:1", "127.example.com", 1, false), ("127.0.0.1.example.com:1", "127.0.0.1.example.com", 1, false),
        ("127.0.0.256:1", "127.0.0.256", 1, false), ("localhost.example.com:1", "localhost.example.com", 1, false),
    ])
    func reads(text: String, host: String, port: Int, isLoopback: Bool) throws {
        let address = try ListenAddress(text)
        #expect(address.host == host)
        #expect(address.port == port)
        #expect(address.isLoopback == isLoopback)
    }

    @Test(arguments: [
        "", ":", "7300", ":7300", "localhost", "localhost:", "localhost:-1", "localhost:65536", "localhost:+1", "localhost:7 3",
        "::1:7300", "[::1]", "[::1:7300", "[]:1", "[localhost]:1", "a b:1", "a/b:1", "user@host:1", "localhost:٧٣", "主机:1",
        "localhost:000001",
    ])
    func refuses(text: String) {
        do {
            _ = try ListenAddress(text)
            Issue.record("\(text) is no address")
        } catch {
            #expect(error.code == "server.bad-address")
            #expect(error.parameters == ["address": text])
        }
    }
}
