internal import Causality
internal import ProfileModel

/// Reads the content of a frame.
struct FrameContentDecoder {
    struct Column {
        let field: UInt64
        var values: ValueSource, elements: ValueSource, elementValues: ValueSource
    }

    private let through: UInt64
    private let rowCount: Int
    private var partsLeft: Int
    /// The bytes that the values of columns may still take.
    private var bytesLeft: Int
    private let hashKey: HashKey
    private var columns: [Column] = []
    private var texts: [String] = []
    private var operations: [OperationID] = []
    private var headers: [Header] = []
    private var origins: [Origin] = []
    private var shapes: [[ShapeCell]] = []
    private var baseSequence: UInt64 = 0
    /// The last sequence of an exception's write, by origin.
    private var writeSequences: [UInt64] = []
    private var ids: ByteSource, kinds: ByteSource, flags: ByteSource, bases: ByteSource, rowShapes: ByteSource
    private var exceptions: ByteSource, contexts: ByteSource, scopes: ByteSource, fingerprints: ByteSource
    private var references: ByteSource

    init(_ content: UnsafeRawBufferPointer, hashKey: HashKey, limits: FrameLimits) throws(WireError) {
        var source = ByteSource(content)
        self.hashKey = hashKey
        partsLeft = limits.partsMaximum
        bytesLeft = limits.bytesMaximum
        through = try source.word()
        let rows = try source.varint(), columnCount = try source.varint()
        guard through <= UInt64(Int64.max) else { throw .garbage }
        guard rows <= UInt64(limits.rowsMaximum), columnCount <= UInt64(partsLeft) else { throw .tooLarge }
        rowCount = Int(rows)
        partsLeft -= Int(columnCount)
        var lengths: [Int] = []
        for _ in 0..<FrameStreams.count { lengths.append(try source.index(below: content.count + 1)) }
        var fields: [UInt64] = []
        var known = Set<UInt64>()
        for _ in 0..<columnCount {
            let field = try source.varint()
            guard known.insert(field).inserted else { throw .garbage }
            fields.append(field)
            for _ in 0..<3 { lengths.append(try source.index(below: content.count + 1)) }
        }
        var pieces: [ByteSource] = []
        pieces.reserveCapacity(lengths.count)
        for length in lengths { pieces.append(ByteSource(try source.bytes(length))) }
        guard source.left == 0 else { throw .garbage }
        for (index, field) in fields.enumerated() {
            let at = FrameStreams.count + 3 * index
            columns.append(Column(
                field: field, values: try ValueSource(pieces[at], partsLeft: &partsLeft),
                elements: try ValueSource(pieces[at + 1], partsLeft: &partsLeft),
                elementValues: try ValueSource(pieces[at + 2], partsLeft: &partsLeft)))
        }
        ids = pieces[0]
        kinds = pieces[1]
        flags = pieces[2]
        bases = pieces[7]
        rowShapes = pieces[9]
        exceptions = pieces[10]
        contexts = pieces[11]
        scopes = pieces[12]
        fingerprints = pieces[13]
        references = pieces[14]
        try readDictionaries(texts: pieces[3], operations: pieces[4], headers: pieces[5], origins: pieces[6], shapes: pieces[8])
    }

    /// All rows, and a check that nothing is left over.
    mutating func frame() throws(WireError) -> Frame {
        var rows: [WireRow] = []
        rows.reserveCapacity(rowCount)
        var lean: [Int] = []
        for at in 0..<rowCount {
            rows.append(try row())
            if case .lean = rows[at].body { lean.append(at) }
            if lean.count == LeanGroup.rowsMaximum { try readLeanSum(&lean, into: &rows) }
        }
        if !lean.isEmpty { try readLeanSum(&lean, into: &rows) }
        for stream in [ids, kinds, flags, bases, rowShapes, exceptions, contexts, scopes, fingerprints, references] where stream.left > 0 {
            throw .garbage
        }
        for column in columns where column.values.left + column.elements.left + column.elementValues.left > 0 { throw .garbage }
        return Frame(rows: rows, through: through)
    }

    /// The last lean row of a group keeps the sum of all.
    private mutating func readLeanSum(_ lean: inout [Int], into rows: inout [WireRow]) throws(WireError) {
        let last = rows[lean[lean.count - 1]]
        guard case .lean(var row) = last.body else { return }
        row.fingerprint = try fingerprints.word()
        rows[lean[lean.count - 1]] = WireRow(reference: last.reference, kind: last.kind, body: .lean(row))
        lean.removeAll(keepingCapacity: true)
    }

