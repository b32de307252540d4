internal import Causality
internal import Connectors
internal import NodeEnvironment
internal import ProfileModel
internal import ProfileStore

extension Node {
    /// Writes in a system what is shown here and differs from what the system last said. What others have changed there meanwhile is read
    /// first, and goes the way of a pull.
    ///
    /// - Throws: as `pullConnector`.
    public func pushConnector(_ name: String, options: ConnectorOptions = ConnectorOptions()) throws -> ConnectorCounts {
        let run = try ConnectorRun(self, name, options)
        try run.round {
            try run.push()
            try settle()
        } end: { $0.lastPush = environment.now() }
        return run.counts
    }
}

extension ConnectorRun {
    /// So many records are read, planned and sent together.
    private static let sliceRecords = 50

    func push() throws {
        for object in mapping.objects where object.isWritten { try askUntellable(object) }
        try collectComputed()
        try collect()
        // Who is named before whoever names him: what is made first can be named.
        let named = Set(mapping.objects.flatMap(\.associations).map(\.object))
        let objects = mapping.objects.filter(\.isWritten)
        for object in objects.filter({ named.contains($0.name) }) + objects.filter({ !named.contains($0.name) }) {
            let entries = try node.store.read { try $0.outbox(name) }.filter { $0.object == object.name }
            for start in stride(from: 0, to: entries.count, by: ConnectorRun.sliceRecords) {
                try send(Array(entries[start..<min(start + ConnectorRun.sliceRecords, entries.count)]), object)
                options.progress(counts)
            }
        }
    }

    // MARK: What may have to be written

    /// Puts into the outbox what has changed since the last time.
    private func collect() throws {
        var creatable: [String: Set<RowID>] = [:]
        for object in mapping.objects {
            if let rule = object.settings["create"], rule != "none", rule != "all" { creatable[object.name] = Set(try node.matching(rule)) }
        }
        var isLast = false
        while !isLast {
            if node.isCancelled() { throw NodeError("crm.cancelled") }
            try node.store.write { writer in
                let (ids, feed, last) = try writer.customersChanged(after: state.pushedFeed, saidByOthersThan: name, limit: 2_000)
                for id in Set(ids) {
                    guard let profile = try writer.profile(of: id) else { continue }
                    for object in mapping.objects where object.isWritten { try collect(profile, object, creatable[object.name], writer) }
                }
                state.pushedFeed = feed
                isLast = last
                try keep(writer)
            }
        }
    }

    private func collect(_ profile: Profile, _ object: MappedObject, _ creatable: Set<RowID>?, _ writer: StoreWriter) throws {
        var isKnown = false
        for member in profile.members {
            for known in try writer.connectorRecords(name, of: member.id) where known.object == object.name {
                if known.state.rawValue < 3 { isKnown = true }
                guard known.state.rawValue < 2 else { continue }
                let isDelete = profile.isDeleted && object.settings["delete"] == "delete" && known.state == .present
                if try isDelete || !plan(profile, record: member.id, remoteID: known.remoteID, current: nil, object, writer).isEmpty {
                    try writer.enqueue(member.id, object: object.name, remoteID: known.remoteID, connector: name)
                }
            }
        }
        if isKnown || profile.isDeleted || profile.kind.name != object.kind { return }
        switch object.settings["create"] ?? "none" {
        case "none": return
        case "all": break
        default: guard creatable?.contains(profile.id) == true else { return }
        }
        // Who has an id there that was not read yet is there already.
        let prefix = "\(name):\(object.idPrefix)"
        if profile.elements(.externalIDs).contains(where: { $0.element.plainText.hasPrefix(prefix) }) { return }
        try writer.enqueue(profile.id, object: object.name, remoteID: "", connector: name)
    }

    // MARK: Sending

    private func send(_ entries: [OutboxEntry], _ object: MappedObject) throws {
        var entries = try readBack(entries, object)
        // How the records are now; what others changed there is merged before anything is written over it.
        let ids = entries.map(\.remoteID).filter { !$0.isEmpty }
        let present = ids.isEmpty ? [] : try system.read(ids, of: object)
        let current = Dictionary(present.map { ($0.id, $0) }) { first, _ in first }
        let arrivals = try arrivals(present, object, isDirect: true)
        let memberships = try membershipsToWrite(entries, object)
        if try !prepared(object).userFields.isEmpty { _ = try users() }
        if !object.computations.isEmpty { try compute(object) }
        var operations: [PushOperation] = [], sent: [String: (entry: OutboxEntry, plan: RemotePlan)] = [:]
        let before = counts
        try node.store.write { writer in
            counts = before
            (operations, sent) = ([], [:])
            try merge(arrivals, object, writer)
            try merge(ids.filter { current[$0] == nil }.map { RemoteTombstone(id: $0) }, object, writer)
            for (id, told) in memberships.told { try takeMemberships(told, of: id, object, writer) }
            let letters = try writer.deadLetters(name, includingDiscarded: true), key = try writer.node().key
            entries = try entries.filter { entry in
                guard let (operation, plan) = try operation(entry, current[entry.remoteID], object, memberships.refused[entry.remoteID], letters, key, writer) else {
                    try writer.dequeue(entry, connector: name)
                    return false
                }
                operations.append(operation)
                sent[operation.key] = (entry, plan)
                try writer.noteSent(entry, connector: name)
                return true
            }
        }
        if operations.isEmpty { return }
        let outcomes = try system.push(operations, to: object)
        try settle(outcomes, sent, operations, object)
    }

