// The state of one exchange, fed by libcurl's callbacks.

/// What has arrived of one response, what has been sent of one request, and why it was stopped.
///
/// Each `receive` and `send` returns whether the transfer goes on; where it does not, `failure` says why.
final class Transfer {
    private(set) var failure: HTTPError?
    private(set) var status = 0
    private(set) var headers: [HTTPHeader] = []
    /// Whether the empty line after the final head has arrived.
    private(set) var headIsWhole = false
    private(set) var collected: [UInt8] = []
    private let host: String
    private let limits: HTTPLimits
    private let cancellation: Cancellation?
    private let onBody: ((UnsafeRawBufferPointer) throws -> Void)?
    private var source: UploadSource
    private var headerBytes = 0
    private var streamedBytes = 0

    init(
        host: String, limits: HTTPLimits, cancellation: Cancellation?, source: UploadSource,
        onBody: ((UnsafeRawBufferPointer) throws -> Void)?
    ) {
        self.host = host
        self.limits = limits
        self.cancellation = cancellation
        self.source = source
        self.onBody = onBody
    }

    var isCancelled: Bool { cancellation?.isCancelled ?? false }

    /// Takes one line of a head: a status line, a field, the empty line at its end, or a trailer.
    func receive(headerLine line: UnsafeRawBufferPointer) -> Bool {
        headerBytes += line.count
        guard headerBytes <= limits.headerBytes else { return stop(tooLargeFor: limits.headerBytes) }
        guard !headIsWhole else { return true }
        let text = String(decoding: line, as: UTF8.self).trimmingLineEnd()
        if text.isEmpty {
            headIsWhole = status >= 200
        } else if text.hasPrefix("HTTP/") {
            headers.removeAll()
            let digits = text.drop { $0 != " " }.dropFirst().prefix(3)
            status = Int(digits) ?? 0
        } else if let colon = text.firstIndex(of: ":"), HeaderList.isFieldName(text[..<colon]) {
            let value = text[text.index(after: colon)...].trimmingBlanks()
            headers.append(HTTPHeader(String(text[..<colon]), String(value)))
        }
        return true
    }

    /// Takes decoded bytes of the body.
    func receive(body bytes: UnsafeRawBufferPointer) -> Bool {
        guard let onBody, (200..<300).contains(status) else {
            guard bytes.count <= limits.collectedBodyBytes - collected.count else {
                return stop(tooLargeFor: limits.collectedBodyBytes)
            }
            collected.append(contentsOf: bytes)
            return true
        }
        guard bytes.count <= limits.streamedBodyBytes - streamedBytes else {
            return stop(tooLargeFor: limits.streamedBodyBytes)
        }
        streamedBytes += bytes.count
        do {
            try onBody(bytes)
            return true
        } catch {
            return stop(error)
        }
    }

    /// Puts the next bytes of the request's body into the buffer; returns their number, or `nil` to stop.
    func send(into buffer: UnsafeMutableRawBufferPointer) -> Int? {
        do {
            return try source.read(into: buffer)
        } catch let error as UploadSource.WrongLength {
            failure = .failed(host: host, reason: error.reason)
        } catch {
            _ = stop(error)
        }
        return nil
    }

    func rewind() -> Bool { source.rewind() }

    private func stop(tooLargeFor limit: Int) -> Bool {
        failure = .tooLarge(host: host, limitBytes: limit)
        return false
    }

    private func stop(_ error: any Error) -> Bool {
        failure = error as? HTTPError ?? .stopped(by: error)
        return false
    }
}

extension String {
    /// Without the CR LF or LF at the end, which is one `Character` in Swift.
    fileprivate func trimmingLineEnd() -> Substring {
        self[...].reversedDrop { $0 == "\r\n" || $0 == "\n" || $0 == "\r" }
    }
}

extension Substring {
    fileprivate func trimmingBlanks() -> Substring {
        drop { $0 == " " || $0 == "\t" }.reversedDrop { $0 == " " || $0 == "\t" }
    }

    fileprivate func reversedDrop(while matches: (Character) -> Bool) -> Substring {
        var rest = self
        while let last = rest.last, matches(last) { rest.removeLast() }
        return rest
    }
}
