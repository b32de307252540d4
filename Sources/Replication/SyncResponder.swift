public import Causality
public import NodeEnvironment
public import ProfileModel
internal import WireFormat

/// Whom a request comes from, as its token says.
public struct Admission: Hashable, Sendable {
    /// The name of the node that the token was made for.
    public let name: String
    /// The node that the token belongs to since its first use; nil before.
    public let node: NeighbourID?
    /// The scopes that it may read and write.
    public let scopes: ScopeSet
    /// Whether its pushes are taken.
    public let mayPush: Bool

    public init(name: String, node: NeighbourID?, scopes: ScopeSet = .whole, mayPush: Bool = true) {
        self.name = name
        self.node = node
        self.scopes = scopes
        self.mayPush = mayPush
    }
}

/// An answer for the transport.
public struct SyncResponse {
    public let status: Int
    public let contentType: String
    public let body: SyncBody
}

/// The answering end: it keeps nothing between requests but what the store keeps.
public final class SyncResponder {
    private let store: any ReplicaStore
    private let environment: any NodeEnvironment
    private let limits: SyncLimits

    public init(store: any ReplicaStore, environment: any NodeEnvironment, limits: SyncLimits = SyncLimits()) {
        self.store = store
        self.environment = environment
        self.limits = limits
    }

    /// Begins to take a request whose token was found good.
    public func exchange(_ endpoint: SyncEndpoint, admission: Admission) -> SyncExchange {
        SyncExchange(endpoint, admission: admission, store: store, environment: environment, limits: limits)
    }
}

/// One request as it arrives, and its answer.
public final class SyncExchange {
    private let endpoint: SyncEndpoint
    private let admission: Admission
    let store: any ReplicaStore
    private let environment: any NodeEnvironment
    private let limits: SyncLimits
    private(set) var message: [UInt8] = []
    private var stream: FrameStreamReader
    private var receiver: FrameReceiver?
    private var pusher: Party?
    private var comparison: WordItemReader
    private var byteCount = 0
    private var failure: SyncError?

    /// Who called, once the request said so and was let in: the node that its name is bound to from then on.
    public private(set) var caller: (node: NeighbourID, name: String)?
    /// The feed head up to which there is nothing for a caller that waits; nil where there is something, and for other requests.
    /// Whoever looks again for the same request sets it to what was found before.
    public var idleHead: UInt64?

    init(
        _ endpoint: SyncEndpoint, admission: Admission, store: any ReplicaStore, environment: any NodeEnvironment, limits: SyncLimits
    ) {
        self.endpoint = endpoint
        self.admission = admission
        self.store = store
        self.environment = environment
        self.limits = limits
        stream = FrameStreamReader(limits: limits.frame)
        comparison = WordItemReader(limits: limits)
    }

    /// Takes the next piece of the request's body, of any length; the frames in it are durable when this returns.
    ///
    /// - Returns: false where the request is refused already, so that the rest need not be read.
    public func receive(_ bytes: [UInt8]) -> Bool {
        guard failure == nil else { return false }
        byteCount += bytes.count
        attempt {
            if endpoint == .push {
                stream.append(bytes)
                while case let items = try stream.items(), !items.isEmpty { try take(items) }
            } else if endpoint == .verify {
                try comparison.append(bytes)
            } else {
                guard message.count + bytes.count <= limits.messageBytesMaximum else { throw SyncError.frameTooLarge }
                message += bytes
            }
        }
        return failure == nil
    }

    /// The answer, once the whole body was received.
    public func finish() -> SyncResponse {
        var response: SyncResponse?
        attempt { response = try answer() }
        if let failure { return refusal(failure) }
        guard let response else { preconditionFailure("a request is answered or refused") }
        return response
    }

    private func attempt(_ work: () throws -> Void) {
        if failure != nil { return }
        do {
            try work()
        } catch {
            failure = .travelling(error)
        }
    }

    private func refusal(_ error: SyncError) -> SyncResponse {
        let refusal = Refusal(code: error.code, parameters: error.parameters)
        guard let body = try? MessageCoder.bytes(refusal) else { preconditionFailure("a refusal can be written") }
        return SyncResponse(status: error.status, contentType: SyncEndpoint.messageType, body: .bytes(body))
    }

    func reply(_ message: some Encodable) throws -> SyncResponse {
        SyncResponse(status: 200, contentType: SyncEndpoint.messageType, body: .bytes(try MessageCoder.bytes(message)))
    }

    private func answer() throws -> SyncResponse {
        switch endpoint {
        case .hello: try greet(choosing: try ProtocolOffer.chosen(for: message, among: limits.versions))
        case .pull: try pull(try MessageCoder.message(PullRequest.self, from: message))
        case .fetch: try fetch(try MessageCoder.message(FetchRequest.self, from: message))
        case .push: try pushed()
        case .verify: try compared()
        case .wait: try waited()
        }
    }

    // MARK: Admission

