public import Causality
public import NodeEnvironment
internal import ProfileModel
internal import WireFormat

/// The calling end of a session: a state machine without I/O.
///
/// It says hello, pulls the neighbour's feed, fetches as a whole what could not be rebuilt, pushes its own feed, and sends
/// as a whole what the neighbour could not rebuild. Where there is nothing to do it is one round trip. Each frame is
/// durable, with its cursor, before the next is read; every request may be repeated. Where a cursor was lost or belongs to
/// another life the two stores are compared, and only what differs goes over the network.
///
/// - Convergence: rows are only ever joined, so that repeated, cut and reordered sessions end in the same state.
public final class SyncCaller: CallingSession {
    private enum Phase {
        case idle
        case hello
        case pulling(FrameReceiver)
        case fetching(FrameReceiver, waiting: [RowReference], covered: UInt64)
        case pushing(target: UInt64)
        case repairing(target: UInt64, covered: UInt64)
        case comparing(WordItemReader)
        case pushingDifferences(target: UInt64)
        case over
    }

    private let store: any ReplicaStore
    private let environment: any NodeEnvironment
    private let expected: NeighbourID?
    private let limits: SyncLimits
    private var phase = Phase.idle
    private var report = SyncReport()
    private var message: [UInt8] = []
    private var stream = FrameStreamReader()
    private var isPreambleSent = false
    private var pushSource: FeedFrameSource?
    private var repairSource: RowFrameSource?
    private var pushesWhole = false
    /// Rows that the neighbour sent to its review queue.
    private var outside = 0

    // Set by `start` and by the answer to the hello.
    private var own: ReplicaIdentity?
    private var other: Handshake?
    private var quoted: FeedCursor?
    /// The ticket that the hello shows.
    private var shown: SyncTicket?
    /// The ticket that the hello hands over.
    private var handed: SyncTicket?
    private var renewals = 0
    private var isShownAgain = false
    private var isQuotedAgain = false
    private var pushFrom: FeedCursor?
    private var pushAfter: UInt64 = 0
    private var comparison: StoreComparison?
    /// Our feed head before the stores were compared.
    private var comparedHead: UInt64 = 0
    private var arePushedDifferences = false

    /// - Parameter expected: the node that answered at this address last time; nil before the first session.
    public init(
        store: any ReplicaStore, environment: any NodeEnvironment, expected: NeighbourID?, limits: SyncLimits = SyncLimits()
    ) {
        self.store = store
        self.environment = environment
        self.expected = expected
        self.limits = limits
    }

    /// The first step. A machine makes one session.
    public func start() -> SyncStep {
        guard case .idle = phase else { preconditionFailure("a caller makes one session") }
        return step { try hello() }
    }

    /// The step after something that the transport tells of the last request.
    public func receive(_ event: SyncEvent) -> SyncStep {
        step {
            switch event {
            case .piece(let bytes): return try take(bytes)
            case .end: return try answered()
            case .refused(let status, let body): throw refusal(status: status, body: body)
            case .lost(let error): throw error
            }
        }
    }

    private func step(_ work: () throws -> SyncStep) -> SyncStep {
        if case .over = phase { preconditionFailure("the session is over") }
        do {
            return try work()
        } catch {
            phase = .over
            countPushed()
            return .failed(error, report)
        }
    }

    private func refusal(status: Int, body: [UInt8]) -> any Error {
        report.pulled.bytes += body.count
        return SyncError.refusal(status: status, body: body, own: own)
    }

    // MARK: Sending

    private func send(_ endpoint: SyncEndpoint, _ body: SyncBody, _ next: Phase) -> SyncStep {
        phase = next
        message = []
        stream = FrameStreamReader(limits: limits.frame)
        report.roundTrips += 1
        if case .bytes(let bytes) = body { report.pushed.bytes += bytes.count }
        return .send(SyncRequest(endpoint: endpoint, body: body))
    }

