internal import Causality
internal import Connectors
internal import NodeEnvironment
internal import ProfileModel
internal import ProfileStore
internal import StandardForms

/// The lists of a kind of a system's records that are tags here, as they were when they were read last.
struct ListDirectory {
    struct Entry {
        /// The list's identity: another name changes nothing but, where the mapping gives none, the tag.
        let id: String
        /// What names it in the mapping.
        let line: String
        let tag: String
        /// Whether who stands on it is written.
        let isWritten: Bool
        /// Whether it is still to be read of those that are to be read now.
        var isDue: Bool
        /// Whether all of it was ever read by this node.
        var isKnown: Bool
    }

    /// Of the mapping by which it was made.
    var generation: Int
    var lists: [Entry]
    /// Whether what the system said before it was made is still to be compared with it.
    var isUnsettled: Bool

    init(generation: Int, lists: [Entry] = [], isUnsettled: Bool = true) {
        self.generation = generation
        self.lists = lists
        self.isUnsettled = isUnsettled
    }

    init?(text: String) {
        guard let document = JSON(Array(text.utf8)), let generation = document["generation"].integer, let items = document["lists"].items else { return nil }
        self.init(
            generation: Int(generation),
            lists: items.compactMap { item in
                guard let id = item["id"].text, let line = item["line"].text, let tag = item["tag"].text else { return nil }
                return Entry(
                    id: id, line: line, tag: tag, isWritten: item["written"].flag ?? false, isDue: item["due"].flag ?? true,
                    isKnown: item["known"].flag ?? false)
            }, isUnsettled: document["unsettled"].flag ?? false)
    }

    var text: String {
        let items = lists.map { entry -> JSON in
            [
                "id": .string(entry.id), "line": .string(entry.line), "tag": .string(entry.tag), "written": .boolean(entry.isWritten),
                "due": .boolean(entry.isDue), "known": .boolean(entry.isKnown),
            ]
        }
        let document: JSON = ["generation": JSON(Int64(generation)), "lists": .array(items), "unsettled": .boolean(isUnsettled)]
        return String(decoding: document.bytes, as: UTF8.self)
    }
}

/// Lists: that a record stands on one is a tag of the customer, on the system's word. What the system said of it is kept by the owner beside who
/// belongs to what. No clock moves with it, so lists are read whole whenever all ids are compared; one that cannot be read says nothing.
extension ConnectorRun {
    /// So many changed records are asked one by one on which lists they stand; more wait until all ids are compared.
    private static let askedMaximum = 20
    private static let changesTogether = 500
    /// What lists are called where other records stand; no object of a mapping has a name like it.
    private static let listMark = "\tlist"

    private static func place(_ object: MappedObject) -> String { "\tlists\t\(object.name)" }

    /// What is known of a kind's lists; nil before they were read.
    private func directory(_ object: MappedObject, _ reader: StoreReader) throws -> ListDirectory? {
        if let known = knownLists[object.name] { return known }
        let found = try reader.connectorCursor(name, object: ConnectorRun.place(object)).flatMap(ListDirectory.init(text:))
        knownLists[object.name] = found
        return found
    }

    private func keep(_ directory: ListDirectory, _ object: MappedObject) throws {
        try node.store.write { try $0.setConnectorCursor(name, object: ConnectorRun.place(object), to: directory.text) }
        (knownLists[object.name], writtenLists[object.name]) = (directory, nil)
    }

    /// The lists that are written, by their tags.
    private func written(_ object: MappedObject, _ reader: StoreReader) throws -> [CellKey: [ListDirectory.Entry]] {
        if let known = writtenLists[object.name] { return known }
        var found: [CellKey: [ListDirectory.Entry]] = [:]
        for list in try directory(object, reader)?.lists ?? [] where list.isWritten && list.isKnown {
            if let cell = cell(list.tag) { found[cell, default: []].append(list) }
        }
        writtenLists[object.name] = found
        return found
    }

    // MARK: Reading

