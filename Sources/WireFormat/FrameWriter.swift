public import Causality
internal import ProfileModel

/// Packs rows into frames, column by column.
///
/// Layout: `peers/protocol.md`. One writer makes any number of frames, one after the other.
public final class FrameWriter {
    private let hashKey: HashKey
    private let limits: FrameLimits
    private let compressor: Compressor
    private var rowCount = 0
    private var bytesReserved = 0
    private var partsReserved = 0
    private var streams = FrameStreams()
    private var columns: [FrameColumn] = []
    private var columnOf: [UInt64: Int] = [:]
    private var texts: [String] = []
    private var textOf: [String: Int] = [:]
    private var operationOf: [OperationID: Int] = [:]
    private var originOf: [Origin: Int] = [:]
    private var headerOf: [Header: Int] = [:]
    private var shapes: [[ShapeCell]] = []
    private var shapeOf: [[ShapeCell]: Int] = [:]
    private var lastHeader: (header: Header, index: Int)?
    private var lastOrigin: (origin: Origin, index: Int)?
    private var lastShape = 0
    private var stamp: UInt64 = 0
    private var baseSequence: UInt64 = 0
    /// The last sequence of an exception's write, by origin.
    private var writeSequences: [UInt64] = []
    private var leanCount = 0
    private var leanSum: UInt64 = 0

    /// - Parameters:
    ///   - hashKey: the deployment's, from which natural ids follow.
    ///   - level: zstd's.
    public init(hashKey: HashKey, limits: FrameLimits = .standard, level: Int32 = 3) {
        self.hashKey = hashKey
        self.limits = limits
        compressor = Compressor(level: level)
    }

    public var isEmpty: Bool { rowCount == 0 }

    /// Takes a row.
    ///
    /// - Returns: false where the frame has no room for it: finish the frame, then append the row again.
    /// - Throws: `wire.too-large` where the row alone exceeds the limits.
    /// - Complexity: linear in the row.
    public func append(_ row: WireRow) throws(WireError) -> Bool {
        let share: FrameShare
        switch row.body {
        case .whole(let row): share = FrameShare(row, isNewShape: isNewShape(row.plain)) { columnOf[$0] != nil }
        case .lean(let row): share = FrameShare(row, isNewShape: isNewShape(row.plain ?? [])) { columnOf[$0] != nil }
        case .departed(let row): share = FrameShare(row)
        }
        guard share.bytes <= limits.rowBytesMaximum, share.parts * 8 <= limits.rowBytesMaximum else { throw .tooLarge }
        guard rowCount < limits.rowsMaximum, bytesReserved + share.bytes <= limits.bytesMaximum - FrameStreams.directoryBytesMaximum,
            partsReserved + share.parts <= limits.partsMaximum else { return false }
        rowCount += 1
        bytesReserved += share.bytes
        partsReserved += share.parts
        streams.kinds.append(varint: row.kind.rawValue)
        switch row.body {
        case .whole(let body):
            let hasNaturalID = RowID(naturalIn: body.plain, hashKey: hashKey) == row.id
            if !hasNaturalID { append(id: row.id) }
            append(whole: body, hasNaturalID: hasNaturalID)
        case .lean(let body):
            streams.references.append(varint: row.reference.byteCount)
            streams.ids.append(row.reference.bytes)
            append(lean: body)
        case .departed(let body):
            append(id: row.id)
            append(departed: body)
        }
        return true
    }

    /// The frame of the rows taken since the last one.
    ///
    /// - Parameter through: the sender's feed number that the frame covers; 0 where it leaves the receiver's cursor alone.
    public func finish(through: UInt64) -> [UInt8] {
        writeShapes()
        if leanCount > 0 { writeLeanSum() }
        for index in columns.indices { columns[index].code() }
        let all = streams.all + columns.flatMap(\.streams)
        var content = ByteSink(), ends: [Int] = []
        content.append(word: through)
        content.append(varint: rowCount)
        content.append(varint: columns.count)
        for stream in streams.all { content.append(varint: stream.count) }
        for column in columns {
            content.append(varint: column.field)
            for stream in column.streams { content.append(varint: stream.count) }
        }
        for stream in all {
            content.append(stream)
            if stream.count >= FrameWriter.blockBytesMinimum { ends.append(content.count) }
        }
        precondition(content.count <= limits.bytesMaximum, "a row's share bounds what it takes")
        let compressed = compressor.compress(content.bytes, endingBlocksAt: ends)
        var frame = ByteSink()
        frame.append(FrameHeader(contentCount: content.count, compressedCount: compressed.count))
        reset()
        return frame.bytes + compressed
    }

    /// A stream of so many bytes ends a block of zstd's, so that what follows gets codes of its own: the columns of the
    /// standard customers take a tenth less.
    private static let blockBytesMinimum = 512

