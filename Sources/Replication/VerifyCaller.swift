internal import Causality
public import NodeEnvironment
internal import ProfileModel
internal import WireFormat

/// The calling end of a verification: a state machine without I/O.
///
/// It finds the rows that two stores hold differently, in two round trips where not very many differ and in one where none
/// does. To repair, it fetches what the neighbour holds otherwise, joins it, and sends what the neighbour lacks.
///
/// - Convergence: rows are only joined; the cursors stay where they are.
public final class VerifyCaller: CallingSession {
    private enum Phase {
        case idle
        case comparing(WordItemReader)
        case fetching(FrameReceiver, FrameStreamReader, waiting: [RowReference])
        case pushing(RowFrameSource, answer: [UInt8])
        case over
    }

    private let store: any ReplicaStore
    private let environment: any NodeEnvironment
    private let isRepairing: Bool
    private let limits: SyncLimits
    private var phase = Phase.idle
    private var report = SyncReport()
    private var own: ReplicaIdentity?
    private var other: ComparisonReply?
    private var comparison: StoreComparison?

    /// - Parameter isRepairing: whether rows that differ are joined on both sides.
    public init(store: any ReplicaStore, environment: any NodeEnvironment, isRepairing: Bool, limits: SyncLimits = SyncLimits()) {
        self.store = store
        self.environment = environment
        self.isRepairing = isRepairing
        self.limits = limits
    }

    /// Whether both stores held the same of what was compared.
    public var isEqual: Bool { comparison?.isEqual ?? false }

    /// The rows that differed, in the order of their ids.
    public var differences: [RowDifference] { comparison?.differences ?? [] }

    /// The first step. A machine makes one session.
    public func start() -> SyncStep {
        guard case .idle = phase else { preconditionFailure("a caller makes one session") }
        return step {
            let own = try store.identity()
            self.own = own
            let comparison = StoreComparison(store: store, own: own)
            self.comparison = comparison
            return try ask(try comparison.begin())
        }
    }

    /// The step after something that the transport tells of the last request.
    public func receive(_ event: SyncEvent) -> SyncStep {
        step {
            switch event {
            case .piece(let bytes): return try take(bytes)
            case .end: return try answered()
            case .refused(let status, let body):
                report.pulled.bytes += body.count
                throw SyncError.refusal(status: status, body: body, own: own)
            case .lost(let error): throw error
            }
        }
    }

    private func step(_ work: () throws -> SyncStep) -> SyncStep {
        if case .over = phase { preconditionFailure("the session is over") }
        do {
            return try work()
        } catch {
            if case .pushing(let source, _) = phase { count(source) }
            phase = .over
            return .failed(error, report)
        }
    }

    // MARK: Sending

    private func send(_ endpoint: SyncEndpoint, _ body: SyncBody, _ next: Phase) -> SyncStep {
        phase = next
        report.roundTrips += 1
        if case .bytes(let bytes) = body { report.pushed.bytes += bytes.count }
        return .send(SyncRequest(endpoint: endpoint, body: body))
    }

    private func ask(_ question: StoreComparison.Question) throws -> SyncStep {
        guard let own else { preconditionFailure("the session has started") }
        let body = try question.body(from: own, to: other?.life, groupsMaximum: nil, versions: limits.versions)
        return send(.verify, .bytes(body), .comparing(WordItemReader(limits: limits)))
    }

    private func party() throws -> Party {
        guard let own, let other, let life = Origin(other.life) else { throw SyncError.garbage("life") }
        return Party(deployment: own.deployment, node: own.node, name: own.nodeName, life: own.life, to: life)
    }

    private func neighbour() throws -> Neighbour {
        guard let other, let node = RowID(other.node), let life = Origin(other.life) else { throw SyncError.garbage("identity") }
        let terms = ScopeTerms(epoch: own?.scopesEpoch, served: ScopeRange(names: other.scopes).scopes)
        return Neighbour(node: node, life: life, terms: terms)
    }

    private func repair() throws -> SyncStep {
        guard isRepairing else { return finish() }
        return try fetch(differences.filter { $0.place != .here }.map { RowReference($0.id) })
    }

