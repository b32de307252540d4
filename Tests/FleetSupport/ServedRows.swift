internal import Causality
package import NodeOperations
package import ProfileModel
internal import ProfileStore
internal import Replication
internal import WireFormat

/// Looks into the frames of sessions: whether any row went to a node that holds none of the scopes in which its sender has it.
///
/// It reads what went over the line, not what the receiver kept of it, and a customer's place from its values. One row goes outside by
/// design: one that waits with somebody who does not hold it either is handed on to who holds a scope that it has left, as decision 17 has it.
package final class ServedRows {
    /// So many rows went with values.
    package private(set) var served = 0
    /// So many went without, because they have left a scope of the receiver.
    package private(set) var departed = 0
    /// So many were handed on by senders that do not hold them either.
    package private(set) var handedOn = 0
    /// What went to somebody who holds none of its scopes.
    package private(set) var outside: [String] = []
    /// What authors are taken to hold, where that is not what their nodes say.
    package var assumed: [String: ScopeSet] = [:]

    package init() {}

    /// Runs a session, and looks at all that it carries either way.
    package func session(from caller: Node, to answering: Node, over transport: DirectTransport) throws -> DirectTransport.Outcome {
        let scopes = try (caller: Scopes(caller, assumed), answering: Scopes(answering, assumed))
        var failure: (any Error)?
        transport.onExchange = { [self] endpoint, request, answer in
            do {
                switch endpoint {
                case .pull, .fetch: try look(at: answer, from: answering, to: caller, holding: scopes.caller)
                case .push:
                    // A push begins with a message.
                    try look(at: request, from: caller, to: answering, holding: scopes.answering, itemsBefore: 1)
                case .hello, .verify, .wait: break
                }
            } catch {
                failure = error
            }
        }
        defer { transport.onExchange = nil }
        let outcome = try transport.session(from: caller, to: answering)
        if let failure { throw failure }
        return outcome
    }

    /// What a node holds, and what it has left and has rows of: it is told which of these have gone on.
    private struct Scopes {
        let held: ScopeSet
        let leaving: ScopeSet

        init(_ node: Node, _ assumed: [String: ScopeSet]) throws {
            let identity = try node.store.identity()
            held = assumed[node.author] ?? identity.scopes
            leaving = identity.leaving
        }

        func hears(of scope: String) -> Bool { held.holds(scope) || leaving.holds(scope) }
    }

    private func look(at stream: [UInt8], from sender: Node, to receiver: Node, holding scopes: Scopes, itemsBefore: Int = 0) throws {
        if scopes.held.isWhole { return }
        let frames = FrameReader(hashKey: try sender.store.identity().hashKey)
        var reader = FrameStreamReader()
        reader.append(stream)
        for item in try reader.items().dropFirst(itemsBefore) {
            for row in try frames.read(item).rows { try look(at: row, from: sender, to: receiver, holding: scopes) }
        }
    }

    private func look(at row: WireRow, from sender: Node, to receiver: Node, holding scopes: Scopes) throws {
        if case .departed(let departure) = row.body {
            departed += 1
            if !departure.scopesLeft.contains(where: scopes.hears) {
                outside.append("\(row.id), which has left \(departure.scopesLeft), to \(receiver.author), who holds \(scopes.held.names)")
            }
            return
        }
        served += 1
        // Whoever has pushed a row that belongs to the receiver may have let go of it by now.
        var places = try self.places(of: row.reference, on: sender)
        if places.isEmpty { places = try self.places(of: row.reference, on: receiver) }
        let isWithin = places.contains { $0.isEmpty || $0.contains(where: scopes.held.holds) }
        if isWithin { return }
        if try isWaiting(row.reference, on: sender, left: scopes.held) {
            handedOn += 1
        } else {
            outside.append("\(row.kind) \(row.id) of \(places) to \(receiver.author), who holds \(scopes.held.names)")
        }
    }

    /// Whether a node has rows that it does not hold, and that have left one of these scopes.
    private func isWaiting(_ reference: RowReference, on node: Node, left scopes: ScopeSet) throws -> Bool {
        let ids = try node.store.rows(fitting: [reference]).flatMap { $0.map(\.id) }
        return try node.store.read { reader in
            let held = try reader.node().held
            return try ids.contains { id in
                guard let row = try reader.row(id), try !reader.scopesKnown(of: row).contains(where: held.holds) else { return false }
                return try reader.scopesLeft(by: row).contains(where: scopes.holds)
            }
        }
    }

    /// Where the rows are that a reference fits; nothing for one of which that is not known.
    private func places(of reference: RowReference, on node: Node) throws -> [[String]] {
        let ids = try node.store.rows(fitting: [reference]).flatMap { $0.map(\.id) }
        return try node.store.read { reader in
            try ids.compactMap { id in
                guard let row = try reader.row(id) else { return nil }
                let known = try reader.scopesKnown(of: row)
                guard row.kind.isCustomer else { return known }
                let writes = row.state.cells[CellKey(field: FieldID.scope.rawValue)] ?? []
                // Where it has gone a neighbour may have said before the row itself does.
                return writes.compactMap { $0.value.map { FieldValue.plainText(of: $0) } } + known
            }
        }
    }
}
