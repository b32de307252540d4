internal import Causality
internal import GRDB
internal import ProfileModel

/// What a row's columns do not say: exceptions, plain cells without a column, context beyond the living writes, scopes
/// left. One blob a row, absent where it would say nothing.
///
/// Layout, all numbers LEB128: version 1; plain cells (field, element, value); exceptions (field, element, writes);
/// context (origin, sequence); scopes. A write is a header's number, a sequence, flags and what the flags announce.
struct CellsBlob {
    var plain = PlainCells()
    var exceptions: [CompactRow.Exception] = []
    var contextBeyond = CausalContext()
    var scopesLeft: [String] = []

    var isEmpty: Bool { plain.isEmpty && exceptions.isEmpty && contextBeyond.isEmpty && scopesLeft.isEmpty }

    private static let version: UInt64 = 1

    private struct Flags: OptionSet {
        let rawValue: UInt64
        static let value = Flags(rawValue: 1)
        static let overrules = Flags(rawValue: 2)
        static let seen = Flags(rawValue: 4)
        static let original = Flags(rawValue: 8)
    }

    // MARK: Encoding

    func encoded(headers: HeaderTable, in database: Database) throws -> [UInt8] {
        var out = RowBytes()
        out.append(CellsBlob.version)
        out.append(UInt64(plain.count))
        for cell in plain {
            out.append(cell.key.field)
            out.append(cell.key.element)
            out.append(cell.value)
        }
        out.append(UInt64(exceptions.count))
        for exception in exceptions {
            out.append(exception.key.field)
            out.append(exception.key.element)
            try CellsBlob.append(exception.writes, to: &out, headers: headers, in: database)
        }
        out.append(contextBeyond)
        out.append(UInt64(scopesLeft.count))
        for scope in scopesLeft { out.append(Array(scope.utf8)) }
        return out.bytes
    }

    /// Appends writes with their number before them.
    static func append(_ writes: some Collection<Write>, to out: inout RowBytes, headers: HeaderTable, in database: Database) throws {
        out.append(UInt64(writes.count))
        for write in writes {
            let header = HeaderTable.Entry(origin: write.dot.origin, header: write.header)
            out.append(UInt64(try headers.ordinal(of: header, in: database)))
            out.append(write.dot.sequence)
            var flags: Flags = []
            if write.value != nil { flags.insert(.value) }
            if !write.overrules.isEmpty { flags.insert(.overrules) }
            if write.seen != nil { flags.insert(.seen) }
            if write.original != nil { flags.insert(.original) }
            out.append(flags.rawValue)
            if let value = write.value { out.append(value) }
            if !write.overrules.isEmpty {
                out.append(UInt64(write.overrules.count))
                for overruling in write.overrules { out.append(overruling) }
            }
            if let seen = write.seen { out.append(seen) }
            if let original = write.original { out.append(original) }
        }
    }

    // MARK: Decoding

    init() {}

    init(_ bytes: UnsafeRawBufferPointer, headers: HeaderTable, in database: Database) throws {
        var reader = RowBytes.Reader(bytes)
        guard try reader.number() == CellsBlob.version else { throw RowBytes.damaged("cells version") }
        for _ in 0..<(try reader.count()) {
            let key = CellKey(field: try reader.number(), element: try reader.bytes())
            plain.append(CompactRow.PlainCell(key: key, value: try reader.bytes()))
        }
        for _ in 0..<(try reader.count()) {
            let key = CellKey(field: try reader.number(), element: try reader.bytes())
            exceptions.append(.init(key: key, writes: try CellsBlob.writes(&reader, headers: headers, in: database)))
        }
        contextBeyond = try reader.context()
        for _ in 0..<(try reader.count()) { scopesLeft.append(String(decoding: try reader.bytes(), as: UTF8.self)) }
    }

    static func writes(_ reader: inout RowBytes.Reader, headers: HeaderTable, in database: Database) throws -> [Write] {
        var writes: [Write] = []
        for _ in 0..<(try reader.count()) {
            let entry = try headers.entry(Int64(bitPattern: try reader.number()), in: database)
            let dot = Dot(origin: entry.origin, sequence: try reader.number())
            let flags = Flags(rawValue: try reader.number())
            let value = flags.contains(.value) ? try reader.bytes() : nil
            var overrules: [Overruling] = []
            if flags.contains(.overrules) {
                for _ in 0..<(try reader.count()) { overrules.append(try reader.overruling()) }
            }
            let seen = flags.contains(.seen) ? try reader.context() : nil
            let original = flags.contains(.original) ? try reader.dot() : nil
            writes.append(Write(dot: dot, header: entry.header, value: value, overrules: overrules, seen: seen, original: original))
        }
        return writes
    }
}
