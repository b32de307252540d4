internal import Causality
internal import Connectors
internal import ProfileModel
internal import ProfileStore

/// Records of one model that are people for one object of the mapping and organizations for another.
///
/// A record that no condition finds is not taken; one that is known already stays with the object that has it. One that another object's
/// condition finds goes over to that object, as the same customer. An organization becomes a person so; a person stays one, because the kind of
/// a row goes one way only on all nodes, stays with the object of people, and is a dead letter.
extension ConnectorRun {
    private static let kindCode = "crm.other-kind"

    /// Those of records that an object takes.
    func taken(_ records: [RemoteRecord], by object: MappedObject) throws -> [RemoteRecord] {
        let objects = mapping.objects(sharing: object)
        if objects.count == 1 && object.condition == nil || records.isEmpty { return records }
        var mine: [RemoteRecord] = [], others: [String: RowID] = [:]
        try node.store.read { reader in
            for record in records {
                guard let place = try place(of: record, objects, reader), place.object.name == object.name else { continue }
                mine.append(record)
                if place.isOfOtherKind { others[record.id] = place.row }
            }
        }
        try note(others, among: mine, object)
        return mine
    }

    /// - Returns: nil where no object takes the record.
    private func place(
        of record: RemoteRecord, _ objects: [MappedObject], _ reader: StoreReader
    ) throws -> (object: MappedObject, row: RowID?, isOfOtherKind: Bool)? {
        var known: (object: MappedObject, row: RowID)?
        for object in objects where known == nil {
            if let one = try reader.connectorRecord(name, object.name, record.id), one.state.rawValue < 2 { known = (object, one.record) }
        }
        guard let taker = mapping.taker(of: record, among: objects) else { return known.map { ($0.object, $0.row, false) } }
        if taker.kind == "organization", let people = known?.object.kind == "person" ? known?.object : objects.first(where: { $0.kind == "person" }) {
            let row = try known?.row ?? record.ourID.flatMap { UniqueID($0) } ?? reader.records(named: externalID(record.id, people)).first
            if let row, try reader.row(row, like: .person)?.kind == .person { return (people, row, true) }
        }
        return (taker, known?.row, false)
    }

    /// Has a dead letter for each person of whom the system says now that it is an organization, and takes away those of the others.
    private func note(_ others: [String: RowID], among records: [RemoteRecord], _ object: MappedObject) throws {
        let known = try node.store.read { try $0.deadLetters(name, includingDiscarded: true) }.filter { $0.object == object.name && $0.code == Self.kindCode }
        let told = Set(records.map(\.id)), settled = known.filter { told.contains($0.remoteID) && others[$0.remoteID] == nil }
        let new = others.filter { other in !known.contains { $0.remoteID == other.key } }
        if settled.isEmpty, new.isEmpty { return }
        try node.store.write { writer in
            for letter in settled { try writer.removeDeadLetter(letter.number) }
            for (id, record) in new.sorted(by: { $0.key < $1.key }) {
                let letter = DeadLetter(object: object.name, record: record, remoteID: id, field: "where", code: Self.kindCode, payload: .zero)
                try writer.put(letter, connector: name)
            }
        }
        counts.refused += new.count
    }

    /// Takes a record from the other object of its model that has it: which record of ours it is; nil where none has it.
    func handOver(_ remoteID: String, to object: MappedObject, _ writer: StoreWriter) throws -> RowID? {
        for other in mapping.objects(sharing: object) where other.name != object.name {
            guard var known = try writer.connectorRecord(name, other.name, remoteID), known.state.rawValue < 2 else { continue }
            known.state = .gone
            try writer.put(known, of: name)
            for association in other.associations {
                try writer.setConnectorAssociations([], association.remote, of: other.name, remoteID, connector: name)
            }
            // Who belonged to an organization that is a person now belongs to nothing.
            try attachAffiliates(to: remoteID, known.record, other, writer)
            if object.isWritten { try writer.enqueue(known.record, object: object.name, remoteID: remoteID, connector: name) }
            return known.record
        }
        return nil
    }

    /// Whether another object of its model has a record.
    func isHandedOver(_ remoteID: String, _ object: MappedObject, _ reader: StoreReader) throws -> Bool {
        guard try reader.connectorRecord(name, object.name, remoteID)?.state == .gone else { return false }
        return try mapping.objects(sharing: object).contains { other in
            try other.name != object.name && (reader.connectorRecord(name, other.name, remoteID)?.state.rawValue ?? 2) < 2
        }
    }
}

extension MappedObject {
    /// Whether a condition gives it a record that it does not know; yes where the page does not tell.
    func takes(_ id: String, _ page: VerifyPage, of mapping: ConnectorMapping) -> Bool {
        guard let asked = page.asked[id] else { return true }
        return mapping.taker(of: RemoteRecord(id: id, fields: asked), among: mapping.objects(sharing: self))?.name == name
    }
}
