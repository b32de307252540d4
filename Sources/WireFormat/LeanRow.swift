public import Causality
public import ProfileModel

/// A row without the values that the receiver evidently holds, and with a fingerprint of the whole.
///
/// The receiver rebuilds the sender's row from its own values before it joins, and asks for the whole where a value is
/// lacking or the fingerprint differs.
public struct LeanRow: Hashable, Sendable {
    /// A write of an exception.
    public enum LeanWrite: Hashable, Sendable {
        /// The one that the receiver holds in the same cell under this dot.
        case held(Dot)
        /// The one that the receiver holds in the same cell under the dot of its row's base.
        case heldBase
        case whole(Write)
        /// A whole write some of whose overrulings are statements of sources that stand in the same cell.
        ///
        /// `standing` goes with `overrules`: where it has a place among the cell's writes, the statement is zero here and the
        /// receiver makes it from that write.
        case naming(Write, standing: [Int?])

        /// Nil where the receiver knows it.
        var dot: Dot? {
            switch self {
            case .held(let dot): dot
            case .heldBase: nil
            case .whole(let write), .naming(let write, _): write.dot
            }
        }
    }

    /// A cell that does not hold the base write alone.
    public struct Exception: Hashable, Sendable {
        public let key: CellKey
        public let writes: [LeanWrite]

        public init(key: CellKey, writes: [LeanWrite]) {
            self.key = key
            self.writes = writes
        }
    }

    /// Nil where the row has none, or the base is the receiver's own.
    public let base: CompactRow.Base?
    /// Nil where the base is the receiver's own, and the plain cells are those that it holds with the base's dot, less the
    /// exceptions.
    public let plain: PlainCells?
    /// In the order of their keys.
    public let exceptions: [Exception]
    public let contextBeyond: CausalContext
    public let scopesLeft: [String]
    /// The low half of the whole row's fingerprint. A frame carries the sum of each group of them: in a row that was read
    /// it is 0, but in the last of its group the sum.
    ///
    /// A keyed hash: a wrong guess goes unnoticed with a chance of 2⁻⁶⁴, and nobody without the key can make one.
    public internal(set) var fingerprint: UInt64

    public init(
        base: CompactRow.Base?, plain: PlainCells?, exceptions: [Exception], contextBeyond: CausalContext,
        scopesLeft: [String], fingerprint: UInt64
    ) {
        self.base = base
        self.plain = plain
        self.exceptions = exceptions
        self.contextBeyond = contextBeyond
        self.scopesLeft = scopesLeft
        self.fingerprint = fingerprint
    }

    /// Bytes that leaving out must save before it is worth the risk of another round trip.
    private static let savingMinimumBytes = 8

    /// Leaves out what is held; nil where that saves nothing, or where nothing of the row is held: whoever lacks it as a whole
    /// could not rebuild it from the places of statements alone.
    ///
    /// - Parameter isHeld: whether the receiver is believed to hold the writes of this dot.
    public init?(of row: CompactRow, id: RowID, kind: RowKind, key: HashKey, isHeld: (Dot) -> Bool) {
        var saved = 0, isAnythingHeld = false
        var leavesOutPlain = false
        if let base = row.base, isHeld(base.dot) {
            leavesOutPlain = true
            isAnythingHeld = true
            saved += 2 * row.plain.count + row.plain.byteCount
        }
        var exceptions: [Exception] = []
        exceptions.reserveCapacity(row.exceptions.count)
        for exception in row.exceptions {
            exceptions.append(Exception(key: exception.key, writes: exception.writes.map { write in
                guard isHeld(write.dot) else {
                    let lean = LeanRow.naming(write, in: exception, of: id, key: key)
                    if case .naming(_, let standing) = lean { saved += standing.count { $0 != nil } * 12 }
                    return lean
                }
                isAnythingHeld = true
                saved += 2 + (write.value?.count ?? 0) + write.overrules.count * 12
                return leavesOutPlain && write.dot == row.base?.dot ? .heldBase : .held(write.dot)
            }))
        }
        guard isAnythingHeld, saved >= LeanRow.savingMinimumBytes else { return nil }
        self.init(
            base: leavesOutPlain ? nil : row.base, plain: leavesOutPlain ? nil : row.plain, exceptions: exceptions,
            contextBeyond: row.contextBeyond, scopesLeft: row.scopesLeft,
            fingerprint: row.fingerprint(id: id, kind: kind.rawValue, key: key).low)
    }