    /// Reads who stands on which list.
    ///
    /// - Parameter all: whether all are due; else those which could not be read the last time, and all where the mapping is another.
    func readLists(of object: MappedObject, all: Bool) throws {
        if object.lists.isEmpty { return }
        let known = try node.store.read { try self.directory(object, $0) }
        var faults: [String: String] = [:], directory: ListDirectory
        if !all, let known, known.generation == state.generation {
            if !known.isUnsettled, !known.lists.contains(where: \.isDue) { return }
            directory = known
        } else {
            let told: [RemoteList], gone: [ListDirectory.Entry]
            do { (told, gone) = try lists(of: object, known) } catch let error as ConnectorError where ConnectorRun.saysNothing(error) {
                return try note(["lists": error], object)
            }
            for list in gone { try take([], list, object) }
            directory = ListDirectory(generation: state.generation, lists: bound(told, known?.lists ?? [], object), isUnsettled: known?.isUnsettled ?? true)
            try keep(directory, object)
        }
        for line in object.lists where !line.isAll && !directory.lists.contains(where: { $0.line == line.remote }) {
            faults[PushOperation.field(ofList: line.remote)] = "crm.no-such-list"
        }
        for index in directory.lists.indices where directory.lists[index].isDue {
            let list = directory.lists[index], members: [RemoteMembership]
            do { members = try system.members(ofList: list.id, of: object) } catch let error as ConnectorError where ConnectorRun.saysNothing(error) {
                faults[PushOperation.field(ofList: list.line == "*" ? list.id : list.line)] = ConnectorRun.code(error)
                continue
            }
            (directory.lists[index].isDue, directory.lists[index].isKnown) = (false, true)
            (knownLists[object.name], writtenLists[object.name]) = (directory, nil)
            try take(members, list, object)
            try keep(directory, object)
        }
        if directory.isUnsettled, directory.lists.allSatisfy(\.isKnown) {
            try settleAllTags(object)
            directory.isUnsettled = false
            try keep(directory, object)
        }
        try note(faults, object)
    }

    /// The lists that there are, and those known that are gone. One that the search does not tell is asked for by its id before it is believed to be.
    private func lists(of object: MappedObject, _ known: ListDirectory?) throws -> (told: [RemoteList], gone: [ListDirectory.Entry]) {
        var told = try system.lists(of: object).filter { ConnectorRun.isSound($0.id) }, gone: [ListDirectory.Entry] = []
        for list in known?.lists ?? [] where !told.contains(where: { $0.id == list.id }) {
            if let found = try system.list(list.id, of: object) { told.append(found) } else { gone.append(list) }
        }
        return (told, gone)
    }

    /// Which list each line of the mapping means. A line that named one by its name means that one still, though it has another name.
    private func bound(_ told: [RemoteList], _ known: [ListDirectory.Entry], _ object: MappedObject) -> [ListDirectory.Entry] {
        var entries: [ListDirectory.Entry] = []
        func add(_ list: RemoteList, _ line: MappedList) {
            let isKnown = known.contains { $0.id == list.id && $0.isKnown }
            entries.append(ListDirectory.Entry(
                id: list.id, line: line.remote, tag: line.tag ?? list.name, isWritten: line.direction == .both && !list.isComputed, isDue: true,
                isKnown: isKnown))
        }
        func free(_ list: RemoteList) -> Bool { !entries.contains { $0.id == list.id } }
        for line in object.lists where !line.isAll {
            let before = known.first { $0.line == line.remote }
            let meant = told.first { $0.id == before?.id } ?? told.first { $0.id == line.remote } ?? told.first { $0.name == line.remote }
            if let meant, free(meant) { add(meant, line) }
        }
        if let line = object.lists.first(where: \.isAll) { for list in told where free(list) { add(list, line) } }
        return entries
    }

    /// Whether a fault concerns one list or the right to read them: it says nothing of who stands there, and the rest goes on.
    private static func saysNothing(_ error: ConnectorError) -> Bool { ["crm.refused", "crm.unavailable", "crm.unreadable-answer"].contains(error.code) }

