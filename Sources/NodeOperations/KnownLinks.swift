internal import Causality
internal import ProfileStore
internal import RecordLinkage

/// What a search for duplicates found about two records.
struct FoundDuplicate {
    let pair: RecordPair
    let evidence: LinkEvidence
    /// Whether they are to be linked; else people are to look at them.
    let isSame: Bool
}

/// What is already said of which records are one: it binds a search for duplicates.
struct KnownLinks {
    let statements: [LinkStatement]
    private let partition: ProfilePartition
    /// The pairs that a person keeps apart.
    private let apart: Set<RecordPair>
    /// With which records each is proposed to be one.
    private let proposals: [RowID: [RowID]]

    init(_ statements: [LinkStatement]) {
        self.statements = statements
        var proposals: [RowID: [RowID]] = [:]
        for statement in statements where statement.verdict == nil && statement.evidence != nil {
            proposals[statement.pair.first, default: []].append(statement.pair.second)
            proposals[statement.pair.second, default: []].append(statement.pair.first)
        }
        self.proposals = proposals
        let verdicts = statements.compactMap(\.verdict)
        partition = ProfilePartition(verdicts)
        apart = Set(verdicts.filter { $0.byPerson && !$0.isSame }.map(\.pair))
    }

    /// What people decided on records of a table, the latest decisions: they have a part in the weights.
    func votes(among keys: Set<String>) -> Decisions {
        var decisions = Decisions()
        let decided = statements.filter { statement in
            statement.verdict?.byPerson == true && keys.contains(statement.pair.first.description)
                && keys.contains(statement.pair.second.description)
        }.sorted { ($0.decidedAt?.rawValue ?? 0, $0.pair) > ($1.decidedAt?.rawValue ?? 0, $1.pair) }
        for statement in decided.prefix(DuplicateSearch.decisionsMaximum) {
            let first = statement.pair.first.description, second = statement.pair.second.description
            if statement.verdict?.isSame == true { decisions.accept(first, second) } else { decisions.reject(first, second) }
        }
        return decisions
    }

    /// What binds when records are put together: profiles as they are, and what people keep apart.
    private func binding(_ records: [RowID]) -> Decisions {
        var decisions = Decisions(), seen = Set<RowID>()
        for record in records {
            let members = partition[record]
            guard members.count > 1, seen.insert(members[0]).inserted else { continue }
            for (one, next) in zip(members, members.dropFirst()) { decisions.accept(one.description, next.description) }
        }
        for pair in apart { decisions.reject(pair.first.description, pair.second.description) }
        return decisions
    }

    /// Whether people keep apart a record of one profile and a record of the other.
    func keepsApart(_ first: RowID, _ second: RowID) -> Bool {
        if apart.isEmpty { return false }
        let others = partition[second]
        return partition[first].contains { one in others.contains { apart.contains(RecordPair(one, $0)) } }
    }

    /// The records that one is proposed to be one with.
    func proposedWith(_ record: RowID) -> [RowID] { proposals[record] ?? [] }

    func areOne(_ first: RowID, _ second: RowID) -> Bool { partition[first].contains(second) }

    /// The proposals for which nothing was found this time although both records were compared.
    func stale(_ findings: [FoundDuplicate], _ compared: Set<RowID>) -> [RowID] {
        let found = Set(findings.map(\.pair))
        return statements.filter { statement in
            statement.verdict == nil && statement.evidence != nil && !found.contains(statement.pair)
                && compared.contains(statement.pair.first) && compared.contains(statement.pair.second)
        }.map(\.id)
    }

    /// The pairs of a table to link, and of the rest the likeliest pair of each two profiles to look at.
    ///
    /// - Complexity: the linkage's, and for each pair found an explanation.
    ///
    /// - Parameter isCancelled: once it says so, what is returned is nothing to go by.
    func findings(
        in table: RecordTable, by model: LinkageModel, linkAbove: Double, isCancelled: @escaping @Sendable () -> Bool = { false },
        progress: (LinkageProgress) -> Void = { _ in }
    ) -> [FoundDuplicate] {
        var settings = LinkageSettings()
        settings.isCancelled = isCancelled
        settings.linkAbove = linkAbove
        settings.reportAbove = DuplicateSearch.reviewAbove
        let records = table.keys.compactMap { UniqueID($0) }
        let result = Linkage.find(table, by: model, decisions: binding(records), settings: settings, progress: progress)
        // A record's cluster is named by its first record; clusters hold the profiles as they were.
        var clusters: [Int: Int] = [:]
        for cluster in result.clusters { for member in cluster { clusters[member] = cluster[0] } }
        func root(_ record: Int) -> Int { clusters[record] ?? record }
        func finding(_ pair: FoundPair, isSame: Bool) -> FoundDuplicate {
            let isRefused = !isSame && pair.obstacle == nil && pair.probability >= linkAbove
            let explanation = Linkage.explain(Int(pair.a), Int(pair.b), of: table, by: model, settings: settings)
            return FoundDuplicate(
                pair: RecordPair(records[Int(pair.a)], records[Int(pair.b)]), evidence: LinkEvidence(explanation, isRefused: isRefused),
                isSame: isSame)
        }
        var linked: [FoundDuplicate] = []
        var open: [RootPair: FoundPair] = [:]
        for pair in result.pairs {
            let a = Int(pair.a), b = Int(pair.b)
            if areOne(records[a], records[b]) || keepsApart(records[a], records[b]) { continue }
            if root(a) == root(b) {
                if pair.obstacle == nil, pair.probability >= linkAbove { linked.append(finding(pair, isSame: true)) }
                continue
            }
            let roots = RootPair(root(a), root(b))
            if let known = open[roots], !known.isBehind(pair) { continue }
            open[roots] = pair
        }
        return (linked + open.values.map { finding($0, isSame: false) }).sorted { $0.pair < $1.pair }
    }

    private struct RootPair: Hashable {
        let first: Int
        let second: Int

        init(_ a: Int, _ b: Int) { (first, second) = (min(a, b), max(a, b)) }
    }
}

extension FoundPair {
    /// Whether another pair is the likelier one; of equal ones the first in the order of records counts.
    fileprivate func isBehind(_ other: FoundPair) -> Bool {
        let one = (obstacle == nil, totalBits), two = (other.obstacle == nil, other.totalBits)
        if one.0 != two.0 { return two.0 }
        return one.1 != two.1 ? one.1 < two.1 : (a, b) > (other.a, other.b)
    }
}
