internal import Causality
internal import GRDB
internal import ProfileModel

/// Binds rows to the statements of one table within one write transaction.
final class RowTable {
    let layout: RowLayout
    private let database: Database
    private let headers: HeaderTable
    private let key: HashKey
    private var insert: RawStatement?
    private var update: RawStatement?
    private var updateBesideKeys: RawStatement?
    private let select: RawStatement
    private var line: [UInt8] = []
    private static let keys = RowLayout.keyNames.map { FieldCatalogue.standard[$0]!.id.rawValue }

    init(_ layout: RowLayout, headers: HeaderTable, key: HashKey, in database: Database) throws {
        self.layout = layout
        self.database = database
        self.headers = headers
        self.key = key
        select = try RawStatement(database, sql: layout.selectByIDSQL)
    }

    /// The statement that writes a row over another; prepared once it is needed.
    private func statement(replacing old: StoredRow?, _ compact: CompactRow, _ derived: Derived) throws -> RawStatement {
        func kept(_ path: ReferenceWritableKeyPath<RowTable, RawStatement?>, _ sql: String) throws -> RawStatement {
            if let known = self[keyPath: path] { return known }
            let made = try RawStatement(database, sql: sql)
            self[keyPath: path] = made
            return made
        }
        guard let old else { return try kept(\.insert, layout.insertSQL) }
        return try hasSameKeys(old, compact, derived) ? kept(\.updateBesideKeys, layout.updateBesideKeysSQL) : kept(\.update, layout.updateSQL)
    }

    /// The row with this id.
    func row(_ id: RowID) throws -> StoredRow? {
        select.bind(1, id: id)
        defer { select.reset() }
        return try select.step() ? try layout.row(select, headers: headers, in: database) : nil
    }

    /// What is derived from a row's cells and kept in columns of its own.
    struct Derived {
        var life: Int64 = 0
        var profile: RowID?
        var owner: RowID?
        var other: RowID?
        var at: Int64?
        var waiting: String?
    }

    /// Inserts a row, or overwrites the one that stands in the store.
    func put(
        _ compact: CompactRow, id: RowID, kind: RowKind, scope: Int64, feed: UInt64, via: Int64?, derived: Derived, replacing old: StoredRow?
    ) throws {
        let statement = try statement(replacing: old, compact, derived)
        statement.bind(1, id: id)
        statement.bind(2, Int64(bitPattern: kind.rawValue))
        statement.bind(3, scope)
        statement.bind(4, Int64(bitPattern: feed))
        statement.bind(5, via)
        if let base = compact.base {
            statement.bind(6, try headers.ordinal(of: .init(origin: base.dot.origin, header: base.header), in: database))
            statement.bind(7, Int64(bitPattern: base.dot.sequence))
        }
        statement.bind(9, derived.life)
        if layout.table == RowLayout.customers.table {
            if let profile = derived.profile { statement.bind(10, id: profile) }
        } else {
            if let owner = derived.owner { statement.bind(10, id: owner) }
            if let other = derived.other { statement.bind(11, id: other) }
            statement.bind(12, derived.at)
            if let waiting = derived.waiting { statement.bind(13, text: waiting) }
        }
        if let old { statement.bind(layout.ordinalColumn + 1, old.ordinal) }
        var blob = CellsBlob()
        blob.exceptions = compact.exceptions
        blob.contextBeyond = compact.contextBeyond
        blob.scopesLeft = compact.scopesLeft
        if !compact.exceptions.isEmpty { bindExceptions(compact, of: id, to: statement) }
        try compact.plain.withUnsafeCells { cells in
            bindCells(cells, besides: compact.exceptions, of: id, to: statement, rest: &blob.plain)
            if !blob.isEmpty {
                statement.bind(8, blob: try blob.encoded(headers: headers, in: database))
            }
            try statement.run()
        }
    }

    /// Whether a customer has the profile, the code and the numbers that it had.
    private func hasSameKeys(_ old: StoredRow, _ new: CompactRow, _ derived: Derived) -> Bool {
        layout.table == RowLayout.customers.table && old.profile == derived.profile
            && RowTable.keys.allSatisfy { old.compact.holdsSame(in: $0, as: new) }
    }