    private static func code(_ error: ConnectorError) -> String { error.code == "crm.refused" ? error.parameters["code"] ?? error.code : error.code }

    private func note(_ faults: [String: ConnectorError], _ object: MappedObject) throws { try note(faults.mapValues(ConnectorRun.code), object) }

    /// Has a dead letter for each list that says nothing, and takes away those of lists that speak again.
    private func note(_ faults: [String: String], _ object: MappedObject) throws {
        let known = try node.store.read { try $0.deadLetters(name) }.filter {
            $0.object == object.name && $0.record == nil && $0.remoteID.isEmpty && ($0.field == "lists" || $0.field.hasPrefix(PushOperation.field(ofList: "")))
        }
        let settled = known.filter { faults[$0.field] == nil }
        if faults.isEmpty, settled.isEmpty { return }
        try node.store.write { writer in
            for letter in settled { try writer.removeDeadLetter(letter.number) }
            for (field, code) in faults.sorted(by: { $0.key < $1.key }) {
                try writer.put(DeadLetter(object: object.name, record: nil, remoteID: "", field: field, code: code, payload: .zero), connector: name)
            }
        }
        counts.refused += faults.count
    }

    /// Takes the word of a list of which all was read: who has joined, and who has left.
    private func take(_ members: [RemoteMembership], _ list: ListDirectory.Entry, _ object: MappedObject) throws {
        let told = Dictionary(members.filter { ConnectorRun.isSound($0.record) }.map { ($0.record, $0.stamp) }) { first, _ in first }
        let said = try node.store.read { reader in
            let rows = try reader.connectorAssociations(name, naming: ConnectorRun.listMark, list.id).filter { $0.object == object.name }
            return Dictionary(rows.map { ($0.remoteID, $0.role ?? "") }) { first, _ in first }
        }
        let changed = told.keys.filter { said[$0] != list.tag }.sorted() + said.keys.filter { told[$0] == nil }.sorted()
        for part in stride(from: 0, to: changed.count, by: ConnectorRun.changesTogether) {
            let before = counts
            try node.store.write { writer in
                counts = before
                var rows = 0
                for id in changed[part..<min(part + ConnectorRun.changesTogether, changed.count)] {
                    let stamp = told[id] ?? nil
                    try set(told[id] == nil ? nil : list.tag, list.id, of: id, object, writer)
                    guard let known = try writer.connectorRecord(name, object.name, id) else { continue }
                    if try settleTags(of: known.record, object, times: [list.tag: stamp], writer) { rows += 1 }
                }
                counts.updated += rows
                if rows > 0 { try writer.log(operation, author: node.author, command: "crm \(name)", rows: rows, isBulk: true) }
            }
            options.progress(counts)
        }
    }

    /// Keeps that the system says of a record that it stands on a list, which is a tag here; nil that it does not.
    private func set(_ tag: String?, _ list: String, of remoteID: String, _ object: MappedObject, _ writer: StoreWriter) throws {
        let mark = "\(ConnectorRun.listMark)\t\(list)"
        var rows: [ConnectorAssociation] = []
        if let tag {
            // Of whom somebody had erased nothing is kept, and no list brings him back.
            if try writer.connectorRecord(name, object.name, remoteID) == nil, try writer.isErased(writer.customerID(externalID: externalID(remoteID, object))) { return }
            rows.append(ConnectorAssociation(
                object: object.name, remoteID: remoteID, association: mark, otherObject: ConnectorRun.listMark, otherID: list, role: tag))
        }
        try writer.setConnectorAssociations(rows, mark, of: object.name, remoteID, connector: name)
    }

    /// The lists on which the system said that a record stands, with their tags.
    private func lists(of remoteID: String, _ object: String, _ reader: StoreReader) throws -> [(list: String, tag: String)] {
        try reader.connectorAssociations(name, of: object, remoteID).filter { $0.otherObject == ConnectorRun.listMark }.map { ($0.otherID, $0.role ?? "") }
    }

