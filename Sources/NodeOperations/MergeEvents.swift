internal import Causality
internal import Connectors
internal import Foundation
internal import NodeEnvironment
internal import ProfileModel
internal import ProfileStore
internal import StandardForms

/// Takes a system's word on what happened with customers: deals, tickets, calls. A change there corrects the event, an end takes it away.
extension ConnectorRun {
    private static let content = CellKey(field: FieldID.content.rawValue)
    /// So much of a text an event keeps.
    private static let textMaximum = 20_000

    /// Whether anything changed.
    func mergeEvent(_ arrival: Arrival, _ object: MappedObject, _ writer: StoreWriter) throws -> Bool {
        let remote = arrival.record, hash = arrival.hash
        let state: ConnectorRecord.State = remote.isArchived ? .archived : .present
        let id = try writer.naturalID("event", externalID(remote.id, object))
        let next = ConnectorRecord(
            object: object.name, remoteID: remote.id, record: id, stamp: remote.stamp, version: remote.version, hash: hash, state: state)
        if arrival.isOutdated || arrival.known?.hash == hash && arrival.known?.state == state {
            if !arrival.isOutdated, arrival.known != next { try writer.put(next, of: name) }
            counts.unchanged += 1
            return false
        }
        try keepAssociations(remote, object, writer)
        var document = try members(of: remote, object)
        if let customer = try customer(of: remote.id, object, writer) { document["customer"] = .text(customer) }
        do {
            if remote.isArchived, object.settings["gone"] != "keep" {
                try writer.put(next, of: name)
                guard try endEvent(id, object, writer) else { return false }
                counts.gone += 1
                return true
            }
            let isNew = try writer.row(id, like: .event) == nil
            if try isNew && (writer.isElsewhere(id) || writer.isErased(id)) {
                counts.left += 1
                return false
            }
            let isChanged = try say(EventDocument.text(document), in: id, time: stamp(arrival.time), writer)
            try writer.put(next, of: name)
            if isNew { counts.created += 1 } else if isChanged { counts.updated += 1 } else { counts.unchanged += 1 }
            return isChanged
        } catch let error as StoreError where error.isErased {
            counts.left += 1
        } catch let error as StoreError where error.code == "store.row-too-large" {
            try writer.put(DeadLetter(object: object.name, record: nil, remoteID: remote.id, code: error.code, payload: hash), connector: name)
            counts.refused += 1
        }
        return false
    }

    /// The members of an event's document, without its customer.
    private func members(of remote: RemoteRecord, _ object: MappedObject) throws -> [String: EventDocument.Value] {
        var document: [String: EventDocument.Value] = [
            "type": .text(object.settings["type"] ?? object.name), "external_id": .text(externalID(remote.id, object)),
        ]
        if let currency = object.settings["currency"] { document["currency"] = .text(currency) }
        for prepared in try fields(of: object) where prepared.mapped.direction != .out {
            let texts = remote.fields[prepared.mapped.remote]?.texts.filter { !$0.trimmingWhitespace.isEmpty } ?? []
            if texts.isEmpty { continue }
            let text = prepared.mapped.form.local(texts.joined(separator: "; "))
            if prepared.field.type == .text {
                document[prepared.field.name] = .text(String(text.prefix(ConnectorRun.textMaximum)))
                continue
            }
            switch prepared.form.read(text) {
            case .success(let bytes): document[prepared.field.name] = .text(FieldValue.plainText(of: bytes))
            case .failure: document[prepared.field.name + "_raw"] = .text(String(text.prefix(ConnectorRun.textMaximum)))
            }
        }
        return document
    }

    /// The external id of the customer whom an event is about: the first that is here, and else the first that is told, for whom it waits.
    private func customer(of remoteID: String, _ object: MappedObject, _ reader: StoreReader) throws -> String? {
        let told = try reader.connectorAssociations(name, of: object.name, remoteID)
        var waiting: String?
        for association in object.associations where association.direction != .out {
            guard let other = mapping[object: association.object] else { continue }
            let ids = told.filter { $0.association == association.remote }.map(\.otherID)
            for id in ids.sorted(by: { ($0.utf8.count, $0) < ($1.utf8.count, $1) }) {
                let external = externalID(id, other)
                if try record(id, other, reader) != nil { return external }
                if waiting == nil { waiting = external }
            }
        }
        return waiting
    }

    /// Gives an event the customer that was read only now; whether it had another.
    func settleCustomer(of known: ConnectorRecord, _ object: MappedObject, _ writer: StoreWriter) throws -> Bool {
        guard known.state == .present || known.state == .archived, let customer = try customer(of: known.remoteID, object, writer),
            let row = try writer.row(known.record, like: .event) else { return false }
        let present = try row.document(writer)
        // What has ended, or says nothing else, stays as it is.
        if present.count < 2 || present["customer"] as? String == customer { return false }
        var document = present.compactMapValues { ($0 as? String).map(EventDocument.Value.text) }
        document["customer"] = .text(customer)
        return try say(EventDocument.text(document), in: known.record, time: stamp(known.stamp), writer)
    }

    /// Leaves of an event that is gone whom it was about: nothing else tells who is to hear of its end. Whether it was there.
    func endEvent(_ id: RowID, _ object: MappedObject, _ writer: StoreWriter) throws -> Bool {
        guard object.settings["gone"] != "keep", let row = try writer.row(id, like: .event) else { return false }
        guard let word = row.state.word(of: name, in: ConnectorRun.content) else { return false }
        let address = EventDocument.address(of: word)
        if address == word { return false }
        let edition = try Edition(writer, author: node.author, operation: operation)
        try edition.write(ConnectorRun.content, address, in: id, source: name)
        return try edition.commit() > 0
    }

    private func say(_ document: String, in id: RowID, time: Stamp?, _ writer: StoreWriter) throws -> Bool {
        let value = FieldValue.json(document).bytes
        if try writer.row(id, like: .event) != nil {
            let edition = try Edition(writer, author: node.author, operation: operation)
            try edition.speak(value, in: ConnectorRun.content, of: id, as: name, time: time)
            return try edition.commit() > 0
        }
        try writer.prepareToWrite(in: id, knowing: nil)
        var cells = [CompactRow.PlainCell(key: ConnectorRun.content, value: value)]
        let home = try writer.node().home(nil)
        if home != StoreWriter.rootScope { cells.insert(.init(key: CellKey(field: FieldID.scope.rawValue), value: FieldValue.bytes(text: home)), at: 0) }
        let header = authorship.header(at: time ?? node.environment.now())
        try writer.put(CompactRow(base: .init(dot: writer.nextDot(), header: header), plain: PlainCells(cells)), id: id, kind: .event, replacing: nil)
        return true
    }
}