    /// A write whose statements are named by the places of the cell's other writes where those make them.
    private static func naming(_ write: Write, in cell: CompactRow.Exception, of id: RowID, key: HashKey) -> LeanWrite {
        guard !write.overrules.isEmpty, cell.writes.count > 1 else { return .whole(write) }
        var made: [Overruling: Int] = [:]
        for (place, other) in cell.writes.enumerated() where !other.isPerson {
            made[Candidate(record: id, write: other).overruling(key: key)] = place
        }
        let standing = write.overrules.map { made[$0] }
        guard standing.contains(where: { $0 != nil }) else { return .whole(write) }
        let overrules = zip(write.overrules, standing).map { $1 == nil ? $0 : Overruling.statement(.zero) }
        return .naming(write.overruling(overrules), standing: standing)
    }

    /// The write with its statements, made from the cell's other writes; nil where one is not there.
    private static func named(_ write: Write, standing: [Int?], among writes: [Write], of id: RowID, key: HashKey) -> Write? {
        var overrules = write.overrules
        for (at, place) in standing.enumerated() {
            guard let place else { continue }
            guard at < overrules.count, place < writes.count, !writes[place].isPerson else { return nil }
            overrules[at] = Candidate(record: id, write: writes[place]).overruling(key: key)
        }
        return write.overruling(overrules)
    }

    /// The sender's row, made of what this row carries and what the receiver holds.
    ///
    /// - Parameter local: the receiver's row before it joins anything.
    /// - Returns: nil where something is lacking. Whether it is the sender's row its fingerprint says.
    func assembled(from local: CompactRow, id: RowID, key: HashKey) -> CompactRow? {
        let base = plain == nil ? local.base : base
        if plain == nil, base == nil { return nil }
        var whole: [CompactRow.Exception] = []
        whole.reserveCapacity(exceptions.count)
        for exception in exceptions {
            var writes: [Write] = []
            writes.reserveCapacity(exception.writes.count)
            for write in exception.writes {
                switch write {
                case .whole(let write), .naming(let write, _): writes.append(write)
                case .held(let dot):
                    guard let write = local.write(dot, in: exception.key) else { return nil }
                    writes.append(write)
                case .heldBase:
                    guard let dot = base?.dot, let write = local.write(dot, in: exception.key) else { return nil }
                    writes.append(write)
                }
            }
            for (at, write) in exception.writes.enumerated() {
                guard case .naming(let write, let standing) = write else { continue }
                guard let named = LeanRow.named(write, standing: standing, among: writes, of: id, key: key) else { return nil }
                writes[at] = named
            }
            whole.append(CompactRow.Exception(key: exception.key, writes: writes))
        }
        return CompactRow(
            base: base, plain: plain ?? heldPlain(in: local), exceptions: whole, contextBeyond: contextBeyond, scopesLeft: scopesLeft)
    }

    /// The cells that the receiver holds with its base's dot, less the exceptions, in the order of their keys.
    private func heldPlain(in local: CompactRow) -> PlainCells {
        guard let base = local.base else { return [] }
        var cells = local.plain
        var isSorted = true
        for exception in local.exceptions {
            for write in exception.writes where write.dot == base.dot && write.header == base.header {
                guard let value = write.value else { continue }
                cells.append(CompactRow.PlainCell(key: exception.key, value: value))
                isSorted = false
            }
        }
        if !isSorted { cells.sort() }
        return exceptions.isEmpty ? cells : cells.without(exceptions.map(\.key))
    }
}

extension Write {
    fileprivate func overruling(_ overrules: [Overruling]) -> Write {
        Write(dot: dot, header: header, value: value, overrules: overrules, seen: seen, original: original)
    }
}

extension CompactRow {
    /// The living write of a dot in a cell.
    fileprivate func write(_ dot: Dot, in key: CellKey) -> Write? {
        if let exception = exceptions.first(where: { $0.key == key }) {
            return exception.writes.first { $0.dot == dot }
        }
        guard let base, base.dot == dot, let cell = plain.first(where: { $0.key == key }) else { return nil }
        return Write(dot: dot, header: base.header, value: cell.value)
    }
}