    private func hello() throws -> SyncStep {
        let own = try store.identity()
        self.own = own
        let head = try store.feedHead()
        var nothing: FeedSpan?
        var held: SyncTicket?
        var assumed = ScopeSet.whole, assumedEpoch: UInt64 = 0
        if let expected = expected ?? other?.node {
            if !isShownAgain { shown = try store.lastTicket(to: expected) }
            if !isQuotedAgain { quoted = try store.cursor(for: expected) }
            let after = try store.acknowledged(by: expected)?.resumed(in: own.life, head: head) ?? 0
            // The neighbour heeds this only while its life is the one of the cursor that is quoted.
            let known = try store.scopes(of: expected)
            assumed = known?.holds ?? .whole
            assumedEpoch = known?.epoch ?? 0
            if let quoted {
                let terms = ScopeTerms(served: assumed, leaving: known?.leaving ?? .nothing)
                let neighbour = Neighbour(node: expected, life: quoted.life, terms: terms)
                nothing = try idleSpan(store, after: after, head: head, toward: neighbour)
                held = try store.ticket(from: neighbour)
            }
        }
        var proof = try store.proof(own, to: expected, life: quoted?.life, shown: shown, held: held)
        if expected == nil || expected == own.node { proof.log = try store.ticketLog() }
        let handshake = Handshake(
            protocolRange: limits.versions, deployment: own.deployment, node: own.node, name: own.nodeName, life: own.life,
            clock: environment.now().rawValue, scopes: own.scopes, leaving: own.leaving, scopesEpoch: own.scopesEpoch, assumed: assumed, assumedEpoch: assumedEpoch, cursor: quoted, head: head,
            nothing: nothing, proof: proof)
        handed = proof.ticket
        return send(.hello, .bytes(try MessageCoder.bytes(handshake)), .hello)
    }

    private func party() -> Party {
        guard let own, let other else { preconditionFailure("the handshake is over") }
        return Party(deployment: own.deployment, node: own.node, name: own.nodeName, life: own.life, to: other.life)
    }

    private var neighbour: Neighbour {
        guard let own, let other else { preconditionFailure("the handshake is over") }
        return Neighbour(node: other.node, life: other.life, terms: ScopeTerms(epoch: own.scopesEpoch, served: other.scopes, leaving: other.leaving))
    }

    private func receiver(awaiting references: [RowReference]? = nil) throws -> FrameReceiver {
        guard let own else { preconditionFailure("the session has started") }
        return FrameReceiver(store: store, from: neighbour, hashKey: own.hashKey, limits: limits, awaiting: references)
    }

    private func pull(isWhole: Bool) throws -> SyncStep {
        var request = PullRequest(party: party(), cursor: try store.cursor(for: neighbour.node), isWhole: isWhole)
        if !isWhole, request.cursor?.life == neighbour.life {
            request.known = try store.writesLearned(since: pushAfter, besides: neighbour.node)
        }
        return send(.pull, .bytes(try MessageCoder.bytes(request)), .pulling(try receiver()))
    }

    private func fetch(_ waiting: [RowReference], covered: UInt64) throws -> SyncStep {
        let now = Array(waiting.prefix(limits.rowsAtOnce))
        let request = FetchRequest(party: party(), rows: now)
        return send(.fetch, .bytes(try MessageCoder.bytes(request)), .fetching(
            try receiver(awaiting: now), waiting: Array(waiting.dropFirst(now.count)), covered: covered))
    }

    /// Pushes what the neighbour lacks, or ends the session where it lacks nothing.
    private func push() throws -> SyncStep {
        guard let own else { preconditionFailure("the session has started") }
        if report.pulled.changes > 0 { try store.markFeed() }
        let target = try store.feedHead()
        let isCursorLost = pushFrom?.life != own.life && !arePushedDifferences
        let first = try pushAfter < target
            ? store.changes(
                after: pushAfter, through: target, rowsMaximum: isCursorLost ? limits.comparedChangesMinimum : 1, toward: neighbour).rows
            : []
        if first.isEmpty { return try finish() }
        if isCursorLost, first.count >= limits.comparedChangesMinimum, canCompare {
            guard let comparison else { return try compare() }
            if !comparison.isTooMuch { return try pushDifferences(comparison, target: target) }
        }
        if let other, other.warnings.contains(SyncError.readOnlyCode) {
            report.warnings.append(.readOnly(other.name))
            return try finish()
        }
        try store.markFeed()
        var held = CausalContext()
        if !pushesWhole {
            held = try evidentlyHeld(store, by: neighbour, cursor: pushFrom, own: own.life, after: pushAfter, head: target)
            if let known = other?.known { held.formUnion(known) }
        }
        let preamble = try MessageCoder.bytes(PushPreamble(party: party(), after: pushAfter, scopesEpoch: other?.scopesEpoch))
        let source = FeedFrameSource(
            store: store, toward: neighbour, hashKey: own.hashKey, after: pushAfter, through: target, held: held, limits: limits,
            preamble: preamble)
        pushSource = source
        return send(.push, .stream(source), .pushing(target: target))
    }

