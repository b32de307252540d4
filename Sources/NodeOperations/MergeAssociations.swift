internal import Causality
internal import Connectors
internal import NodeEnvironment
internal import ProfileModel
internal import ProfileStore
internal import StandardForms

/// Takes a system's word on who belongs to what. What it said is kept beside the rows, so that what names a record that was not read yet
/// waits there for it; what it no longer says is ended on its word.
extension ConnectorRun {
    /// The associations that are read, and those of them that stand apart.
    private func readAssociations(of object: MappedObject) -> (names: [String], apart: Set<String>) {
        let associations = object.associations.filter { $0.direction != .out }
        return (associations.map(\.remote), Set(associations.filter { $0.tellsRoles && tellsRolesApart }.map(\.remote)))
    }

    /// Says whether records tell all their associations, so that nothing is asked about them.
    func tellsAll(_ object: MappedObject) -> ([RemoteRecord]) -> Bool {
        let (names, apart) = readAssociations(of: object)
        return { records in apart.isEmpty && records.allSatisfy { record in names.allSatisfy { record.associations[$0] != nil } } }
    }

    /// Records with their associations: of those that are as they were what was told then, the others are asked about.
    func completed(_ records: [RemoteRecord], _ object: MappedObject) throws -> [RemoteRecord] {
        if tellsAll(object)(records) { return records }
        let (names, apart) = readAssociations(of: object)
        var records = records, changed: [Int] = []
        try node.store.read { reader in
            let key = try reader.node().key
            for index in records.indices {
                var record = records[index]
                let told = try reader.connectorAssociations(name, of: object.name, record.id)
                for remote in names where record.associations[remote] == nil || apart.contains(remote) {
                    let before = told.filter { $0.association == remote }.map { RemoteAssociation(id: $0.otherID, role: $0.role) }
                    record.associations[remote] = record.associations[remote]?.map { one in before.first { $0.id == one.id } ?? one } ?? before
                }
                let known = try reader.connectorRecord(name, object.name, record.id)
                if known?.stamp == record.stamp && known?.hash == record.hash(generation: state.generation, key: key) { records[index] = record } else { changed.append(index) }
            }
        }
        if changed.isEmpty { return records }
        let asked = try system.associated(changed.map { records[$0] }, of: object)
        for (index, record) in zip(changed, asked) { records[index] = record }
        return records
    }

    /// Keeps what an arrival says to belong to it, and brings affiliations in line; whether any changed.
    ///
    /// - Parameter isNew: whether neither the record nor its row was there before, so that nothing is kept of it.
    func takeAssociations(_ arrival: Arrival, of record: RowID, isNew: Bool, _ object: MappedObject, _ writer: StoreWriter) throws -> Bool {
        let told = try keepAssociations(arrival.record, isNew: isNew, object, writer)
        var isChanged = false
        if !object.associations.isEmpty {
            // Nothing else was told of a record that is new.
            let all = try isNew ? told : writer.connectorAssociations(name, of: record)
            isChanged = try settleAffiliations(of: record, told: all, time: stamp(arrival.time), writer)
        }
        if arrival.known?.record != record, try attachAffiliates(to: arrival.record.id, record, object, writer) { isChanged = true }
        return isChanged
    }

    /// The system's time of something, and never one to come.
    func stamp(_ time: Int64?) -> Stamp? { time.map { Stamp(rawValue: min($0, node.environment.now().rawValue)) } }

    /// Keeps what a record says to belong to it, and gives that.
    ///
    /// - Parameter isNew: whether nothing is kept of it yet.
    @discardableResult
    func keepAssociations(
        _ remote: RemoteRecord, isNew: Bool = false, _ object: MappedObject, _ writer: StoreWriter
    ) throws -> [ConnectorAssociation] {
        var kept: [ConnectorAssociation] = []
        for association in object.associations where association.direction != .out {
            guard let told = remote.associations[association.remote], !isNew || !told.isEmpty else { continue }
            let sound = told.filter { ConnectorRun.isSound($0.id) }.map {
                ConnectorAssociation(
                    object: object.name, remoteID: remote.id, association: association.remote, otherObject: association.object, otherID: $0.id, role: $0.role)
            }
            try writer.setConnectorAssociations(sound, association.remote, of: object.name, remote.id, connector: name)
            kept += sound
        }
        return kept.sorted { ($0.association, $0.otherID) < ($1.association, $1.otherID) }
    }

