internal import Causality
internal import Connectors
internal import NodeEnvironment
internal import ProfileModel
internal import ProfileStore

/// What became of what was sent.
extension ConnectorRun {
    func settle(
        _ outcomes: [PushOutcome], _ sent: [String: (entry: OutboxEntry, plan: RemotePlan)], _ operations: [PushOperation], _ object: MappedObject
    ) throws {
        let known = Dictionary(outcomes.map { ($0.key, $0.result) }) { first, _ in first }
        let refusals = Dictionary(outcomes.map { ($0.key, $0.refusals) }) { first, _ in first }
        // A system that does not say what it made of a record is asked.
        var told: [String: RemoteRecord] = [:], untold: [String] = []
        for case .accepted(let id, let record) in known.values {
            if let record { told[id] = record } else { untold.append(id) }
        }
        let deletes = Set(operations.compactMap { if case .delete(let id) = $0.action { id } else { nil } })
        untold.removeAll { deletes.contains($0) }
        if !untold.isEmpty { for record in try system.read(untold, of: object) { told[record.id] = record } }
        let before = counts
        try node.store.write { writer in
            counts = before
            let key = try writer.node().key
            for operation in operations {
                guard let (entry, plan) = sent[operation.key] else { continue }
                switch known[operation.key] ?? .unknown {
                case .accepted(let id, _):
                    let refused = refusals[operation.key] ?? []
                    try accept(operation, id, told[id], refused: Set(refused.compactMap(\.field)), entry, plan, object, key, writer)
                    try writer.dequeue(entry, connector: name)
                    for rejection in refused {
                        let there = OutboxEntry(object: entry.object, record: entry.record, remoteID: id, key: entry.key, attempts: entry.attempts)
                        try refuse(rejection, there, plan, key, writer, isRestDone: true)
                    }
                case .gone:
                    try merge([RemoteTombstone(id: entry.remoteID)], object, writer)
                    try writer.dequeue(entry, connector: name)
                case .rejected(let rejection):
                    try writer.dequeue(entry, connector: name)
                    try refuse(rejection, entry, plan, key, writer)
                case .conflict:
                    // Somebody was quicker: the next round reads what they wrote, and looks again.
                    try writer.noteSent(entry, connector: name, isKnown: true)
                case .unknown: break
                }
            }
        }
    }

    /// The system has done it: what it now says counts as its word; what it writes otherwise than it was given counts as ours.
    private func accept(
        _ operation: PushOperation, _ id: String, _ returned: RemoteRecord?, refused: Set<String>, _ entry: OutboxEntry, _ plan: RemotePlan, _ object: MappedObject, _ key: HashKey,
        _ writer: StoreWriter
    ) throws {
        if case .delete = operation.action {
            try merge([RemoteTombstone(id: id)], object, writer)
            counts.written += 1
            return
        }
        if entry.remoteID.isEmpty { counts.made += 1 } else { counts.written += 1 }
        var record = returned ?? RemoteRecord(id: id, fields: RemoteFields(operation.fields))
        for (field, sent) in operation.associations where !refused.contains(field) {
            if record.associations[field] == nil { record.associations[field] = sent }
            if Set(record.associations[field]!.map(\.id)) == Set(sent.map(\.id)) { continue }
            counts.rewritten += 1
            let flips = try writer.countFlip(name, object.name, id, field: field, within: ConnectorRun.flipMicroseconds)
            if flips > ConnectorRun.flipsMaximum {
                let letter = DeadLetter(
                    object: object.name, record: entry.record, remoteID: id, field: field, code: "crm.flips", payload: plan.payload(field, key: key))
                try writer.put(letter, connector: name)
                counts.refused += 1
            }
        }
        var rewritings = try writer.connectorRewritings(name, object.name, id)
        for prepared in try fields(of: object) {
            let field = prepared.mapped.remote
            guard let value = operation.fields[field], prepared.mapped.form.kind != .user else { continue }
            rewritings.removeAll { $0.field == field }
            var rewriting: ConnectorRewriting?
            if !agrees(value, record.fields[field], prepared), let theirs = record.fields[field] {
                counts.rewritten += 1
                let flips = try writer.countFlip(name, object.name, id, field: field, within: ConnectorRun.flipMicroseconds)
                if flips > ConnectorRun.flipsMaximum {
                    let payload = plan.payload(field, key: key)
                    try writer.put(
                        DeadLetter(object: object.name, record: entry.record, remoteID: id, field: field, code: "crm.flips", payload: payload), connector: name)
                    counts.refused += 1
                } else {
                    let made = ConnectorRewriting(field: field, ours: ConnectorRun.list(value.texts), theirs: ConnectorRun.list(theirs.texts))
                    rewritings.append(made)
                    rewriting = made
                }
            }
            try writer.setRewriting(rewriting, field: field, of: id, object.name, connector: name)
        }
        try acceptComputed(operation, id, record, refused: refused, entry, plan, object, key, writer)
        let hash = try record.hash(generation: state.generation, key: writer.node().key)
        record = try named(record, object)
        let fields = try fields(of: object)
        var places = FieldPlaces(fields)
        let arrival = Arrival(
            record: record, statement: RemoteStatement(record, fields, places.of(record.fields), rewritings: rewritings),
            known: try writer.connectorRecord(name, object.name, id), hash: hash, isDirect: true)
        let counted = counts
        try merge([arrival], object, ours: [id: entry.record], writer)
        try acceptLists(operation, id, of: entry.record, refused: refused, object, writer)
        // An answer is not a change that the system made.
        (counts.created, counts.updated, counts.unchanged) = (counted.created, counted.updated, counted.unchanged)
    }

    /// - Parameter isRestDone: whether only what is named was refused.
    private func refuse(
        _ rejection: Rejection, _ entry: OutboxEntry, _ plan: RemotePlan, _ key: HashKey, _ writer: StoreWriter, isRestDone: Bool = false
    ) throws {
        let field = rejection.field.flatMap { plan.holds($0) ? $0 : nil } ?? ""
        try writer.put(
            DeadLetter(
                object: entry.object, record: entry.record, remoteID: entry.remoteID, field: field, code: rejection.code, message: rejection.message,
                trace: rejection.trace, payload: plan.payload(field, key: key)),
            connector: name)
        counts.refused += 1
        // What else there is to write of the record is not held up by one field.
        if !field.isEmpty, plan.count > 1, !isRestDone {
            try writer.enqueue(entry.record, object: entry.object, remoteID: entry.remoteID, connector: name)
        }
    }
}
