// A node that answers over HTTP.

#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif
internal import Hummingbird
internal import HummingbirdCore
internal import Logging
internal import NIOCore
public import NodeOperations
internal import ServiceLifecycle
internal import Synchronization
internal import UnixSignals

/// Serves one node's side of the sync protocol over HTTP/1.1.
///
/// | path | |
/// |---|---|
/// | `POST /sync/hello`, `/sync/pull`, `/sync/push`, `/sync/fetch` | the requests of a session, see `SyncEndpoint` |
/// | `POST /sync/wait` | answered when there is something new for the caller, or after `waitSeconds` |
/// | `GET /join` | what a new node of the deployment must know, see `Invitation` |
/// | `POST /hooks/NAME` | a message of a system outside, proved as the system does it; it only asks for a pull, see `HookProof` |
/// | `GET /health` | `{"status":"ok"}` as long as the store can be read; the only path without a token or a proof |
///
/// A caller shows its token as `Authorization: Bearer TOKEN`: without a good one it gets 401, under another name than the
/// token's 403. A refusal is `{"error":{"code","message","parameters"}}`. Bodies are streamed both ways, within
/// `ServerLimits`. There is no TLS yet: whoever listens beyond loopback puts a proxy before it that has, or allows plain
/// text on a network that it trusts.
///
/// Nothing goes to standard output, and to standard error only codes of what failed.
/// - Durability: what a push answers for is on disk; stopping between two frames loses nothing that was answered.
/// - Privacy: answers to callers without a token hold nothing of the node.
public final class NodeServer: Sendable {
    /// How a server listens and what it allows.
    public struct Options: Sendable {
        public var address = ListenAddress.standard
        /// Allows other machines to connect without encryption.
        public var allowsPlainText = false
        /// Whether SIGTERM and SIGINT stop the server.
        public var stopsOnSignals = true
        public var limits = ServerLimits()

        public init() {}
    }

    private enum State {
        case new
        case running(ServiceGroup)
        case stopped
    }

    private let node: Node
    private let options: Options
    private let state = Mutex(State.new)

    public init(node: Node, options: Options = Options()) {
        self.node = node
        self.options = options
    }

    /// Listens and serves until it is stopped: by `stop`, or by a signal where the options say so.
    ///
    /// Requests under way may go on for `stopTimeoutSeconds` then. A server runs once.
    /// - Parameter onListening: gets the address, such as `http://127.0.0.1:7300`, once callers can connect.
    /// - Throws: `server.port-in-use`, `server.port-not-allowed`, `server.address-unavailable`, `server.plain-text-refused`.
    public func run(onListening: @escaping @Sendable (_ url: String) -> Void) async throws {
        let address = options.address
        guard address.isLoopback || options.allowsPlainText else { throw ServerError.plainTextRefused(address.host) }
        let threads = StoreThreads(count: options.limits.storeThreads)
        do {
            try await serve(threads, onListening)
        } catch {
            state.withLock { $0 = .stopped }
            await threads.stop()
            // A request that outlived the time for stopping was cut.
            if error is CancellationError, !Task.isCancelled { return }
            throw ServerError.listening(error, at: address)
        }
        state.withLock { $0 = .stopped }
        await threads.stop()
    }

    /// Stops the server as SIGTERM would; `run` returns a moment later.
    public func stop() async {
        let group: ServiceGroup? = state.withLock { state in
            guard case .running(let group) = state else {
                state = .stopped
                return nil
            }
            return group
        }
        await group?.triggerGracefulShutdown()
    }

    private func serve(_ threads: StoreThreads, _ onListening: @escaping @Sendable (String) -> Void) async throws {
        var logger = Logger(label: "limn.server", factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = .warning
        let limits = options.limits, address = options.address
        let feed = FeedWatch(store: node.store, threads: threads, intervalMilliseconds: limits.feedCheckMilliseconds)
        let application = Application(
            responder: NodeResponder(node: node, limits: limits, threads: threads, feed: feed),
            server: .http1(configuration: HTTP1Channel.Configuration(
                idleTimeout: .seconds(Int64(limits.idleTimeoutSeconds)),
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: limits.headerBytesMaximum, maxHeaderListSize: limits.headerBytesMaximum,
                    maxHeaderFieldCount: limits.headerFieldsMaximum))),
            configuration: ApplicationConfiguration(
                address: .hostname(address.boundHost, port: address.port),
                availableConnectionsDelegate: .maximum(limits.connectionsMaximum, logger: logger)),
            onServerRunning: { channel in onListening(address.url(port: channel.localAddress?.port ?? address.port)) },
            logger: logger)
        var configuration = ServiceGroupConfiguration(
            // The last is told first to stop.
            services: [application, feed], gracefulShutdownSignals: options.stopsOnSignals ? [.sigterm, .sigint] : [], logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(limits.stopTimeoutSeconds)
        let group = ServiceGroup(configuration: configuration)
        let isStopped = state.withLock { state in
            switch state {
            case .new: state = .running(group)
            case .running: preconditionFailure("a server runs once")
            case .stopped: return true
            }
            return false
        }
        if !isStopped { try await group.run() }
    }
}

extension ServerError {
    /// What an error of listening means.
    fileprivate static func listening(_ error: any Error, at address: ListenAddress) -> any Error {
        switch error {
        case let error as IOError:
            switch error.errnoCode {
            case EADDRINUSE: portInUse(address.port)
            case EACCES: portNotAllowed(address.port)
            case EADDRNOTAVAIL, EAFNOSUPPORT: addressUnavailable(address.host)
            default: error
            }
        case is SocketAddressError, is SocketAddressError.UnknownHost: addressUnavailable(address.host)
        default: error
        }
    }
}
