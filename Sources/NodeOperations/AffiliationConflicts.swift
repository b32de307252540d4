internal import Causality
internal import ProfileModel
internal import ProfileStore

extension Conflict {
    /// How the field of a conflict about whether an affiliation has ended is called; its parts follow after a dot.
    public static let affiliationName = "affiliation"

    /// Whether a field's name is that of something said of an affiliation.
    static func isOfAffiliation(_ field: String) -> Bool { field == affiliationName || field.hasPrefix(affiliationName + ".") }

    /// How the end of an affiliation is called.
    static let endedText = "ended"
}

extension StoreReader {
    /// What is at odds in the affiliations of a profile.
    func contestedAffiliations(of profile: RowID, kinds: [ContestKind], field: FieldID?) throws -> [ContestedCell] {
        let rows = Set(try linkedMembers(of: profile).flatMap { try affiliations(of: $0) }.filter(\.isLiving).map(\.id))
        return try rows.sorted().flatMap { try contestedCells(kinds: kinds, field: field, profile: $0) }
    }

    /// What is at odds in a register of an affiliation; nil where nothing is any more.
    func conflict(_ affiliation: Affiliation, _ field: FieldID, _ fields: FieldInput, _ names: NodeNames) throws -> Conflict? {
        guard let kind = affiliation.contested.first(where: { $0.field == field })?.kind else { return nil }
        let person = try profile(of: affiliation.person), organization = try profile(of: affiliation.organization)
        let called = [person, organization].compactMap { profile in
            profile.flatMap { profile in fields.catalogue["name"].flatMap { profile.value($0)?.plainText } }
        }
        let name = field == .life ? Conflict.affiliationName : "\(Conflict.affiliationName).\(fields.name(field.rawValue))"
        return Conflict(
            key: Conflict.key(affiliation.id, name), kind: kind, record: (person ?? organization)?.id ?? affiliation.person,
            name: called.isEmpty ? nil : called.joined(separator: " · "), field: name,
            shown: field == .life ? "living" : Affiliation.text(field == .title ? affiliation.title : affiliation.role),
            candidates: try candidates(affiliation, field, fields, names))
    }

    private func candidates(_ affiliation: Affiliation, _ field: FieldID, _ fields: FieldInput, _ names: NodeNames) throws -> [ConflictCandidate] {
        let sayings: [(cell: CellKey, candidate: Candidate)]
        if field == .life {
            sayings = try lifeCandidates(ofAffiliation: affiliation.id)
        } else {
            let reading = field == .title ? affiliation.title : affiliation.role
            sayings = reading.candidates.sorted { Write.precedes($1.write, $0.write) }.map { (CellKey(field: field.rawValue), $0) }
        }
        return sayings.map { cell, saying in
            let isEdit = field == .life && cell.field != FieldID.life.rawValue
            var candidate = ConflictCandidate(
                Candidate(record: affiliation.person, write: saying.write), names, field: isEdit ? fields.name(cell.field) : nil, cell: cell)
            candidate.other = affiliation.organization
            if cell.field == FieldID.life.rawValue, saying.write.value == Life.deletedValue { candidate.value = Conflict.endedText }
            return candidate
        }
    }
}

extension Edition {
    /// Decides what is at odds in a register of an affiliation.
    ///
    /// - Throws: `node.no-such-candidate`, `node.bad-affiliation-life`, a `forms.*` problem.
    func resolve(_ affiliation: Affiliation, _ field: FieldID, _ decision: Decision, _ fields: FieldInput) throws {
        let cell = CellKey(field: field.rawValue)
        if field == .life {
            let isEnd = try isEnd(affiliation, decision)
            try write(cell, isEnd ? Life.deletedValue : Life.livingValue, in: affiliation.id, isDelete: isEnd)
            return
        }
        let value: [UInt8]?
        switch decision {
        case .pick(let dot):
            let reading = field == .title ? affiliation.title : affiliation.role
            guard let chosen = reading.candidates.first(where: { $0.write.dot == dot }) else {
                throw NodeError("node.no-such-candidate", ["dot": dot.description])
            }
            value = chosen.write.value
        case .value(let text):
            value = text.trimmingWhitespace.isEmpty ? nil : try fields.bytes(text, for: fields.field(fields.name(field.rawValue)))
        }
        try write(cell, value, in: affiliation.id, resolving: true)
    }

    private func isEnd(_ affiliation: Affiliation, _ decision: Decision) throws -> Bool {
        switch decision {
        case .value(Conflict.endedText): return true
        case .value("living"): return false
        case .value: throw NodeError("node.bad-affiliation-life")
        case .pick(let dot):
            guard let (cell, candidate) = try writer.lifeCandidates(ofAffiliation: affiliation.id).first(where: { $0.candidate.write.dot == dot }) else {
                throw NodeError("node.no-such-candidate", ["dot": dot.description])
            }
            return cell.field == FieldID.life.rawValue && candidate.write.value == Life.deletedValue
        }
    }

    /// The candidate in a register of an affiliation that a rule chooses; nil where it does not decide.
    func choice(in affiliation: Affiliation, _ field: FieldID, by rule: ResolutionRule, _ names: NodeNames) throws -> Dot? {
        if field == .life {
            guard case .policy(.latest) = rule else { return nil }
            return try writer.lifeCandidates(ofAffiliation: affiliation.id).map(\.candidate.write).max(by: Write.precedes)?.dot
        }
        return try choice(of: field == .title ? affiliation.title : affiliation.role, by: rule, names)
    }
}
