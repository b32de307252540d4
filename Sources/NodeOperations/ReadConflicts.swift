public import Causality
internal import ProfileModel
public import ProfileStore

/// One thing that was said of a contested cell.
public struct ConflictCandidate: Sendable {
    /// The value as people read it; nil where the cell was cleared.
    public internal(set) var value: String?
    public let dot: Dot
    public let at: Stamp
    /// The name of the node where it was written.
    public let node: String
    public let author: String
    public let source: String?
    /// The record in which it stands.
    public let record: RowID
    /// Of a conflict about a link: the record with which `record` is or is not one. About an affiliation: the organization of the
    /// person `record`.
    public var other: RowID?
    /// Of a delete-edit conflict: the field of the edit; nil for the delete or restore itself.
    public let field: String?
}

/// A cell in which several things are said.
public struct Conflict: Sendable {
    /// How commands name it: the end of the id of the profile, or of the link or affiliation about which people differ, and the field.
    public let key: String
    public let kind: ContestKind
    /// The profile; about an affiliation the person's, or the organization's where the person is not here.
    public let record: RowID
    /// How people call the customer; about an affiliation both of them.
    public let name: String?
    public let field: String
    /// The value shown meanwhile.
    public let shown: String?
    public let candidates: [ConflictCandidate]
}

/// Which conflicts to list.
public struct ConflictFilter: Sendable {
    public var field: String?
    public var record: String?
    /// Whether disagreements between sources are listed too.
    public var includesDisagreements = false
    public var limit: Int?

    public init() {}
}

/// Conflicts that are alike.
public struct ConflictGroup: Sendable {
    public let field: String
    public let sources: [String]
    public let count: Int
    public let example: String
}

extension Node {
    /// Lists what is at odds, and how many there are in all.
    public func conflicts(_ filter: ConflictFilter = ConflictFilter()) throws -> (total: Int, conflicts: [Conflict]) {
        try store.read { reader in
            let fields = try FieldInput(reader)
            let places = try places(filter, fields, reader)
            let names = try NodeNames(reader)
            let listed = try places.prefix(filter.limit ?? .max).compactMap { try reader.conflict($0.profile, $0.field, fields, names) }
            return (places.count, listed)
        }
    }

    /// The conflicts in groups of the same field between the same speakers.
    public func conflictGroups(_ filter: ConflictFilter = ConflictFilter()) throws -> (total: Int, groups: [ConflictGroup]) {
        let (total, conflicts) = try conflicts(filter)
        let grouped = Dictionary(grouping: conflicts) { conflict in
            [conflict.field] + Set(conflict.candidates.map { $0.source ?? $0.node }).sorted()
        }
        let groups = grouped.map { ConflictGroup(field: $0[0], sources: Array($0.dropFirst()), count: $1.count, example: $1[0].key) }
        return (total, groups.sorted { ($1.count, $0.field, $0.example) < ($0.count, $1.field, $1.example) })
    }

    /// The conflict with this key.
    ///
    /// - Throws: `node.no-such-conflict`.
    public func conflict(_ key: String) throws -> Conflict {
        try store.read { reader in
            let fields = try FieldInput(reader)
            let place = try reader.place(ofConflict: key, fields)
            guard let found = try reader.conflict(place.profile, place.field, fields, NodeNames(reader)) else {
                throw NodeError("node.no-such-conflict", ["key": key])
            }
            return found
        }
    }

    /// Where conflicts are, as the filter says.
    func places(_ filter: ConflictFilter, _ fields: FieldInput, _ reader: StoreReader) throws -> [ContestedCell] {
        let field = try filter.field.map { try Conflict.field(named: $0, fields) }
        let profile = try filter.record.map { try reader.profileID(of: reader.record(named: $0)) }
        let kinds = ContestKind.allCases.filter { filter.includesDisagreements || $0 != .disagreement }
        var cells = try reader.contestedCells(kinds: kinds, field: field, profile: profile)
        if let profile {
            if field == nil || field == .same { cells += try reader.contestedLinks(of: profile) }
            if field.map(Affiliation.contestable.contains) ?? true {
                cells += try reader.contestedAffiliations(of: profile, kinds: kinds, field: field)
            }
        }
        guard let name = filter.field, let field, Affiliation.contestable.contains(field) else { return cells }
        // A person's own title and the one in an organization are the same field in rows of different kinds.
        return try cells.filter { try (reader.affiliation($0.profile) != nil) == Conflict.isOfAffiliation(name) }
    }
}

extension Conflict {
    /// How a delete-edit conflict's field is called.
    public static let lifeName = "life"
    /// How the field of a conflict about a link is called.
    public static let linkName = "same"

    /// The field that a conflict's key or a filter names.
    fileprivate static func field(named name: String, _ fields: FieldInput) throws -> FieldID {
        switch name {
        case lifeName: .life
        case linkName: .same
        case affiliationName: .life
        case affiliationName + ".decision_role": .decisionRole
        case affiliationName + ".title": .title
        default: try fields.unknownField(name) ?? fields.field(name).id
        }
    }

    /// The key of a conflict.
    static func key(_ profile: RowID, _ field: String) -> String { "\(profile.description.suffix(12))/\(field)" }
}

/// The names of nodes by their origins.
struct NodeNames {
    private var names: [Origin: String] = [:]