    private func reset() {
        rowCount = 0
        bytesReserved = 0
        partsReserved = 0
        streams = FrameStreams()
        columns = []
        columnOf = [:]
        texts = []
        textOf = [:]
        operationOf = [:]
        originOf = [:]
        headerOf = [:]
        shapes = []
        shapeOf = [:]
        lastHeader = nil
        lastOrigin = nil
        lastShape = 0
        stamp = 0
        baseSequence = 0
        writeSequences = []
        leanCount = 0
    }

    // MARK: Rows

    private func append(id: RowID) {
        streams.ids.append(word: id.high.byteSwapped)
        streams.ids.append(word: id.low.byteSwapped)
    }

    private func append(whole row: CompactRow, hasNaturalID: Bool) {
        precondition(row.base != nil || row.plain.isEmpty, "plain cells have a base")
        let flags = RowFlags(
            isLean: false, hasBase: row.base != nil, leavesOutPlain: false, hasExceptions: !row.exceptions.isEmpty,
            hasContext: !row.contextBeyond.isEmpty, hasScopes: !row.scopesLeft.isEmpty, hasNaturalID: hasNaturalID)
        streams.flags.append(flags.byte)
        if let base = row.base {
            append(base: base)
            append(plain: row.plain)
        }
        if flags.hasExceptions {
            streams.exceptions.append(varint: row.exceptions.count)
            for exception in row.exceptions {
                let column = append(key: exception.key, count: exception.writes.count)
                for write in exception.writes { append(write, column: column, isElement: !exception.key.element.isEmpty) }
            }
        }
        append(context: row.contextBeyond, scopes: row.scopesLeft)
    }

    private func writeLeanSum() {
        streams.fingerprints.append(word: leanSum)
        leanCount = 0
        leanSum = 0
    }

    private func append(lean row: LeanRow) {
        precondition(row.plain.map { row.base != nil || $0.isEmpty } ?? (row.base == nil), "plain cells have a base")
        let flags = RowFlags(
            isLean: true, hasBase: row.base != nil, leavesOutPlain: row.plain == nil, hasExceptions: !row.exceptions.isEmpty,
            hasContext: !row.contextBeyond.isEmpty, hasScopes: !row.scopesLeft.isEmpty)
        streams.flags.append(flags.byte)
        leanSum &+= row.fingerprint
        leanCount += 1
        if leanCount == LeanGroup.rowsMaximum { writeLeanSum() }
        if let base = row.base {
            append(base: base)
            if let plain = row.plain { append(plain: plain) }
        }
        if flags.hasExceptions {
            streams.exceptions.append(varint: row.exceptions.count)
            for exception in row.exceptions {
                let column = append(key: exception.key, count: exception.writes.count)
                for write in exception.writes {
                    switch write {
                    case .held(let dot):
                        streams.exceptions.append(WriteFlags.held)
                        append(writeDot: dot)
                    case .heldBase: streams.exceptions.append(WriteFlags.heldBase)
                    case .whole(let write): append(write, column: column, isElement: !exception.key.element.isEmpty)
                    case .naming(let write, let standing):
                        append(write, standing: standing, column: column, isElement: !exception.key.element.isEmpty)
                    }
                }
            }
        }
        append(context: row.contextBeyond, scopes: row.scopesLeft)
    }

    private func append(departed row: DepartedRow) {
        precondition(!row.context.isEmpty && !row.scopes.isEmpty && !row.scopesLeft.isEmpty, "a row that left was somewhere and is somewhere")
        streams.flags.append(RowFlags.departed)
        append(context: row.context, scopes: row.scopes)
        append(context: CausalContext(), scopes: row.scopesLeft)
    }

    private func append(base: CompactRow.Base) {
        streams.bases.append(varint: index(of: base.dot.origin))
        streams.bases.append(difference: base.dot.sequence, from: baseSequence)
        baseSequence = base.dot.sequence
        streams.bases.append(varint: index(of: base.header))
    }

    private func append(plain: PlainCells) {
        let index = shape(of: plain)
        streams.rowShapes.append(varint: index)
        plain.withUnsafeCells { plain in
            for (at, cell) in shapes[index].enumerated() {
                if cell.isElement {
                    columns[cell.column].elements.append(counted: plain[at].element)
                    columns[cell.column].elementValues.append(counted: plain[at].value)
                } else {
                    columns[cell.column].values.append(counted: plain[at].value)
                }
            }
        }
    }

    private func append(key: CellKey, count: Int) -> Int {
        let column = column(of: key.field)
        streams.exceptions.append(varint: column << 1 | (key.element.isEmpty ? 0 : 1))
        if !key.element.isEmpty { columns[column].elements.append(counted: key.element) }
        streams.exceptions.append(varint: count)
        return column
    }

