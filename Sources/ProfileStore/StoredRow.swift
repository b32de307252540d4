public import Causality
internal import GRDB
public import ProfileModel

/// A row as it stands in the store.
public struct StoredRow: Sendable {
    public let id: RowID
    public let kind: RowKind
    /// Its place in this node's feed.
    public let feed: UInt64
    public let compact: CompactRow
    /// Its number here, by which what is derived of it names it.
    public let ordinal: Int64
    let scope: Int64
    /// The neighbour from which exactly this state came.
    let via: Int64?
    let profile: RowID?
    let life: Int64

    /// The long form.
    public var state: RowState { compact.expanded }

    /// Whether it is a customer that somebody deleted, and nobody has written since.
    public var isDeleted: Bool { life == 1 }
}

extension RowLayout {
    /// Reads the row on which a statement of `selectSQL` stands.
    func row(_ statement: RawStatement, headers: HeaderTable, in database: Database) throws -> StoredRow {
        guard let id = UniqueID(bytes: statement.bytes(0)) else { throw RowBytes.damaged("id") }
        var blob = CellsBlob()
        if !statement.isNull(7) { blob = try CellsBlob(statement.bytes(7), headers: headers, in: database) }
        var base: CompactRow.Base?
        var plain = PlainCells()
        if let header = statement.optionalInt64(5) {
            let entry = try headers.entry(header, in: database)
            base = CompactRow.Base(
                dot: Dot(origin: entry.origin, sequence: UInt64(bitPattern: statement.int64(6))), header: entry.header)
            plain = blob.plain
            readPlain(statement, except: blob.exceptions, into: &plain)
            if !blob.plain.isEmpty { plain.sort() }
        }
        var profile: RowID?
        if table == RowLayout.customers.table, !statement.isNull(9) { profile = UniqueID(bytes: statement.bytes(9)) }
        return StoredRow(
            id: id, kind: RowKind(rawValue: UInt64(bitPattern: statement.int64(1))), feed: UInt64(bitPattern: statement.int64(3)),
            compact: CompactRow(
                base: base, plain: plain, exceptions: blob.exceptions, contextBeyond: blob.contextBeyond, scopesLeft: blob.scopesLeft),
            ordinal: statement.int64(ordinalColumn), scope: statement.int64(2), via: statement.optionalInt64(4), profile: profile,
            life: statement.int64(8))
    }

    /// Reads the plain cells that stand in columns, in the order of the fields.
    private func readPlain(_ statement: RawStatement, except exceptions: [CompactRow.Exception], into plain: inout PlainCells) {
        plain.reserveCapacity(cells: plain.count + 16, bytes: plain.byteCount + 256)
        for index in columns.indices {
            let position = firstColumn + Int32(index)
            if statement.isNull(position) { continue }
            let field = columns[index].field.rawValue, taken = exceptions.filter { $0.key.field == field }
            if columns[index].isSet {
                RowLayout.readLines(statement.bytes(position), of: field, except: taken, into: &plain)
            } else if !taken.contains(where: { $0.key.element.isEmpty }) {
                plain.append(field: field) { columns[index].appendValue(statement, position, to: &$0) }
            }
        }
    }

    /// Reads the elements of a set, which stand as lines.
    private static func readLines(
        _ lines: UnsafeRawBufferPointer, of field: UInt64, except taken: [CompactRow.Exception], into plain: inout PlainCells
    ) {
        let present = FieldValue.present
        var start = 0
        while start < lines.count {
            var end = start
            while end < lines.count, lines[end] != UInt8(ascii: "\n") { end += 1 }
            let line = UnsafeRawBufferPointer(rebasing: lines[start..<end])
            start = end + 1
            if line.isEmpty || taken.contains(where: { isText($0.key.element, of: line) }) { continue }
            plain.append(field: field, writingElement: { append(.text, line, to: &$0) }, writingValue: { $0 += present })
        }
    }

    private static func isText(_ element: [UInt8], of line: UnsafeRawBufferPointer) -> Bool {
        element.first == FieldValue.Tag.text.rawValue && element.dropFirst().elementsEqual(line)
    }

    @inline(__always)
    static func append(_ tag: FieldValue.Tag, _ payload: UnsafeRawBufferPointer, to bytes: inout [UInt8]) {
        bytes.append(tag.rawValue)
        bytes.append(contentsOf: payload)
    }
}

extension RowLayout.Column {
    /// Appends the canonical bytes of a register's column.
    func appendValue(_ statement: RawStatement, _ position: Int32, to bytes: inout [UInt8]) {
        switch tag {
        case .integer: bytes += FieldValue.integer(statement.int64(position)).bytes
        case .time: bytes += FieldValue.time(statement.int64(position)).bytes
        case .boolean: bytes += FieldValue.boolean(statement.int64(position) != 0).bytes
        default: RowLayout.append(tag, statement.bytes(position), to: &bytes)
        }
    }

    /// Whether the column can hold a value and give it back byte for byte.
    @inline(__always)
    func holds(_ value: UnsafeRawBufferPointer) -> Bool { value.first == tag.rawValue }

    /// Binds a register's canonical bytes, which the column must hold and which must stay in place until the statement ran.
    @inline(__always)
    func bind(_ value: UnsafeRawBufferPointer, _ statement: RawStatement, _ position: Int32) {
        if !isInteger {
            statement.bind(position, lastingText: UnsafeRawBufferPointer(rebasing: value[1...]))
            return
        }
        switch FieldValue(bytes: Array(value)) {
        case .integer(let number), .time(let number): statement.bind(position, number)
        case .boolean(let flag): statement.bind(position, flag ? 1 : 0)
        default: break
        }
    }

    /// Whether an element of a set can stand as a line of its column.
    @inline(__always)
    static func isLine(_ element: some Collection<UInt8>) -> Bool {
        element.count > 1 && element.first == FieldValue.Tag.text.rawValue && !element.contains(UInt8(ascii: "\n"))
    }
}
