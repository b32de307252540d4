internal import Causality
internal import NodeEnvironment
package import NodeOperations
package import ProfileModel
internal import ProfileStore
package import Replication

/// Carries sessions between nodes of one process: whole, cut anywhere, and with old requests delivered again.
package final class DirectTransport {
    /// What a cut connection looks like to the caller.
    package struct Lost: Error {}

    package struct Outcome {
        package let report: SyncReport
        package let error: (any Error)?
    }

    /// The connection breaks after this many further pieces.
    package var piecesLeft: Int?
    package var pieceBytes = 16 << 10
    package var limits = SyncLimits()
    /// The versions of the protocol that programs speak which are not this one, by their authors.
    package var versions: [String: ClosedRange<Int>] = [:]
    /// Is called before a request goes out that follows on another of its session.
    package var onNextRequest: (() -> Void)?
    /// Requests of the past, to be delivered again.
    private var kept: [(to: String, endpoint: SyncEndpoint, admission: Admission, body: [UInt8])] = []
    /// So many requests of the past are kept; none by default.
    package var keptMaximum = 0

    /// How long answering sides have worked since this was last set.
    package var answering = Duration.zero
    /// Is told of every request that was answered, with both bodies.
    package var onExchange: ((_ endpoint: SyncEndpoint, _ request: [UInt8], _ answer: [UInt8]) -> Void)?

    package init() {}

    /// Runs one session.
    ///
    /// - Parameters:
    ///   - isFirst: whether the caller behaves as if it had never met the other.
    ///   - scopes: what the caller's token lets it read and write.
    package func session(from caller: Node, to answering: Node, isFirst: Bool = false, scopes: ScopeSet = .whole) throws -> Outcome {
        let other = try answering.store.identity().node
        let isKnown = try !isFirst && caller.store.cursor(for: other) != nil
        let machine = SyncCaller(
            store: caller.store, environment: caller.environment, expected: isKnown ? other : nil, limits: limits(of: caller))
        return try run(machine, from: caller, to: answering, scopes: scopes)
    }

    private func limits(of node: Node) -> SyncLimits {
        var limits = limits
        if let spoken = versions[node.author] { limits.versions = spoken }
        return limits
    }

    /// Carries a machine's requests to the end of its session.
    package func run(_ machine: any CallingSession, from caller: Node, to answering: Node, scopes: ScopeSet = .whole) throws -> Outcome {
        let own = try caller.store.identity()
        let admission = Admission(name: own.nodeName, node: own.node, scopes: scopes)
        var step = machine.start(), isFirst = true
        while true {
            switch step {
            case .finished(let report): return Outcome(report: report, error: nil)
            case .failed(let error, let report): return Outcome(report: report, error: error)
            case .proceed: preconditionFailure("an answer that has ended is followed by a request or the end")
            case .send(let request):
                if !isFirst { onNextRequest?() }
                isFirst = false
                step = carry(request, for: machine, to: answering, admission: admission)
            }
        }
    }

    private func passes() -> Bool {
        guard let left = piecesLeft else { return true }
        if left == 0 { return false }
        piecesLeft = left - 1
        return true
    }

    private func carry(_ request: SyncRequest, for machine: any CallingSession, to node: Node, admission: Admission) -> SyncStep {
        let exchange = SyncResponder(store: node.store, environment: node.environment, limits: limits(of: node))
            .exchange(request.endpoint, admission: admission)
        var body: [UInt8] = []
        do {
            try each(request.body) { piece in
                guard passes() else { throw Lost() }
                body += piece
                return timed { exchange.receive(piece) }
            }
        } catch {
            return machine.receive(.lost(error))
        }
        keep(node.store.home, request.endpoint, admission, body)
        let response = timed { exchange.finish() }
        guard response.status == 200 else {
            var body: [UInt8] = []
            try? each(response.body) { body += $0; return true }
            return machine.receive(.refused(status: response.status, body: body))
        }
        var step: SyncStep?, answer: [UInt8] = []
        defer { onExchange?(request.endpoint, body, answer) }
        do {
            try each(response.body, isAnswer: true) { piece in
                guard passes() else { throw Lost() }
                if onExchange != nil { answer += piece }
                let next = machine.receive(.piece(piece))
                if case .proceed = next { return true }
                step = next
                return false
            }
        } catch {
            return machine.receive(.lost(error))
        }
        return step ?? machine.receive(.end)
    }

    private func timed<T>(_ work: () throws -> T) rethrows -> T {
        let began = ContinuousClock.now
        defer { answering += ContinuousClock.now - began }
        return try work()
    }

    private func each(_ body: SyncBody, isAnswer: Bool = false, _ take: ([UInt8]) throws -> Bool) throws {
        func cut(_ bytes: [UInt8]) throws -> Bool {
            var at = 0
            repeat {
                let end = min(at + pieceBytes, bytes.count)
                guard try take(Array(bytes[at..<end])) else { return false }
                at = end
            } while at < bytes.count
            return true
        }
        switch body {
        case .bytes(let bytes): _ = try cut(bytes)
        case .stream(let source):
            while let bytes = try isAnswer ? timed({ try source.next() }) : source.next() { guard try cut(bytes) else { return } }
        }
    }

    private func keep(_ home: String, _ endpoint: SyncEndpoint, _ admission: Admission, _ body: [UInt8]) {
        guard keptMaximum > 0 else { return }
        if kept.count == keptMaximum { kept.removeFirst() }
        kept.append((home, endpoint, admission, body))
    }

    /// The requests of the past that can be delivered again to the store in a folder, or to any.
    package func kept(for home: String?) -> [Int] { kept.indices.filter { home == nil || kept[$0].to == home } }

    /// Takes all requests of the past out of the network.
    package func forgetKept() { kept = [] }

    /// Delivers a request of the past once more, as far as `share` percent of its body; its answer goes nowhere.
    ///
    /// - Returns: the folder of the store to which it went.
    @discardableResult
    package func deliverAgain(_ index: Int, sharePercent: Int, among nodes: [Node]) -> String {
        let old = kept[index]
        guard let node = nodes.first(where: { $0.store.home == old.to }) else { return old.to }
        let exchange = SyncResponder(store: node.store, environment: node.environment, limits: limits(of: node))
            .exchange(old.endpoint, admission: old.admission)
        _ = exchange.receive(Array(old.body.prefix(old.body.count * sharePercent / 100)))
        if sharePercent == 100 { _ = exchange.finish() }
        return old.to
    }
}