    /// Counts parts before they are made.
    @inline(__always)
    private mutating func take(parts: Int) throws(WireError) {
        guard parts <= partsLeft else { throw .tooLarge }
        partsLeft -= parts
    }

    /// Reads how many parts follow.
    private mutating func partCount(_ count: UInt64) throws(WireError) -> Int {
        guard count <= UInt64(partsLeft) else { throw .tooLarge }
        partsLeft -= Int(count)
        return Int(count)
    }

    // MARK: Dictionaries

    private mutating func readDictionaries(
        texts textSource: ByteSource, operations operationSource: ByteSource, headers headerSource: ByteSource,
        origins originSource: ByteSource, shapes shapeSource: ByteSource
    ) throws(WireError) {
        var source = textSource
        while source.left > 0 {
            try take(parts: 1)
            texts.append(try source.text())
        }
        source = operationSource
        while source.left > 0 {
            try take(parts: 1)
            operations.append(OperationID(high: try source.word().byteSwapped, low: try source.word().byteSwapped))
        }
        source = originSource
        while source.left > 0 {
            try take(parts: 1)
            origins.append(Origin(rawValue: try source.word()))
        }
        source = headerSource
        var stamp: UInt64 = 0
        while source.left > 0 {
            try take(parts: 1)
            stamp = try source.difference(from: stamp)
            let author = texts[try source.index(below: texts.count)]
            let speaker = try source.index(below: texts.count + 1)
            let operation = operations[try source.index(below: operations.count)]
            headers.append(Header(
                stamp: Stamp(rawValue: Int64(bitPattern: stamp)), author: author, source: speaker == 0 ? nil : texts[speaker - 1],
                operation: operation))
        }
        source = shapeSource
        while source.left > 0 { shapes.append(try shape(&source)) }
    }

    /// A shape's cells are in the order of their fields; several of one field are elements.
    private mutating func shape(_ source: inout ByteSource) throws(WireError) -> [ShapeCell] {
        try take(parts: 1)
        let count = try partCount(try source.varint())
        var cells: [ShapeCell] = []
        cells.reserveCapacity(count)
        for _ in 0..<count {
            let code = try source.index(below: columns.count << 1)
            let cell = ShapeCell(column: code >> 1, isElement: code & 1 == 1)
            if let last = cells.last {
                let before = columns[last.column].field, field = columns[cell.column].field
                guard before < field || before == field && cell.isElement else { throw .garbage }
            }
            cells.append(cell)
        }
        return cells
    }

    // MARK: Rows

    private mutating func row() throws(WireError) -> WireRow {
        try take(parts: 1)
        let byte = try self.flags.byte()
        if byte == RowFlags.departed {
            let id = RowID(high: try ids.word().byteSwapped, low: try ids.word().byteSwapped)
            return WireRow(id: id, kind: RowKind(rawValue: try kinds.varint()), body: .departed(try departed()))
        }
        let flags = try RowFlags(byte: byte)
        if flags.isLean { return try leanRow(flags) }
        let spelled = flags.hasNaturalID ? nil : RowID(high: try ids.word().byteSwapped, low: try ids.word().byteSwapped)
        let kind = RowKind(rawValue: try kinds.varint())
        let base = flags.hasBase ? try self.base() : nil
        let plain = flags.hasBase ? try self.plain() : []
        guard let id = spelled ?? RowID(naturalIn: plain, hashKey: hashKey) else { throw .garbage }
        var whole: [CompactRow.Exception] = []
        if flags.hasExceptions {
            for exception in try self.exceptions(plain: plain) {
                whole.append(CompactRow.Exception(key: exception.key, writes: try exception.writes.map { (write) throws(WireError) in
                    guard case .whole(let write) = write else { throw .garbage }
                    return write
                }))
            }
        }
        return WireRow(id: id, kind: kind, body: .whole(CompactRow(
            base: base, plain: plain, exceptions: whole,
            contextBeyond: flags.hasContext ? try rowContext() : CausalContext(),
            scopesLeft: flags.hasScopes ? try scopesLeft() : [])))
    }

