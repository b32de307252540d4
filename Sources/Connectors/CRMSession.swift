public import CurlHTTP
internal import ProfileModel

/// Sends a system's requests: within its limits, again where that helps, and never again where it might write twice.
///
/// A session belongs to one thread.
public final class CRMSession {
    /// What a session finds around itself; in tests a clock that does as it is told.
    public struct Surroundings {
        /// Microseconds since 1970.
        public var now: () -> Int64
        public var sleep: (_ microseconds: Int64) -> Void
        public var random: () -> UInt64
        public var isCancelled: () -> Bool

        public init(
            now: @escaping () -> Int64, sleep: @escaping (_ microseconds: Int64) -> Void, random: @escaping () -> UInt64,
            isCancelled: @escaping () -> Bool = { false }
        ) {
            self.now = now
            self.sleep = sleep
            self.random = random
            self.isCancelled = isCancelled
        }
    }

    /// Requests are sent again so often at most.
    public static let attemptsMaximum = 6
    /// A wait that the system asks for and that is longer suspends the connector.
    public static let longestWaitMicroseconds: Int64 = 120_000_000
    /// An answer has at most so many values: a reader may keep dozens of bytes for two.
    static let answerValuesMaximum = 4_000_000

    /// The system's address, without a slash at its end.
    public let baseURL: String
    public private(set) var secret: ConnectorSecret
    public let surroundings: Surroundings
    /// The system's clock when it answered last, or ours where it did not say, in microseconds since 1970.
    public private(set) var serverTime: Int64
    /// How many requests were sent.
    public private(set) var requests = 0
    /// Keeps a secret that was renewed.
    private let keep: (ConnectorSecret) throws -> Void
    private let client: HTTPClient
    private var buckets: [String: TokenBucket] = [:]
    private var limits = HTTPLimits()
    /// Whether `sendAhead` sends anything.
    public var sendsAhead = false
    private var ahead: RequestAhead?

    /// - Parameters:
    ///   - limits: what the system allows each family of requests.
    ///   - keep: is given a secret that was renewed.
    public init(
        baseURL: String, secret: ConnectorSecret, client: HTTPClient.Options, limits: [String: TokenBucket.Limit] = [:], surroundings: Surroundings,
        keep: @escaping (ConnectorSecret) throws -> Void
    ) {
        self.baseURL = baseURL.hasSuffix("/") ? String(baseURL.dropLast()) : baseURL
        self.secret = secret
        self.client = HTTPClient(client)
        self.surroundings = surroundings
        self.keep = keep
        serverTime = surroundings.now()
        buckets = limits.mapValues { TokenBucket($0) }
        self.limits.totalTimeoutMilliseconds = 120_000
        self.limits.collectedBodyBytes = 64 << 20
    }

    /// Takes another secret from here on, and keeps it.
    public func renew(_ secret: ConnectorSecret) throws {
        self.secret = secret
        try keep(secret)
    }

    /// Limits a family of requests, such as a system's search.
    public func limit(_ family: String, to limit: TokenBucket.Limit) {
        if buckets[family] == nil { buckets[family] = TokenBucket(limit) }
    }

    /// Sends a request until its answer is final, and says what that answer means: `ok`, `conflict`, `reject` or `gone`.
    ///
    /// - Parameters:
    ///   - family: which limit counts it.
    ///   - isRepeatable: whether doing it twice is the same as once. Another is sent once more only where the system itself said that it
    ///     did nothing.
    ///   - request: is made anew each time, with the secret of that moment.
    /// - Throws: `crm.unauthorized`, `crm.suspended`, `crm.unavailable`, `crm.reply-lost` for a request that is not repeatable,
    ///   `crm.cancelled`, and `HTTPError` where trying again does not help.
    public func send(
        _ system: any CRMSystem, family: String = "", isRepeatable: Bool = true, _ request: () throws -> HTTPRequest
    ) throws -> (response: HTTPResponse, verdict: Verdict) {
        var hasRefreshed = false
        var attempt = 0
        while true {
            attempt += 1
            try pace(family)
            let response: HTTPResponse, time: Int64
            do {
                (response, time) = try answer(to: isRepeatable ? request() : CRMSession.once(request()))
            } catch let error as HTTPError {
                try waitOut(error, attempt: attempt, isRepeatable: isRepeatable)
                continue
            }
            serverTime = RetryAfter.serverTime(response) ?? time
            let verdict = system.classify(response)
            switch verdict {
            case .ok, .conflict, .reject, .gone: return (response, verdict)
            case .stop(let until): throw ConnectorError.suspended(until: until)
            case .refreshAuthorization:
                guard !hasRefreshed, try system.refreshAuthorization() else { throw ConnectorError.unauthorized }
                hasRefreshed = true
            case .retry(let after):
                // A gateway that gave up says nothing of what the system behind it has done.
                if !isRepeatable, [500, 502, 504].contains(response.status) { throw ConnectorError.replyLost }
                if attempt >= CRMSession.attemptsMaximum {
                    throw ConnectorError("crm.unavailable", ["status": String(response.status)], retry: .afterBackOff)
                }
                try wait(after ?? BackOff.microseconds(attempt: attempt, random: surroundings.random()), family)
            }
        }
    }

