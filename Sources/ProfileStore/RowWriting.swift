internal import Causality
internal import GRDB
internal import ProfileModel

/// Binds rows to the statements of one table within one write transaction.
final class RowTable {
    let layout: RowLayout
    private let database: Database
    private let headers: HeaderTable
    private let key: HashKey
    private let insert: RawStatement
    private let update: RawStatement
    private let select: RawStatement
    private var line: [UInt8] = []

    init(_ layout: RowLayout, headers: HeaderTable, key: HashKey, in database: Database) throws {
        self.layout = layout
        self.database = database
        self.headers = headers
        self.key = key
        insert = try RawStatement(database, sql: layout.insertSQL)
        update = try RawStatement(database, sql: layout.updateSQL)
        select = try RawStatement(database, sql: layout.selectSQL(where: "id = ?"))
    }

    /// The row with this id.
    func row(_ id: RowID) throws -> StoredRow? {
        select.bind(1, blob: id.bytes)
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

    /// Inserts a row, or overwrites the one with this ordinal.
    func put(
        _ compact: CompactRow, id: RowID, kind: RowKind, scope: Int64, feed: UInt64, via: Int64?, derived: Derived, ordinal: Int64?
    ) throws {
        let statement = ordinal == nil ? insert : update
        statement.bind(1, blob: id.bytes)
        statement.bind(2, Int64(bitPattern: kind.rawValue))
        statement.bind(3, scope)
        statement.bind(4, Int64(bitPattern: feed))
        statement.bind(5, via)
        if let base = compact.base {
            statement.bind(6, try headers.ordinal(of: .init(origin: base.dot.origin, header: base.header), in: database))
            statement.bind(7, Int64(bitPattern: base.dot.sequence))
        }
        var blob = CellsBlob()
        blob.exceptions = compact.exceptions
        blob.contextBeyond = compact.contextBeyond
        blob.scopesLeft = compact.scopesLeft
        bindCells(compact, of: id, to: statement, rest: &blob.plain)
        if !blob.isEmpty {
            statement.bind(8, blob: try blob.encoded(headers: headers, in: database))
        }
        statement.bind(9, derived.life)
        if layout.table == RowLayout.customers.table {
            if let profile = derived.profile { statement.bind(10, blob: profile.bytes) }
        } else {
            if let owner = derived.owner { statement.bind(10, blob: owner.bytes) }
            if let other = derived.other { statement.bind(11, blob: other.bytes) }
            statement.bind(12, derived.at)
            if let waiting = derived.waiting { statement.bind(13, text: waiting) }
        }
        if let ordinal { statement.bind(layout.ordinalColumn + 1, ordinal) }
        try statement.run()
    }

    /// Binds the columns: plain cells exactly, exceptions as they are shown; what no column holds goes into `rest`.
    private func bindCells(_ compact: CompactRow, of id: RowID, to statement: RawStatement, rest: inout [CompactRow.PlainCell]) {
        let first = layout.firstColumn + 1
        var index = 0
        let plain = compact.plain
        var sets: [Int: [[UInt8]]] = [:]
        let shownElements = compact.exceptions.isEmpty ? nil : presentElements(compact.exceptions, of: id)
        while index < plain.count {
            let cell = plain[index]
            guard let column = layout.index(of: cell.key.field) else {
                rest.append(cell)
                index += 1
                continue
            }
            let description = layout.columns[column]
            if !description.isSet {
                if cell.key.element.isEmpty, description.holds(cell.value) {
                    description.bind(cell.value, statement, first + Int32(column))
                } else {
                    rest.append(cell)
                }
                index += 1
                continue
            }
            var lines: [[UInt8]] = []
            while index < plain.count, plain[index].key.field == cell.key.field {
                let element = plain[index].key.element
                if RowLayout.Column.isLine(element), plain[index].value == FieldValue.present {
                    lines.append(element)
                } else {
                    rest.append(plain[index])
                }
                index += 1
            }
            if shownElements?[cell.key.field] != nil { sets[column] = lines } else { bind(lines, statement, first + Int32(column)) }
        }
        guard let shownElements else { return }
        for (field, elements) in shownElements {
            guard let column = layout.index(of: field), layout.columns[column].isSet else { continue }
            let lines = (sets[column] ?? []) + elements.filter(RowLayout.Column.isLine)
            bind(lines.sorted { $0.lexicographicallyPrecedes($1) }, statement, first + Int32(column))
        }
        for exception in compact.exceptions {
            guard let column = layout.index(of: exception.key.field), !layout.columns[column].isSet,
                let value = shownValue(exception.writes, of: id, layout.columns[column].policy), layout.columns[column].holds(value)
            else { continue }
            layout.columns[column].bind(value, statement, first + Int32(column))
        }
    }

    private func presentElements(_ exceptions: [CompactRow.Exception], of id: RowID) -> [UInt64: [[UInt8]]] {
        var out: [UInt64: [[UInt8]]] = [:]
        for exception in exceptions where !exception.key.element.isEmpty {
            let reading = CellReading(writes: exception.writes.map { Candidate(record: id, write: $0) }, key: key)
            out[exception.key.field, default: []] += reading.isPresent ? [exception.key.element] : []
        }
        return out
    }

    private func shownValue(_ writes: [Write], of id: RowID, _ policy: SurvivorshipPolicy) -> [UInt8]? {
        CellReading(writes: writes.map { Candidate(record: id, write: $0) }, key: key).shown(by: policy, order: .none)?.write.value
    }

    private func bind(_ lines: [[UInt8]], _ statement: RawStatement, _ position: Int32) {
        guard !lines.isEmpty else { return }
        line.removeAll(keepingCapacity: true)
        for element in lines {
            if !line.isEmpty { line.append(UInt8(ascii: "\n")) }
            line.append(contentsOf: element[1...])
        }
        line.withUnsafeBytes { statement.bind(position, text: $0) }
    }
}
