import Causality
import Foundation
import Replication

/// The seed of this run: `LIMN_SEED`, or a new one.
func testSeed(_ name: String) -> UInt64 {
    let seed = ProcessInfo.processInfo.environment["LIMN_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0...UInt64.max)
    print("\(name): LIMN_SEED=\(seed)")
    return seed
}

/// How often a random test begins anew: `LIMN_ROUNDS`, or a number that is quick.
func testRounds(_ count: UInt64) -> UInt64 {
    ProcessInfo.processInfo.environment["LIMN_ROUNDS"].flatMap { UInt64($0) } ?? count
}

/// Carries sessions between stores in memory: cuts them, repeats requests, and delivers old ones again.
final class SimulatedNetwork {
    struct Lost: Error {}

    enum Outcome {
        case finished(SyncReport)
        case failed(any Error, SyncReport)

        var report: SyncReport? {
            if case .finished(let report) = self { report } else { nil }
        }

        var error: (any Error)? {
            if case .failed(let error, _) = self { error } else { nil }
        }
    }

    let environment = TestEnvironment()
    var limits = SyncLimits()
    /// The connection breaks after this many further pieces.
    var piecesLeft: Int?
    private(set) var pieces = 0
    var pieceBytes = 4096
    /// Whether finished requests are kept, to be delivered again later.
    var keepsRequests = false
    private(set) var kept: [(store: MemoryStore, endpoint: SyncEndpoint, admission: Admission, body: [UInt8])] = []
    private(set) var endpoints: [SyncEndpoint] = []

    func session(
        from caller: MemoryStore, to answering: MemoryStore, knows: Bool = true, admission: Admission? = nil
    ) -> Outcome {
        let isKnown = knows && caller.content.cursors[answering.node] != nil
        let machine = SyncCaller(
            store: caller, environment: environment, expected: isKnown ? answering.node : nil, limits: limits)
        return run(machine, from: caller, to: answering, admission: admission)
    }

    /// Carries a machine's requests to the end of its session.
    func run(_ machine: any CallingSession, from caller: MemoryStore, to answering: MemoryStore, admission: Admission? = nil) -> Outcome {
        let admission = admission ?? Admission(name: caller.name, node: caller.node)
        var step = machine.start()
        while true {
            switch step {
            case .finished(let report): return .finished(report)
            case .failed(let error, let report): return .failed(error, report)
            case .proceed: preconditionFailure("an answer that has ended is followed by a request or the end")
            case .send(let request): step = carry(request, for: machine, to: answering, admission: admission)
            }
        }
    }

    private func passes() -> Bool {
        pieces += 1
        guard let left = piecesLeft else { return true }
        if left == 0 { return false }
        piecesLeft = left - 1
        return true
    }

    /// Sends one request, and tells the caller of its answer piece by piece.
    private func carry(_ request: SyncRequest, for machine: any CallingSession, to store: MemoryStore, admission: Admission) -> SyncStep {
        endpoints.append(request.endpoint)
        let exchange = SyncResponder(store: store, environment: environment, limits: limits)
            .exchange(request.endpoint, admission: admission)
        var body: [UInt8] = []
        do {
            try each(request.body) { piece in
                guard passes() else { throw Lost() }
                body += piece
                return exchange.receive(piece)
            }
        } catch {
            return machine.receive(.lost(error))
        }
        if keepsRequests { kept.append((store, request.endpoint, admission, body)) }
        let response = exchange.finish()
        guard response.status == 200 else {
            var body: [UInt8] = []
            try? each(response.body) { body += $0; return true }
            return machine.receive(.refused(status: response.status, body: body))
        }
        var step: SyncStep?
        do {
            try each(response.body) { piece in
                guard passes() else { throw Lost() }
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

    private func each(_ body: SyncBody, _ take: ([UInt8]) throws -> Bool) throws {
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
            while let bytes = try source.next() { guard try cut(bytes) else { return } }
        }
    }

    /// Delivers an old request once more, whole or cut; its answer goes nowhere.
    func deliverAgain(using generator: inout SeededGenerator) {
        guard let old = kept.randomElement(using: &generator) else { return }
        let exchange = SyncResponder(store: old.store, environment: environment, limits: limits).exchange(old.endpoint, admission: old.admission)
        let isCut = generator.chance(40)
        _ = exchange.receive(isCut ? Array(old.body.prefix(Int.random(in: 0...old.body.count, using: &generator))) : old.body)
        if !isCut { _ = exchange.finish() }
    }
}