    private func repair(_ missing: [RowReference], target: UInt64, covered: UInt64) throws -> SyncStep {
        guard let own else { preconditionFailure("the session has started") }
        let preamble = try MessageCoder.bytes(PushPreamble(party: party(), after: 0, scopesEpoch: other?.scopesEpoch))
        let source = RowFrameSource(
            store: store, toward: neighbour, hashKey: own.hashKey, rows: missing, through: covered, limits: limits, preamble: preamble)
        repairSource = source
        return send(.push, .stream(source), .repairing(target: target, covered: covered))
    }

    // MARK: Without a cursor

    /// Whether all that either side serves is compared.
    private var canCompare: Bool {
        guard let own, let other, own.scopes.isWhole, other.scopes.isWhole, other.granted.isWhole else { return false }
        return other.head >= UInt64(limits.comparedChangesMinimum) && comparison?.isWhole ?? true
    }

    private func compare() throws -> SyncStep {
        guard let own else { preconditionFailure("the session has started") }
        comparedHead = try store.feedHead()
        let comparison = StoreComparison(store: store, own: own)
        self.comparison = comparison
        return try ask(try comparison.begin())
    }

    private func ask(_ question: StoreComparison.Question) throws -> SyncStep {
        guard let own, let other else { preconditionFailure("the handshake is over") }
        let body = try question.body(
            from: own, to: other.life.description, groupsMaximum: (15 << question.groupBits) / 16, versions: limits.versions)
        return send(.verify, .bytes(body), .comparing(WordItemReader(limits: limits)))
    }

    /// Goes on where the cursors are unknown: what is the same on both sides need not be sent.
    private func compared(_ comparison: StoreComparison) throws -> SyncStep {
        guard let other else { preconditionFailure("the handshake is over") }
        let cursor = try store.cursor(for: neighbour.node)
        if cursor?.life == other.life { return try push() }
        guard comparison.isWhole, !comparison.isTooMuch else { return try pull(isWhole: false) }
        let lacking = comparison.differences.filter { $0.place != .here }.map { RowReference($0.id) }
        if !lacking.isEmpty { return try fetch(lacking, covered: other.head) }
        // All that stood in the neighbour's feed at the handshake, before the comparison, is durable here.
        try store.saveCursor(FeedCursor(life: other.life, feed: other.head), for: neighbour.node)
        return try push()
    }

    /// Sends what the neighbour lacks of all that stood in our feed before the comparison; then it holds our feed so far.
    private func pushDifferences(_ comparison: StoreComparison, target: UInt64) throws -> SyncStep {
        guard let own else { preconditionFailure("the session has started") }
        arePushedDifferences = true
        let ids = comparison.differences.filter { $0.place != .there }.map { RowReference($0.id) }
        let preamble = try MessageCoder.bytes(PushPreamble(party: party(), after: 0, scopesEpoch: other?.scopesEpoch))
        let source = RowFrameSource(
            store: store, toward: neighbour, hashKey: own.hashKey, rows: ids, through: comparedHead, limits: limits,
            preamble: preamble)
        repairSource = source
        return send(.push, .stream(source), .pushingDifferences(target: target))
    }

    private func finish() throws -> SyncStep {
        phase = .over
        guard let other else { preconditionFailure("the handshake is over") }
        if outside > 0 { report.warnings.append(.outside(other.name, rows: outside)) }
        try store.recordSession(SessionRecord(
            neighbour: neighbour, neighbourName: other.name, at: environment.now(), isCaller: true, pulled: report.pulled,
            pushed: report.pushed, neighbourHead: other.head))
        return .finished(report)
    }

    private func countPushed() {
        for count in [pushSource?.count, repairSource?.count] {
            report.pushed.rows += count?.rows ?? 0
            report.pushed.bytes += count?.bytes ?? 0
        }
        pushSource = nil
        repairSource = nil
    }

    // MARK: Receiving

