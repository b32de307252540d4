internal import Causality
internal import Connectors
internal import NodeEnvironment
internal import ProfileModel
internal import ProfileStore
internal import RuleLanguage

/// What is computed of customers of one kind of records: who is in which segment, and scores.
struct ComputedValues {
    /// By the names of segments; one whose expression is none any more is not among them.
    var segments: [String: Set<RowID>] = [:]
    var scores: [CustomerScore: [RowID: Int64]] = [:]

    /// What is to stand in a property of a customer; nil where nobody can say.
    func value(of computations: [MappedComputation], for profile: RowID) -> RemoteValue? {
        var names: [String] = []
        for computation in computations {
            switch computation.rule {
            case .score(let score): return scores[score]?[profile].map { .text(computation.form.remote(String($0))) } ?? .empty
            case .segment:
                guard let members = segments[computation.name] else { return nil }
                let isMember = members.contains(profile)
                if !computation.isList { return .text(computation.form.remote(isMember ? "true" : "false")) }
                if isMember { names.append(computation.form.remote(computation.name)) }
            }
        }
        return .list(names)
    }
}

/// Segments and scores: properties that are computed here and only written. What this node last told the system is kept beside its rows, and
/// what the system says in them otherwise is no word on a customer: it is put back.
extension ConnectorRun {
    /// Puts into the outbox the records in which something else is to stand than what the system was told.
    ///
    /// Nothing is computed where no row has changed since the last time, no other day has begun for scores that depend on it, and the
    /// mapping computes the same.
    func collectComputed() throws {
        for object in mapping.objects where object.isWritten && !object.computations.isEmpty {
            let place = ConnectorRun.computedPlace(object)
            let (feed, known) = try node.store.read { (try $0.node().feed, try $0.connectorCursor(name, object: place)) }
            let mark = ConnectorRun.list([String(feed), String(state.generation), day(object), object.computations.map(\.line).joined(separator: "\n")])
            if known == mark { continue }
            let values = try compute(object), entries = try differing(object, values)
            for start in stride(from: 0, to: entries.count, by: 5_000) {
                try node.store.write { writer in
                    for (record, remoteID) in entries[start..<min(start + 5_000, entries.count)] {
                        try writer.enqueue(record, object: object.name, remoteID: remoteID, connector: name)
                    }
                }
            }
            try node.store.write { try $0.setConnectorCursor(name, object: place, to: mark) }
        }
    }

    /// Where it is kept what was computed last; no object has a name like it.
    private static func computedPlace(_ object: MappedObject) -> String { "\t\(object.name)" }

    private func day(_ object: MappedObject) -> String {
        let depends = object.computations.contains { if case .score(let score) = $0.rule { score.dependsOnDay } else { false } }
        return depends ? Timestamp.dateText(microseconds: node.environment.now().rawValue) : ""
    }

    private func differing(_ object: MappedObject, _ values: ComputedValues) throws -> [(record: RowID, remoteID: String)] {
        let properties = object.computedProperties
        return try node.store.read { reader in
            let key = try reader.node().key
            let letters = Dictionary(
                try reader.deadLetters(name, includingDiscarded: true).filter { $0.object == object.name }.map { ("\($0.remoteID)\t\($0.field)", $0.payload) }
            ) { first, _ in first }
            var found: [(record: RowID, remoteID: String)] = []
            try reader.forEachTold(name, object.name) { told in
                for (remote, computations) in properties {
                    guard let wanted = values.value(of: computations, for: told.profile) else { continue }
                    if agrees(wanted, told.told[remote], computations[0]) { continue }
                    let plan = RemotePlan(values: [remote: wanted])
                    if letters["\(told.remoteID)\t\(remote)"] == plan.payload(remote, key: key) { continue }
                    found.append((told.record, told.remoteID))
                    break
                }
            }
            return found
        }
    }

    /// Computes what an object's properties are to hold, once in a round: one query for each segment, one for each score.
    @discardableResult
    func compute(_ object: MappedObject) throws -> ComputedValues {
        if let known = computed[object.name] { return known }
        var values = ComputedValues(), faults: [String: (segment: String, code: String)] = [:]
        for computation in object.computations {
            switch computation.rule {
            case .score(let score): values.scores[score] = try node.store.read { try $0.scores(score) }
            case .segment(let expression):
                do { values.segments[computation.name] = try node.members(ofSegment: expression) } catch let error as RuleError { faults[computation.remote] = (computation.name, error.code) }
            }
        }
        computed[object.name] = values
        try note(faults, object)
        return values
    }