    private func fetch(_ waiting: [RowReference]) throws -> SyncStep {
        guard let own else { preconditionFailure("the session has started") }
        guard !waiting.isEmpty else { return try push() }
        let now = Array(waiting.prefix(limits.rowsAtOnce))
        let receiver = FrameReceiver(store: store, from: try neighbour(), hashKey: own.hashKey, limits: limits, awaiting: now)
        return send(.fetch, .bytes(try MessageCoder.bytes(FetchRequest(party: party(), rows: now))), .fetching(
            receiver, FrameStreamReader(limits: limits.frame), waiting: Array(waiting.dropFirst(now.count))))
    }

    private func push() throws -> SyncStep {
        let ids = differences.filter { $0.place != .there }.map { RowReference($0.id) }
        guard !ids.isEmpty else { return finish() }
        guard let own else { preconditionFailure("the session has started") }
        let preamble = try MessageCoder.bytes(PushPreamble(party: party(), after: 0))
        let source = RowFrameSource(
            store: store, toward: try neighbour(), hashKey: own.hashKey, rows: ids, through: 0, limits: limits, preamble: preamble)
        return send(.push, .stream(source), .pushing(source, answer: []))
    }

    private func finish() -> SyncStep {
        phase = .over
        return .finished(report)
    }

    private func count(_ source: RowFrameSource) {
        report.pushed.rows += source.count.rows
        report.pushed.bytes += source.count.bytes
    }

    // MARK: Receiving

    private func take(_ bytes: [UInt8]) throws -> SyncStep {
        report.pulled.bytes += bytes.count
        switch phase {
        case .comparing(var reader):
            phase = .idle
            try reader.append(bytes)
            phase = .comparing(reader)
        case .fetching(let receiver, var stream, let waiting):
            phase = .idle
            stream.append(bytes)
            try receiver.take(from: &stream, countingIn: &report.pulled)
            phase = .fetching(receiver, stream, waiting: waiting)
        case .pushing(let source, var answer):
            guard answer.count + bytes.count <= limits.messageBytesMaximum else { throw SyncError.frameTooLarge }
            answer += bytes
            phase = .pushing(source, answer: answer)
        case .idle, .over: preconditionFailure("no request is under way")
        }
        return .proceed
    }

    private func answered() throws -> SyncStep {
        switch phase {
        case .comparing(let reader):
            guard reader.isAtEnd, let message = reader.message else { throw SyncError.cut }
            try ProtocolOffer.check(choiceIn: message, among: limits.versions)
            let reply = try MessageCoder.message(ComparisonReply.self, from: message)
            try meet(reply)
            guard let comparison else { preconditionFailure("a comparison is under way") }
            if let question = try comparison.take(reply, words: reader.words) { return try ask(question) }
            return try repair()
        case .fetching(let receiver, let stream, let waiting):
            guard stream.isAtEnd else { throw SyncError.cut }
            guard !receiver.isAwaiting else { throw SyncError.rowMissing }
            return try fetch(waiting)
        case .pushing(let source, let answer):
            count(source)
            let reply = try MessageCoder.message(PushReply.self, from: answer)
            guard reply.missing.isEmpty else { throw SyncError.garbage("missing") }
            report.pushed.changes += reply.changes
            return finish()
        case .idle, .over: preconditionFailure("no request is under way")
        }
    }

    private func meet(_ reply: ComparisonReply) throws {
        guard let own else { preconditionFailure("the session has started") }
        guard reply.deployment == own.deployment.description else { throw SyncError.otherDeployment(reply.name) }
        guard reply.life != own.life.description else { throw SyncError.sameStore }
        if let other, other.life != reply.life { throw SyncError.lifeChanged }
        other = reply
        report.neighbour = try neighbour()
        report.neighbourName = reply.name
    }
}

extension StoreComparison.Question {
    /// The body of the request.
    func body(from own: ReplicaIdentity, to life: String?, groupsMaximum: Int?, versions: ClosedRange<Int>) throws -> [UInt8] {
        let request = ComparisonRequest(
            protocol: [versions.lowerBound, versions.upperBound], deployment: own.deployment.description, node: own.node.description,
            name: own.nodeName, life: own.life.description, to: life, scopes: scopes, step: step, bits: bits, groupBits: groupBits,
            groupsMaximum: groupsMaximum)
        return try WordItems.stream(request, words)
    }
}
