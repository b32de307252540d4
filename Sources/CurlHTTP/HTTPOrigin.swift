// Which server an address names, and whether that is this machine.

import CLibcurl

/// Scheme, host and port of an address (RFC 6454).
public struct HTTPOrigin: Sendable, Hashable {
    /// Whether the scheme is `https`.
    public let isEncrypted: Bool
    /// The host in lower case; an IPv6 address stands in brackets.
    public let host: String
    public let port: Int

    /// Reads the origin out of an absolute address.
    ///
    /// libcurl's own parser reads it, so what is checked here is what would be connected to.
    /// - Throws: `http.bad-url` where `HTTPRequest.url` would not be accepted.
    public init(_ url: String) throws(HTTPError) {
        self = try ParsedURL(url).origin
    }

    fileprivate init(isEncrypted: Bool, host: String, port: Int) {
        self.isEncrypted = isEncrypted
        self.host = host
        self.port = port
    }

    /// Whether the host is this machine by its very name: 127.0.0.0/8, `::1` or `localhost`.
    ///
    /// Other names are not looked up, so one that resolves to 127.0.0.1 is not loopback.
    public var isLoopback: Bool {
        if host == "localhost" || host == "[::1]" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127"
            && parts.allSatisfy { part in part.utf8.allSatisfy { (48...57).contains($0) } && UInt8(part) != nil }
    }

    /// Host and port, as errors name the server.
    public var authority: String { "\(host):\(port)" }
}

/// An address that libcurl has parsed and connects to as it is.
final class ParsedURL {
    /// libcurl's `CURLU`.
    let handle: OpaquePointer
    let origin: HTTPOrigin

    /// - Throws: `http.bad-url`.
    init(_ text: String) throws(HTTPError) {
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .badURL(reason: "blanks, control characters and non-ASCII characters must be percent-encoded")
        }
        guard let handle = curl_url() else { preconditionFailure("out of memory") }
        do throws(HTTPError) {
            let code = curl_url_set(handle, CURLUPART_URL, text, UInt32(CURLU_DISALLOW_USER))
            guard code == CURLUE_OK else { throw .badURL(reason: String(cString: curl_url_strerror(code))) }
            let scheme = ParsedURL.part(CURLUPART_SCHEME, of: handle)
            guard scheme == "http" || scheme == "https" else {
                throw .badURL(reason: "the scheme is neither http nor https")
            }
            guard let host = ParsedURL.part(CURLUPART_HOST, of: handle), !host.isEmpty,
                let port = ParsedURL.part(CURLUPART_PORT, of: handle).flatMap({ Int($0) })
            else { throw .badURL(reason: "there is no host") }
            origin = HTTPOrigin(isEncrypted: scheme == "https", host: host.lowercased(), port: port)
        } catch {
            curl_url_cleanup(handle)
            throw error
        }
        self.handle = handle
    }

    deinit {
        curl_url_cleanup(handle)
    }

    private static func part(_ part: CURLUPart, of handle: OpaquePointer) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(handle, part, &text, UInt32(CURLU_DEFAULT_PORT)) == CURLUE_OK, let text else { return nil }
        defer { curl_free(text) }
        return String(cString: text)
    }
}
