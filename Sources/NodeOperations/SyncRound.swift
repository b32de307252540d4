internal import Causality
public import CurlHTTP
internal import NodeEnvironment
internal import ProfileModel
public import ProfileStore
public import Replication

/// How a sync with one peer went.
public struct PeerSync: Sendable {
    public let peer: String
    public let report: SyncReport
    public let milliseconds: Int
    /// Nil where all went well.
    public let error: (any Error)?
}

/// How peers are reached.
public struct SyncOptions: Sendable {
    /// Whether `http://` is accepted beyond loopback.
    public var allowsPlainText = false
    /// A file of authorities that replaces the system's.
    public var certificateAuthorityFile: String?
    public var userAgent = "limn"

    public init() {}
}

extension Node {
    /// The peers with these names; all where none is named.
    ///
    /// - Throws: `node.no-such-peer`, `node.no-peers`.
    public func peers(named names: [String]) throws -> [Peer] {
        let all = try store.read { try $0.peers() }
        if names.isEmpty {
            if all.isEmpty { throw NodeError("node.no-peers") }
            return all
        }
        return try names.map { name in
            guard let peer = all.first(where: { $0.name == name }) else { throw NodeError("node.no-such-peer", ["peer": name]) }
            return peer
        }
    }

    /// Pulls from a peer what is new there, and pushes to it what is new here.
    ///
    /// - Durability: each frame is on disk, with its cursor, before the next is read; an interrupted sync goes on there.
    public func sync(with peer: Peer, options: SyncOptions = SyncOptions(), cancellation: Cancellation = Cancellation()) -> PeerSync {
        do {
            return sync(with: peer, over: HTTPSyncSession(with: peer, token: try token(of: peer), options: options, cancellation: cancellation))
        } catch {
            return PeerSync(peer: peer.name, report: SyncReport(), milliseconds: 0, error: error)
        }
    }

    /// Syncs over connections that may be open already.
    ///
    /// Where the connection breaks after something has arrived, it goes on at once from there; it gives up where nothing
    /// arrives any more.
    func sync(with peer: Peer, over session: HTTPSyncSession) -> PeerSync {
        let began = ContinuousClock.now
        var report = SyncReport(), error: (any Error)?
        var neighbour = peer.neighbour?.node, barren = 0
        repeat {
            let before = progress(with: neighbour)
            let next: SyncReport
            (next, error) = session.run(SyncCaller(store: store, environment: environment, expected: neighbour))
            report.add(next)
            neighbour = report.neighbour?.node ?? neighbour
            // Whoever was never reached is left alone.
            guard let reason = error as? any CodedError, reason.retry == .afterBackOff, report.neighbour != nil,
                !session.cancellation.isCancelled else { break }
            barren = progress(with: neighbour) == before ? barren + 1 : 0
        } while barren < Node.barrenSessionsMaximum
        if let neighbour = report.neighbour, peer.neighbour?.node != neighbour.node {
            try? store.write { try $0.setPeer(name: peer.name, neighbour: neighbour.node) }
        }
        if report.pulled.changes > 0 { try? catchUpSearch() }
        try? finishErasures()
        return PeerSync(peer: peer.name, report: report, milliseconds: (ContinuousClock.now - began).milliseconds, error: error)
    }

    /// So many sessions one after the other may break before anything has arrived.
    private static let barrenSessionsMaximum = 3

    /// What each side holds of the other's feed.
    private func progress(with neighbour: RowID?) -> [FeedCursor?] {
        guard let neighbour else { return [nil, nil] }
        return [try? store.cursor(for: neighbour), try? store.acknowledged(by: neighbour)]
    }
}

extension Duration {
    /// Whole milliseconds.
    var milliseconds: Int { Int(components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000) }
}

/// Carries the requests of one session over HTTP.
struct HTTPSyncSession {
    let client: HTTPClient
    let url: String
    let token: String
    let cancellation: Cancellation

    init(with peer: Peer, token: String, options: SyncOptions, cancellation: Cancellation) {
        var settings = HTTPClient.Options(userAgent: options.userAgent)
        settings.certificateAuthorityFile = options.certificateAuthorityFile
        settings.allowsPlainText = options.allowsPlainText
        client = HTTPClient(settings)
        url = peer.url
        self.token = token
        self.cancellation = cancellation
    }

    /// Runs a caller to the end of its session.
    func run(_ caller: any CallingSession) -> (SyncReport, (any Error)?) {
        var step = caller.start()
        while true {
            switch step {
            case .finished(let report): return (report, nil)
            case .failed(let error, let report): return (report, error)
            case .proceed: preconditionFailure("a caller proceeds only within an answer")
            case .send(let request): step = answer(to: request, of: caller)
            }
        }
    }

    /// Sends one request and tells the caller what comes back, piece by piece.
    private func answer(to request: SyncRequest, of caller: any CallingSession) -> SyncStep {
        var latest = SyncStep.proceed
        /// Thrown where the caller has what it wants, or gives up, before the answer ends.
        struct Decided: Error {}
        do {
            let response = try client.send(
                HTTPRequest(.post, base + request.endpoint.path, headers: headers(request), body: body(request.body)),
                cancellation: cancellation
            ) { bytes in
                latest = caller.receive(.piece([UInt8](bytes)))
                guard case .proceed = latest else { throw Decided() }
            }
            return response.status == 200 ? caller.receive(.end) : caller.receive(.refused(status: response.status, body: response.body))
        } catch {
            if case .proceed = latest { return caller.receive(.lost(error)) }
            return latest
        }
    }

    /// Sends a message that is no part of a session; returns the body of an answer with status 200.
    ///
    /// - Throws: what ended the transfer; as `SyncError` what the peer refused.
    func ask(_ endpoint: SyncEndpoint, _ body: [UInt8]) throws -> [UInt8] {
        let request = SyncRequest(endpoint: endpoint, body: .bytes(body))
        let response = try client.send(
            HTTPRequest(.post, base + endpoint.path, headers: headers(request), body: .bytes(body)), cancellation: cancellation)
        guard response.status == 200 else { throw SyncError.refusal(status: response.status, body: response.body) }
        return response.body
    }

    private var base: String { url.hasSuffix("/") ? String(url.dropLast()) : url }

    private func headers(_ request: SyncRequest) -> [HTTPHeader] {
        [HTTPHeader("Authorization", "Bearer \(token)"), HTTPHeader("Content-Type", request.endpoint.requestType)]
    }

    private func body(_ body: SyncBody) -> HTTPRequest.Body {
        switch body {
        case .bytes(let bytes): .bytes(bytes)
        case .stream(let source): .stream(length: nil, next: { try source.next() })
        }
    }
}
