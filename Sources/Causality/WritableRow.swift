/// Who writes, by which operation: a header without its stamp.
public struct Authorship: Hashable, Sendable {
    public let author: String
    public let source: String?
    public let operation: OperationID

    public init(author: String, source: String? = nil, operation: OperationID) {
        self.author = author
        self.source = source
        self.operation = operation
    }

    /// The header of a write of this moment.
    public func header(at stamp: Stamp) -> Header {
        Header(stamp: stamp, author: author, source: source, operation: operation)
    }
}

/// What a write did to its cell.
public struct CellChange: Equatable, Sendable {
    public let cell: CellKey
    /// The write that was added; nil where something was only removed.
    public let added: Write?
    /// The writes that it replaced.
    public let replaced: [Write]

    public init(cell: CellKey, added: Write?, replaced: [Write]) {
        self.cell = cell
        self.added = added
        self.replaced = replaced
    }
}

/// A row in whose cells writes are put: its long form, or a draft.
public protocol WritableRow {
    var context: CausalContext { get set }

    /// The living writes of a cell in the order of their dots.
    func writes(in cell: CellKey) -> [Write]

    /// Has a cell hold these writes alone, which are in the order of their dots.
    mutating func set(_ writes: [Write], in cell: CellKey)
}

extension RowState: WritableRow {
    /// At most this many overrulings are inherited beside those that name what a write saw standing.
    public static let inheritedOverrulingsMaximum = 16

    public func writes(in cell: CellKey) -> [Write] { cells[cell] ?? [] }

    public mutating func set(_ writes: [Write], in cell: CellKey) { cells[cell] = writes.isEmpty ? nil : writes }
}

extension WritableRow {
    /// Makes a person's write in this row, having read the cell over `members`.
    ///
    /// It replaces every write that people made in the cell and that it saw; what it saw and left standing (sources'
    /// statements, other records' writes) it overrules. A resolution replaces nothing and overrules all it saw.
    ///
    /// - Parameters:
    ///   - record: this row's id.
    ///   - others: the other records of the profile.
    ///   - value: nil clears.
    ///   - seen: for a delete, the row's context.
    public mutating func writeAsPerson(
        _ cell: CellKey, _ value: [UInt8]?, record: RowID, others: [Member] = [], resolving: Bool = false, isDelete: Bool = false,
        dot: Dot, now: Stamp, by authorship: Authorship, key: HashKey, futureMaximum: Int64 = Stamp.futureMaximumMicroseconds
    ) -> CellChange {
        precondition(authorship.source == nil, "a person's write has no source")
        let present = writes(in: cell)
        let own = present.filter(\.isPerson)
        var standing = present.filter { resolving || !$0.isPerson }.map { Candidate(record: record, write: $0) }
        for member in others where member.record != record {
            standing += (member.state.cells[cell] ?? []).map { Candidate(record: member.record, write: $0) }
        }
        let seenStanding = unique(standing.map { $0.overruling(key: key) })
        var inherited: [Overruling] = []
        if !resolving { for write in own { inherited += write.overrules.filter { !seenStanding.contains($0) } } }
        let stamp = Stamp.next(
            now: now, after: own.map(\.header.stamp) + standing.map(\.write.header.stamp), futureMaximum: futureMaximum)
        let write = Write(
            dot: dot, header: authorship.header(at: stamp), value: value,
            overrules: unique(inherited.suffix(RowState.inheritedOverrulingsMaximum) + seenStanding),
            seen: isDelete ? context : nil)
        return put(write, in: cell, replacing: resolving ? [] : own)
    }

    /// Makes a source's write in this row; returns nil where the source is silent: its value equals its latest surviving
    /// one, or its own time is earlier than that one's.
    ///
    /// It replaces only that source's own writes.
    ///
    /// - Parameter time: the source's own time, taken as no later than now.
    public mutating func writeAsSource(
        _ cell: CellKey, _ value: [UInt8]?, time: Stamp? = nil, dot: @autoclosure () -> Dot, now: Stamp, by authorship: Authorship,
        futureMaximum: Int64 = Stamp.futureMaximumMicroseconds
    ) -> CellChange? {
        guard let source = authorship.source else { preconditionFailure("a source's write names its source") }
        let own = writes(in: cell).filter { $0.header.source.map { $0.utf8.elementsEqual(source.utf8) } ?? false }
        let time = time.map { min($0, now) }
        if let latest = own.max(by: Write.precedes) {
            if latest.value == value { return nil }
            if let time, time < latest.header.stamp { return nil }
        }
        let stamp = time ?? Stamp.next(now: now, after: own.map(\.header.stamp), futureMaximum: futureMaximum)
        return put(Write(dot: dot(), header: authorship.header(at: stamp), value: value), in: cell, replacing: own)
    }

    /// Puts a write into its cell in place of others, and into the context.
    public mutating func put(_ write: Write, in cell: CellKey, replacing replaced: [Write]) -> CellChange {
        var writes = writes(in: cell)
        if !replaced.isEmpty { writes.removeAll { replaced.contains($0) } }
        writes.append(write)
        writes.sort(by: Write.isOrderedBefore)
        set(writes, in: cell)
        context.insert(write.dot)
        return CellChange(cell: cell, added: write, replaced: replaced)
    }

    /// Removes writes from a cell, which takes a new place in the row's context so that no join brings them back.
    public mutating func remove(_ writes: [Write], from cell: CellKey, dot: Dot) -> CellChange {
        set(self.writes(in: cell).filter { !writes.contains($0) }, in: cell)
        context.insert(dot)
        return CellChange(cell: cell, added: nil, replaced: writes)
    }
}

private func unique(_ overrulings: some Sequence<Overruling>) -> [Overruling] {
    var seen = Set<Overruling>()
    return overrulings.filter { seen.insert($0).inserted }
}
