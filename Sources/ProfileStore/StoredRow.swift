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
    let ordinal: Int64
    let scope: Int64
    /// The neighbour from which exactly this state came.
    let via: Int64?
    let profile: RowID?

    /// The long form.
    public var state: RowState { compact.expanded }
}

extension RowLayout {
    /// Reads the row on which a statement of `selectSQL` stands.
    func row(_ statement: RawStatement, headers: HeaderTable, in database: Database) throws -> StoredRow {
        guard let id = UniqueID(bytes: statement.bytes(0)) else { throw RowBytes.damaged("id") }
        var blob = CellsBlob()
        if !statement.isNull(7) { blob = try CellsBlob(statement.bytes(7), headers: headers, in: database) }
        var base: CompactRow.Base?
        var plain: [CompactRow.PlainCell] = []
        if let header = statement.optionalInt64(5) {
            let entry = try headers.entry(header, in: database)
            base = CompactRow.Base(
                dot: Dot(origin: entry.origin, sequence: UInt64(bitPattern: statement.int64(6))), header: entry.header)
            plain = blob.plain
            readPlain(statement, except: blob.exceptions, into: &plain)
            if !blob.plain.isEmpty { plain.sort { $0.key < $1.key } }
        }
        var profile: RowID?
        if table == RowLayout.customers.table, !statement.isNull(9) { profile = UniqueID(bytes: statement.bytes(9)) }
        return StoredRow(
            id: id, kind: RowKind(rawValue: UInt64(bitPattern: statement.int64(1))), feed: UInt64(bitPattern: statement.int64(3)),
            compact: CompactRow(
                base: base, plain: plain, exceptions: blob.exceptions, contextBeyond: blob.contextBeyond, scopesLeft: blob.scopesLeft),
            ordinal: statement.int64(ordinalColumn), scope: statement.int64(2), via: statement.optionalInt64(4), profile: profile)
    }

    /// Reads the plain cells that stand in columns, in the order of the fields.
    private func readPlain(_ statement: RawStatement, except exceptions: [CompactRow.Exception], into plain: inout [CompactRow.PlainCell]) {
        let taken: Set<CellKey>? = exceptions.isEmpty ? nil : Set(exceptions.map(\.key))
        plain.reserveCapacity(plain.count + 12)
        for (index, column) in columns.enumerated() {
            let position = firstColumn + Int32(index)
            if statement.isNull(position) { continue }
            let field = column.field.rawValue
            if column.isSet {
                for line in statement.bytes(position).split(separator: UInt8(ascii: "\n")) {
                    let key = CellKey(field: field, element: RowLayout.tagged(.text, line))
                    if taken?.contains(key) != true { plain.append(.init(key: key, value: FieldValue.present)) }
                }
                continue
            }
            let key = CellKey(field: field)
            if taken?.contains(key) == true { continue }
            plain.append(.init(key: key, value: column.value(statement, position)))
        }
    }

    @inline(__always)
    static func tagged(_ tag: FieldValue.Tag, _ payload: Slice<UnsafeRawBufferPointer>) -> [UInt8] {
        tagged(tag, UnsafeRawBufferPointer(rebasing: payload))
    }

    @inline(__always)
    static func tagged(_ tag: FieldValue.Tag, _ payload: UnsafeRawBufferPointer) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: payload.count + 1) { buffer, count in
            buffer[0] = tag.rawValue
            if payload.count > 0 {
                UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[1...]).copyMemory(from: payload)
            }
            count = payload.count + 1
        }
    }
}

extension RowLayout.Column {
    /// The canonical bytes of a register's column.
    func value(_ statement: RawStatement, _ position: Int32) -> [UInt8] {
        switch tag {
        case .integer: FieldValue.integer(statement.int64(position)).bytes
        case .time: FieldValue.time(statement.int64(position)).bytes
        case .boolean: FieldValue.boolean(statement.int64(position) != 0).bytes
        default: RowLayout.tagged(tag, statement.bytes(position))
        }
    }

    /// Whether the column can hold a value and give it back byte for byte.
    @inline(__always)
    func holds(_ value: [UInt8]) -> Bool { value.first == tag.rawValue }

    /// Binds a register's canonical bytes, which the column must hold.
    @inline(__always)
    func bind(_ value: [UInt8], _ statement: RawStatement, _ position: Int32) {
        if !isInteger {
            value.withUnsafeBytes { statement.bind(position, text: UnsafeRawBufferPointer(rebasing: $0[1...])) }
            return
        }
        switch FieldValue(bytes: value) {
        case .integer(let number), .time(let number): statement.bind(position, number)
        case .boolean(let flag): statement.bind(position, flag ? 1 : 0)
        default: break
        }
    }

    /// Whether an element of a set can stand as a line of its column.
    @inline(__always)
    static func isLine(_ element: [UInt8]) -> Bool {
        element.count > 1 && element[0] == FieldValue.Tag.text.rawValue && !element.contains(UInt8(ascii: "\n"))
    }
}