    /// Brings in line the affiliations and events that named a record of the system before it was read; whether any changed.
    ///
    /// - Parameter record: the record of ours that it is.
    @discardableResult
    func attachAffiliates(to remoteID: String, _ record: RowID, _ object: MappedObject, _ writer: StoreWriter) throws -> Bool {
        guard try prepared(object).isNamed else { return false }
        var isChanged = false
        for waiting in try writer.connectorAssociationsWaiting(name, for: object.name, remoteID) {
            guard let known = try writer.connectorRecord(name, waiting.object, waiting.remoteID) else { continue }
            if let object = mapping[object: waiting.object], object.isEvent {
                if try settleCustomer(of: known, object, writer) { isChanged = true }
            } else if try settleAffiliations(
                of: known.record, told: writer.connectorAssociations(name, of: known.record), time: stamp(known.stamp), writer) {
                isChanged = true
            }
        }
        // Whoever was affiliated here can be named there, now that the system has the organization.
        try enqueueAffiliates(of: record, writer)
        return isChanged
    }

    /// Which record of ours one of the system's is, of which only the id is told; nil where it was not read yet.
    func record(_ remoteID: String, _ object: MappedObject, _ reader: StoreReader) throws -> RowID? {
        if let known = try reader.connectorRecord(name, object.name, remoteID) { return known.state == .gone ? nil : known.record }
        return try reader.records(named: externalID(remoteID, object)).first
    }

    /// Makes, changes and ends a person's affiliations so that the system's word in them is what it says now; whether any changed.
    ///
    /// - Parameter told: all that the system says to belong to its records that are this person.
    private func settleAffiliations(of person: RowID, told: [ConnectorAssociation], time: Stamp?, _ writer: StoreWriter) throws -> Bool {
        let standing = try writer.affiliations(of: person).filter { $0.person == person }
        if standing.isEmpty, told.isEmpty { return false }
        guard try writer.row(person, like: .person)?.kind == .person else { return false }
        var wanted: [RowID: SaidRole] = [:]
        for told in told {
            guard let association = mapping[object: told.object]?.associations.first(where: { $0.remote == told.association && $0.direction != .out }),
                let other = mapping[object: told.otherObject], let organization = try record(told.otherID, other, writer),
                try writer.row(organization, like: .person)?.kind == .organization else { continue }
            if wanted[organization] == nil || association.tellsRoles { wanted[organization] = try said(told.role, association) }
        }
        var isChanged = false
        for (organization, role) in wanted.sorted(by: { $0.key < $1.key }) {
            if try sayLiving(person, organization, role, time: time, writer) { isChanged = true }
        }
        let life = CellKey(field: FieldID.life.rawValue)
        for affiliation in standing where wanted[affiliation.organization] == nil {
            guard let row = try writer.row(affiliation.id, like: .affiliation), row.state.word(of: name, in: life) == Life.livingValue else { continue }
            if try say([(life, Life.deletedValue)], in: affiliation.id, time: nil, writer) { isChanged = true }
        }
        return isChanged
    }

    /// What a system says of a part in decisions.
    private enum SaidRole {
        /// It does not tell, or has a word that is none of ours.
        case nothing
        case none
        case role([UInt8])
    }

    private func said(_ text: String?, _ association: MappedAssociation) throws -> SaidRole {
        guard association.tellsRoles else { return .nothing }
        guard let text, !text.isEmpty else { return .none }
        guard let role = association.role(of: text), let field = fields.catalogue[.decisionRole],
            case .success(let bytes) = fields.form(of: field).read(role) else { return .nothing }
        return .role(bytes)
    }

