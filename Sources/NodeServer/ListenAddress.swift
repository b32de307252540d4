/// Where a server listens: a host and a port.
public struct ListenAddress: Sendable, Equatable {
    /// A name or a number, an IPv6 one without brackets.
    public let host: String
    /// 0 lets the system pick a free one.
    public let port: Int

    /// This machine alone, at port 7300.
    public static let standard = ListenAddress(host: "127.0.0.1", port: 7300)

    private init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads `HOST:PORT`, with an IPv6 number in brackets as in `[::1]:7300` (RFC 3986, section 3.2.2).
    ///
    /// - Throws: `server.bad-address`.
    public init(_ text: String) throws(ServerError) {
        let bad = ServerError.badAddress(text)
        guard let colon = text.lastIndex(of: ":") else { throw bad }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
            guard host.contains(":") else { throw bad }
        } else if host.contains(":") {
            throw bad
        }
        let digits = text[text.index(after: colon)...]
        guard !host.isEmpty, host.utf8.count <= 255, host.utf8.allSatisfy({ Self.isHostByte($0) }),
            (1...5).contains(digits.utf8.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let port = Int(digits), port <= 65_535
        else { throw bad }
        self.init(host: String(host), port: port)
    }

    /// Whether nobody but this machine can connect: `localhost`, 127.0.0.0/8 (RFC 1122) and ::1 (RFC 4291).
    public var isLoopback: Bool {
        if isLocalhost || host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    /// What to bind: `localhost` is a number, so that no name service can turn it into another machine's.
    var boundHost: String { isLocalhost ? "127.0.0.1" : host }

    /// The address of the server as its callers write it.
    func url(port: Int) -> String {
        "http://" + (host.contains(":") ? "[\(host)]" : host) + ":\(port)"
    }

    private var isLocalhost: Bool { host.lowercased() == "localhost" }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: ":"), UInt8(ascii: "%"):
            true
        default: false
        }
    }
}