    /// - Parameter mayShareLife: whether a caller of this store's own life is let in, who then is a copy.
    func admit(
        deployment: UniqueID, node: RowID, name: String, life: Origin, mayShareLife: Bool = false
    ) throws -> ReplicaIdentity {
        let own = try store.identity()
        guard deployment == own.deployment else { throw SyncError.otherDeployment(own.nodeName) }
        guard name.utf8.elementsEqual(admission.name.utf8) else { throw SyncError.notAdmitted(name) }
        guard admission.node == nil || admission.node == node else { throw SyncError.nameTaken(name) }
        guard life != own.life || mayShareLife else { throw SyncError.sameStore }
        caller = (node, name)
        return own
    }

    private func admit(_ party: Party) throws -> ReplicaIdentity {
        let own = try admit(deployment: party.deployment, node: party.node, name: party.name, life: party.life)
        guard party.to == own.life else { throw SyncError.lifeChanged }
        return own
    }

    // MARK: Hello

    private func greet(choosing version: Int) throws -> SyncResponse {
        let hello = try MessageCoder.message(Handshake.self, from: message)
        let isCopy = try hello.proof.map { try !store.hasHandedOut($0.ticket) } ?? false
        var own = try admit(deployment: hello.deployment, node: hello.node, name: hello.name, life: hello.life, mayShareLife: isCopy)
        let evidence = hello.life == own.life ? CopyEvidence.foreignTicket : try store.evidence(in: hello.proof, of: hello.cursor?.life, cursor: hello.cursor)
        if let evidence {
            try store.beginLife(upon: evidence, from: hello.node, log: hello.life == own.life ? hello.proof?.log : nil)
            own = try store.identity()
        }
        let held = try store.ticket(from: Neighbour(node: hello.node, life: hello.life))
        let isProven = try hello.proof.map { proof in
            try (held == nil || held == proof.shown) && store.sequenceKnown(of: hello.life) <= proof.sequence
        } ?? true
        let hasGrown = try isProven && keepScopes(of: hello, own: own)
        let neighbour = try neighbour(hello.node, hello.life, own)
        let head = try store.feedHead()
        var warnings: [String] = []
        var after: UInt64 = 0
        if let cursor = hello.cursor, !hasGrown {
            after = cursor.resumed(in: own.life, head: head)
            if cursor.life == own.life {
                if isProven { try store.saveAcknowledged(cursor, by: neighbour) }
            }
        }
        if let nothing = hello.nothing, hello.cursor?.life == own.life, isProven, hello.assumed == own.scopes, hello.assumedEpoch == own.scopesEpoch {
            let held = try store.cursor(for: hello.node)
            let isKnown = nothing.after == 0 || held.map { $0.life == hello.life && $0.feed >= nothing.after } ?? false
            if isKnown, held?.life != hello.life || held?.feed ?? 0 < nothing.through {
                _ = try store.apply([], [], from: neighbour, cursor: FeedCursor(life: hello.life, feed: nothing.through))
            }
        }
        let now = environment.now()
        if clockWarning(hello, now: now) != nil { warnings.append("sync.clock-off") }
        if !admission.mayPush { warnings.append(SyncError.readOnlyCode) }
        if isProven {
            try store.recordSession(SessionRecord(
                neighbour: neighbour, neighbourName: hello.name, at: now, isCaller: false, pulled: TransferCount(), pushed: TransferCount(),
                neighbourHead: hello.head))
        }
        var proof = try hello.proof.map { theirs in
            // A call that tells nothing of this life may be followed by one that does.
            let received = ReceivedTicket(
                theirs.ticket, from: neighbour, isConfirmation: evidence == nil && hello.cursor?.life == own.life && theirs.held != nil)
            return try store.proof(
                own, to: hello.node, life: hello.life, held: held == theirs.shown ? nil : held, keeping: isProven ? received : nil)
        }
        if evidence != nil { proof?.renewedOn = own.machine }
        let cursor = try store.cursor(for: hello.node)
        var known = CausalContext()
        if let cursor, cursor.life == hello.life, cursor.feed < hello.head {
            known = try store.writesLearned(since: after, besides: hello.node)
        }
        return try reply(Handshake(
            protocolRange: version...version, deployment: own.deployment, node: own.node, name: own.nodeName, life: own.life,
            clock: now.rawValue, scopes: own.scopes, leaving: own.leaving, scopesEpoch: own.scopesEpoch, granted: admission.scopes, cursor: cursor, head: head,
            nothing: try idleSpan(store, after: after, head: head, toward: neighbour), known: known, warnings: warnings, proof: proof))
    }

    /// Keeps what the caller holds of what it may hold; whether that is more than it was.
    private func keepScopes(of hello: Handshake, own: ReplicaIdentity) throws -> Bool {
        let served = hello.scopes.intersection(admission.scopes)
        let before = try store.scopes(of: hello.node)
        try store.saveScopes(
            NeighbourScopes(
                holds: served, epoch: hello.scopesEpoch, leaving: hello.leaving.intersection(admission.scopes), granted: nil),
            of: hello.node, beginsAgain: (hello.cursor?.feed ?? 0) == 0 && !served.isWhole)
        return before.map { !$0.holds.holds(served) } ?? false
    }