    private mutating func departed() throws(WireError) -> DepartedRow {
        let row = DepartedRow(context: try rowContext(), scopes: try scopesLeft(), scopesLeft: try scopesLeft())
        guard !row.context.isEmpty, !row.scopes.isEmpty, !row.scopesLeft.isEmpty else { throw .garbage }
        return row
    }

    private mutating func leanRow(_ flags: RowFlags) throws(WireError) -> WireRow {
        let byteCount = try references.index(below: RowReference.byteCountMaximum + 1)
        guard byteCount > 0 else { throw .garbage }
        let bytes = Array(try ids.bytes(byteCount)) + [UInt8](repeating: 0, count: RowReference.byteCountMaximum - byteCount)
        guard let id = RowID(bytes: bytes) else { throw .garbage }
        let kind = RowKind(rawValue: try kinds.varint())
        let base = flags.hasBase ? try self.base() : nil
        let plain = flags.hasBase ? try self.plain() : []
        let exceptions = flags.hasExceptions ? try self.exceptions(plain: plain) : []
        return WireRow(reference: RowReference(id, byteCount: byteCount), kind: kind, body: .lean(LeanRow(
            base: base, plain: flags.leavesOutPlain ? nil : plain, exceptions: exceptions,
            contextBeyond: flags.hasContext ? try rowContext() : CausalContext(),
            scopesLeft: flags.hasScopes ? try scopesLeft() : [], fingerprint: 0)))
    }

    private mutating func base() throws(WireError) -> CompactRow.Base {
        let origin = origins[try bases.index(below: origins.count)]
        baseSequence = try bases.difference(from: baseSequence)
        let header = headers[try bases.index(below: headers.count)]
        return CompactRow.Base(dot: try dot(origin, baseSequence), header: header)
    }

    private mutating func plain() throws(WireError) -> PlainCells {
        let shape = shapes[try rowShapes.index(below: shapes.count)]
        try take(parts: shape.count)
        var cells = PlainCells()
        cells.reserveCapacity(cells: shape.count, bytes: 16 * shape.count)
        for cell in shape {
            let column = cell.column
            try cells.append(
                field: columns[column].field,
                writingElement: { (bytes) throws(WireError) in
                    if cell.isElement { try appendElement(of: column, to: &bytes) }
                },
                writingValue: { (bytes) throws(WireError) in
                    if cell.isElement {
                        try columns[column].elementValues.appendNext(to: &bytes, bytesLeft: &bytesLeft)
                    } else {
                        try columns[column].values.appendNext(to: &bytes, bytesLeft: &bytesLeft)
                    }
                })
        }
        guard cells.isInOrder else { throw .garbage }
        return cells
    }

    /// An element's key is not empty: an empty one names a register.
    private mutating func appendElement(of column: Int, to bytes: inout [UInt8]) throws(WireError) {
        let start = bytes.count
        try columns[column].elements.appendNext(to: &bytes, bytesLeft: &bytesLeft)
        guard bytes.count > start else { throw .garbage }
    }

    private mutating func element(of column: Int) throws(WireError) -> [UInt8] {
        var element: [UInt8] = []
        try appendElement(of: column, to: &element)
        return element
    }

    private mutating func exceptions(plain: PlainCells) throws(WireError) -> [LeanRow.Exception] {
        let count = try partCount(try exceptions.varint())
        guard count > 0 else { throw .garbage }
        var cells: [LeanRow.Exception] = []
        cells.reserveCapacity(count)
        var nextPlain = 0
        for _ in 0..<count {
            let code = try exceptions.index(below: columns.count << 1)
            let column = code >> 1, isElement = code & 1 == 1
            let key = CellKey(field: columns[column].field, element: isElement ? try element(of: column) : [])
            if let last = cells.last, !(last.key < key) { throw .garbage }
            while nextPlain < plain.count, plain[nextPlain].key < key { nextPlain += 1 }
            if nextPlain < plain.count, plain[nextPlain].key == key { throw .garbage }
            let writeCount = try partCount(try exceptions.varint())
            guard writeCount > 0 else { throw .garbage }
            // A write takes the memory of two parts.
            try take(parts: writeCount)
            var writes: [LeanRow.LeanWrite] = []
            writes.reserveCapacity(writeCount)
            for _ in 0..<writeCount {
                let write = try write(column: column, isElement: isElement)
                if let last = writes.last, write == last { throw .garbage }
                if let last = writes.last?.dot, let dot = write.dot, dot < last { throw .garbage }
                writes.append(write)
            }
            cells.append(LeanRow.Exception(key: key, writes: writes))
        }
        return cells
    }

