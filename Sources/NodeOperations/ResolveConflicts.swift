public import Causality
internal import DataExchange
public import ProfileModel
internal import ProfileStore

/// How a conflict is decided.
public enum Decision: Sendable {
    /// One of the candidates.
    case pick(Dot)
    /// A value, perhaps another than all candidates; of a delete-edit conflict `deleted` or `living`, of a link `yes` or `no`,
    /// of whether an affiliation has ended `ended` or `living`.
    case value(String)
}

/// How many conflicts are decided at once.
public enum ResolutionRule: Sendable {
    case policy(SurvivorshipPolicy)
    /// What this source, or people on this node, said.
    case prefer(String)
}

/// What resolving did.
public struct ResolveOutcome: Sendable {
    public var resolved = 0
    /// Conflicts that the rule does not decide.
    public var skipped = 0
    public var operation: OperationID?
}

extension Node {
    /// Decides one conflict, for all nodes.
    ///
    /// - Throws: `node.no-such-conflict`, `node.no-such-candidate`, a `forms.*` problem.
    public func resolve(_ key: String, _ decision: Decision, message: String? = nil) throws -> ResolveOutcome {
        let (_, operation, _) = try operate("conflicts resolve \(key)", message: message) { edition in
            let fields = try FieldInput(edition.writer)
            try edition.resolve(edition.writer.place(ofConflict: key, fields), decision, fields)
        }
        return ResolveOutcome(resolved: 1, operation: operation)
    }

    /// Decides every conflict that the filter lets through by one rule.
    public func resolveAll(_ filter: ConflictFilter, by rule: ResolutionRule, isDryRun: Bool = false) throws -> ResolveOutcome {
        struct Rehearsed: Error {}
        var outcome = ResolveOutcome()
        do {
            let (_, operation, _) = try operate("conflicts resolve --all") { edition in
                outcome = ResolveOutcome()
                let fields = try FieldInput(edition.writer)
                let names = try NodeNames(edition.writer)
                for place in try places(filter, fields, edition.writer) {
                    if let dot = try edition.choice(at: place, by: rule, fields, names) {
                        try edition.resolve(place, .pick(dot), fields)
                        outcome.resolved += 1
                    } else {
                        outcome.skipped += 1
                    }
                }
                if isDryRun { throw Rehearsed() }
            }
            outcome.operation = operation
        } catch is Rehearsed {}
        return outcome
    }

    /// Applies decisions that were made in a table with the columns `key` and `decision`: a candidate's dot or a value; an
    /// empty decision leaves the conflict as it is.
    ///
    /// - Throws: `exchange.*` where the table cannot be read, `node.no-such-column`.
    public func applyDecisions(path: String) throws -> ResolveOutcome {
        let table = try TableReader(path: path)
        var decisions: [(key: String, decision: String)] = []
        while let entry = try table.next() {
            guard case .row(let row) = entry else { continue }
            guard let key = table.columns.firstIndex(of: "key"), let decision = table.columns.firstIndex(of: "decision") else {
                throw NodeError("node.no-such-column", ["column": "decision"])
            }
            let text = (row.string(decision) ?? "").trimmingWhitespace
            if !text.isEmpty { decisions.append((row.string(key) ?? "", text)) }
        }
        var outcome = ResolveOutcome()
        let (_, operation, _) = try operate("conflicts apply") { edition in
            outcome = ResolveOutcome()
            let fields = try FieldInput(edition.writer)
            for (key, decision) in decisions {
                do {
                    let place = try edition.writer.place(ofConflict: key, fields)
                    try edition.resolve(place, Dot(decision).map { .pick($0) } ?? .value(decision), fields)
                    outcome.resolved += 1
                } catch let error as NodeError where error.code == "node.no-such-conflict" { outcome.skipped += 1 }
            }
        }
        outcome.operation = operation
        return outcome
    }
}

extension Edition {
    fileprivate func resolve(_ place: ContestedCell, _ decision: Decision, _ fields: FieldInput) throws {
        if place.field == .same { return try resolveLink(place.profile, decision) }
        if Affiliation.contestable.contains(place.field), let affiliation = try writer.affiliation(place.profile) {
            return try resolve(affiliation, place.field, decision, fields)
        }
        let profile = try writer.livingOrDeletedProfile(place.profile)
        if place.field == .life { return try resolveLife(of: profile, decision) }
        let cell = CellKey(field: place.field.rawValue)
        let members = profile.members.map(\.id)
        let value: [UInt8]?
        switch decision {
        case .pick(let dot):
            guard let chosen = try reading(cell, of: members).candidates.first(where: { $0.write.dot == dot }) else {
                throw NodeError("node.no-such-candidate", ["dot": dot.description])
            }
            value = chosen.write.value
        case .value(let text):
            // Of a field that a later version defined the candidates may be picked, but nobody here can write another value.
            let field = try fields.field(fields.name(place.field.rawValue))
            value = text.trimmingWhitespace.isEmpty ? nil : try fields.bytes(text, for: field)
        }
        let record = zip(profile.members, profile.lives).first { $0.1 != .deleted }?.0.id ?? members[0]
        try write(cell, value, in: record, others: members, resolving: true)
    }

    private func resolveLife(of profile: Profile, _ decision: Decision) throws {
        switch decision {
        case .value("deleted"): try setLife(of: profile, deleted: true)
        case .value("living"): try setLife(of: profile, deleted: false)
        case .value: throw NodeError("node.bad-life")
        case .pick(let dot):
            guard let (cell, candidate) = profile.lifeCandidates.first(where: { $0.candidate.write.dot == dot }) else {
                throw NodeError("node.no-such-candidate", ["dot": dot.description])
            }
            try setLife(of: profile, deleted: cell.field == FieldID.life.rawValue && candidate.write.value == Life.deletedValue)
        }
    }

    /// The candidate that a rule chooses; nil where it does not decide.
    fileprivate func choice(at place: ContestedCell, by rule: ResolutionRule, _ fields: FieldInput, _ names: NodeNames) throws -> Dot? {
        if place.field == .same { return try linkChoice(place.profile, by: rule, names) }
        if Affiliation.contestable.contains(place.field), let affiliation = try writer.affiliation(place.profile) {
            return try choice(in: affiliation, place.field, by: rule, names)
        }
        let profile = try writer.livingOrDeletedProfile(place.profile)
        if place.field == .life {
            guard case .policy(.latest) = rule else { return nil }
            return profile.lifeCandidates.max { Write.precedes($0.candidate.write, $1.candidate.write) }?.candidate.write.dot
        }
        return try choice(of: reading(CellKey(field: place.field.rawValue), of: profile.members.map(\.id)), by: rule, names)
    }

    /// The candidate of a register that a rule chooses; nil where it does not decide.
    func choice(of reading: CellReading, by rule: ResolutionRule, _ names: NodeNames) throws -> Dot? {
        switch rule {
        case .policy(let policy): return try reading.shown(by: policy, order: writer.sourceOrder())?.write.dot
        case .prefer(let name):
            let origins = names.origins(of: name)
            return reading.candidates.filter { candidate in
                candidate.write.header.source == name || candidate.write.isPerson && origins.contains(candidate.write.dot.origin)
            }.max { Write.precedes($0.write, $1.write) }?.write.dot
        }
    }
}
