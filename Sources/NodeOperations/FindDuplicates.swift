public import Causality
internal import NodeEnvironment
public import ProfileModel
internal import ProfileStore
internal import RecordLinkage

/// How duplicates are looked for.
public struct DuplicateSearch: Sendable {
    /// Pairs at or above this probability are linked.
    public var linkAbove = 0.95
    /// Whether models are fitted anew where published ones stand.
    public var refits = false
    /// Whether all customers are compared, also where what changed since they were would do.
    public var comparesAll = false
    /// A store with fewer customers is always compared whole, and keeps nothing for the next search.
    public var comparesChangesFrom = 5_000

    public init() {}

    static let kinds: [RowKind] = [.person, .organization]

    /// Pairs below this are not shown: the records are likelier two customers than one. What looks like one customer but for an
    /// obstacle stands at exactly this probability.
    static let reviewAbove = 0.5
    /// So many of people's decisions, the latest, refine a model.
    static let decisionsMaximum = 500
    /// A model is fitted anew by a node that holds everything when the customers are so many times as many, or as few.
    static let refitGrowth = 1.25
}

/// What a search for duplicates did.
public struct DuplicateSearchOutcome: Sendable {
    /// How many records of customers were compared: all, or those that changed since all were.
    public internal(set) var records = 0
    /// The customers that had changed, where only these were compared with others; nil where all were.
    public internal(set) var changed: [RowID]?
    public var comparedAll: Bool { changed == nil }
    /// How many pairs were linked now.
    public internal(set) var linked = 0
    /// By which model the records of each kind were judged, where there were two or more.
    public internal(set) var models: [(kind: RowKind, model: ModelUse)] = []
    public internal(set) var operation: OperationID?

    /// Where a model came from.
    public enum ModelUse: String, Sendable {
        /// It is published, so every node judges alike.
        case published
        /// This node holds everything: it fitted the model and published it.
        case fitted
        /// Nobody has published one: this node fitted one on what it holds, for itself.
        case own
    }
}

/// How far a search for duplicates is.
public enum DuplicateSearchProgress: Sendable {
    case reading(records: Int, of: Int)
    /// The customers of one kind are read, and the linkage begins.
    case comparing
    /// What may be alike is put together, rule by rule.
    case blocking(rules: Int, of: Int)
    /// Agreement is counted to fit a model to it, part by part.
    case counting(parts: Int, of: Int)
    /// A model is fitted, in rounds whose number nobody knows before.
    case fitting(rounds: Int)
    /// Pairs are judged, part by part.
    case judging(parts: Int, of: Int)
    case writing(pairs: Int, of: Int)
}

extension DuplicateSearchProgress {
    init(_ progress: LinkageProgress) {
        self = switch progress {
        case .blocking(let rules, let total): .blocking(rules: rules, of: total)
        case .counting(let parts, let total): .counting(parts: parts, of: total)
        case .fitting(let rounds): .fitting(rounds: rounds)
        case .comparing(let parts, let total): .judging(parts: parts, of: total)
        }
    }
}

extension Node {
    /// Compares all living customers, or those that changed since with all; links pairs that are certain enough on the linker's word,
    /// and keeps the rest for people to look at. What people have decided is left as it is.
    ///
    /// - Throws: `node.bad-probability`, `node.model-too-new`, `node.model-unreadable`, `node.cancelled`: nothing is written before all
    ///   is compared; what was written by then stays, and one undo takes it back.
    /// - Complexity: the linkage's, where all are compared; else linear in what changed and in what is compared with that.
    public func findDuplicates(
        _ search: DuplicateSearch = DuplicateSearch(), progress: (DuplicateSearchProgress) -> Void = { _ in }
    ) throws -> DuplicateSearchOutcome {
        guard search.linkAbove >= DuplicateSearch.reviewAbove, search.linkAbove <= 1 else { throw NodeError("node.bad-probability") }
        if let changes = try changesToCompare(search) { return try compare(changes, search, progress) }
        let links = KnownLinks(try store.read { try $0.linkStatements() })
        var outcome = DuplicateSearchOutcome()
        var findings: [FoundDuplicate] = [], models: [(RowKind, PublishedModel)] = [], compared = Set<RowID>(), entries: [BlockingEntry] = []
        let (feed, total) = try store.read { reader in
            (try reader.node().feed, try DuplicateSearch.kinds.reduce(0) { try $0 + reader.livingCustomerCount($1) })
        }
        let keepsCompared = total >= search.comparesChangesFrom
        for kind in DuplicateSearch.kinds {
            let before = outcome.records
            let records = try linkageRecords(kind) { progress(.reading(records: before + $0, of: total)) }
            let table = records.table
            outcome.records += table.count
            compared.formUnion(table.keys.lazy.compactMap { UniqueID($0) })
            if keepsCompared { entries += records.blockingEntries() }
            if table.count < 2 { continue }
            progress(.comparing)
            let (model, use) = try model(for: kind, table, links, search, progress)
            outcome.models.append((kind, use))
            if use == .fitted { models.append((kind, model)) }
            findings += links.findings(in: table, by: model.model, linkAbove: search.linkAbove, isCancelled: isCancelled) { progress(DuplicateSearchProgress($0)) }
            // What was cut short is not written.
            if isCancelled() { throw NodeError("node.cancelled") }
        }
        if try store.read({ try $0.comparedState() }) != nil { try forgetCompared() }
        try write(findings, models, withdrawing: links.stale(findings, compared), &outcome, progress)
        if keepsCompared {
            let (basis, written) = try store.read { (try $0.linkageBasis(search), try $0.node().feed) }
            var state = ComparedState(feed: feed, basis: basis, records: outcome.records)
            state.links = written
            try keepCompared(state, entries)
        }
        return outcome
    }

