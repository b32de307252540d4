/// The compressed form of a row: one base write that stands for every cell written then, and the exceptions.
///
/// It decodes to the long form exactly. Cells written at different times, cleared, overruling or contested are
/// exceptions; of the context only what the living writes do not imply is kept.
public struct CompactRow: Hashable, Sendable {
    /// The write that stands for all plain cells, without a value.
    public struct Base: Hashable, Sendable {
        public let dot: Dot
        public let header: Header

        public init(dot: Dot, header: Header) {
            self.dot = dot
            self.header = header
        }

        /// The write of a plain cell.
        public func write(_ value: [UInt8]) -> Write { Write(dot: dot, header: header, value: value) }
    }

    /// A cell that holds the base write alone.
    public struct PlainCell: Hashable, Sendable {
        public let key: CellKey
        public let value: [UInt8]

        public init(key: CellKey, value: [UInt8]) {
            self.key = key
            self.value = value
        }
    }

    /// A cell that does not, with all that is alive in it.
    public struct Exception: Hashable, Sendable {
        public let key: CellKey
        public let writes: [Write]

        public init(key: CellKey, writes: [Write]) {
            self.key = key
            self.writes = writes
        }
    }

    public var base: Base?
    /// The cells that hold the base write alone, in the order of their keys.
    public var plain: PlainCells
    /// All other cells, in the order of their keys.
    public var exceptions: [Exception]
    /// The entries of the context that exceed what the living writes imply.
    public var contextBeyond: CausalContext
    public var scopesLeft: [String]

    /// A row whose cells were all written at once.
    ///
    /// - Precondition: `plain` is not empty and in the order of its keys.
    public init(base: Base, plain: PlainCells) {
        self.base = base
        self.plain = plain
        exceptions = []
        contextBeyond = CausalContext()
        scopesLeft = []
    }

    /// Parts of a row as a store or a frame holds them.
    public init(base: Base?, plain: PlainCells, exceptions: [Exception], contextBeyond: CausalContext, scopesLeft: [String]) {
        self.base = base
        self.plain = plain
        self.exceptions = exceptions
        self.contextBeyond = contextBeyond
        self.scopesLeft = scopesLeft
    }

    /// Compresses a long form: the base is the write that most plain cells share, the greatest of equals.
    public init(_ state: RowState) {
        var shares: [Base: Int] = [:]
        for writes in state.cells.values {
            if let base = CompactRow.plainBase(writes) { shares[base, default: 0] += 1 }
        }
        let chosen = shares.max { a, b in
            if a.value != b.value { return a.value < b.value }
            return Write.isOrderedBefore(a.key.write([]), b.key.write([]))
        }?.key
        base = chosen
        plain = []
        exceptions = []
        for (key, writes) in state.cells {
            if let chosen, let value = writes[0].value, CompactRow.plainBase(writes) == chosen {
                plain.append(PlainCell(key: key, value: value))
            } else {
                exceptions.append(Exception(key: key, writes: writes))
            }
        }
        plain.sort()
        exceptions.sort { $0.key < $1.key }
        contextBeyond = CausalContext()
        scopesLeft = state.scopesLeft
        setContext(state.context)
    }

    /// Keeps of the row's context what the living writes do not imply.
    mutating func setContext(_ context: CausalContext) {
        let implied = impliedContext
        contextBeyond = CausalContext(context.entries.filter { implied[$0.origin] < $0.sequence })
    }

    static func plainBase(_ writes: [Write]) -> Base? {
        guard writes.count == 1 else { return nil }
        let write = writes[0]
        guard write.value != nil, write.overrules.isEmpty, write.seen == nil, write.original == nil else { return nil }
        return Base(dot: write.dot, header: write.header)
    }

    /// What the living writes say of the context.
    var impliedContext: CausalContext {
        var context = CausalContext()
        if let base { context.insert(base.dot) }
        for exception in exceptions { for write in exception.writes { context.insert(write.dot) } }
        return context
    }

    /// The context of the row.
    public var context: CausalContext {
        var context = impliedContext
        context.formUnion(contextBeyond)
        return context
    }

    /// The long form.
    public var expanded: RowState {
        var state = RowState()
        state.cells.reserveCapacity(plain.count + exceptions.count)
        if let base {
            for cell in plain { state.cells[cell.key] = [base.write(cell.value)] }
        }
        for exception in exceptions { state.cells[exception.key] = exception.writes }
        state.context = context
        state.scopesLeft = scopesLeft
        return state
    }

    /// Joins two compressed rows: equal to joining their long forms.
    ///
    /// Where one context covers the other, that side is the join, unless a copied disk put other content under its dots.
    public static func join(_ a: CompactRow, _ b: CompactRow) -> CompactRow {
        if a == b { return a }
        let contextOfA = a.context, contextOfB = b.context
        if a.scopesLeft == b.scopesLeft, contextOfA != contextOfB {
            if contextOfA.covers(contextOfB), a.agrees(with: b, knowing: contextOfB) { return a }
            if contextOfB.covers(contextOfA), b.agrees(with: a, knowing: contextOfA) { return b }
        }
        return joinOnSharedBase(a, b) ?? CompactRow(RowState.join(a.expanded, b.expanded))
    }

    /// Whether each write here that the other's context covers stands there too, with the same content under its dot.
    ///
    /// - Complexity: linear in the cells where both are compressed alike, else quadratic.
    private func agrees(with other: CompactRow, knowing context: CausalContext) -> Bool {
        if let base, context.covers(base.dot) {
            let doubtful = other.base == base ? plain.cells(notIn: other.plain) : Array(plain)
            for cell in doubtful {
                guard other.writes(in: cell.key, under: base.dot) == [base.write(cell.value)] else { return false }
            }
        }
        return exceptions.allSatisfy { exception in
            exception.writes.allSatisfy { write in
                !context.covers(write.dot)
                    || other.writes(in: exception.key, under: write.dot) == exception.writes.filter { $0.dot == write.dot }
            }
        }
    }

    private func writes(in key: CellKey, under dot: Dot) -> [Write] {
        if let base, base.dot == dot, let cell = plain.first(where: { $0.key == key }) { return [base.write(cell.value)] }
        return exceptions.first { $0.key == key }?.writes.filter { $0.dot == dot } ?? []
    }
}