    /// Finds out what became of records that were to be made and of which no reply came: they carry our ids.
    private func readBack(_ entries: [OutboxEntry], _ object: MappedObject) throws -> [OutboxEntry] {
        let lost = entries.filter { $0.isSent && $0.remoteID.isEmpty }
        if lost.isEmpty { return entries }
        let found = try system.find(ourIDs: lost.map(\.record.description), of: object)
        let arrivals = try arrivals(found, object, isDirect: true, isOurs: true)
        let ours = Dictionary(found.compactMap { record in record.ourID.flatMap { UniqueID($0) }.map { (record.id, $0) } }) { first, _ in first }
        let made = Set(ours.values), before = counts
        try node.store.write { writer in
            counts = before
            try merge(arrivals, object, ours: ours, writer)
            for entry in lost where made.contains(entry.record) {
                try writer.dequeue(entry, connector: name)
                for (id, record) in ours where record == entry.record { try writer.enqueue(record, object: object.name, remoteID: id, connector: name) }
                counts.made += 1
            }
        }
        // A system whose search lags may have the record and not find it yet.
        let lag = Int64(object.number("find-lag-seconds", or: 30)) * 1_000_000, now = node.environment.now().rawValue
        return entries.filter { entry in
            guard let sentAt = entry.sentAt, entry.remoteID.isEmpty else { return true }
            return !made.contains(entry.record) && now - sentAt.rawValue >= lag
        }
    }

    /// What an entry comes to now; nil where there is nothing to write any more.
    private func operation(
        _ entry: OutboxEntry, _ current: RemoteRecord?, _ object: MappedObject, _ refusedLists: String?, _ letters: [DeadLetter], _ key: HashKey, _ writer: StoreWriter
    ) throws -> (PushOperation, RemotePlan)? {
        if !entry.remoteID.isEmpty, try current == nil || isHandedOver(entry.remoteID, object, writer) { return nil }
        guard let profile = try writer.profile(of: entry.record) else { return nil }
        let ourID = entry.record.description
        if profile.isDeleted {
            guard !entry.remoteID.isEmpty, object.settings["delete"] == "delete", current?.isArchived == false else { return nil }
            return (PushOperation(key: entry.key, action: .delete(id: entry.remoteID), fields: [:], ourID: ourID, version: current?.version), RemotePlan())
        }
        var plan = try plan(
            profile, record: entry.remoteID.isEmpty ? nil : entry.record, remoteID: entry.remoteID, current: current, object, writer)
        let own = letters.filter { $0.object == entry.object && $0.remoteID == entry.remoteID && $0.record == entry.record }
        for letter in own where !letter.field.isEmpty && plan.payload(letter.field, key: key) == letter.payload { plan.leaveOut(letter.field) }
        for field in try prepared(object).userFields {
            guard let person = plan.values[field]?.texts.first, !person.isEmpty else { continue }
            switch try userIDs(person).count {
            case 1: break
            case 0: try bury(field, entry, &plan, code: "crm.no-such-user", key, writer)
            default: try bury(field, entry, &plan, code: "crm.ambiguous-user", key, writer)
            }
        }
        if let refusedLists {
            for list in plan.lists.keys.sorted() { try bury(PushOperation.field(ofList: list), entry, &plan, code: refusedLists, key, writer) }
        }
        for field in plan.contested where plan.values[field] != nil {
            let flips = try writer.countFlip(name, object.name, entry.remoteID, field: field, within: ConnectorRun.flipMicroseconds)
            if flips > ConnectorRun.flipsMaximum { try bury(field, entry, &plan, code: "crm.flips", key, writer) }
        }
        if plan.isEmpty || own.contains(where: { $0.field.isEmpty && $0.payload == plan.payload(key: key) }) { return nil }
        let action: PushOperation.Action = entry.remoteID.isEmpty ? .create : .update(id: entry.remoteID)
        var values = try withUserIDs(plan.values, object)
        if entry.remoteID.isEmpty, let condition = object.condition { values[condition.remote] = condition.completed(values[condition.remote]) }
        return (PushOperation(
            key: entry.key, action: action, fields: values, associations: plan.associations, lists: plan.lists, ourID: ourID,
            version: current?.version), plan)
    }

    /// How often a field may go to and fro within this time.
    static let flipsMaximum = 3, flipMicroseconds: Int64 = 3_600_000_000

    /// Takes a field out of a plan, and keeps it for somebody to look at.
    private func bury(_ field: String, _ entry: OutboxEntry, _ plan: inout RemotePlan, code: String, _ key: HashKey, _ writer: StoreWriter) throws {
        let payload = plan.payload(field, key: key)
        try writer.put(
            DeadLetter(object: entry.object, record: entry.record, remoteID: entry.remoteID, field: field, code: code, payload: payload), connector: name)
        plan.leaveOut(field)
        counts.refused += 1
    }
}
