#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// Reads one JSON object into the cells of a row. The columns of the table grow as new names appear; a name is looked
/// for where it stood in the row before first, so that rows of one shape cost no hashing.
final class JSONRowReader {
    private let cells: RowCells
    private(set) var columns: [String] = []
    private var names: [ContiguousArray<UInt8>] = []
    private var columnByName: [String: Int] = [:]
    /// The columns that the row at hand has a value for.
    private var touched: [Int] = []

    init(_ cells: RowCells) {
        self.cells = cells
    }

    /// Reads the object that these bytes of the row hold, and nothing else; returns what is wrong with it. A row that
    /// is wrong adds no columns.
    func read(_ base: UnsafePointer<UInt8>, from start: Int, to end: Int) -> TableError? {
        for column in touched { cells.kinds[column] = .absent }
        touched.removeAll(keepingCapacity: true)
        let columnsBefore = columns.count
        let fault = readObject(base, from: start, to: end)
        if fault != nil { forgetColumns(from: columnsBefore) }
        cells.columnCount = columns.count
        return fault
    }

    private func readObject(_ base: UnsafePointer<UInt8>, from start: Int, to end: Int) -> TableError? {
        if memchr(base + start, 0, end - start) != nil { return .nulByte }
        if !UTF8Check.isValid(base + start, end - start) { return .encodingInvalid }
        if base[start] != Byte.openBrace {
            var scan = JSONScan(base + start, end - start)
            let isValue = (try? scan.value()) != nil && scan.position == end - start
            return isValue ? .jsonNotObject : .jsonInvalid(offset: scan.position + 1)
        }
        var scan = JSONScan(base, end, from: start)
        cells.beginScratch()
        do throws(JSONScan.Fault) {
            return try readMembers(&scan)
        } catch {
            switch error {
            case .invalid(let offset): return .jsonInvalid(offset: offset - start + 1)
            case .nul: return .nulByte
            }
        }
    }

    private func readMembers(_ scan: inout JSONScan) throws(JSONScan.Fault) -> TableError? {
        try scan.expect(Byte.openBrace)
        scan.skipSpace()
        var isEmpty = scan.take(Byte.closeBrace)
        while !isEmpty {
            scan.skipSpace()
            let name = try scan.text()
            scan.skipSpace()
            try scan.expect(UInt8(ascii: ":"))
            scan.skipSpace()
            let start = scan.position
            let kind = try scan.value()
            guard let column = column(named: name, in: scan.base) else { return .tooManyColumns }
            if cells.kinds[column] != .absent { return .jsonDuplicateName }
            let quotes = kind == .text ? 2 : 0
            if scan.position - start - quotes > TableLimits.cellBytes {
                return .cellTooLarge(position: touched.count + 1)
            }
            store(kind, column, scan.base, start, scan.position)
            scan.skipSpace()
            isEmpty = scan.take(Byte.closeBrace)
            if !isEmpty { try scan.expect(Byte.comma) }
        }
        if scan.position != scan.count { throw scan.fault }
        return nil
    }

    private func store(_ kind: CellKind, _ column: Int, _ base: UnsafePointer<UInt8>, _ start: Int, _ end: Int) {
        touched.append(column)
        cells.kinds[column] = kind
        guard kind == .text else {
            cells.starts[column] = UInt32(start)
            cells.ends[column] = UInt32(end)
            return
        }
        let inner = UnsafeBufferPointer(start: base + start + 1, count: end - start - 2)
        if memchr(base + start, Int32(Byte.backslash), end - start) == nil {
            cells.starts[column] = UInt32(start + 1)
            cells.ends[column] = UInt32(end - 1)
        } else {
            let written = JSONScan.unescape(inner, into: cells.reserveScratch(inner.count))
            (cells.starts[column], cells.ends[column]) = cells.commitScratch(written)
        }
    }

    /// The column of this name, added where it is new; nil where the table has too many.
    private func column(named name: JSONScan.Text, in base: UnsafePointer<UInt8>) -> Int? {
        let bytes = UnsafeBufferPointer(start: base + name.start, count: name.end - name.start)
        let expected = (touched.last ?? -1) + 1
        if !name.hasEscapes && expected < names.count && names[expected].elementsEqual(bytes) { return expected }
        let text =
            name.hasEscapes
            ? String(unsafeUninitializedCapacity: bytes.count) { buffer in
                buffer.baseAddress.map { JSONScan.unescape(bytes, into: $0) } ?? 0
            } : String(decoding: bytes, as: UTF8.self)
        if let column = columnByName[text] { return column }
        if columns.count == TableLimits.columns { return nil }
        columnByName[text] = columns.count
        columns.append(text)
        names.append(ContiguousArray(text.utf8))
        return columns.count - 1
    }

    private func forgetColumns(from count: Int) {
        for column in touched where column >= count { cells.kinds[column] = .absent }
        touched.removeAll { $0 >= count }
        for name in columns[count...] { columnByName[name] = nil }
        columns.removeSubrange(count...)
        names.removeSubrange(count...)
    }
}