    /// Binds the columns of plain cells; what no column holds goes into `rest`.
    ///
    /// Elements that stand as exceptions share the column of their set.
    private func bindCells(
        _ cells: PlainCells.UnsafeCells, besides exceptions: [CompactRow.Exception], of id: RowID, to statement: RawStatement,
        rest: inout PlainCells
    ) {
        let first = layout.firstColumn + 1
        var shown = exceptions.isEmpty ? [:] : presentElements(exceptions, of: id)
        var index = 0
        while index < cells.count {
            let cell = cells[index]
            guard let column = layout.index(of: cell.field) else {
                append(cell, to: &rest)
                index += 1
                continue
            }
            let description = layout.columns[column]
            if !description.isSet {
                if cell.element.isEmpty, description.holds(cell.value) {
                    description.bind(cell.value, statement, first + Int32(column))
                } else {
                    append(cell, to: &rest)
                }
                index += 1
                continue
            }
            let others = shown.removeValue(forKey: cell.field) ?? []
            if !others.isEmpty {
                index = bindLines(cells, from: index, among: others, statement, first + Int32(column), &rest)
                continue
            }
            if RowTable.isOnlyLine(cells, index) {
                statement.bind(first + Int32(column), lastingText: UnsafeRawBufferPointer(rebasing: cell.element[1...]))
                index += 1
                continue
            }
            line.removeAll(keepingCapacity: true)
            while index < cells.count, cells[index].field == cell.field {
                let element = cells[index]
                if RowLayout.Column.isLine(element.element), element.value.elementsEqual(FieldValue.present) {
                    if !line.isEmpty { line.append(UInt8(ascii: "\n")) }
                    line.append(contentsOf: UnsafeRawBufferPointer(rebasing: element.element[1...]))
                } else {
                    append(element, to: &rest)
                }
                index += 1
            }
            if !line.isEmpty { line.withUnsafeBytes { statement.bind(first + Int32(column), text: $0) } }
        }
        for (field, elements) in shown {
            guard let column = layout.index(of: field), layout.columns[column].isSet else { continue }
            bind(elements.filter(RowLayout.Column.isLine), statement, first + Int32(column))
        }
    }

    /// Binds the column of a set of which some elements are plain and others stand as exceptions.
    ///
    /// - Returns: the index after the set's plain cells.
    private func bindLines(
        _ cells: PlainCells.UnsafeCells, from start: Int, among others: [[UInt8]], _ statement: RawStatement, _ position: Int32,
        _ rest: inout PlainCells
    ) -> Int {
        var lines = others.filter(RowLayout.Column.isLine), index = start
        while index < cells.count, cells[index].field == cells[start].field {
            let cell = cells[index]
            if RowLayout.Column.isLine(cell.element), cell.value.elementsEqual(FieldValue.present) {
                lines.append(Array(cell.element))
            } else {
                append(cell, to: &rest)
            }
            index += 1
        }
        bind(lines, statement, position)
        return index
    }

    /// Whether an element is the only one of its set, and fits on a line.
    private static func isOnlyLine(_ cells: PlainCells.UnsafeCells, _ index: Int) -> Bool {
        let cell = cells[index]
        if index + 1 < cells.count, cells[index + 1].field == cell.field { return false }
        return RowLayout.Column.isLine(cell.element) && cell.value.elementsEqual(FieldValue.present)
    }

    private func append(_ cell: PlainCells.UnsafeCell, to rest: inout PlainCells) {
        rest.append(field: cell.field, writingElement: { $0 += cell.element }, writingValue: { $0 += cell.value })
    }

    /// Binds the columns of registers that stand as exceptions, as they are shown.
    private func bindExceptions(_ compact: CompactRow, of id: RowID, to statement: RawStatement) {
        for exception in compact.exceptions {
            guard let column = layout.index(of: exception.key.field), !layout.columns[column].isSet,
                let value = shownValue(exception.writes, of: id, layout.columns[column].policy)
            else { continue }
            let description = layout.columns[column], position = layout.firstColumn + 1 + Int32(column)
            value.withUnsafeBytes { value in
                guard description.holds(value) else { return }
                if description.isInteger {
                    description.bind(value, statement, position)
                } else {
                    statement.bind(position, text: UnsafeRawBufferPointer(rebasing: value[1...]))
                }
            }
        }
    }

    private func presentElements(_ exceptions: [CompactRow.Exception], of id: RowID) -> [UInt64: [[UInt8]]] {
        var out: [UInt64: [[UInt8]]] = [:]
        for exception in exceptions where !exception.key.element.isEmpty {
            let reading = CellReading(writes: exception.writes.map { Candidate(record: id, write: $0) }, key: key)
            if reading.isPresent { out[exception.key.field, default: []].append(exception.key.element) }
        }
        return out
    }

    private func shownValue(_ writes: [Write], of id: RowID, _ policy: SurvivorshipPolicy) -> [UInt8]? {
        CellReading(writes: writes.map { Candidate(record: id, write: $0) }, key: key).shown(by: policy, order: .none)?.write.value
    }

    /// Binds elements as lines in the order of their bytes.
    private func bind(_ elements: [[UInt8]], _ statement: RawStatement, _ position: Int32) {
        guard !elements.isEmpty else { return }
        let text = elements.sorted { $0.lexicographicallyPrecedes($1) }.map { $0[1...] }.joined(separator: [UInt8(ascii: "\n")])
        Array(text).withUnsafeBytes { statement.bind(position, text: $0) }
    }
}