    /// The caller, served what it holds as far as it may, and writing what it may.
    func neighbour(_ node: RowID, _ life: Origin, _ own: ReplicaIdentity) throws -> Neighbour {
        let known = try store.scopes(of: node)
        return Neighbour(node: node, life: life, terms: ScopeTerms(
            epoch: own.scopesEpoch, served: known?.holds.intersection(admission.scopes) ?? admission.scopes,
            leaving: known?.leaving.intersection(admission.scopes) ?? .nothing, writable: admission.scopes))
    }

    // MARK: Pull and fetch

    private func pull(_ request: PullRequest) throws -> SyncResponse {
        let own = try admit(request.party)
        let neighbour = try neighbour(request.party.node, request.party.life, own)
        try store.markFeed()
        let head = try store.feedHead()
        let after = request.cursor?.resumed(in: own.life, head: head) ?? 0
        var held = CausalContext()
        if !request.isWhole {
            held = try evidentlyHeld(store, by: neighbour, cursor: request.cursor, own: own.life, after: after, head: head)
            held.formUnion(request.known)
        }
        let source = FeedFrameSource(
            store: store, toward: neighbour, hashKey: own.hashKey, after: after, through: head, held: held, limits: limits,
            recording: FeedFrameSource.Recording(name: request.party.name, environment: environment))
        return SyncResponse(status: 200, contentType: SyncEndpoint.framesType, body: .stream(source))
    }

    private func fetch(_ request: FetchRequest) throws -> SyncResponse {
        let own = try admit(request.party)
        guard request.rows.count <= SyncLimits.rowsAtOnceMaximum else { throw SyncError.frameTooLarge }
        let source = RowFrameSource(
            store: store, toward: try neighbour(request.party.node, request.party.life, own), hashKey: own.hashKey, rows: request.rows,
            through: 0, limits: limits)
        return SyncResponse(status: 200, contentType: SyncEndpoint.framesType, body: .stream(source))
    }

    // MARK: Verify

    private func compared() throws -> SyncResponse {
        guard comparison.isAtEnd, let message = comparison.message else { throw SyncError.cut }
        let version = try ProtocolOffer.chosen(for: message, among: limits.versions)
        let request = try MessageCoder.message(ComparisonRequest.self, from: message).checked()
        guard let deployment = UniqueID(request.deployment), let node = RowID(request.node), let life = Origin(request.life) else {
            throw SyncError.garbage("identity")
        }
        let own = try admit(deployment: deployment, node: node, name: request.name, life: life)
        guard request.to == nil || request.to == own.life.description else { throw SyncError.lifeChanged }
        let head = try store.feedHead()
        let shared = ScopeRange(heldBy: own.scopes).intersection(ScopeRange(heldBy: admission.scopes))
        let (outcome, words) = try ComparisonAnswer(store: store, range: shared).answer(request, words: comparison.words)
        let reply = ComparisonReply(
            protocol: [version, version], deployment: own.deployment.description, node: own.node.description, name: own.nodeName,
            life: own.life.description, head: head, scopes: outcome.scopes, isEqual: outcome.isEqual, isTooMuch: outcome.isTooMuch)
        return SyncResponse(status: 200, contentType: SyncEndpoint.framesType, body: .bytes(try WordItems.stream(reply, words)))
    }

    // MARK: Push

    private func take(_ items: [[UInt8]]) throws {
        if let receiver { return try receiver.take(items) }
        guard let first = items.first else { return }
        let receiver = try begin(try MessageCoder.message(PushPreamble.self, from: first))
        self.receiver = receiver
        try receiver.take(Array(items.dropFirst()))
    }

    private func begin(_ preamble: PushPreamble) throws -> FrameReceiver {
        let own = try admit(preamble.party)
        guard admission.mayPush else { throw SyncError.readOnly(own.nodeName) }
        let held = try store.cursor(for: preamble.party.node)
        let isKnown = preamble.after == 0
            || held.map { $0.life == preamble.party.life && $0.feed >= preamble.after } ?? false
        guard isKnown else { throw SyncError.cursorMoved }
        guard preamble.scopesEpoch == nil || preamble.scopesEpoch == own.scopesEpoch else { throw SyncError.scopesChanged }
        pusher = preamble.party
        return FrameReceiver(
            store: store, from: try neighbour(preamble.party.node, preamble.party.life, own), hashKey: own.hashKey, limits: limits)
    }

    private func pushed() throws -> SyncResponse {
        guard let receiver, let pusher, stream.isAtEnd else { throw SyncError.cut }
        if receiver.count.changes > 0 { try store.markFeed() }
        var count = receiver.count
        count.bytes = byteCount
        let cursor = try store.cursor(for: pusher.node)
        try store.recordSession(SessionRecord(
            neighbour: Neighbour(node: pusher.node, life: pusher.life), neighbourName: pusher.name, at: environment.now(),
            isCaller: false, pulled: count, pushed: TransferCount(), neighbourHead: nil))
        return try reply(PushReply(
            cursor: cursor, covered: receiver.covered, missing: receiver.missing,
            changes: receiver.count.changes, outside: receiver.outside))
    }
}
