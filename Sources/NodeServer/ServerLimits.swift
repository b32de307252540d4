public import Replication

/// What a server spends on its callers at most.
public struct ServerLimits: Sendable {
    /// Open connections; more of them wait until one ends.
    public var connectionsMaximum = 768
    /// Requests under way; more are answered with 503.
    public var requestsMaximum = 64
    /// Callers that wait for news at once; more are answered with 503. Each holds a connection, so keep it below their limit.
    public var waitingMaximum = 512
    /// Requests of one caller that wait at once.
    public var waitingPerCallerMaximum = 4
    /// How long a caller waits for news before it is told that there are none.
    public var waitSeconds = 25
    /// How often the store is checked for news while somebody waits.
    public var feedCheckMilliseconds = 20
    /// Threads that work on the store: one commits at a time, the others read.
    public var storeThreads = 4
    /// Bytes of all header fields of a request.
    public var headerBytesMaximum = 16 << 10
    /// Header fields of a request.
    public var headerFieldsMaximum = 64
    /// Bytes of a push as a whole.
    public var pushBytesMaximum = 16 << 30
    /// Bytes of a message of a system outside.
    public var hookBytesMaximum = 4 << 20
    /// Messages of a system outside that are looked at: so many at once, and then so many a second; more are answered with 429. Names of no
    /// system share as much.
    public var hookBurst = 200, hooksPerSecond = 50
    /// Messages of systems outside under way.
    public var hooksMaximum = 16
    /// Bytes of a refused body that are read and dropped, so that its sender sees the refusal.
    public var refusedBytesMaximum = 16 << 20
    /// How long a connection may stand still, between two requests or inside one.
    public var idleTimeoutSeconds = 60
    /// How long the caller may take for 64 KiB of an answer.
    public var answerTimeoutSeconds = 60
    /// How long a body may take whatever its size; beyond that it must come at `leastBytesPerSecond`.
    public var bodyGraceSeconds = 30
    public var leastBytesPerSecond = 1024
    /// How long requests under way may go on once the server is told to stop.
    public var stopTimeoutSeconds = 5
    /// Limits of the messages and frames of a session.
    public var sync = SyncLimits()

    public init() {}
}
