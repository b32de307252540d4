/// The requests of a session and where they stand over HTTP; all are POST.
public enum SyncEndpoint: String, Sendable, CaseIterable {
    case hello = "/sync/hello"
    case pull = "/sync/pull"
    case push = "/sync/push"
    case fetch = "/sync/fetch"
    case verify = "/sync/verify"
    case wait = "/sync/wait"

    public var path: String { rawValue }

    public static let messageType = "application/json"
    public static let framesType = "application/vnd.limn.frames"

    public var requestType: String { isStreamed ? Self.framesType : Self.messageType }

    /// Whether the request is a stream of items, to be taken as it arrives.
    public var isStreamed: Bool { self == .push || self == .verify }

    /// The content type of an answer with status 200; refusals are messages.
    public var responseType: String { [.hello, .push, .wait].contains(self) ? Self.messageType : Self.framesType }
}

/// The versions of the protocol that this program speaks.
public enum SyncProtocol {
    public static let versions = 1...1
}

/// The calling end of some conversation with a neighbour: a state machine without I/O.
public protocol CallingSession: AnyObject {
    /// The first step. A machine makes one session.
    func start() -> SyncStep

    /// The step after something that the transport tells of the last request.
    func receive(_ event: SyncEvent) -> SyncStep
}

/// What goes over the network as a body.
public enum SyncBody {
    case bytes([UInt8])
    /// Pieces to be sent one after the other, each made when it is asked for.
    case stream(any SyncBodySource)
}

/// A body that is made piece by piece, so that memory stays bounded.
public protocol SyncBodySource: AnyObject {
    /// The next piece, at most a frame; nil at the end.
    ///
    /// - Throws: where the store fails; the transport then breaks the transfer off.
    func next() throws -> [UInt8]?
}
