internal import Causality
internal import Connectors
internal import NodeEnvironment
internal import ProfileModel
internal import ProfileStore

/// Takes a system's word into the store: the same row on whatever node it is done.
extension ConnectorRun {
    /// A record with what it says, read before the write lock is taken.
    ///
    /// A reference, because its parts are many to copy.
    final class Arrival {
        let record: RemoteRecord
        let statement: RemoteStatement
        let known: ConnectorRecord?
        /// Of all that was read of it.
        let hash: Digest128
        /// Whether it was asked for by its id: then it is how the record is now, whatever its clock says.
        let isDirect: Bool

        init(record: RemoteRecord, statement: RemoteStatement, known: ConnectorRecord?, hash: Digest128, isDirect: Bool) {
            (self.record, self.statement, self.known, self.hash, self.isDirect) = (record, statement, known, hash, isDirect)
        }

        /// Whether it comes from an index that lags.
        var isOutdated: Bool {
            guard !isDirect, let before = known?.stamp, let now = record.stamp else { return false }
            return now < before
        }

        /// The source's own time; none where the system's clock went back.
        var time: Int64? {
            guard let before = known?.stamp, let now = record.stamp else { return record.stamp }
            return now < before ? nil : now
        }
    }

    /// Reads what records say; those that are as they were are left out.
    ///
    /// - Parameters:
    ///   - readings: what was told of each of them before.
    ///   - isOurs: whether they were made here for this object, whatever a condition finds.
    func arrivals(
        _ records: [RemoteRecord], _ object: MappedObject, _ readings: [RemoteReading]? = nil, isDirect: Bool = false, isOurs: Bool = false
    ) throws -> [Arrival] {
        let fields = try object.isEvent ? [] : fields(of: object), asksUsers = try !prepared(object).userFields.isEmpty
        var records = try readable(records, object)
        if !isOurs { records = try taken(records, by: object) }
        let count = records.count
        records.removeAll { !ConnectorRun.isSound($0.id) || !$0.mergedIDs.allSatisfy(ConnectorRun.isSound) }
        if records.count < count {
            let letter = DeadLetter(object: object.name, record: nil, remoteID: "", code: "crm.bad-id", payload: .zero)
            try node.store.write { try $0.put(letter, connector: name) }
            counts.refused += count - records.count
        }
        // Where a record was left out the others are read anew.
        let readings = readings?.count == records.count ? readings : nil
        let states = try node.store.read { reader in
            let key = try reader.node().key
            // Systems number what is new in ascending order: of a page behind all that is known nothing is looked for.
            let first = records.map(\.id).min { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            let isAnyKnown = try first.map { try reader.hasConnectorRecords(name, object.name, from: $0) } ?? false
            return try records.enumerated().map { index, record in
                (
                    hash: readings?[index].hash ?? record.hash(generation: state.generation, key: key),
                    known: isAnyKnown ? try reader.connectorRecord(name, object.name, record.id) : nil
                )
            }
        }
        if asksUsers {
            // Who is called what is asked once, and only for what is new.
            for (index, state) in states.enumerated() {
                let isAsItWas = !isDirect && state.known?.hash == state.hash && (state.known?.state == .present || state.known?.state == .archived)
                if !isAsItWas { records[index] = try named(records[index], object) }
            }
        }
        return try node.store.read { reader in
            let isAnyRewritten = try reader.hasConnectorRewritings(name, object.name)
            var places = FieldPlaces(fields)
            return try records.indices.map { index in
                let record = records[index], state = states[index]
                let rewritings = try isAnyRewritten ? reader.connectorRewritings(name, object.name, record.id) : []
                let told = rewritings.isEmpty ? readings?[index].statement : nil
                return Arrival(
                    record: record, statement: told ?? RemoteStatement(record, fields, places.of(record.fields), rewritings: rewritings),
                    known: state.known, hash: state.hash, isDirect: isDirect)
            }
        }
    }

    /// Records without those that could not be read: these are dead letters, one for each version, until they can be. Of what kind of records
    /// one is cannot be told: it is that as which it is known, or else the first.
    private func readable(_ records: [RemoteRecord], _ object: MappedObject) throws -> [RemoteRecord] {
        let letters = try node.store.read { try $0.deadLetters(name, includingDiscarded: true) }
        let own = letters.filter { $0.record == nil && $0.field.isEmpty && !$0.remoteID.isEmpty && $0.code != "store.row-too-large" }
        let readable = records.filter { $0.unreadable == nil }
        if own.isEmpty, readable.count == records.count { return records }
        let key = try node.store.read { try $0.node().key }
        var made: [DeadLetter] = []
        for record in records where ConnectorRun.isSound(record.id) {
            guard let rejection = record.unreadable else { continue }
            let kind = try node.store.read { reader in
                try mapping.objects.first { try reader.connectorRecord(name, $0.name, record.id)?.state == .present } ?? mapping.objects.first
            }
            if kind?.name != object.name { continue }
            var hash = SipHash128(key: key)
            for text in [rejection.code, record.version ?? ""] { hash.update(text) }
            let payload = hash.finalize()
            if own.contains(where: { $0.remoteID == record.id && $0.payload == payload }) { continue }
            made.append(DeadLetter(object: object.name, record: nil, remoteID: record.id, code: rejection.code, message: rejection.message, payload: payload))
        }
        let read = Set(readable.map(\.id)), mended = own.filter { read.contains($0.remoteID) }
        if !made.isEmpty || !mended.isEmpty {
            try node.store.write { writer in
                for letter in mended { try writer.removeDeadLetter(letter.number) }
                for letter in made { try writer.put(letter, connector: name) }
            }
        }
        counts.refused += made.count
        return readable
    }

    /// Whether a text can be an id here: not empty, not long, and nothing that would break a line.
    static func isSound(_ id: String) -> Bool {
        if id.isEmpty || id.utf8.count > 200 { return false }
        if id.utf8.allSatisfy({ (0x21..<0x7F).contains($0) }) { return true }
        return !id.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F || $0.properties.isWhitespace }
    }

