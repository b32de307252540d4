public import Causality
internal import Foundation
public import ProfileModel
internal import ProfileStore

/// A customer as people read it.
public struct ShownProfile: Sendable {
    /// A field with who said it.
    public struct Value: Sendable {
        public let field: Field
        /// One text of a register, all of a set.
        public let values: [String]
        public let at: Stamp
        public let node: String
        public let author: String
        public let source: String?
        public let isConflict: Bool
    }

    /// Something that happened with the customer.
    public struct Event: Sendable {
        public let id: RowID
        public let at: Stamp?
        public let type: String
        /// The members of its document, by name.
        public let attributes: [String: String]
    }

    /// Something that is to be done for the customer.
    public struct Task: Sendable {
        public let id: RowID
        public let customer: RowID?
        public let due: Stamp?
        public let text: String
        public let isDone: Bool
    }

    /// A link to another record, of the same customer or kept apart from it.
    public struct Relation: Sendable {
        public let record: RowID
        public let isSame: Bool
        public let byPerson: Bool
    }

    /// That a person belongs to an organization, seen from one of both.
    public struct Affiliation: Sendable {
        /// The row that says so.
        public let id: RowID
        /// The other profile: an organization of a person, a person of an organization.
        public let record: RowID
        /// How the other is called; nil where it is not here.
        public let name: String?
        /// The part that the person has in decisions.
        public let role: String?
        public let title: String?
        public let at: Stamp?
        public let author: String?
        public let source: String?
        /// Whether people, or a person and a source, say different things of it.
        public let isConflict: Bool
    }

    public let id: RowID
    public let kind: RowKind
    public let code: String?
    public let scope: String
    public let isDeleted: Bool
    public let members: [RowID]
    public let values: [Value]
    public let tags: [String]
    public let relations: [Relation]
    /// The organizations of a person, the people of an organization.
    public let affiliations: [Affiliation]
    /// The newest events, newest first.
    public let timeline: [Event]
    public let eventCount: Int
    public let firstEvent: Stamp?
    public let lastEvent: Stamp?
    public let openTasks: [Task]
    public let conflicts: [Conflict]

    /// The shown texts of a field.
    public subscript(field: String) -> [String] { values.first { $0.field.name == field }?.values ?? [] }
}

extension Node {
    /// Reads a customer with its events, tasks and conflicts.
    ///
    /// - Throws: `store.no-such-record`, `store.ambiguous-record`.
    public func show(_ name: String, events: Int = 20) throws -> ShownProfile {
        try store.read { reader in try reader.shown(reader.livingOrDeletedProfile(reader.record(named: name)), events: events) }
    }
}

extension StoreReader {
    func shown(_ profile: Profile, events limit: Int) throws -> ShownProfile {
        let fields = try FieldInput(self), names = try NodeNames(self)
        let contested = Set(profile.contested.map(\.field))
        let all = try items(of: profile, kind: .event)
        let events = try all.map { try ShownProfile.Event($0, reader: self) }.sorted { ($0.at ?? Stamp(rawValue: 0)) < ($1.at ?? Stamp(rawValue: 0)) }
        let tasks = try items(of: profile, kind: .task).map { try ShownProfile.Task($0, reader: self) }.filter { !$0.isDone }
        return ShownProfile(
            id: profile.id, kind: profile.kind, code: fields.catalogue["code"].flatMap { profile.value($0)?.plainText }, scope: profile.scope,
            isDeleted: profile.isDeleted, members: profile.members.map(\.id),
            values: fields.catalogue.fields.compactMap { profile.shownValue($0, contested: contested, names) },
            tags: profile.elements(.tags).map(\.element.plainText), relations: try relations(of: profile),
            affiliations: try shownAffiliations(of: profile, names: fields),
            timeline: events.suffix(limit).reversed(), eventCount: events.count, firstEvent: events.first?.at, lastEvent: events.last?.at,
            openTasks: tasks, conflicts: try profile.contested.filter { $0.kind != .disagreement }.compactMap { try conflict(profile.id, $0.field, fields, names) }
                + (contestedLinks(of: profile.id) + contestedAffiliations(of: profile.id, kinds: ContestKind.allCases.filter { $0 != .disagreement }, field: nil))
                .compactMap { try conflict($0.profile, $0.field, fields, names) })
    }

    /// The rows that belong to any record of a profile, by its id or by one of its external ids.
    func items(of profile: Profile, kind: RowKind) throws -> [StoredRow] {
        var owners = Set(profile.members.map(\.id))
        for (element, _) in profile.elements(.externalIDs) { owners.insert(try customerID(externalID: element.plainText)) }
        return try owners.sorted().flatMap { try items(kind, owner: $0) }
    }

