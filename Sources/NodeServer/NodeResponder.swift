internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NodeEnvironment
internal import NodeOperations
internal import NodeSecurity
internal import ProfileModel
internal import ProfileStore
internal import Replication
internal import Synchronization

/// Finds out what a request asks for, and answers it.
final class NodeResponder: HTTPResponder {
    /// What belongs to one request.
    struct Context: InitializableFromSource {
        let channel: any Channel
        let logger: Logger

        init(source: ApplicationRequestContextSource) {
            channel = source.channel
            logger = source.logger
        }
    }

    private let node: Node
    private let limits: ServerLimits
    private let threads: StoreThreads
    private let gate: Gate
    private let slots: RequestSlots
    private let feed: FeedWatch
    private let waitingSlots: RequestSlots
    private let seats: WaitingSeats
    private let hookSlots: RequestSlots
    private let hookPace: HookPace
    /// Two nodes that say their first hello under one name at the same time would both be let in.
    private let helloOrder = Mutex(())

    /// Whether rows have come that search does not find yet and nobody is about to index.
    private let isSearchBehind = Mutex(false)

    init(node: Node, limits: ServerLimits, threads: StoreThreads, feed: FeedWatch) {
        self.node = Node(store: node.store, author: node.author, isCancelled: { threads.isStopping })
        self.limits = limits
        self.threads = threads
        gate = Gate(store: node.store)
        slots = RequestSlots(count: limits.requestsMaximum)
        self.feed = feed
        waitingSlots = RequestSlots(count: limits.waitingMaximum)
        seats = WaitingSeats(maximum: limits.waitingPerCallerMaximum)
        hookSlots = RequestSlots(count: limits.hooksMaximum)
        hookPace = HookPace(burst: limits.hookBurst, perSecond: limits.hooksPerSecond)
    }

    func respond(to request: Request, context: Context) async throws -> Response {
        let reader = RequestReader(request, limits: limits)
        do {
            let route = try Route(request)
            guard let slot = places(for: route).take() else { throw ServerError.busy }
            defer { withExtendedLifetime(slot) {} }
            return try await respond(route, request, reader, context, slot)
        } catch let error as any CodedError {
            if !(error is ServerError || error is SecurityError) {
                context.logger.warning("A request failed.", metadata: ["code": "\(error.code)"])
            }
            return try .refusal(error, rest: reader)
        }
    }

    private func places(for route: Route) -> RequestSlots {
        switch route {
        case .sync(.wait): waitingSlots
        case .hook: hookSlots
        default: slots
        }
    }

    private func respond(
        _ route: Route, _ request: Request, _ reader: RequestReader, _ context: Context, _ slot: RequestSlots.Slot
    ) async throws -> Response {
        let authorization = request.headers[.authorization]
        switch route {
        case .health:
            _ = try await threads.run { [node] in try node.store.feedHead() }
            return try .json(["status": "ok"])
        case .join:
            let invitation = try await threads.run { [gate] in try gate.invitation(for: gate.caller(authorization: authorization)) }
            return try .json(invitation)
        case .hook(let name):
            return try await take(hook: name, request, reader)
        case .sync(let endpoint) where endpoint.isStreamed:
            return try await take(endpoint, authorization, reader)
        case .sync(let endpoint):
            return try await exchange(endpoint, request, authorization, reader, context, slot)
        }
    }

    /// Takes a message of a system outside. Whoever cannot prove who they are learns nothing, not even which systems there are.
    private func take(hook name: String, _ request: Request, _ reader: RequestReader) async throws -> Response {
        if hookPace.mustAsk(about: name) {
            hookPace.note(try await threads.run { [node] in Set(try node.connectors().map(\.name)) })
        }
        guard hookPace.take(name) else { throw ServerError.tooManyHooks }
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limits.hookBytesMaximum {
            throw ServerError.tooLarge(limitBytes: limits.hookBytesMaximum)
        }
        let body = try await reader.message(limitBytes: limits.hookBytesMaximum)
        let headers = Dictionary(request.headers.map { ($0.name.canonicalName, $0.value) }) { first, _ in first }
        let message = HookMessage(target: request.head.path ?? "", host: request.head.authority, headers: headers, body: body)
        switch try await threads.run({ [node] in try node.receiveHook(name, message) }) {
        case .taken(let type, let body): return .whole(Array(body.utf8), type: type, status: .ok)
        case .unverified: throw ServerError.hookUnverified
        case .unreadable: throw ServerError.hookUnreadable
        }
    }

    /// Answers a request whose body is one message.
    private func exchange(
        _ endpoint: SyncEndpoint, _ request: Request, _ authorization: String?, _ reader: RequestReader, _ context: Context,
        _ slot: RequestSlots.Slot
    ) async throws -> Response {
        // A caller whom nobody admits is turned away before its body is read.
        let caller = try await threads.run { [gate] in try gate.caller(authorization: authorization) }
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limits.sync.messageBytesMaximum {
            throw ServerError.tooLarge(limitBytes: limits.sync.messageBytesMaximum)
        }
        let message = try await reader.message()
        let answer: Handover<SyncResponse>
        switch endpoint {
        case .wait: answer = try await responseWhenNew(caller.admission.name, authorization, message)
        case .hello: answer = try await threads.run { [self] in try helloOrder.withLock { _ in try response(endpoint, authorization, message) } }
        default: answer = try await threads.run { [self] in try response(endpoint, authorization, message) }
        }
        switch answer.value.body {
        case .bytes(let bytes): return .whole(bytes, type: answer.value.contentType, status: HTTPResponse.Status(code: answer.value.status))
        case .stream(let source): return stream(Handover(source), type: answer.value.contentType, context, slot)
        }
    }