    /// A segment whose expression is none any more, as when a field of one's own was taken away, is a dead letter, and the rest goes on.
    private func note(_ faults: [String: (segment: String, code: String)], _ object: MappedObject) throws {
        let remotes = Set(object.computations.map(\.remote))
        let known = try node.store.read { try $0.deadLetters(name) }.filter {
            $0.object == object.name && $0.record == nil && $0.remoteID.isEmpty && remotes.contains($0.field)
        }
        let settled = known.filter { faults[$0.field] == nil }
        if faults.isEmpty, settled.isEmpty { return }
        try node.store.write { writer in
            for letter in settled { try writer.removeDeadLetter(letter.number) }
            for (remote, fault) in faults {
                try writer.put(
                    DeadLetter(object: object.name, record: nil, remoteID: "", field: remote, code: fault.code, message: fault.segment, payload: .zero),
                    connector: name)
            }
        }
        counts.refused += faults.count
    }

    /// Whether a property holds what it is to hold, as far as this node knows; nothing stands where it was never told and never said anything.
    private func agrees(_ wanted: RemoteValue, _ told: ConnectorRewriting?, _ computation: MappedComputation) -> Bool {
        let now = node.environment.now().rawValue
        let standing = told.map { ConnectorRun.texts($0.isOwnWord ? $0.theirs : $0.ours) } ?? []
        return computation.comparable(standing, now: now) == computation.comparable(wanted.texts, now: now)
    }

    /// Compares what is computed with what the system was told of one record.
    func planComputed(_ profile: Profile, remoteID: String, _ object: MappedObject, _ plan: inout RemotePlan, _ reader: StoreReader) throws {
        guard !object.computations.isEmpty, let values = computed[object.name] else { return }
        let told = remoteID.isEmpty ? [] : try reader.connectorRewritings(name, object.name, remoteID)
        for (remote, computations) in object.computedProperties {
            guard let wanted = values.value(of: computations, for: profile.id) else { continue }
            let known = told.first { $0.field == remote }
            if agrees(wanted, known, computations[0]) { continue }
            plan.values[remote] = wanted
            if known?.isOwnWord == true { plan.contested.insert(remote) }
        }
    }

    /// Notes what stands in the properties of a record that was read; what somebody has put there is looked at again.
    func noteComputed(_ arrival: Arrival, of record: RowID, _ object: MappedObject, _ writer: StoreWriter) throws {
        if object.computations.isEmpty || !object.isWritten { return }
        let remote = arrival.record, known = try writer.connectorRewritings(name, object.name, remote.id)
        var isChanged = false
        for (field, _) in object.computedProperties {
            guard let value = remote.fields[field] else { continue }
            let standing = ConnectorRun.list(value.texts.filter { !$0.isEmpty }), before = known.first { $0.field == field }
            if before?.theirs ?? "[]" == standing { continue }
            try writer.setRewriting(.ownWord(standing, field: field), field: field, of: remote.id, object.name, connector: name)
            isChanged = true
        }
        if isChanged, arrival.known != nil, state.pushedFeed > 0 {
            try writer.enqueue(record, object: object.name, remoteID: remote.id, connector: name)
        }
    }

    /// Keeps what the system was told in properties that are computed here, and what it made of it.
    func acceptComputed(
        _ operation: PushOperation, _ id: String, _ record: RemoteRecord, refused: Set<String>, _ entry: OutboxEntry, _ plan: RemotePlan,
        _ object: MappedObject, _ key: HashKey, _ writer: StoreWriter
    ) throws {
        let now = node.environment.now().rawValue
        for (field, computations) in object.computedProperties where !refused.contains(field) {
            guard let sent = operation.fields[field] else { continue }
            let returned = record.fields[field] ?? sent, standing = ConnectorRun.list(returned.texts.filter { !$0.isEmpty })
            var told = ConnectorRewriting(field: field, ours: ConnectorRun.list(sent.texts), theirs: standing)
            if computations[0].comparable(returned.texts, now: now) != computations[0].comparable(sent.texts, now: now) {
                counts.rewritten += 1
                if try writer.countFlip(name, object.name, id, field: field, within: ConnectorRun.flipMicroseconds) > ConnectorRun.flipsMaximum {
                    let payload = plan.payload(field, key: key)
                    try writer.put(
                        DeadLetter(object: object.name, record: entry.record, remoteID: id, field: field, code: "crm.flips", payload: payload), connector: name)
                    counts.refused += 1
                    told = .ownWord(standing, field: field)
                }
            }
            try writer.setRewriting(told, field: field, of: id, object.name, connector: name)
        }
    }
}

extension ConnectorRewriting {
    /// Of a property that is computed here: what somebody there has put into it.
    static func ownWord(_ theirs: String, field: String) -> ConnectorRewriting { ConnectorRewriting(field: field, ours: "", theirs: theirs) }

    /// Whether what stands there is not what was sent.
    var isOwnWord: Bool { ours.isEmpty }
}