    private func cell(_ tag: String) -> CellKey? {
        guard let field = fields.catalogue[.tags], case .success(let bytes) = fields.form(of: field).read(tag) else { return nil }
        return CellKey(field: field.id.rawValue, element: bytes)
    }

    /// Brings in line which tags the system says a record of ours to have; whether any changed.
    ///
    /// - Parameter times: the system's own times, by tags.
    @discardableResult
    func settleTags(of record: RowID, _ object: MappedObject, times: [String: Int64?] = [:], _ writer: StoreWriter) throws -> Bool {
        guard let row = try writer.row(record, like: .person) else { return false }
        var wanted: [CellKey: Int64?] = [:], kept: Set<CellKey> = []
        for known in try writer.connectorRecords(name, of: record) where known.state.rawValue < 2 {
            for (_, tag) in try lists(of: known.remoteID, known.object, writer) { if let cell = cell(tag) { wanted.updateValue(times[tag] ?? nil, forKey: cell) } }
        }
        // A list that this node never read takes nothing back that another owner was told.
        let directory = try directory(object, writer)
        for list in directory?.lists ?? [] where !list.isKnown { if let cell = cell(list.tag) { kept.insert(cell) } }
        let state = row.state, edition = try Edition(writer, author: node.author, operation: operation)
        for (cell, time) in wanted.sorted(by: { $0.key < $1.key }) where state.word(of: name, in: cell) == nil {
            try edition.speak(FieldValue.present, in: cell, of: record, as: name, time: stamp(time))
        }
        for cell in directory == nil ? [] : state.cells.keys.sorted() where cell.field == FieldID.tags.rawValue && !cell.element.isEmpty {
            if !wanted.keys.contains(cell), !kept.contains(cell), state.word(of: name, in: cell) != nil {
                try edition.speak(nil, in: cell, of: record, as: name, time: nil)
            }
        }
        return try edition.commit() > 0
    }

    /// Takes back what the system no longer says, after another node owned it or this one kept nothing of it.
    private func settleAllTags(_ object: MappedObject) throws {
        let ids = try node.store.read { try $0.connectorRemoteIDs(name, object.name) }
        for part in stride(from: 0, to: ids.count, by: ConnectorRun.changesTogether) {
            let before = counts
            try node.store.write { writer in
                counts = before
                for id in ids[part..<min(part + ConnectorRun.changesTogether, ids.count)] {
                    guard let known = try writer.connectorRecord(name, object.name, id) else { continue }
                    if try settleTags(of: known.record, object, writer) { counts.updated += 1 }
                }
            }
        }
    }

    // MARK: Single records

    /// Takes the word of all that the system says of one record; lists that are no tags here are left out.
    func takeMemberships(_ told: [RemoteMembership], of remoteID: String, _ object: MappedObject, _ writer: StoreWriter) throws {
        guard let lists = try directory(object, writer)?.lists, let known = try writer.connectorRecord(name, object.name, remoteID) else { return }
        var times: [String: Int64?] = [:]
        for list in lists {
            let membership = told.first { $0.list == list.id }
            try set(membership == nil ? nil : list.tag, list.id, of: remoteID, object, writer)
            if let membership { times[list.tag] = membership.stamp }
        }
        if try settleTags(of: known.record, object, times: times, writer) {
            try writer.log(operation, author: node.author, command: "crm \(name)", rows: 1, isBulk: true)
        }
    }

    /// On which lists records stand that a page tells to be changed; nothing where there are many of them, or lists were not read yet.
    func memberships(ofChanged arrivals: [Arrival], _ object: MappedObject) throws -> [String: [RemoteMembership]] {
        if object.lists.isEmpty { return [:] }
        let changed = arrivals.filter { $0.known?.hash != $0.hash && !$0.isOutdated && !$0.record.isArchived }
        guard (1...ConnectorRun.askedMaximum).contains(changed.count), let known = try node.store.read({ try directory(object, $0) }),
            known.generation == state.generation, !known.lists.isEmpty else { return [:] }
        return try memberships(of: changed.map(\.record.id), object).told
    }