    private mutating func write(column: Int, isElement: Bool) throws(WireError) -> LeanRow.LeanWrite {
        let flags = try exceptions.byte()
        guard WriteFlags.areKnown(flags) else { throw .garbage }
        if flags == WriteFlags.heldBase { return .heldBase }
        let origin = try exceptions.index(below: origins.count)
        while writeSequences.count <= origin { writeSequences.append(0) }
        writeSequences[origin] = try exceptions.difference(from: writeSequences[origin])
        let dot = try dot(origins[origin], writeSequences[origin])
        if flags == WriteFlags.held { return .held(dot) }
        let header = headers[try exceptions.index(below: headers.count)]
        var value: [UInt8]?
        if flags & WriteFlags.value != 0 {
            var bytes: [UInt8] = []
            if isElement {
                try columns[column].elementValues.appendNext(to: &bytes, bytesLeft: &bytesLeft)
            } else {
                try columns[column].values.appendNext(to: &bytes, bytesLeft: &bytesLeft)
            }
            value = bytes
        }
        var standing: [Int?] = []
        let overrules = flags & WriteFlags.overrules != 0 ? try self.overrules(standing: &standing) : []
        guard (flags & WriteFlags.names != 0) == standing.contains(where: { $0 != nil }) else { throw .garbage }
        var rest = exceptions
        let seen = flags & WriteFlags.seen != 0 ? try context(from: &rest) : nil
        let original = flags & WriteFlags.original != 0 ? try plainDot(&rest) : nil
        exceptions = rest
        let write = Write(dot: dot, header: header, value: value, overrules: overrules, seen: seen, original: original)
        return flags & WriteFlags.names == 0 ? .whole(write) : .naming(write, standing: standing)
    }

    private mutating func overrules(standing: inout [Int?]) throws(WireError) -> [Overruling] {
        let count = try partCount(try exceptions.varint())
        guard count > 0 else { throw .garbage }
        var list: [Overruling] = []
        list.reserveCapacity(count)
        for _ in 0..<count {
            let code = try exceptions.index(below: origins.count + 2)
            var named: Int?
            switch code {
            case 0: list.append(.statement(Digest128(high: try exceptions.word(), low: try exceptions.word())))
            case 1:
                named = try exceptions.index(below: FrameLimits.standard.partsMaximum)
                list.append(.statement(.zero))
            default: list.append(.write(try dot(origins[code - 2], try exceptions.varint())))
            }
            standing.append(named)
        }
        return list
    }

    private mutating func rowContext() throws(WireError) -> CausalContext {
        var rest = contexts
        defer { contexts = rest }
        return try context(from: &rest)
    }

    /// A context's entries are in the order of their origins.
    private mutating func context(from source: inout ByteSource) throws(WireError) -> CausalContext {
        let count = try partCount(try source.varint())
        var entries: [CausalContext.Entry] = []
        for _ in 0..<count {
            let dot = try plainDot(&source)
            if let last = entries.last, last.origin >= dot.origin { throw .garbage }
            entries.append(CausalContext.Entry(origin: dot.origin, sequence: dot.sequence))
        }
        return CausalContext(entries)
    }

    private mutating func scopesLeft() throws(WireError) -> [String] {
        let count = try partCount(try scopes.varint())
        var list: [String] = []
        for _ in 0..<count {
            let scope = texts[try scopes.index(below: texts.count)]
            if let last = list.last, !last.utf8.lexicographicallyPrecedes(scope.utf8) { throw .garbage }
            list.append(scope)
        }
        return list
    }

    private func plainDot(_ source: inout ByteSource) throws(WireError) -> Dot {
        let origin = origins[try source.index(below: origins.count)]
        return try dot(origin, try source.varint())
    }

    /// Sequences are positive and fit a signed number, so that a store can keep them.
    @inline(__always)
    private func dot(_ origin: Origin, _ sequence: UInt64) throws(WireError) -> Dot {
        guard sequence > 0, sequence <= UInt64(Int64.max) else { throw .garbage }
        return Dot(origin: origin, sequence: sequence)
    }
}