    /// Takes the word of records within a transaction.
    ///
    /// - Parameter ours: for records that were made here, ours by the system's ids.
    func merge(_ arrivals: [Arrival], _ object: MappedObject, ours: [String: RowID] = [:], _ writer: StoreWriter) throws {
        var changed = 0
        for arrival in arrivals {
            if try object.isEvent ? mergeEvent(arrival, object, writer) : merge(arrival, object, ours: ours[arrival.record.id], writer) { changed += 1 }
        }
        if changed > 0 { try writer.log(operation, author: node.author, command: "crm \(name)", rows: changed, isBulk: true) }
    }

    /// Whether anything changed.
    private func merge(_ arrival: Arrival, _ object: MappedObject, ours: RowID?, _ writer: StoreWriter) throws -> Bool {
        let remote = arrival.record, hash = arrival.hash
        let state: ConnectorRecord.State = remote.isArchived ? .archived : .present
        let isHere = arrival.known.map { $0.state != .gone } ?? false
        let before = try isHere ? nil : handOver(remote.id, to: object, writer)
        let record = try ours ?? before ?? arrival.known?.record ?? self.record(of: remote, object, writer)
        let next = ConnectorRecord(
            object: object.name, remoteID: remote.id, record: record, stamp: remote.stamp, version: remote.version, hash: hash, state: state)
        if let known = arrival.known, known.hash == hash, known.state == state, known.record == record {
            if known != next { try writer.put(next, of: name) }
            counts.unchanged += 1
            return false
        }
        if arrival.isOutdated {
            counts.unchanged += 1
            return false
        }
        let effect: Effect
        do { effect = try write(arrival, of: record, object, writer) } catch let error as StoreError where error.isErased { effect = .left
        } catch let error as StoreError where error.code == "store.row-too-large" {
            try writer.put(DeadLetter(object: object.name, record: nil, remoteID: remote.id, code: error.code, payload: hash), connector: name)
            counts.refused += 1
            return false
        }
        switch effect {
        case .left:
            counts.left += 1
            return false
        case .created: counts.created += 1
        case .updated: counts.updated += 1
        case .unchanged: counts.unchanged += 1
        }
        try writer.put(next, of: name)
        for id in remote.mergedIDs { try noteMerged(id, into: remote.id, record, object, writer) }
        // Of a record that is new here nobody has said that it is gone.
        if effect != .created || remote.isArchived { try setLife(of: record, isGone: remote.isArchived, object, writer) }
        try noteComputed(arrival, of: record, object, writer)
        let isNew = effect == .created && arrival.known == nil
        let affiliates = try takeAssociations(arrival, of: record, isNew: isNew, object, writer)
        if arrival.known?.record != record, !object.lists.isEmpty { try settleTags(of: record, object, writer) }
        for doubt in arrival.statement.doubts { if try send(doubt, of: record, writer) { counts.flagged += 1 } }
        if effect != .unchanged {
            if !arrival.statement.given.isEmpty {
                let header = authorship.header(at: node.environment.now())
                for given in arrival.statement.given { try writer.keep(given: given.raw, in: given.cell, of: record, by: header) }
            }
            try settleByAuthority(record, object, writer)
        }
        return effect != .unchanged || affiliates
    }

