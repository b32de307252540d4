internal import Causality
internal import Connectors
internal import NodeEnvironment
internal import ProfileModel
internal import ProfileStore

/// All ids of a system against all that is known of them: what no change feed tells.
extension ConnectorRun {
    /// Where more of what was known is gone than this share, somebody is asked first.
    private static let goneShareMaximum = 0.5
    /// So many may always be gone.
    private static let goneMinimum = 20

    func isReconciliationDue(_ object: MappedObject) throws -> Bool {
        guard let last = try node.store.read({ try $0.connectorComparison(name, object: object.name) }) else { return false }
        return node.environment.now().rawValue - last.rawValue >= Int64(object.number("reconcile-hours", or: 24)) * 3_600_000_000
    }

    /// Finds what is gone, what was never told, and what changed without a word.
    ///
    /// - Throws: `crm.too-many-gone`.
    func reconcile(_ object: MappedObject) throws {
        var present: Set<String> = [], stale: [String] = [], versioned: Set<String> = [], place: String?
        repeat {
            let page = try system.verify(object, after: place)
            try node.store.read { reader in
                for (id, stamp) in page.clocks where present.insert(id).inserted {
                    if let version = page.versions[id] {
                        if try isStale(id, version, object, reader) {
                            stale.append(id)
                            versioned.insert(id)
                        }
                        continue
                    }
                    let known = try reader.connectorRecord(name, object.name, id)
                    if known.map({ $0.state == .gone }) ?? true, !object.takes(id, page, of: mapping) { continue }
                    if known == nil || known!.state == .gone || known!.stamp.map({ old in stamp.map { $0 > old } ?? false }) ?? false { stale.append(id) }
                    // No clock moves with an association everywhere.
                    else if associationsMissClocks || object.settings["associations"] == "clockless", !object.associations.isEmpty { stale.append(id) }
                }
            }
            if let next = page.next, next == place { throw ConnectorError("crm.unreadable-answer", ["what": "cursor"], retry: .afterSomeoneActs) }
            place = page.next
        } while place != nil
        let unread = try readAgain(stale, object).filter(versioned.contains)
        // What is listed and is no such record any more has become one of another kind, or is gone.
        try node.store.write { try merge(unread.map { RemoteTombstone(id: $0) }, object, $0) }
        let known = try node.store.read { try $0.connectorRemoteIDs(name, object.name) }
        let missing = known.filter { !present.contains($0) }
        if missing.count > Self.goneMinimum, Double(missing.count) > Double(known.count) * Self.goneShareMaximum, !options.acceptsDeletes {
            throw NodeError("crm.too-many-gone", ["name": name, "count": String(missing.count), "known": String(known.count)], retry: .afterSomeoneActs)
        }
        // What was not listed is asked for by its id before it is believed to be gone.
        for part in stride(from: 0, to: missing.count, by: 100) {
            let ids = Array(missing[part..<min(part + 100, missing.count)])
            let found = try system.read(ids, of: object), alive = Set(found.map(\.id))
            let arrivals = try arrivals(found, object, isDirect: true), gone = ids.filter { !alive.contains($0) }.map { RemoteTombstone(id: $0) }
            let before = counts
            try node.store.write { writer in
                counts = before
                try merge(arrivals, object, writer)
                try merge(gone, object, writer)
            }
        }
        try readLists(of: object, all: true)
        try noteComparison(of: object)
    }

    /// Whether a record has another version than was read last. What was read as one of another kind is not asked for as one of this.
    private func isStale(_ id: String, _ version: String, _ object: MappedObject, _ reader: StoreReader) throws -> Bool {
        if let own = try reader.connectorRecord(name, object.name, id), own.state == .present { return own.version != version }
        return try !mapping.objects.contains { other in
            guard let known = try reader.connectorRecord(name, other.name, id) else { return false }
            return other.name != object.name && known.state == .present && known.version == version
        }
    }

    /// Keeps at once that all ids of a kind are compared: what fails afterwards concerns other kinds.
    func noteComparison(of object: MappedObject) throws {
        try node.store.write { try $0.setConnectorComparison(name, object: object.name, at: node.environment.now()) }
    }

    /// Reads records by their ids and takes their word.
    ///
    /// - Returns: the ids of which there was none.
    @discardableResult
    func readAgain(_ ids: [String], _ object: MappedObject) throws -> [String] {
        var read: Set<String> = []
        for part in stride(from: 0, to: ids.count, by: 100) {
            let records = try system.read(Array(ids[part..<min(part + 100, ids.count)]), of: object)
            read.formUnion(records.map(\.id))
            let arrivals = try arrivals(records, object, isDirect: true), before = counts
            try node.store.write { writer in
                counts = before
                try merge(arrivals, object, writer)
            }
        }
        return ids.filter { !read.contains($0) }
    }
}
