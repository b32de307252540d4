// The header fields of a request, checked and in libcurl's form.

import CLibcurl

/// A list of header lines that libcurl reads during a transfer.
final class HeaderList {
    private(set) var head: UnsafeMutablePointer<curl_slist>?

    /// - Throws: `http.bad-header`: a line break smuggled into a field would begin another one.
    init(_ headers: [HTTPHeader]) throws(HTTPError) {
        for header in headers {
            guard let line = HeaderList.line(header) else {
                throw .badHeader(name: HeaderList.speakable(header.name))
            }
            append(line)
        }
        // libcurl would wait a second for a server that does not answer "100-continue".
        append("Expect:")
    }

    deinit {
        curl_slist_free_all(head)
    }

    private func append(_ line: String) {
        guard let longer = curl_slist_append(head, line) else { preconditionFailure("out of memory") }
        head = longer
    }

    private static func line(_ header: HTTPHeader) -> String? {
        let isValue = header.value.utf8.allSatisfy { $0 == 0x09 || ($0 >= 0x20 && $0 != 0x7F) }
        guard isFieldName(header.name), isValue else { return nil }
        guard !["content-length", "transfer-encoding", "expect"].contains(header.name.lowercased()) else { return nil }
        // "Name:" without a value would take libcurl's own field of that name away.
        let isBlank = header.value.utf8.allSatisfy { $0 == 0x09 || $0 == 0x20 }
        return isBlank ? "\(header.name);" : "\(header.name): \(header.value)"
    }

    /// Whether the text is a token (RFC 9110, section 5.6.2).
    static func isFieldName(_ name: some StringProtocol) -> Bool {
        !name.isEmpty && name.utf8.allSatisfy(isTokenByte)
    }

    /// Returns the valid beginning of a name, so that a whole field given as a name does not show its value.
    private static func speakable(_ name: String) -> String {
        String(decoding: name.utf8.prefix(while: isTokenByte), as: UTF8.self)
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