    /// The same, of which only `ok` is good.
    ///
    /// - Throws: also `crm.refused`.
    public func demand(
        _ system: any CRMSystem, family: String = "", isRepeatable: Bool = true, _ request: () throws -> HTTPRequest
    ) throws -> HTTPResponse {
        let (response, verdict) = try send(system, family: family, isRepeatable: isRepeatable, request)
        switch verdict {
        case .ok: return response
        case .reject(let rejection): throw ConnectorError.refused(rejection)
        default: throw ConnectorError.refused(Rejection(code: String(response.status)))
        }
    }

    /// Sends a request without a body whose answer is asked for next, so that the system works on it while the last answer is read. Nothing else is
    /// asked meanwhile: whoever asks waits until its answer has come. Does nothing where requests are limited, or `sendsAhead` is false.
    func sendAhead(_ request: HTTPRequest) {
        guard sendsAhead, buckets.isEmpty, !surroundings.isCancelled() else { return }
        dropAhead()
        requests += 1
        ahead = RequestAhead(request, client, limits, at: surroundings.now())
    }

    /// Gives up what was sent ahead and not asked for.
    public func dropAhead() {
        ahead?.cancel()
        ahead = nil
    }

    /// The answer to a request and when it was given at the earliest; that of the same one if it was sent ahead.
    private func answer(to request: HTTPRequest) throws(HTTPError) -> (HTTPResponse, time: Int64) {
        if let ahead {
            let answer = ahead.wait()
            if ahead.answers(request) {
                self.ahead = nil
                return (try answer.get(), ahead.time)
            }
        }
        requests += 1
        return (try client.send(request, limits: limits), surroundings.now())
    }

    /// Reads an answer's body as JSON.
    ///
    /// - Throws: `crm.unreadable-answer`.
    public func document(_ response: HTTPResponse) throws(ConnectorError) -> JSON {
        try places(response).value
    }

    /// The same of which only what is asked for is made: for pages of records.
    ///
    /// - Throws: `crm.unreadable-answer`.
    func places(_ response: HTTPResponse) throws(ConnectorError) -> JSONPlace {
        guard let document = JSONPlaces(response.body, valuesMaximum: CRMSession.answerValuesMaximum) else { throw .unreadable("JSON") }
        return document.root
    }

    private func pace(_ family: String) throws {
        if surroundings.isCancelled() { throw ConnectorError("crm.cancelled") }
        let wait = buckets[family]?.take(now: surroundings.now()) ?? 0
        if wait > 0 { try pause(wait) }
    }

    private func wait(_ microseconds: Int64, _ family: String) throws {
        if microseconds > CRMSession.longestWaitMicroseconds {
            throw ConnectorError.suspended(until: surroundings.now() + microseconds)
        }
        buckets[family]?.pause(until: surroundings.now() + microseconds)
        if buckets[family] == nil { try pause(microseconds) }
    }

    private func waitOut(_ error: HTTPError, attempt: Int, isRepeatable: Bool) throws {
        switch error {
        case .unreachable: break
        case .timedOut, .interrupted, .stopped:
            if !isRepeatable { throw ConnectorError.replyLost }
        default: throw error
        }
        // Whoever is not there after three attempts is asked again at the next sync.
        if attempt >= 3 { throw error }
        try pause(BackOff.microseconds(attempt: attempt, random: surroundings.random()))
    }

    /// Waits in short pieces, so that the program can end.
    private func pause(_ microseconds: Int64) throws {
        var left = microseconds
        while left > 0 {
            if surroundings.isCancelled() { throw ConnectorError("crm.cancelled") }
            let piece = min(left, 200_000)
            surroundings.sleep(piece)
            left -= piece
        }
    }

    /// The same request with a body that the client cannot send a second time on its own.
    private static func once(_ request: HTTPRequest) -> HTTPRequest {
        guard case .bytes(let bytes) = request.body else { return request }
        var request = request
        var next: [UInt8]? = bytes
        request.body = .stream(length: bytes.count) {
            defer { next = nil }
            return next
        }
        return request
    }
}
