internal import Causality
internal import ProfileModel
internal import ProfileStore
internal import RecordLinkage

/// Customers that changed since all were compared, where comparing them alone finds the same.
struct ComparedChanges {
    let rows: [StoredRow]
    /// How far customers will have been compared with these.
    let state: ComparedState

    /// Of a hundred customers so many may have changed since all were compared; beyond that all are compared again.
    static let changesMaximumPercent = 20
    /// So many customers for each decision of a person that may stand before a model is refined by it.
    static let recordsPerDecision = 10_000
}

/// Records of one kind that are compared with each other.
struct ComparedRecords {
    private(set) var table: RecordTable
    private let input: LinkageInput
    private(set) var ids: [RowID] = []
    private var ordinals: [Int64] = []

    init(_ kind: RowKind, key: HashKey) {
        input = LinkageInput(kind, key: key)
        table = RecordTable(subject: input.subject)
    }

    mutating func add(_ row: StoredRow) {
        table.add(input.record(row))
        ids.append(row.id)
        ordinals.append(row.ordinal)
    }

    /// The records under their blocking keys.
    func blockingEntries() -> [BlockingEntry] {
        var entries: [BlockingEntry] = []
        table.forEachRecord { record, keys in entries += keys.map { BlockingEntry(key: $0, customer: ordinals[record]) } }
        return entries
    }
}

extension StoreReader {
    /// By what a search judges: the bound and the published models.
    func linkageBasis(_ search: DuplicateSearch) throws -> String {
        let node = try node()
        var parts = [String(search.linkAbove)]
        for kind in DuplicateSearch.kinds {
            let row = try row(linkageModelID(kind), like: .model)
            parts.append(row.map { "\($0.compact.fingerprint(id: $0.id, kind: $0.kind.rawValue, key: node.key))" } ?? "-")
        }
        return parts.joined(separator: " ")
    }

    /// The records of a kind among changed ones, with all that they may have to be compared with: what stands under their blocking keys,
    /// and what they were proposed as one with before.
    func comparedRecords(_ kind: RowKind, _ changed: [StoredRow]) throws -> (records: ComparedRecords, changed: ComparedRecords) {
        let links = KnownLinks(try linkStatements(reaching: changed.lazy.filter { $0.kind == kind }.map(\.id)))
        let key = try node().key, limit = LinkageSettings().blockSizeMaximum
        var own = ComparedRecords(kind, key: key), rows: [RowID: StoredRow] = [:]
        for row in changed where row.kind == kind {
            own.add(row)
            rows[row.id] = row
            for partner in links.proposedWith(row.id) where rows[partner] == nil {
                if try isLiving(partner) { rows[partner] = try self.row(partner, like: kind) }
            }
        }
        try own.table.forEachRecord { _, keys in
            for key in keys {
                for row in try livingCustomers(kind, underBlockingKey: key, limit: limit) where rows[row.id] == nil { rows[row.id] = row }
            }
        }
        var all = ComparedRecords(kind, key: key)
        for id in rows.keys.sorted() where rows[id]?.kind == kind { all.add(rows[id]!) }
        return (all, own)
    }
}

extension Node {
    /// The changes to which a search can keep; nil where all customers are to be compared: the first time, after another model or
    /// another bound, after people have decided what would refine a model, and where much has changed.
    func changesToCompare(_ search: DuplicateSearch) throws -> ComparedChanges? {
        if search.refits || search.comparesAll { return nil }
        return try store.read { reader in
            guard var state = try reader.comparedState(), try state.basis == reader.linkageBasis(search) else { return nil }
            // Only who holds everything fits models.
            let node = try reader.node()
            if node.held.isWhole { state.decisions += try reader.decidedLinkCount(changedAfter: state.links) }
            if state.decisions > state.records / ComparedChanges.recordsPerDecision { return nil }
            state.links = node.feed
            let left = state.records * ComparedChanges.changesMaximumPercent / 100 - state.changes
            let rows = try left > 0 ? reader.livingCustomers(changedAfter: state.feed, limit: left + 1) : []
            let kinds = Set(rows.map(\.kind))
            guard rows.count <= left, try kinds.allSatisfy({ try reader.linkageModel($0) != nil }) else { return nil }
            state.feed = node.feed
            state.changes += rows.count
            return ComparedChanges(rows: rows, state: state)
        }
    }

    /// So many blocking keys are written in one transaction.
    private static let blockingSlice = 100_000

    /// Keeps what the next search needs to keep to what changes until then.
    func keepCompared(_ state: ComparedState, _ entries: [BlockingEntry]) throws {
        let entries = entries.sorted()
        for start in stride(from: 0, to: entries.count, by: Node.blockingSlice) {
            if isCancelled() { throw NodeError("node.cancelled") }
            try store.write { try $0.keep(blocking: entries[start..<min(entries.count, start + Node.blockingSlice)]) }
        }
        try store.write { try $0.save(compared: state) }
    }

    /// Forgets what earlier searches kept.
    func forgetCompared() throws {
        try store.write { writer in
            try writer.save(compared: nil)
            try writer.forgetBlockingKeys()
        }
    }
}