    private func relations(of profile: Profile) throws -> [ShownProfile.Relation] {
        try profile.members.flatMap { member in
            try links(of: member.id).compactMap { try verdict($0) }.map { verdict in
                ShownProfile.Relation(
                    record: verdict.pair.first == member.id ? verdict.pair.second : verdict.pair.first, isSame: verdict.isSame,
                    byPerson: verdict.byPerson)
            }
        }
    }
}

extension StoreReader {
    /// The living affiliations of a profile, each other profile once, in the order of names.
    private func shownAffiliations(of profile: Profile, names fields: FieldInput) throws -> [ShownProfile.Affiliation] {
        var shown: [RowID: ShownProfile.Affiliation] = [:]
        for affiliation in try affiliations(of: profile) where affiliation.isLiving {
            let record = profile.kind == .person ? affiliation.organization : affiliation.person
            let other = try self.profile(of: record)
            // Of a record that is elsewhere nobody here knows, whatever became of those that are linked to it.
            if let other, other.isDeleted, other.members.contains(where: { $0.id == record }) { continue }
            let header = [affiliation.life, affiliation.role, affiliation.title].compactMap { $0.latest?.write.header }.max { $0.stamp < $1.stamp }
            let found = ShownProfile.Affiliation(
                id: affiliation.id, record: other?.id ?? record, name: other.flatMap { profile in fields.catalogue["name"].flatMap { profile.value($0)?.plainText } },
                role: Affiliation.text(affiliation.role), title: Affiliation.text(affiliation.title), at: header?.stamp, author: header?.author,
                source: header?.source, isConflict: affiliation.isContested || affiliation.role.isConflict || affiliation.title.isConflict)
            // Of two that say it of records which are one, the later is shown.
            if let known = shown[found.record], (known.at?.rawValue ?? 0, known.id) > (found.at?.rawValue ?? 0, found.id) { continue }
            shown[found.record] = found
        }
        return shown.values.sorted { ($0.name ?? "", $0.record) < ($1.name ?? "", $1.record) }
    }
}

extension Profile {
    /// A field as it is shown; nil where it holds nothing.
    func shownValue(_ field: Field, contested: Set<FieldID>, _ names: NodeNames) -> ShownProfile.Value? {
        func value(_ texts: [String], _ write: Write) -> ShownProfile.Value {
            ShownProfile.Value(
                field: field, values: texts, at: write.header.stamp, node: names[write.dot.origin], author: write.header.author,
                source: write.header.source, isConflict: contested.contains(field.id))
        }
        if field.isSet {
            let elements = elements(field.id)
            guard let latest = elements.compactMap({ $0.reading.latest?.write }).max(by: Write.precedes) else { return nil }
            return value(elements.map(\.element.plainText), latest)
        }
        guard let write = shown(reading(CellKey(field: field.id.rawValue)), by: field.policy)?.write else { return nil }
        guard let bytes = write.value else { return contested.contains(field.id) ? value([], write) : nil }
        return value([FieldValue.plainText(of: bytes)], write)
    }
}

extension StoredRow {
    /// The JSON document of an event, task, definition or review item, as its latest word.
    func document(_ reader: StoreReader) throws -> [String: Any] {
        let reading = CellReading(CellKey(field: FieldID.content.rawValue), of: [Member(record: id, state: state)], key: try reader.node().key)
        guard let bytes = reading.latest?.write.value else { return [:] }
        return (try? JSONSerialization.jsonObject(with: Data(FieldValue.plainText(of: bytes).utf8)) as? [String: Any]) ?? [:]
    }

    /// The shown text of a register of the row.
    func text(_ field: FieldID, _ reader: StoreReader) throws -> String? {
        CellReading(CellKey(field: field.rawValue), of: [Member(record: id, state: state)], key: try reader.node().key)
            .latest?.write.value.map { FieldValue.plainText(of: $0) }
    }
}

extension ShownProfile.Event {
    init(_ row: StoredRow, reader: StoreReader) throws {
        let document = try row.document(reader)
        id = row.id
        at = (document["time"] as? String).flatMap(Timestamp.microseconds).map(Stamp.init(rawValue:)) ?? row.compact.base?.header.stamp
        type = document["type"] as? String ?? "event"
        attributes = document.compactMapValues { $0 as? String ?? "\($0)" }
    }
}

extension ShownProfile.Task {
    init(_ row: StoredRow, reader: StoreReader) throws {
        let document = try row.document(reader)
        id = row.id
        customer = (document["customer"] as? String).flatMap { UniqueID($0) }
        due = (document["due"] as? String).flatMap(Timestamp.microseconds).map(Stamp.init(rawValue:))
        text = document["text"] as? String ?? ""
        isDone = try row.text(.done, reader) == "true"
    }
}