    private func append(_ write: Write, standing: [Int?] = [], column: Int, isElement: Bool) {
        streams.exceptions.append(WriteFlags.byte(of: write) | (standing.isEmpty ? 0 : WriteFlags.names))
        append(writeDot: write.dot)
        streams.exceptions.append(varint: index(of: write.header))
        if let value = write.value {
            if isElement { columns[column].elementValues.append(counted: value) } else { columns[column].values.append(counted: value) }
        }
        if !write.overrules.isEmpty {
            streams.exceptions.append(varint: write.overrules.count)
            for (at, overruling) in write.overrules.enumerated() {
                if at < standing.count, let place = standing[at] {
                    streams.exceptions.append(varint: 1)
                    streams.exceptions.append(varint: place)
                    continue
                }
                switch overruling {
                case .write(let dot):
                    streams.exceptions.append(varint: 2 + index(of: dot.origin))
                    streams.exceptions.append(varint: dot.sequence)
                case .statement(let digest):
                    streams.exceptions.append(varint: 0)
                    streams.exceptions.append(word: digest.high)
                    streams.exceptions.append(word: digest.low)
                }
            }
        }
        if let seen = write.seen {
            streams.exceptions.append(varint: seen.entries.count)
            for entry in seen.entries {
                streams.exceptions.append(varint: index(of: entry.origin))
                streams.exceptions.append(varint: entry.sequence)
            }
        }
        if let original = write.original {
            streams.exceptions.append(varint: index(of: original.origin))
            streams.exceptions.append(varint: original.sequence)
        }
    }

    private func append(writeDot dot: Dot) {
        let origin = index(of: dot.origin)
        while writeSequences.count <= origin { writeSequences.append(0) }
        streams.exceptions.append(varint: origin)
        streams.exceptions.append(difference: dot.sequence, from: writeSequences[origin])
        writeSequences[origin] = dot.sequence
    }

    private func append(context: CausalContext, scopes: [String]) {
        if !context.isEmpty {
            streams.contexts.append(varint: context.entries.count)
            for entry in context.entries {
                streams.contexts.append(varint: index(of: entry.origin))
                streams.contexts.append(varint: entry.sequence)
            }
        }
        if !scopes.isEmpty {
            streams.scopes.append(varint: scopes.count)
            for scope in scopes { streams.scopes.append(varint: index(of: scope)) }
        }
    }

    // MARK: Dictionaries

    private func index(of origin: Origin) -> Int {
        if let lastOrigin, lastOrigin.origin == origin { return lastOrigin.index }
        let index: Int
        if let known = originOf[origin] {
            index = known
        } else {
            index = originOf.count
            originOf[origin] = index
            streams.origins.append(word: origin.rawValue)
        }
        lastOrigin = (origin, index)
        return index
    }

    private func index(of header: Header) -> Int {
        if let lastHeader, lastHeader.header === header { return lastHeader.index }
        if let known = headerOf[header] {
            lastHeader = (header, known)
            return known
        }
        let index = headerOf.count
        headerOf[header] = index
        let word = UInt64(bitPattern: header.stamp.rawValue)
        streams.headers.append(difference: word, from: stamp)
        stamp = word
        streams.headers.append(varint: self.index(of: header.author))
        streams.headers.append(varint: header.source.map { 1 + self.index(of: $0) } ?? 0)
        streams.headers.append(varint: self.index(of: header.operation))
        lastHeader = (header, index)
        return index
    }

    private func index(of operation: OperationID) -> Int {
        if let known = operationOf[operation] { return known }
        let index = operationOf.count
        operationOf[operation] = index
        streams.operations.append(word: operation.high.byteSwapped)
        streams.operations.append(word: operation.low.byteSwapped)
        return index
    }

    /// A dictionary finds texts that are canonically equivalent; only equal bytes may share an entry.
    private func index(of text: String) -> Int {
        if let known = textOf[text], texts[known].utf8.elementsEqual(text.utf8) { return known }
        let index = texts.count
        texts.append(text)
        textOf[text] = index
        streams.texts.append(counted: text)
        return index
    }

    private func column(of field: UInt64) -> Int {
        if let known = columnOf[field] { return known }
        let index = columns.count
        columnOf[field] = index
        columns.append(FrameColumn(field: field))
        return index
    }

    private func shape(of plain: PlainCells) -> Int {
        if lastShape < shapes.count, matches(shapes[lastShape], plain) { return lastShape }
        let cells = plain.indices.map { ShapeCell(column: column(of: plain.field(at: $0)), isElement: plain.isElement(at: $0)) }
        if let known = shapeOf[cells] {
            lastShape = known
            return known
        }
        lastShape = shapes.count
        shapes.append(cells)
        shapeOf[cells] = lastShape
        return lastShape
    }

    private func isNewShape(_ plain: PlainCells) -> Bool {
        lastShape >= shapes.count || !matches(shapes[lastShape], plain)
    }

    private func matches(_ shape: [ShapeCell], _ plain: PlainCells) -> Bool {
        guard shape.count == plain.count else { return false }
        for at in 0..<shape.count {
            if columns[shape[at].column].field != plain.field(at: at) || shape[at].isElement != plain.isElement(at: at) { return false }
        }
        return true
    }

    private func writeShapes() {
        for shape in shapes {
            streams.shapes.append(varint: shape.count)
            for cell in shape { streams.shapes.append(varint: cell.column << 1 | (cell.isElement ? 1 : 0)) }
        }
    }
}