    /// Which record of ours one of the system's is: what it carries, what is known of its id, and else one of its own.
    private func record(of remote: RemoteRecord, _ object: MappedObject, _ writer: StoreWriter) throws -> RowID {
        if let id = remote.ourID.flatMap({ UniqueID($0) }), try writer.row(id, like: .person) != nil { return id }
        return try writer.customer(having: externalID(remote.id, object))
    }

    private enum Effect { case created, updated, unchanged, left }

    private func write(_ arrival: Arrival, of id: RowID, _ object: MappedObject, _ writer: StoreWriter) throws -> Effect {
        let statement = arrival.statement
        let time = arrival.time.map { Stamp(rawValue: min($0, node.environment.now().rawValue)) }
        var cells = statement.cells
        let external = FieldValue.bytes(text: externalID(arrival.record.id, object))
        cells.append(field: FieldID.externalIDs.rawValue, writingElement: { $0 += external }, writingValue: { $0 += FieldValue.present })
        let kind = RowKind(name: object.kind) ?? .person
        guard let stored = try writer.row(id, like: kind) else {
            if try writer.isElsewhere(id) { return .left }
            try writer.prepareToWrite(in: id, knowing: nil)
            let home = try writer.node().home(nil)
            if home != StoreWriter.rootScope { cells.append(field: FieldID.scope.rawValue) { $0 += FieldValue.bytes(text: home) } }
            cells.sort()
            let header = authorship.header(at: time ?? node.environment.now())
            try writer.put(CompactRow(base: .init(dot: writer.nextDot(), header: header), plain: cells), id: id, kind: kind, replacing: nil)
            return .created
        }
        try writer.prepareToWrite(in: id, knowing: stored.compact.context)
        var draft = RowDraft(stored.compact), changes: [CellChange] = [], dot: Dot?
        let now = node.environment.now()
        func say(_ cell: CellKey, _ value: [UInt8]?) {
            func nextDot() -> Dot {
                if dot == nil { dot = writer.nextDot() }
                return dot!
            }
            if let change = draft.writeAsSource(cell, value, time: time, dot: nextDot(), now: now, by: authorship) { changes.append(change) }
        }
        cells.sort()
        for cell in cells { say(cell.key, cell.value) }
        // Of what it never spoke, an empty field says nothing.
        for cell in statement.cleared.sorted() where draft.word(of: name, in: cell) != nil { say(cell, nil) }
        for cell in statement.wholeSets.sorted().flatMap(draft.cells) where !cell.element.isEmpty && cells.value(in: cell) == nil {
            if draft.word(of: name, in: cell) != nil { say(cell, nil) }
        }
        // Who was an organization can become a person; the other way nodes would not agree.
        let kept = stored.kind.isCustomer ? min(stored.kind, kind) : stored.kind
        if changes.isEmpty, kept == stored.kind { return .unchanged }
        try writer.put(draft.compact, id: id, kind: kept, replacing: stored)
        try writer.remember(changes, of: id, operation: operation, at: now)
        return .updated
    }

    // MARK: Ends

    /// Takes the word that records are gone, or were merged into others.
    func merge(_ tombstones: [RemoteTombstone], _ object: MappedObject, _ writer: StoreWriter) throws {
        var changed = 0
        for tombstone in tombstones {
            guard var known = try writer.connectorRecord(name, object.name, tombstone.id), known.state.rawValue < 2 else { continue }
            if object.isEvent {
                known.state = .gone
                try writer.put(known, of: name)
                if try endEvent(known.record, object, writer) {
                    counts.gone += 1
                    changed += 1
                }
                continue
            }
            if let winner = tombstone.mergedInto, let into = try writer.connectorRecord(name, object.name, winner)?.record {
                try noteMerged(tombstone.id, into: winner, into, object, writer)
                changed += 1
                continue
            }
            known.state = .gone
            try writer.put(known, of: name)
            if try setLife(of: known.record, isGone: true, object, writer) { changed += 1 }
        }
        if changed > 0 { try writer.log(operation, author: node.author, command: "crm \(name)", rows: changed, isBulk: true) }
    }

