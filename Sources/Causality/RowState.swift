/// The name of a cell in a row: a field, or one element of a field that is a set.
public struct CellKey: Hashable, Comparable, Sendable {
    /// The field's stable number.
    public let field: UInt64
    /// The element's canonical bytes; empty for a register.
    public let element: [UInt8]

    public init(field: UInt64, element: [UInt8] = []) {
        self.field = field
        self.element = element
    }

    public static func < (a: CellKey, b: CellKey) -> Bool {
        a.field != b.field ? a.field < b.field : a.element.lexicographicallyPrecedes(b.element)
    }
}

/// The long form of a row: for each cell the writes that are alive, and the context of the row.
///
/// - Convergence: `join` is commutative, associative and idempotent; states form a join-semilattice.
public struct RowState: Equatable, Sendable {
    /// The living writes of each cell in the order of their dots; a cell without any is absent.
    public var cells: [CellKey: [Write]] = [:]
    public var context = CausalContext()
    /// The scopes that the row has left, sorted.
    public var scopesLeft: [String] = []

    public init() {}

    /// Whether nothing ever touched this row.
    public var isUntouched: Bool { context.isEmpty && scopesLeft.isEmpty }

    /// Joins two states of one row: a write survives if both hold it, or one holds it and the other's context does not
    /// cover it; contexts and scopes left unite.
    ///
    /// Source: the join of causal δ-CRDTs (Almeida et al. 2018, dot stores), with one context a row.
    /// - Complexity: linear in the writes of both.
    public static func join(_ a: RowState, _ b: RowState) -> RowState {
        var out = RowState()
        for (cell, writes) in a.cells {
            let kept = survivors(writes, b.cells[cell] ?? [], contextOfA: a.context, contextOfB: b.context)
            if !kept.isEmpty { out.cells[cell] = kept }
        }
        for (cell, writes) in b.cells where a.cells[cell] == nil {
            let kept = writes.filter { !a.context.covers($0.dot) }
            if !kept.isEmpty { out.cells[cell] = kept }
        }
        out.context = a.context
        out.context.formUnion(b.context)
        out.scopesLeft = a.scopesLeft == b.scopesLeft ? a.scopesLeft : union(a.scopesLeft, b.scopesLeft)
        return out
    }

    /// Both lists are in the order of their dots, and so is the result. Equal dots with different content (a copied
    /// disk) both stand.
    static func survivors(_ a: [Write], _ b: [Write], contextOfA: CausalContext, contextOfB: CausalContext) -> [Write] {
        var kept = a.filter { write in !contextOfB.covers(write.dot) || b.contains { $0.dot == write.dot } }
        for write in b where !kept.contains(write) {
            if !contextOfA.covers(write.dot) || a.contains(where: { $0.dot == write.dot }) { kept.append(write) }
        }
        kept.sort(by: Write.isOrderedBefore)
        return kept
    }

    static func union(_ a: [String], _ b: [String]) -> [String] {
        var out = a
        for scope in b where !out.contains(where: { $0.utf8.elementsEqual(scope.utf8) }) { out.append(scope) }
        return out.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}

extension Write {
    /// The order in which a cell keeps its writes: by dot, then by a hash of all its content, so that equal states are equal lists.
    static func isOrderedBefore(_ a: Write, _ b: Write) -> Bool {
        a.dot != b.dot ? a.dot < b.dot : a.contentHash < b.contentHash
    }
}
