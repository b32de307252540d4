public import Causality
internal import NodeEnvironment
internal import ProfileModel
public import ProfileStore

extension Node {
    /// Moves customers to another scope, with all that belongs to them, in one operation that commits in slices.
    ///
    /// A customer may leave what this node holds. It stays here until a node has it that holds its new scope.
    ///
    /// - Throws: `store.no-such-record`, `node.bad-scope`, `node.outside-scopes` where the customer is not in this node's own.
    public func move(_ names: [String], to scope: String) throws -> EditOutcome {
        try assign(records(named: names), to: nil, scope: scope, command: "move to \(scope)")
    }

    /// Gives customers an owner, and another scope where one is named.
    ///
    /// - Throws: as `move`; `node.deleted`, a `forms.*` problem.
    public func assign(_ names: [String], to owner: String, scope: String? = nil) throws -> EditOutcome {
        try assign(records(named: names), to: owner, scope: scope, command: "assign")
    }

    /// Gives all customers of a list an owner, and another scope where one is named.
    ///
    /// - Parameter progress: how many customers are done.
    public func assign(
        _ records: [RowID], to owner: String?, scope: String? = nil, command: String = "assign", progress: (Int) -> Void = { _ in }
    ) throws -> EditOutcome {
        let scope = try scope.map(Scope.checked)
        let assignments = owner.map { [Assignment(field: "owner", verb: .set, text: $0)] } ?? []
        var outcome = EditOutcome(matched: records.count)
        let operation = environment.newID()
        for start in stride(from: 0, to: records.count, by: 1_000) {
            if isCancelled() { throw NodeError("node.cancelled", ["rows": String(outcome.changed)]) }
            let (changed, rows) = try store.write { writer in
                var changed = 0
                let edition = try Edition(writer, author: author, operation: operation)
                let checked = try CheckedAssignments(assignments, fields: FieldInput(writer))
                for record in records[start..<min(start + 1_000, records.count)] {
                    let isEdited = try !assignments.isEmpty && edition.editRecord(record, checked)
                    let isMoved = try scope.map { try edition.move(record, to: $0) } ?? false
                    if isEdited || isMoved { changed += 1 }
                }
                let rows = try edition.commit()
                if rows > 0 { try writer.log(operation, author: author, command: command, rows: rows) }
                return (changed, rows)
            }
            outcome.changed += changed
            if rows > 0 { outcome.operation = operation }
            progress(min(start + 1_000, records.count))
        }
        if outcome.operation != nil { try settle() }
        return outcome
    }

    private func records(named names: [String]) throws -> [RowID] {
        try store.read { reader in try names.map { try reader.record(named: $0) } }
    }
}

extension Edition {
    /// Moves every record of a profile that is here; whether any was elsewhere.
    fileprivate func move(_ record: RowID, to scope: String) throws -> Bool {
        let cell = CellKey(field: FieldID.scope.rawValue), value = FieldValue.bytes(text: scope)
        var didMove = false
        for member in try writer.livingOrDeletedProfile(record).members {
            let reading = try reading(cell, of: [member.id])
            if reading.values == [value] || reading.candidates.isEmpty && scope == ScopeSet.root { continue }
            try write(cell, value, in: member.id)
            didMove = true
        }
        return didMove
    }
}

/// What entering or leaving scopes did.
public struct ScopesOutcome: Sendable {
    /// The scopes that this node holds now.
    public let held: [String]
    /// So many customers stay here until a node has them that holds their scope.
    public let waiting: [(scope: String, customers: Int)]
}

extension Node {
    /// Holds further scopes: their customers come with the next sync.
    ///
    /// - Throws: `node.bad-scope`.
    public func enter(scopes: [String]) throws -> ScopesOutcome {
        let scopes = try scopes.map(Scope.checked)
        try store.write { try $0.enter(scopes) }
        return try scopesOutcome()
    }

    /// Holds scopes no longer. Their customers stay until a node that holds their scope says, when they next meet, that it has them.
    ///
    /// - Throws: `node.scope-not-held`.
    public func leave(scopes: [String]) throws -> ScopesOutcome {
        try store.write { writer in
            let known = try writer.node().scopes
            for scope in scopes where !known.contains(scope) || scope == ScopeSet.shared {
                throw NodeError("node.scope-not-held", ["scope": scope, "held": known.joined(separator: ", ")])
            }
            try writer.leave(scopes)
        }
        return try scopesOutcome()
    }

    private func scopesOutcome() throws -> ScopesOutcome {
        try store.read { ScopesOutcome(held: try $0.node().scopes, waiting: try $0.waitingDepartures()) }
    }

    /// The scopes of this node with what it has of each.
    public func heldScopes() throws -> [ScopeCount] {
        try store.read { reader in
            let held = try reader.node().held
            return try reader.scopes().filter { held.holds($0.name) }
        }
    }
}

extension StoreReader.Node {
    /// The scope of what is made here where no other is named.
    ///
    /// - Throws: `node.outside-scopes` where the scope named is not one that this node holds.
    func home(_ named: String?) throws -> String {
        let scope = try named.map(Scope.checked) ?? scopes.first { $0 != ScopeSet.shared } ?? ScopeSet.root
        guard held.holds(scope) else { throw NodeError.outside(scope, of: self) }
        return scope
    }
}

extension NodeError {
    /// What this node does not hold it does not write.
    static func outside(_ scope: String, of node: StoreReader.Node) -> NodeError {
        NodeError("node.outside-scopes", ["scope": scope, "held": node.scopes.joined(separator: ", ")])
    }
}