    private func take(_ bytes: [UInt8]) throws -> SyncStep {
        report.pulled.bytes += bytes.count
        switch phase {
        case .comparing(var reader):
            phase = .idle
            try reader.append(bytes)
            phase = .comparing(reader)
        case .hello, .pushing, .repairing, .pushingDifferences:
            guard message.count + bytes.count <= limits.messageBytesMaximum else { throw SyncError.frameTooLarge }
            message += bytes
        case .pulling(let receiver), .fetching(let receiver, _, _):
            stream.append(bytes)
            try receiver.take(from: &stream, countingIn: &report.pulled)
        case .idle, .over: preconditionFailure("no request is under way")
        }
        return .proceed
    }

    private func answered() throws -> SyncStep {
        switch phase {
        case .hello:
            try ProtocolOffer.check(choiceIn: message, among: limits.versions)
            return try greeted(try MessageCoder.message(Handshake.self, from: message))
        case .pulling(let receiver):
            guard stream.isAtEnd else { throw SyncError.cut }
            if !receiver.missing.isEmpty { return try fetch(receiver.missing, covered: receiver.covered) }
            return try push()
        case .fetching(let receiver, let waiting, let covered):
            guard stream.isAtEnd else { throw SyncError.cut }
            guard !receiver.isAwaiting else { throw SyncError.rowMissing }
            if !waiting.isEmpty { return try fetch(waiting, covered: covered) }
            if covered > 0 { try moveCursor(to: covered) }
            guard let other, covered >= other.head else { return try pull(isWhole: true) }
            return try push()
        case .pushing(let target):
            let reply = try pushReply()
            if !reply.missing.isEmpty { return try repair(reply.missing, target: target, covered: reply.covered) }
            return try pushed(reply, target: target)
        case .repairing(let target, let covered):
            let reply = try pushReply()
            guard reply.missing.isEmpty, reply.cursor?.feed ?? 0 >= covered else { throw SyncError.cursorMoved }
            pushesWhole = true
            return try pushed(reply, target: target)
        case .pushingDifferences(let target):
            let reply = try pushReply()
            guard reply.missing.isEmpty, reply.cursor?.feed ?? 0 >= comparedHead else { throw SyncError.cursorMoved }
            return try pushed(reply, target: target)
        case .comparing(let reader):
            guard reader.isAtEnd, let message = reader.message, let comparison else { throw SyncError.cut }
            try ProtocolOffer.check(choiceIn: message, among: limits.versions)
            let reply = try MessageCoder.message(ComparisonReply.self, from: message)
            guard reply.life == other?.life.description else { throw SyncError.lifeChanged }
            if let question = try comparison.take(reply, words: reader.words) { return try ask(question) }
            return try compared(comparison)
        case .idle, .over: preconditionFailure("no request is under way")
        }
    }

    private func pushReply() throws -> PushReply {
        countPushed()
        let reply = try MessageCoder.message(PushReply.self, from: message)
        report.pushed.changes += reply.changes
        outside += reply.outside
        return reply
    }

    /// What the neighbour now holds of our feed; the rest is pushed, if a full list of missing rows cut it short.
    private func pushed(_ reply: PushReply, target: UInt64) throws -> SyncStep {
        guard let own, let cursor = reply.cursor, cursor.life == own.life, cursor.feed > pushAfter else { throw SyncError.cursorMoved }
        try store.saveAcknowledged(cursor, by: neighbour)
        pushFrom = cursor
        pushAfter = cursor.feed
        return cursor.feed < target ? try push() : try finish()
    }

    private func greeted(_ reply: Handshake) throws -> SyncStep {
        guard let own else { preconditionFailure("the session has started") }
        guard reply.deployment == own.deployment else { throw SyncError.otherDeployment(reply.name) }
        guard reply.life != own.life else { throw SyncError.sameStore }
        other = reply
        report.neighbour = neighbour
        report.neighbourName = reply.name
        if let warning = clockWarning(reply, now: environment.now()) { warn(warning) }
        try store.saveScopes(
            NeighbourScopes(holds: reply.scopes, epoch: reply.scopesEpoch, leaving: reply.leaving, granted: reply.granted), of: reply.node,
            beginsAgain: (reply.cursor?.feed ?? 0) == 0 && !reply.scopes.isWhole)
        if !reply.granted.holds(own.scopes) { warn(.notGranted(reply.name, scopes: reply.granted.names.joined(separator: ", "))) }
        if let expected, expected != reply.node { warn(.otherNode(reply.name)) }
        if let again = try guardIdentity(reply, own) { return again }
        pushFrom = reply.cursor
        if let held = reply.cursor { try acknowledge(held, own: own) }
        if let nothing = reply.nothing {
            // It speaks of the cursor that the hello quoted, or of the feed from its beginning.
            let isQuoted = try expected == reply.node && store.cursor(for: reply.node) == quoted
            if nothing.after == 0 || isQuoted { try moveCursor(to: nothing.through) }
        }
        let cursor = try store.cursor(for: reply.node)
        if let cursor, cursor.life == reply.life, cursor.feed >= reply.head { return try push() }
        if cursor?.life != reply.life {
            if reply.head == 0 { return try push() }
            if canCompare, try store.feedHead() >= UInt64(limits.comparedChangesMinimum) { return try compare() }
        }
        return try pull(isWhole: false)
    }