    init(_ reader: StoreReader) throws {
        for row in try reader.items(.node) {
            let state = row.state
            let name = state.cells[CellKey(field: FieldID.nodeName.rawValue)]?.max(by: Write.precedes)?.value.map { FieldValue.plainText(of: $0) }
            for cell in state.cells.keys where cell.field == FieldID.origins.rawValue {
                if let origin = Origin(FieldValue.plainText(of: cell.element)) { names[origin] = name }
            }
        }
    }

    /// A node's name; its origin where it has not told its name yet.
    subscript(origin: Origin) -> String { names[origin] ?? origin.description }

    /// The origins of the node with this name.
    func origins(of name: String) -> Set<Origin> { Set(names.filter { $0.value == name }.keys) }
}

extension StoreReader {
    /// The cell that a conflict's key names, contested or no longer.
    func place(ofConflict key: String, _ fields: FieldInput) throws -> ContestedCell {
        let parts = key.split(separator: "/", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { throw NodeError("node.no-such-conflict", ["key": key]) }
        let field = try Conflict.field(named: parts[1], fields)
        let cells = try contestedCells(kinds: ContestKind.allCases, field: field, profile: nil).filter { cell in
            try cell.profile.description.hasSuffix(parts[0])
                && (!Affiliation.contestable.contains(field) || (affiliation(cell.profile) != nil) == Conflict.isOfAffiliation(parts[1]))
        }
        guard let found = cells.first else { throw NodeError("node.no-such-conflict", ["key": key]) }
        if cells.count > 1 { throw NodeError("node.ambiguous-conflict", ["key": key]) }
        return found
    }

    /// What is at odds in a cell of a profile; nil where nothing is any more.
    func conflict(_ profileID: RowID, _ field: FieldID, _ fields: FieldInput, _ names: NodeNames) throws -> Conflict? {
        if field == .same { return try linkConflict(profileID, fields, names) }
        if Affiliation.contestable.contains(field), let affiliation = try affiliation(profileID) {
            return try conflict(affiliation, field, fields, names)
        }
        guard let profile = try profile(of: profileID), let kind = profile.contested.first(where: { $0.field == field })?.kind else { return nil }
        let name = fields.catalogue["name"].flatMap { profile.value($0)?.plainText }
        if field == .life {
            let candidates = profile.lifeCandidates.map { cell, candidate in
                ConflictCandidate(candidate, names, field: cell.field == FieldID.life.rawValue ? nil : fields.name(cell.field), cell: cell)
            }
            return Conflict(
                key: Conflict.key(profile.id, Conflict.lifeName), kind: kind, record: profile.id, name: name, field: Conflict.lifeName,
                shown: "living", candidates: candidates)
        }
        let cell = CellKey(field: field.rawValue)
        let reading = profile.reading(cell)
        let policy = fields.catalogue[field]?.policy ?? .latest
        return Conflict(
            key: Conflict.key(profile.id, fields.name(field.rawValue)), kind: kind, record: profile.id, name: name,
            field: fields.name(field.rawValue), shown: profile.shown(reading, by: policy)?.write.value.map { FieldValue.plainText(of: $0) },
            candidates: reading.candidates.sorted { Write.precedes($1.write, $0.write) }.map { ConflictCandidate($0, names, field: nil, cell: cell) })
    }
}

extension StoreReader {
    /// What people say differently of a link; nil where they agree by now.
    private func linkConflict(_ id: RowID, _ fields: FieldInput, _ names: NodeNames) throws -> Conflict? {
        guard let contest = try linkContest(id) else { return nil }
        let profile = try profile(of: contest.pair.first) ?? profile(of: contest.pair.second)
        return Conflict(
            key: Conflict.key(id, Conflict.linkName), kind: .link, record: profile?.id ?? contest.pair.first,
            name: fields.catalogue["name"].flatMap { profile?.value($0)?.plainText }, field: Conflict.linkName,
            shown: FieldValue.plainText(of: contest.isSame ? FieldValue.linkYes : FieldValue.linkNo),
            candidates: contest.candidates.map { saying in
                var candidate = ConflictCandidate(
                    Candidate(record: saying.pair.first, write: saying.write), names, field: nil, cell: CellKey(field: FieldID.same.rawValue))
                candidate.other = saying.pair.second
                return candidate
            })
    }
}

extension ConflictCandidate {
    init(_ candidate: Candidate, _ names: NodeNames, field: String?, cell: CellKey) {
        let write = candidate.write
        let text = write.value.map { FieldValue.plainText(of: $0) }
        value = cell.element.isEmpty ? text : FieldValue.plainText(of: cell.element)
        dot = write.dot
        at = write.header.stamp
        node = names[write.dot.origin]
        author = write.header.author
        source = write.header.source
        record = candidate.record
        self.field = field
    }
}

extension FieldInput {
    /// A field's name; its number where this version does not know it.
    func name(_ field: UInt64) -> String { catalogue[FieldID(rawValue: field)]?.name ?? "field-\(field)" }

    /// The field of a later version that `name` called by its number; nil where this version knows it or the name is no number.
    func unknownField(_ name: String) -> FieldID? {
        guard name.hasPrefix("field-"), let number = UInt64(name.dropFirst(6)) else { return nil }
        return catalogue[FieldID(rawValue: number)] == nil ? FieldID(rawValue: number) : nil
    }
}
