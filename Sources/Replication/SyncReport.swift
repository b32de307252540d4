/// What a session did.
public struct SyncReport: Sendable {
    /// The neighbour as it answered; nil where it did not.
    public internal(set) var neighbour: Neighbour?
    public internal(set) var neighbourName: String?
    public internal(set) var pulled = TransferCount()
    public internal(set) var pushed = TransferCount()
    public internal(set) var roundTrips = 0
    /// What the user should know though the session went on: `sync.clock-off`, `sync.other-node`, `sync.read-only`,
    /// `sync.copied`, `sync.neighbour-copied`.
    public internal(set) var warnings: [SyncError] = []

    public init() {}

    /// The bytes of all bodies both ways.
    public var bytes: Int { pulled.bytes + pushed.bytes }

    /// Goes on with the session that followed on this one.
    public mutating func add(_ next: SyncReport) {
        neighbour = next.neighbour ?? neighbour
        neighbourName = next.neighbourName ?? neighbourName
        pulled.add(next.pulled)
        pushed.add(next.pushed)
        roundTrips += next.roundTrips
        for warning in next.warnings where !warnings.contains(where: { $0.code == warning.code }) { warnings.append(warning) }
    }
}

/// A request that a transport is to send, by POST, to the address of the neighbour and the path of the endpoint.
public struct SyncRequest {
    public let endpoint: SyncEndpoint
    public let body: SyncBody

    public init(endpoint: SyncEndpoint, body: SyncBody) {
        self.endpoint = endpoint
        self.body = body
    }
}

/// What a caller wants next.
public enum SyncStep {
    /// Send this, and tell what comes back.
    case send(SyncRequest)
    /// Go on with the answer to the request that is under way.
    case proceed
    case finished(SyncReport)
    /// The session is over; what was acknowledged stays, and the next one goes on from there.
    case failed(any Error, SyncReport)
}

/// What a transport tells a caller.
public enum SyncEvent {
    /// The next piece of the body of an answer with status 200, of any length.
    case piece([UInt8])
    /// The end of that body.
    case end
    /// An answer with another status, and its body as far as it was read.
    case refused(status: Int, body: [UInt8])
    /// There is no answer, or its rest is lost.
    case lost(any Error)
}
