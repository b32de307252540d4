extension CompactRow {
    /// Joins two rows that share their base cell by cell where they differ; nil where the base might not be that of the join.
    ///
    /// Most cells of two copies of a row are the same plain cells: the long form would make several arrays of each.
    static func joinOnSharedBase(_ a: CompactRow, _ b: CompactRow) -> CompactRow? {
        guard let base = a.base, b.base == base else { return nil }
        let contextOfA = a.context, contextOfB = b.context
        var out = a
        var changed: [PlainCell] = []
        out.exceptions = []
        if a.plain != b.plain { out.plain = PlainCells(a.plain.cells(in: b.plain)) }
        for key in cellsBesides(out.plain, of: a, b) {
            let kept = RowState.survivors(a.writes(in: key), b.writes(in: key), contextOfA: contextOfA, contextOfB: contextOfB)
            if kept.isEmpty { continue }
            if plainBase(kept) == base, let value = kept[0].value {
                changed.append(PlainCell(key: key, value: value))
            } else {
                out.exceptions.append(Exception(key: key, writes: kept))
            }
        }
        if !changed.isEmpty {
            for cell in changed { out.plain.append(cell) }
            out.plain.sort()
        }
        guard out.plain.count > out.exceptions.count else { return nil }
        out.scopesLeft = a.scopesLeft == b.scopesLeft ? a.scopesLeft : RowState.union(a.scopesLeft, b.scopesLeft)
        var context = contextOfA
        context.formUnion(contextOfB)
        out.setContext(context)
        return out
    }

    /// The cells in which two states of a row hold different writes, in the order of their keys.
    public static func differences(from old: CompactRow, to new: CompactRow) -> [(cell: CellKey, before: [Write], after: [Write])] {
        let shared = old.base == new.base ? (old.plain == new.plain ? old.plain : PlainCells(old.plain.cells(in: new.plain))) : []
        return cellsBesides(shared, of: old, new).compactMap { key in
            let before = old.writes(in: key), after = new.writes(in: key)
            return before == after ? nil : (key, before, after)
        }
    }

    /// The keys of all cells of two rows but those of some plain cells of both, in their order.
    private static func cellsBesides(_ plain: PlainCells, of a: CompactRow, _ b: CompactRow) -> [CellKey] {
        var keys: [CellKey] = []
        for row in [a, b] {
            if row.plain.count > plain.count { keys += row.plain.cells(notIn: plain).map(\.key) }
            keys += row.exceptions.map(\.key)
        }
        keys.sort()
        var kept = 0
        for index in keys.indices where kept == 0 || keys[kept - 1] != keys[index] {
            keys[kept] = keys[index]
            kept += 1
        }
        keys.removeSubrange(kept...)
        return keys
    }

    /// The cells of a field that hold any writes.
    func cells(of field: UInt64) -> [CellKey] {
        var found = exceptions.filter { $0.key.field == field }.map(\.key)
        for index in plain.indices where plain.field(at: index) == field { found.append(plain[index].key) }
        return found
    }

    /// The living writes of a cell.
    public func writes(in key: CellKey) -> [Write] {
        if let exception = exceptions.first(where: { $0.key == key }) { return exception.writes }
        guard let base, let value = plain.value(in: key) else { return [] }
        return [base.write(value)]
    }
}
