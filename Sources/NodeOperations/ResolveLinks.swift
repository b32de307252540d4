internal import Causality
internal import ProfileModel
internal import ProfileStore

extension Edition {
    /// Decides whether the two records of a contested link are one. Where they are not, yeses by which they are joined through
    /// other records are taken back too, the latest on each way.
    ///
    /// - Throws: `node.no-such-conflict`, `node.no-such-candidate`, `node.bad-link`.
    func resolveLink(_ id: RowID, _ decision: Decision) throws {
        guard let contest = try writer.linkContest(id) else {
            throw NodeError("node.no-such-conflict", ["key": Conflict.key(id, Conflict.linkName)])
        }
        let isSame: Bool
        switch decision {
        case .value(let text):
            guard let said = ["yes": true, "no": false][text.trimmingWhitespace.lowercased()] else { throw NodeError("node.bad-link") }
            isSame = said
        case .pick(let dot):
            guard let chosen = contest.candidates.first(where: { $0.write.dot == dot }) else {
                throw NodeError("node.no-such-candidate", ["dot": dot.description])
            }
            isSame = chosen.write.value == FieldValue.linkYes
        }
        try write(Edition.same, isSame ? FieldValue.linkYes : FieldValue.linkNo, in: id, resolving: true)
        if !isSame { try separate(contest.pair) }
    }

    private static let same = CellKey(field: FieldID.same.rawValue)

    /// Takes back people's yeses until none joins the two records.
    private func separate(_ pair: RecordPair) throws {
        var verdicts = try writer.verdicts(aroundMembers: [pair.first, pair.second])
        while let way = ProfilePartition.way(between: pair, by: verdicts) {
            let links = try way.map { step in (pair: step, latest: try reading(Edition.same, of: [writer.linkID(step)]).latest) }
            guard let last = links.max(by: { a, b in
                guard let x = a.latest, let y = b.latest else { return a.latest == nil }
                return Write.precedes(x.write, y.write)
            }) else { return }
            try say(same: false, of: last.pair)
            verdicts.removeAll { $0.pair == last.pair }
        }
    }

    /// The word on a contested link that a rule chooses; nil where it does not decide.
    func linkChoice(_ id: RowID, by rule: ResolutionRule, _ names: NodeNames) throws -> Dot? {
        let sayings = try writer.linkContest(id)?.candidates.map(\.write) ?? []
        switch rule {
        case .policy(.latest): return sayings.max(by: Write.precedes)?.dot
        case .policy: return nil
        case .prefer(let name):
            let origins = names.origins(of: name)
            return sayings.filter { origins.contains($0.dot.origin) }.max(by: Write.precedes)?.dot
        }
    }
}
