/// A row while it is written in: what it was, and the cells in which it differs by now.
///
/// It says what the long form would say, and makes of that only what is asked for.
public struct RowDraft: WritableRow, Sendable {
    private let before: CompactRow
    private var changed: [CellKey: [Write]] = [:]
    public var context: CausalContext
    public var scopesLeft: [String]

    /// The draft of a row that stands.
    public init(_ row: CompactRow) {
        before = row
        context = row.context
        scopesLeft = row.scopesLeft
    }

    /// The draft of a row that is not there yet.
    public init() { self.init(CompactRow(RowState())) }

    public func writes(in cell: CellKey) -> [Write] { changed[cell] ?? before.writes(in: cell) }

    public mutating func set(_ writes: [Write], in cell: CellKey) { changed[cell] = writes }

    /// The cells of a field that hold any writes, in their order.
    public func cells(of field: UInt64) -> [CellKey] {
        var found = before.cells(of: field).filter { changed[$0] == nil }
        found += changed.filter { $0.key.field == field && !$0.value.isEmpty }.keys
        return found.sorted()
    }

    /// The long form.
    public var state: RowState {
        var state = before.expanded
        for (cell, writes) in changed { state.set(writes, in: cell) }
        state.context = context
        state.scopesLeft = scopesLeft
        return state
    }

    /// The compressed form.
    public var compact: CompactRow { keepingBase ?? CompactRow(state) }

    /// The compressed form where the base is surely the same as before.
    private var keepingBase: CompactRow? {
        guard let base = before.base else { return nil }
        let keys = changed.keys.sorted()
        var row = before
        if !keys.isEmpty { row.plain = before.plain.without(keys) }
        row.exceptions.removeAll { changed[$0.key] != nil }
        var isPlainAgain = false
        for key in keys {
            guard let writes = changed[key], !writes.isEmpty else { continue }
            if CompactRow.plainBase(writes) == base, let value = writes[0].value {
                row.plain.append(CompactRow.PlainCell(key: key, value: value))
                isPlainAgain = true
            } else {
                row.exceptions.append(CompactRow.Exception(key: key, writes: writes))
            }
        }
        if isPlainAgain { row.plain.sort() }
        row.exceptions.sort { $0.key < $1.key }
        guard row.plain.count > row.exceptions.count else { return nil }
        row.scopesLeft = scopesLeft
        row.setContext(context)
        return row
    }
}