    /// Begins a new life and the session anew where the neighbour knows another copy of this store; keeps the neighbour's
    /// ticket where it does not.
    private func guardIdentity(_ reply: Handshake, _ own: ReplicaIdentity) throws -> SyncStep? {
        if let evidence = try store.evidence(in: reply.proof, of: own.life, cursor: reply.cursor) {
            renewals += 1
            guard renewals == 1 else { throw SyncError.behindOwnFeed(reply.name) }
            try store.beginLife(upon: evidence, from: reply.node, log: nil)
            warn(.copied(own.nodeName, machine: own.machine, by: reply.name))
            return try hello()
        }
        guard let proof = reply.proof else { return nil }
        if quoted?.life != reply.life, !isQuotedAgain {
            // Another life answers than the hello spoke of: it is told what is known of it.
            let isKnown = try store.ticket(from: neighbour) != nil || store.sequenceKnown(of: reply.life) > proof.sequence
            if isKnown {
                isQuotedAgain = true
                quoted = FeedCursor(life: reply.life, feed: 0)
                return try hello()
            }
        }
        if let machine = proof.renewedOn { warn(.neighbourCopied(reply.name, machine: machine)) }
        if let held = proof.held, held != shown, !isShownAgain {
            // A request was lost, another session of this store came between, or the address is a new one.
            isShownAgain = true
            shown = held
            return try hello()
        }
        try store.keepTicket(ReceivedTicket(proof.ticket, from: neighbour, isConfirmation: true), inReturnFor: handed)
        return nil
    }

    private func moveCursor(to feed: UInt64) throws {
        _ = try store.apply([], [], from: neighbour, cursor: FeedCursor(life: neighbour.life, feed: feed))
    }

    /// A session may say hello more than once, and warns of each thing once.
    private func warn(_ warning: SyncError) {
        if !report.warnings.contains(where: { $0.code == warning.code }) { report.warnings.append(warning) }
    }

    private func acknowledge(_ cursor: FeedCursor, own: ReplicaIdentity) throws {
        guard cursor.life == own.life else { return }
        pushAfter = cursor.feed
        try store.saveAcknowledged(cursor, by: neighbour)
    }
}

/// The writes that a neighbour is believed to hold, by its cursor of our feed and by its own life.
///
/// Whoever has a cursor of another life starts again at 0, but most likely holds nearly all.
func evidentlyHeld(
    _ store: any ReplicaStore, by neighbour: Neighbour, cursor: FeedCursor?, own life: Origin, after: UInt64, head: UInt64
) throws -> CausalContext {
    let isOfAnotherLife = cursor.map { $0.life != life } ?? false
    var held = try store.writesKnown(at: isOfAnotherLife ? head : after)
    held.insert(Dot(origin: neighbour.life, sequence: .max))
    return held
}

/// The stretch after a neighbour's cursor in which there is nothing for it; nil where there is none.
func idleSpan(_ store: any ReplicaStore, after: UInt64, head: UInt64, toward neighbour: Neighbour) throws -> FeedSpan? {
    guard after < head else { return nil }
    let page = try store.changes(after: after, through: head, rowsMaximum: 1, toward: neighbour)
    let through = page.rows.first.map { $0.feed - 1 } ?? page.through
    return through > after ? FeedSpan(after: after, through: through) : nil
}

/// Warns where two clocks differ by more than five minutes.
func clockWarning(_ other: Handshake, now: Stamp) -> SyncError? {
    let difference = other.clock.subtractingReportingOverflow(now.rawValue)
    guard difference.overflow || difference.partialValue.magnitude > UInt64(Stamp.futureMaximumMicroseconds) else { return nil }
    return .clockOff(other.name, microseconds: difference.partialValue)
}