    private func sayLiving(_ person: RowID, _ organization: RowID, _ role: SaidRole, time: Stamp?, _ writer: StoreWriter) throws -> Bool {
        let id = try writer.affiliationID(of: person, in: organization), part = CellKey(field: FieldID.decisionRole.rawValue)
        let life = CellKey(field: FieldID.life.rawValue)
        guard let row = try writer.row(id, like: .affiliation) else {
            if try writer.isElsewhere(id) || writer.isErased(id) || writer.isErased(person) || writer.isErased(organization) { return false }
            try writer.prepareToWrite(in: id, knowing: nil)
            var cells: [(CellKey, [UInt8])] = [
                (life, Life.livingValue), (CellKey(field: FieldID.first.rawValue), FieldValue.bytes(text: person.description)),
                (CellKey(field: FieldID.second.rawValue), FieldValue.bytes(text: organization.description)),
            ]
            if case .role(let bytes) = role { cells.append((part, bytes)) }
            let plain = PlainCells(cells.sorted { $0.0 < $1.0 }.map { CompactRow.PlainCell(key: $0.0, value: $0.1) })
            let header = authorship.header(at: time ?? node.environment.now())
            try writer.put(CompactRow(base: .init(dot: writer.nextDot(), header: header), plain: plain), id: id, kind: .affiliation, replacing: nil)
            return true
        }
        var cells: [(CellKey, [UInt8]?)] = []
        let state = row.state
        for (field, record) in [(FieldID.first, person), (.second, organization)] where state.cells[CellKey(field: field.rawValue)] == nil {
            cells.append((CellKey(field: field.rawValue), FieldValue.bytes(text: record.description)))
        }
        if state.word(of: name, in: life) != Life.livingValue { cells.append((life, Life.livingValue)) }
        switch role {
        case .nothing: break
        case .none: if state.word(of: name, in: part) != nil { cells.append((part, nil)) }
        case .role(let bytes): if state.word(of: name, in: part) != bytes { cells.append((part, bytes)) }
        }
        return try say(cells, in: id, time: time, writer)
    }

    private func say(_ cells: [(CellKey, [UInt8]?)], in id: RowID, time: Stamp?, _ writer: StoreWriter) throws -> Bool {
        if cells.isEmpty { return false }
        let edition = try Edition(writer, author: node.author, operation: operation)
        for (cell, value) in cells { try edition.speak(value, in: cell, of: id, as: name, time: time) }
        return try edition.commit() > 0
    }

    // MARK: What no clock tells

    /// Finds out once in a round which associations the system does not have, and has a dead letter for each; once it has them, all is read
    /// and looked at again.
    func askUntellable(_ object: MappedObject) throws {
        if object.associations.isEmpty || untellable[object.name] != nil { return }
        let missing = try system.untellable(object), code = "crm.no-relations"
        untellable[object.name] = missing
        let known = try node.store.read { try $0.deadLetters(name, includingDiscarded: true) }.filter { $0.object == object.name && $0.code == code }
        let settled = known.filter { !missing.contains($0.field) }, new = missing.filter { field in !known.contains { $0.field == field } }
        if settled.isEmpty, new.isEmpty { return }
        try node.store.write { writer in
            for letter in settled { try writer.removeDeadLetter(letter.number) }
            for field in new.sorted() {
                try writer.put(DeadLetter(object: object.name, record: nil, remoteID: "", field: field, code: code, payload: .zero), connector: name)
            }
            if !settled.isEmpty {
                state.generation += 1
                state.pushedFeed = 0
                try keep(writer)
            }
        }
        counts.refused += new.count
    }

    /// Reads those again who belong to changed records: what ended there moved no clock of theirs.
    func readAffiliates(of changed: Set<String>, _ object: MappedObject) throws {
        if changed.isEmpty { return }
        let told = try node.store.read { reader in
            try changed.sorted().flatMap { try reader.connectorAssociations(name, naming: object.name, $0) }
        }
        for (other, told) in Dictionary(grouping: told, by: \.object).sorted(by: { $0.key < $1.key }) {
            guard let other = mapping[object: other], !other.isEvent else { continue }
            try readAgain(Set(told.map(\.remoteID)).sorted(), other)
        }
    }

    // MARK: Writing