    /// A record that the system merged into another is another name of it: both share an external id, and so are linked.
    private func noteMerged(_ id: String, into winner: String, _ record: RowID, _ object: MappedObject, _ writer: StoreWriter) throws {
        if id == winner { return }
        let edition = try Edition(writer, author: node.author, operation: operation)
        let cell = CellKey(field: FieldID.externalIDs.rawValue, element: FieldValue.bytes(text: externalID(id, object)))
        try edition.write(cell, FieldValue.present, in: record, source: name)
        _ = try edition.commit()
        let known = try writer.connectorRecord(name, object.name, id)
        let hash = known?.hash ?? .zero
        try writer.put(
            ConnectorRecord(object: object.name, remoteID: id, record: record, stamp: known?.stamp, version: nil, hash: hash, state: .merged), of: name)
        try attachAffiliates(to: id, record, object, writer)
    }

    /// Says as the system that a record is gone, or is there again; whether it spoke.
    @discardableResult
    private func setLife(of record: RowID, isGone: Bool, _ object: MappedObject, _ writer: StoreWriter) throws -> Bool {
        guard object.settings["gone"] != "keep", let row = try writer.row(record, like: .person) else { return false }
        let cell = CellKey(field: FieldID.life.rawValue), state = row.state, before = state.word(of: name, in: cell)
        // Of two records in the system that are one of ours, one is enough to keep it.
        let isGone = try isGone && !writer.connectorRecords(name, of: record).contains { $0.state == .present }
        if isGone ? before == Life.deletedValue : before != Life.deletedValue { return false }
        let edition = try Edition(writer, author: node.author, operation: operation)
        let spoke = try edition.write(cell, isGone ? Life.deletedValue : Life.livingValue, in: record, source: name)
        _ = try edition.commit()
        if spoke, isGone { counts.gone += 1 }
        return spoke
    }

    // MARK: Who is right

    /// Decides what people and the system have both changed, where the mapping says who is right; the other's word is kept beside it.
    private func settleByAuthority(_ record: RowID, _ object: MappedObject, _ writer: StoreWriter) throws {
        let decided = try prepared(object).decided
        guard !decided.isEmpty, let profile = try writer.profile(of: record) else { return }
        let edition = try Edition(writer, author: node.author, operation: operation)
        for prepared in decided {
            let cell = CellKey(field: prepared.field.id.rawValue), reading = profile.reading(cell)
            guard reading.isConflict, let theirs = reading.candidates.first(where: { $0.write.header.source == name && $0.record == record }) else { continue }
            if prepared.mapped.authority == .newest, reading.latest != theirs { continue }
            try edition.write(cell, theirs.write.value, in: record, others: profile.members.map(\.id), resolving: true)
        }
        _ = try edition.commit()
    }

    /// Lists a doubtful value once, however often it is read.
    private func send(_ doubt: ImportedRow.Doubt, of record: RowID, _ writer: StoreWriter) throws -> Bool {
        let id = try writer.naturalID("review", "\(record)|\(doubt.field.name)|\(doubt.raw)")
        if try writer.row(id, like: .review) != nil { return true }
        let document: [String: EventDocument.Value] = [
            "customer": .text(record.description), "field": .text(doubt.field.name), "raw": .text(doubt.raw), "reason": .text(doubt.reason),
            "source": .text(name),
        ]
        let cell = CompactRow.PlainCell(key: CellKey(field: FieldID.content.rawValue), value: FieldValue.json(EventDocument.text(document)).bytes)
        let header = authorship.header(at: node.environment.now())
        try writer.put(CompactRow(base: .init(dot: writer.nextDot(), header: header), plain: [cell]), id: id, kind: .review, replacing: nil)
        return true
    }
}

extension WritableRow {
    /// What a source says in a cell; nil where it says nothing, or that it is empty.
    func word(of source: String, in cell: CellKey) -> [UInt8]? {
        writes(in: cell).filter { $0.header.source.map { $0.utf8.elementsEqual(source.utf8) } ?? false }.max(by: Write.precedes)?.value
    }
}
