// A blocking HTTP client that reuses its connections.

import CLibcurl

/// Sends requests one after the other over libcurl's easy interface and waits for each answer.
///
/// A client keeps its connections open, so that the next request to the same server needs no new one. It belongs to
/// one thread at a time: it is not `Sendable`, and work in parallel takes a client each. Redirects are not followed,
/// cookies and `.netrc` are not used. Proxies named in the environment are used, but not for loopback. No signal
/// handler is set.
///
/// A request that got no byte of answer over a reused connection is sent once more over a new one, so a server may see
/// it twice. A streamed body that has been read cannot be sent again: then the error is `http.interrupted`.
///
/// ```swift
/// let client = HTTPClient(HTTPClient.Options(userAgent: "limn/1.0"))
/// let response = try client.send(HTTPRequest(.get, "http://127.0.0.1:7300/status"))
/// ```
public final class HTTPClient {
    /// What holds for all requests of a client.
    public struct Options: Sendable {
        /// The `User-Agent` field, such as `limn/1.0`.
        public var userAgent: String
        /// A PEM file of the authorities to trust instead of the system's.
        public var certificateAuthorityFile: String?
        /// Allows `http://` to hosts other than this machine: everybody on the way can read and change it.
        public var allowsPlainText = false

        public init(userAgent: String) {
            self.userAgent = userAgent
        }
    }

    private let options: Options
    private let easy = CurlEasy()
    private var isSending = false

    public init(_ options: Options) {
        self.options = options
    }

    /// Sends a request and returns when the answer is whole.
    ///
    /// Compressed answers are asked for and decoded; the limits count decoded bytes.
    /// - Parameters:
    ///   - cancellation: stops the transfer with `http.cancelled`, also from another thread.
    ///   - onBody: gets the body of a 2xx answer piece by piece as it arrives, at most 64 KiB each, valid during the
    ///     call. What it throws ends the transfer and comes out as `HTTPError.stopped`. The body of any other answer is
    ///     collected, and so is every body where there is no closure.
    /// - Throws: `HTTPError`, every code of it; `HTTPLimits` and `HTTPRequest` say which limit gives which.
    /// - Complexity: memory for one piece each way, and for the collected body up to its limit.
    public func send(
        _ request: HTTPRequest, limits: HTTPLimits = HTTPLimits(), cancellation: Cancellation? = nil,
        onBody: ((UnsafeRawBufferPointer) throws -> Void)? = nil
    ) throws(HTTPError) -> HTTPResponse {
        precondition(!isSending, "a client sends one request at a time")
        isSending = true
        defer { isSending = false }
        let url = try ParsedURL(request.url)
        let headers = try HeaderList(request.headers)
        let host = url.origin.authority
        guard url.origin.isEncrypted || url.origin.isLoopback || options.allowsPlainText else {
            throw .plainTextRefused(host: host)
        }
        let source = UploadSource(request.body)
        let transfer = Transfer(
            host: host, limits: limits, cancellation: cancellation, source: source, onBody: onBody)
        guard !transfer.isCancelled else { throw .cancelled(host: host) }

        setOptions(url, headers)
        setMethod(request.method, length: source.length)
        setLimits(limits)
        easy.connect(to: transfer)
        let code = withExtendedLifetime((url, headers, transfer)) { easy.perform() }
        defer { easy.reset() }

        if let failure = transfer.failure { throw failure }
        guard code == CURLE_OK else {
            if code == CURLE_ABORTED_BY_CALLBACK, transfer.isCancelled { throw .cancelled(host: host) }
            throw HTTPError(
                code, host: host, reason: easy.reason(code), wasConnected: easy.wasConnected,
                hadWholeHead: transfer.headIsWhole)
        }
        return HTTPResponse(
            status: transfer.status, headers: transfer.headers, body: transfer.collected, metrics: easy.metrics)
    }

    private func setOptions(_ url: ParsedURL, _ headers: HeaderList) {
        easy.set(CURLOPT_CURLU, pointer: UnsafeMutableRawPointer(url.handle))
        easy.set(CURLOPT_HTTPHEADER, pointer: headers.head)
        easy.set(CURLOPT_USERAGENT, options.userAgent)
        easy.set(CURLOPT_PROTOCOLS_STR, "http,https")
        easy.set(CURLOPT_FOLLOWLOCATION, false)
        easy.set(CURLOPT_ACCEPT_ENCODING, "")
        easy.set(CURLOPT_NOSIGNAL, true)
        easy.set(CURLOPT_TCP_KEEPALIVE, true)
        easy.set(CURLOPT_BUFFERSIZE, 64 << 10)
        easy.set(CURLOPT_UPLOAD_BUFFERSIZE, 64 << 10)
        easy.set(CURLOPT_SSL_VERIFYPEER, true)
        easy.set(CURLOPT_SSL_VERIFYHOST, 2)
        if let file = options.certificateAuthorityFile {
            easy.set(CURLOPT_CAINFO, file)
            // The system's folder of authorities would be trusted beside the file.
            easy.set(CURLOPT_CAPATH, nil)
        }
        easy.set(CURLOPT_SUPPRESS_CONNECT_HEADERS, true)
        if url.origin.isLoopback {
            easy.set(CURLOPT_PROXY, "")
        }
    }

    private func setMethod(_ method: HTTPRequest.Method, length: Int?) {
        switch method {
        case .get, .head, .delete:
            precondition(length == 0 || method == .delete, "GET and HEAD have no body")
            easy.set(method == .head ? CURLOPT_NOBODY : CURLOPT_HTTPGET, true)
            if method == .delete, length == 0 { easy.set(CURLOPT_CUSTOMREQUEST, method.rawValue) }
            guard length != 0 else { return }
        case .post, .put, .patch, .propfind, .report: break
        }
        easy.set(CURLOPT_UPLOAD, true)
        easy.set(CURLOPT_CUSTOMREQUEST, method.rawValue)
        easy.set(CURLOPT_INFILESIZE_LARGE, size: length ?? -1)
    }

    private func setLimits(_ limits: HTTPLimits) {
        precondition(limits.connectTimeoutMilliseconds > 0, "0 would be libcurl's own five minutes")
        easy.set(CURLOPT_CONNECTTIMEOUT_MS, limits.connectTimeoutMilliseconds)
        if let total = limits.totalTimeoutMilliseconds {
            precondition(total > 0, "0 would be no limit")
            easy.set(CURLOPT_TIMEOUT_MS, total)
        }
        easy.set(CURLOPT_LOW_SPEED_LIMIT, limits.leastBytesPerSecond)
        easy.set(CURLOPT_LOW_SPEED_TIME, limits.stallTimeoutSeconds)
    }
}