    private func memberships(of ids: [String], _ object: MappedObject) throws -> (told: [String: [RemoteMembership]], refused: [String: String]) {
        var told: [String: [RemoteMembership]] = [:], refused: [String: String] = [:]
        for id in ids {
            do { told[id] = try system.memberships(of: id, of: object) } catch let error as ConnectorError where ConnectorRun.saysNothing(error) {
                refused[id] = ConnectorRun.code(error)
            }
        }
        return (told, refused)
    }

    // MARK: Writing

    /// Compares a customer's tags with the lists on which the system last said that a record stands.
    ///
    /// What people said is written where they said it after the system's last word on it: whoever was put on a list or taken off it there
    /// since then stays as somebody there wants it.
    func planLists(
        _ profile: Profile, _ state: RowState?, remoteID: String, _ object: MappedObject, _ plan: inout RemotePlan, _ reader: StoreReader
    ) throws {
        if object.lists.isEmpty { return }
        let lists = try written(object, reader)
        let spoken = Set(profile.members.flatMap { $0.state.cells.keys.filter { $0.field == FieldID.tags.rawValue && lists[$0] != nil } })
        if spoken.isEmpty { return }
        let standing = remoteID.isEmpty ? [] : try Set(self.lists(of: remoteID, object.name, reader).map(\.list))
        for cell in spoken.sorted() {
            let reading = profile.reading(cell), same = lists[cell] ?? []
            let theirs = (state?.cells[cell] ?? []).filter { $0.header.source == name }.max(by: Write.precedes)
            func isLater(_ candidate: Candidate) -> Bool { theirs.map { Write.precedes($0, candidate.write) } ?? true }
            if reading.isPresent, theirs?.value == nil {
                let said = reading.candidates.contains {
                    $0.write.value != nil && $0.write.header.source != name && !$0.write.header.isInferred && isLater($0)
                }
                if said, !same.contains(where: { standing.contains($0.id) }), let list = same.first { plan.lists[list.id] = true }
            } else if !reading.isPresent, theirs?.value != nil, reading.candidates.contains(where: { $0.write.value == nil && isLater($0) }) {
                for one in same where standing.contains(one.id) { plan.lists[one.id] = false }
            }
        }
    }

    /// On which lists records stand whose place on one is to be written: a change there is taken before anything is written over it.
    func membershipsToWrite(_ entries: [OutboxEntry], _ object: MappedObject) throws -> (told: [String: [RemoteMembership]], refused: [String: String]) {
        if object.lists.isEmpty { return ([:], [:]) }
        let ids = try node.store.read { reader in
            try entries.filter { entry in
                guard !entry.remoteID.isEmpty, let profile = try reader.profile(of: entry.record), !profile.isDeleted else { return false }
                return try !plan(profile, record: entry.record, remoteID: entry.remoteID, current: nil, object, reader).lists.isEmpty
            }.map(\.remoteID)
        }
        return try memberships(of: ids, object)
    }

    /// The system has put a record on lists and taken it off others, and says so from here on.
    func acceptLists(
        _ operation: PushOperation, _ id: String, of record: RowID, refused: Set<String>, _ object: MappedObject, _ writer: StoreWriter
    ) throws {
        let done = operation.lists.filter { !refused.contains(PushOperation.field(ofList: $0.key)) }
        if done.isEmpty { return }
        for list in try directory(object, writer)?.lists ?? [] {
            if let joins = done[list.id] { try set(joins ? list.tag : nil, list.id, of: id, object, writer) }
        }
        if try settleTags(of: record, object, writer) {
            try writer.log(self.operation, author: node.author, command: "crm \(name)", rows: 1, isBulk: true)
        }
    }
}