    /// Has the people of an organization looked at, which the system now has: what names it can be written.
    func enqueueAffiliates(of organization: RowID, _ writer: StoreWriter) throws {
        for affiliation in try writer.affiliations(of: organization) where affiliation.isLiving && affiliation.organization == organization {
            if affiliation.life.latest?.write.header.source == name { continue }
            for known in try writer.connectorRecords(name, of: affiliation.person) where known.state.rawValue < 2 {
                guard mapping[object: known.object]?.associations.contains(where: { $0.direction != .in }) == true else { continue }
                try writer.enqueue(affiliation.person, object: known.object, remoteID: known.remoteID, connector: name)
            }
        }
    }

    /// Compares a person's affiliations with what the system last said under one name.
    func plan(
        _ association: MappedAssociation, _ profile: Profile, remoteID: String, current: RemoteRecord?, _ object: MappedObject, _ plan: inout RemotePlan,
        _ reader: StoreReader
    ) throws {
        guard let other = mapping[object: association.object] else { return }
        let known = try current?.associations[association.remote]
            ?? (remoteID.isEmpty ? [] : reader.connectorAssociations(name, of: object.name, remoteID).filter { $0.association == association.remote }
                .map { RemoteAssociation(id: $0.otherID, role: $0.role) })
        let all = try reader.affiliations(of: profile)
        var kept: [RemoteAssociation] = [], named: Set<RowID> = []
        for one in known {
            guard let record = try record(one.id, other, reader) else { kept.append(one); continue }
            let organization = try reader.profileID(of: record)
            let said = try all.filter { try reader.profileID(of: $0.organization) == organization }
            if let living = said.first(where: \.isLiving) {
                named.insert(organization)
                kept.append(RemoteAssociation(id: one.id, role: role(of: living, association, standing: one.role)))
            } else if said.isEmpty || said.contains(where: { $0.life.latest?.write.header.source == name }) {
                kept.append(one)
            }
        }
        var added: [(at: Stamp, one: RemoteAssociation)] = []
        for affiliation in all where affiliation.isLiving && !affiliation.isContested {
            guard let write = affiliation.life.latest?.write, write.header.source != name else { continue }
            let organization = try reader.profileID(of: affiliation.organization)
            if named.contains(organization) { continue }
            let records = try reader.linkedMembers(of: affiliation.organization).flatMap { try reader.connectorRecords(name, of: $0) }
            guard let there = records.first(where: { $0.object == other.name && $0.state == .present }) else { continue }
            named.insert(organization)
            added.append((write.header.stamp, RemoteAssociation(id: there.remoteID, role: role(of: affiliation, association, standing: nil, isMade: true))))
        }
        // The newest first: it takes a place that becomes free.
        added.sort { $0.at > $1.at }
        let wanted = association.isList ? kept + added.map(\.one) : Array((kept + added.map(\.one)).prefix(1))
        func key(_ list: [RemoteAssociation]) -> Set<String> { Set(list.map { "\($0.id) \(association.role(of: $0.role) ?? "")" }) }
        if key(wanted) != key(known) { plan.associations[association.remote] = wanted }
    }

    /// What the system is to call a person's part in decisions; what stands there where nobody else has spoken of it, or it is contested.
    ///
    /// - Parameter isMade: whether nothing stands there, so that what the system said of the part before its end is told again.
    private func role(of affiliation: Affiliation, _ association: MappedAssociation, standing: String?, isMade: Bool = false) -> String? {
        guard association.tellsRoles, !affiliation.role.isConflict, let write = affiliation.role.latest?.write, isMade || write.header.source != name else { return standing }
        guard let role = write.value.map({ FieldValue.plainText(of: $0) }) else { return nil }
        return association.text(of: role) ?? standing
    }
}

extension Edition {
    /// Says as a system what it says now, though its clock did not move since it said something else: what is gone is told without a time.
    func speak(_ value: [UInt8]?, in cell: CellKey, of id: RowID, as source: String, time: Stamp?) throws {
        let own = (try draft(id)?.writes(in: cell) ?? []).filter { $0.header.source == source }.map(\.header.stamp)
        let isBehind = time.map { time in own.contains { $0 > time } } ?? false
        try write(cell, value, in: id, source: source, time: isBehind ? nil : time)
    }
}