    private func response(_ endpoint: SyncEndpoint, _ authorization: String?, _ message: [UInt8]) throws -> Handover<SyncResponse> {
        let caller = try gate.caller(authorization: authorization)
        let exchange = newExchange(endpoint, caller)
        _ = exchange.receive(message)
        let response = exchange.finish()
        try gate.bind(exchange, of: caller)
        return Handover(response)
    }

    /// Answers as soon as there is something new for the caller, and at the latest when it has waited long enough.
    ///
    /// Each look is a request of its own to the store, so that a token that was taken back ends the waiting.
    private func responseWhenNew(_ name: String, _ authorization: String?, _ message: [UInt8]) async throws -> Handover<SyncResponse> {
        guard let seat = seats.take(name) else { throw ServerError.busy }
        defer { withExtendedLifetime(seat) {} }
        let deadline = ContinuousClock.now + .seconds(limits.waitSeconds)
        var idleHead: UInt64?
        while true {
            let look = try await threads.run { [self, idleHead] in
                let exchange = newExchange(.wait, try gate.caller(authorization: authorization))
                exchange.idleHead = idleHead
                _ = exchange.receive(message)
                return Handover((response: exchange.finish(), idleHead: exchange.idleHead))
            }
            guard let head = look.value.idleHead, ContinuousClock.now < deadline, !feed.isStopping else {
                return Handover(look.value.response)
            }
            await feed.change(after: head, until: deadline)
            idleHead = head
        }
    }

    private func newExchange(_ endpoint: SyncEndpoint, _ caller: Gate.Caller) -> SyncExchange {
        SyncResponder(store: node.store, environment: node.environment, limits: limits.sync)
            .exchange(endpoint, admission: caller.admission)
    }

    /// Takes items as they arrive; of a push memory holds a frame and a piece.
    private func take(_ endpoint: SyncEndpoint, _ authorization: String?, _ reader: RequestReader) async throws -> Response {
        let exchange = try await threads.run { [self] in Handover(newExchange(endpoint, try gate.caller(authorization: authorization))) }
        while let buffer = try await reader.next(limitBytes: limits.pushBytesMaximum) {
            guard try await threads.run({ exchange.value.receive(Array(buffer.readableBytesView)) }) else { break }
        }
        let response = try await threads.run { Handover(exchange.value.finish()) }.value
        guard case .bytes(let bytes) = response.body else { preconditionFailure("a stream of items is answered at once") }
        if endpoint == .push { catchUpSearch() }
        let status = HTTPResponse.Status(code: response.status)
        return .early(bytes, type: response.contentType, status: status, rest: reader)
    }

    /// Lets search find what came and nothing that was erased, while nobody waits for it.
    private func catchUpSearch() {
        let isFirst = isSearchBehind.withLock { isBehind in
            defer { isBehind = true }
            return !isBehind
        }
        guard isFirst else { return }
        threads.begin { [self] in
            isSearchBehind.withLock { $0 = false }
            // What is left is caught up by the next push, and by whoever searches.
            try? node.catchUpSearch()
            try? node.finishErasures()
        }
    }

    /// An answer that is made while it is sent; memory holds one piece of it.
    private func stream(_ source: Handover<any SyncBodySource>, type: String, _ context: Context, _ slot: RequestSlots.Slot) -> Response {
        let threads = threads, timeout = TimeAmount.seconds(Int64(limits.answerTimeoutSeconds))
        let body = ResponseBody { writer in
            defer { withExtendedLifetime(slot) {} }
            do {
                while let piece = try await threads.run({ try source.value.next() }) {
                    var rest = ByteBuffer(bytes: piece)
                    while let slice = rest.readSlice(length: min(rest.readableBytes, 64 << 10)), slice.readableBytes > 0 {
                        let timer = context.channel.eventLoop.scheduleTask(in: timeout) { context.channel.close(promise: nil) }
                        defer { timer.cancel() }
                        try await writer.write(slice)
                    }
                }
            } catch let error as any CodedError {
                // The caller sees a body without its end, and asks again.
                context.logger.warning("An answer was broken off.", metadata: ["code": "\(error.code)"])
                throw error
            }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: [.contentType: type, .cacheControl: "no-store"], body: body)
    }
}

/// What a server answers to.
private enum Route {
    case health
    case join
    case sync(SyncEndpoint)
    /// A message of the system outside with this name.
    case hook(String)

    private static let hooks = "/hooks/"

    /// - Throws: `server.not-found`, `server.wrong-method`.
    init(_ request: Request) throws(ServerError) {
        let method: HTTPRequest.Method
        switch request.uri.path {
        case "/health": (self, method) = (.health, .get)
        case "/join": (self, method) = (.join, .get)
        case let path where path.hasPrefix(Route.hooks):
            guard let name = String(path.dropFirst(Route.hooks.count)).removingPercentEncoding, !name.isEmpty else { throw .notFound }
            (self, method) = (.hook(name), .post)
        case let path:
            guard let endpoint = SyncEndpoint(rawValue: path) else { throw .notFound }
            (self, method) = (.sync(endpoint), .post)
        }
        guard request.method == method else { throw .wrongMethod }
    }
}
