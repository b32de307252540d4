// What libcurl's result codes mean to a caller.

import CLibcurl

extension HTTPError {
    /// Sorts a failed result code (`libcurl-errors(3)`).
    ///
    /// - Parameters:
    ///   - wasConnected: tells a slow server from one that could not be reached in time.
    ///   - hadWholeHead: tells a header line above libcurl's limit of 100 KiB, which libcurl before 8.6 calls a lack of
    ///     memory, from other results.
    init(_ code: CURLcode, host: String, reason: String, wasConnected: Bool, hadWholeHead: Bool) {
        switch code {
        case CURLE_OUT_OF_MEMORY where wasConnected && !hadWholeHead, CURLcode.tooLarge:
            self = .tooLarge(host: host, limitBytes: 100 << 10)
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT, CURLE_PROXY:
            self = .unreachable(host: host, reason: reason)
        case CURLE_OPERATION_TIMEDOUT:
            self = wasConnected ? .timedOut(host: host) : .unreachable(host: host, reason: reason)
        case CURLE_PARTIAL_FILE, CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_SEND_FAIL_REWIND,
            CURLE_HTTP2, CURLE_HTTP2_STREAM:
            self = .interrupted(host: host, reason: reason)
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
            CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_CRL_BADFILE, CURLE_SSL_INVALIDCERTSTATUS,
            CURLE_SSL_CLIENTCERT, CURLE_SSL_ENGINE_INITFAILED, CURLE_USE_SSL_FAILED:
            self = .tls(host: host, reason: reason)
        default:
            self = .failed(host: host, reason: reason)
        }
    }
}

extension CURLcode {
    /// `CURLE_TOO_LARGE`, which the headers of libcurl before 8.6 lack.
    fileprivate static let tooLarge = CURLcode(rawValue: 100)
}