    private func compare(
        _ changes: ComparedChanges, _ search: DuplicateSearch, _ progress: (DuplicateSearchProgress) -> Void
    ) throws -> DuplicateSearchOutcome {
        var outcome = DuplicateSearchOutcome()
        outcome.changed = changes.rows.map(\.id)
        outcome.records = changes.rows.count
        var findings: [FoundDuplicate] = [], stale: [RowID] = [], entries: [BlockingEntry] = []
        for kind in DuplicateSearch.kinds where changes.rows.contains(where: { $0.kind == kind }) {
            progress(.comparing)
            let (model, records, changed, links) = try store.read { reader in
                let (records, changed) = try reader.comparedRecords(kind, changes.rows)
                return (try reader.linkageModel(kind), records, changed, KnownLinks(try reader.linkStatements(reaching: records.ids)))
            }
            entries += changed.blockingEntries()
            outcome.models.append((kind, .published))
            guard let model, records.table.count > 1 else { continue }
            let found = links.findings(in: records.table, by: model.model, linkAbove: search.linkAbove, isCancelled: isCancelled) { progress(DuplicateSearchProgress($0)) }
            if isCancelled() { throw NodeError("node.cancelled") }
            stale += links.stale(found, Set(records.ids))
            findings += found
        }
        try write(findings, [], withdrawing: stale, &outcome, progress)
        try keepCompared(changes.state, entries)
        return outcome
    }

    /// The published model; one that is fitted now where there is none, or where this node holds everything and it is out of date.
    private func model(
        for kind: RowKind, _ table: RecordTable, _ links: KnownLinks, _ search: DuplicateSearch, _ progress: (DuplicateSearchProgress) -> Void
    ) throws -> (PublishedModel, DuplicateSearchOutcome.ModelUse) {
        let isWhole = try store.read { try $0.node().held.isWhole }
        // Whoever has it fitted anew may do so because the published one cannot be read.
        let published = isWhole && search.refits ? nil : try store.read { try $0.linkageModel(kind) }
        let decisions = links.votes(among: Set(table.keys))
        if let published {
            let growth = Double(table.count) / Double(max(1, published.model.records))
            let isOutdated = decisions.count != published.decisions || growth > DuplicateSearch.refitGrowth
                || growth < 1 / DuplicateSearch.refitGrowth
            if !isWhole || !isOutdated { return (published, .published) }
        }
        var settings = LinkageSettings()
        settings.isCancelled = isCancelled
        let model = Linkage.fit(table, decisions: decisions, settings: settings) { progress(DuplicateSearchProgress($0)) }
        if isCancelled() { throw NodeError("node.cancelled") }
        let fitted = PublishedModel(fitted: model, decisions: decisions.count)
        return (fitted, isWhole ? .fitted : .own)
    }

    /// So many links are written in one transaction.
    private static let linkSliceRows = 2_000

    private func write(
        _ findings: [FoundDuplicate], _ models: [(RowKind, PublishedModel)], withdrawing stale: [RowID], _ outcome: inout DuplicateSearchOutcome,
        _ progress: (DuplicateSearchProgress) -> Void
    ) throws {
        let operation = environment.newID()
        var isLogged = false, linked = 0
        func slice(_ body: (LinkerHand) throws -> Void) throws {
            let rows = try store.write { writer in
                let hand = try LinkerHand(Edition(writer, author: author, operation: operation))
                try body(hand)
                let rows = try hand.commit()
                if rows > 0 { try writer.log(operation, author: author, command: "duplicates find", rows: rows, isBulk: true) }
                return rows
            }
            isLogged = isLogged || rows > 0
        }
        if !models.isEmpty { try slice { hand in for (kind, model) in models { try hand.edition.publish(model, of: kind) } } }
        for start in stride(from: 0, to: findings.count, by: Node.linkSliceRows) {
            if isCancelled() { throw NodeError("node.cancelled") }
            let part = findings[start..<min(findings.count, start + Node.linkSliceRows)]
            var linkedHere = 0
            try slice { hand in
                linkedHere = 0
                for finding in part where try hand.link(finding.pair, finding.evidence, isSame: finding.isSame) { linkedHere += 1 }
            }
            linked += linkedHere
            progress(.writing(pairs: start + part.count, of: findings.count))
        }
        if !stale.isEmpty { try slice { hand in for link in stale { try hand.withdrawProposal(link) } } }
        outcome.linked = linked
        outcome.operation = isLogged ? operation : nil
    }
}
