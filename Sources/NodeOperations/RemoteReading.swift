internal import Causality
internal import Connectors
internal import ProfileModel
internal import ProfileStore

/// What a record says, as far as neither the store nor the system is needed to tell: made on the thread that read its page.
struct RemoteReading {
    /// Of all that was read of it but its clock.
    let hash: Digest128
    /// What it says where nothing is known of how the system writes values of ours.
    let statement: RemoteStatement
}

extension ConnectorRun {
    /// Reads the records of pages, on any thread; nil for a page about which the system is to be asked for more than it tells.
    func reading(of object: MappedObject) throws -> (PullPage) -> [RemoteReading]? {
        let prepared = try prepared(object), fields = object.isEvent ? [] : prepared.fields, userFields = prepared.userFields
        let tellsAll = tellsAll(object), asksAlways = !object.lists.isEmpty, users = knownUsers
        let key = try node.store.read { try $0.node().key }, generation = state.generation
        return { page in
            guard !asksAlways, tellsAll(page.records), users != nil || page.records.allSatisfy({ $0.told(userFields).isEmpty }) else { return nil }
            var places = FieldPlaces(fields)
            return page.records.map { record in
                let named = users.map { record.naming($0, in: userFields) } ?? record
                return RemoteReading(
                    hash: record.hash(generation: generation, key: key),
                    statement: RemoteStatement(named, fields, places.of(named.fields), rewritings: []))
            }
        }
    }
}

extension RemoteRecord {
    /// A hash of all that was read of a record but its clock.
    ///
    /// - Parameter generation: of the mapping by which it was read.
    func hash(generation: Int, key: HashKey) -> Digest128 {
        var hash = SipHash128(key: key)
        hash.update(isArchived ? 1 : 0)
        hash.update(UInt64(generation))
        hash.update(ourID ?? "")
        for id in mergedIDs { hash.update(id) }
        for (name, value) in zip(fields.names, fields.values) {
            hash.update(name)
            switch value {
            case .empty: hash.update(0 as UInt64)
            case .text(let text):
                hash.update(1 as UInt64)
                hash.update(text)
            case .list(let texts):
                hash.update(UInt64(texts.count))
                for text in texts { hash.update(text) }
            }
        }
        for (name, others) in associations.count > 1 ? associations.sorted(by: { $0.key < $1.key }) : Array(associations) {
            hash.update(name)
            hash.update(UInt64(others.count))
            for other in others.count > 1 ? others.sorted(by: { ($0.id, $0.role ?? "") < ($1.id, $1.role ?? "") }) : others {
                hash.update(other.id)
                hash.update(other.role ?? "")
            }
        }
        return hash.finalize()
    }
}
