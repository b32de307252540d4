package import Causality
internal import NodeEnvironment
package import ProfileModel
package import ProfileStore

/// The rows that one operation changes within one write transaction: loaded once, written once, remembered cell by cell.
package final class Edition {
    package let writer: StoreWriter
    let operation: OperationID
    let author: String
    /// What the operation is for, in its author's words.
    private let message: String?
    let now: Stamp
    private let key: HashKey

    private struct Working {
        let stored: StoredRow?
        let kind: RowKind
        var draft: RowDraft
        var changes: [CellChange] = []
        /// The dot under which the cells of a row that this operation makes are written: it is kept once for all of them.
        var founding: Dot?
    }

    private var rows: [RowID: Working] = [:]
    /// How many rows have been written.
    private var written = 0

    package init(_ writer: StoreWriter, author: String, operation: OperationID, message: String? = nil) throws {
        self.writer = writer
        self.author = author
        self.operation = operation
        self.message = message.flatMap { $0.trimmingWhitespace.isEmpty ? nil : $0 }
        now = writer.store.environment.now()
        key = try writer.node().key
    }

    /// A row as this operation leaves it so far; nil where there is no such row.
    func draft(_ id: RowID) throws -> RowDraft? { try load(id)?.draft }

    /// What kind of row it is; nil where there is no such row.
    func kind(_ id: RowID) throws -> RowKind? { try load(id)?.kind }

    private func load(_ id: RowID) throws -> Working? {
        if let known = rows[id] { return known }
        guard let stored = try writer.row(id) else { return nil }
        let working = Working(stored: stored, kind: stored.kind, draft: RowDraft(stored.compact))
        rows[id] = working
        return working
    }

    /// Makes a row that is not here yet.
    package func open(_ id: RowID, kind: RowKind) throws {
        if try load(id) == nil { rows[id] = Working(stored: nil, kind: kind, draft: RowDraft()) }
    }

    /// Makes a row of cells that a person writes at once, under an id that was made just now.
    ///
    /// - Precondition: there is at least one cell.
    func make(_ id: RowID, kind: RowKind, _ cells: [CellKey: [UInt8]]) throws {
        try writer.prepareToWrite(in: id, knowing: nil)
        let header = Authorship(author: author, operation: operation).header(at: now)
        let base = CompactRow.Base(dot: writer.nextDot(), header: header)
        let cells = cells.sorted { $0.key < $1.key }
        let row = CompactRow(base: base, plain: PlainCells(cells.map { CompactRow.PlainCell(key: $0.key, value: $0.value) }))
        var working = Working(stored: nil, kind: kind, draft: RowDraft(row))
        working.changes = cells.map { CellChange(cell: $0.key, added: base.write($0.value), replaced: []) }
        working.founding = base.dot
        rows[id] = working
    }

    /// A row that is about to be written.
    private func loaded(_ id: RowID) throws -> Working {
        guard let working = try load(id) else { throw StoreError.noSuchRecord(id.description) }
        if working.changes.isEmpty { try writer.prepareToWrite(in: id, knowing: working.stored?.compact.context) }
        return working
    }

    /// A person's write in a record, having read the cell over the other records of its profile.
    package func write(
        _ cell: CellKey, _ value: [UInt8]?, in record: RowID, others: [RowID] = [], resolving: Bool = false, isDelete: Bool = false
    ) throws {
        var working = try loaded(record)
        let members = try others.filter { $0 != record }.compactMap { id in try draft(id).map { Member(record: id, state: $0.state) } }
        // In one place only, so that its cells are changed there and not in a copy.
        rows[record] = nil
        let isFounding = working.stored == nil && value != nil && !isDelete && members.isEmpty && working.draft.writes(in: cell).isEmpty
        let dot = isFounding ? working.founding ?? writer.nextDot() : writer.nextDot()
        // What a delete saw is told by dots: what comes after it has others.
        if isFounding { working.founding = dot } else if isDelete { working.founding = nil }
        working.changes.append(working.draft.writeAsPerson(
            cell, value, record: record, others: members, resolving: resolving, isDelete: isDelete, dot: dot, now: now,
            by: Authorship(author: author, operation: operation), key: key))
        rows[record] = working
    }

    /// A source's write in a record; whether it spoke.
    @discardableResult
    package func write(_ cell: CellKey, _ value: [UInt8]?, in record: RowID, source: String, time: Stamp? = nil) throws -> Bool {
        var working = try loaded(record)
        guard let change = working.draft.writeAsSource(
            cell, value, time: time, dot: writer.nextDot(), now: now,
            by: Authorship(author: author, source: source, operation: operation)) else { return false }
        working.changes.append(change)
        rows[record] = working
        return true
    }

    /// Takes writes out of a cell and puts copies of others in their place.
    func replace(_ removed: [Write], in cell: CellKey, of record: RowID, withCopiesOf originals: [Write]) throws {
        var working = try loaded(record)
        if originals.isEmpty {
            working.changes.append(working.draft.remove(removed, from: cell, dot: writer.nextDot()))
        }
        var removed = removed
        for original in originals {
            let copy = Write(
                dot: writer.nextDot(), header: original.header, value: original.value, overrules: original.overrules, seen: original.seen,
                original: original.identity)
            working.changes.append(working.draft.put(copy, in: cell, replacing: removed))
            removed = []
        }
        rows[record] = working
    }

    /// Puts a value in the place of writes, on the word of whoever spoke before.
    func replace(_ removed: [Write], in cell: CellKey, of record: RowID, with value: [UInt8], source: String?) throws {
        var working = try loaded(record)
        let header = Header(stamp: Stamp.next(now: now, after: removed.map(\.header.stamp)), author: author, source: source, operation: operation)
        working.changes.append(working.draft.put(Write(dot: writer.nextDot(), header: header, value: value), in: cell, replacing: removed))
        rows[record] = working
    }

    /// The profile that a record belongs to, as this operation leaves its cells so far.
    func reading(_ cell: CellKey, of members: [RowID]) throws -> CellReading {
        CellReading(
            writes: try members.flatMap { id in try draft(id)?.writes(in: cell).map { Candidate(record: id, write: $0) } ?? [] }, key: key)
    }

    /// Writes what changed; returns how many rows the operation has written.
    package func commit() throws -> Int {
        try writeOut()
        return written
    }

    /// Writes what changed so far and lets go of it, so that an operation over many rows takes no more memory than one over some.
    func writeOut() throws {
        for (id, row) in rows.sorted(by: { $0.key < $1.key }) where !row.changes.isEmpty {
            var working = row
            if let stored = working.stored { try refuseOutside(stored) }
            noteScopesLeft(&working.draft, working.changes)
            try writer.put(working.draft.compact, id: id, kind: working.kind, replacing: working.stored)
            if working.stored == nil { try refuseOutside(made: id, working.kind) }
            try writer.remember(working.changes, of: id, operation: operation, at: now)
            if let message { try tell(message, of: id) }
            written += 1
        }
        rows = [:]
    }

    private func refuseOutside(made id: RowID, _ kind: RowKind) throws {
        if try !writer.node().held.isWhole, let made = try writer.row(id, like: kind) { try refuseOutside(made) }
    }

    /// - Throws: `node.outside-scopes` where a row is not in what this node holds.
    func refuseOutside(_ row: StoredRow) throws {
        let node = try writer.node()
        if node.held.isWhole { return }
        let scopes = try writer.scopesKnown(of: row)
        guard let first = scopes.first, !scopes.contains(where: node.held.holds) else { return }
        throw NodeError.outside(first, of: node)
    }

    /// Keeps the scopes that a row leaves: whoever held one of them has to hear of it.
    private func noteScopesLeft(_ draft: inout RowDraft, _ changes: [CellChange]) {
        let cell = CellKey(field: FieldID.scope.rawValue)
        let changes = changes.filter { $0.cell == cell }
        if changes.isEmpty { return }
        let writes = changes.flatMap { $0.replaced + [$0.added].compactMap(\.self) } + draft.writes(in: cell)
        var left = Set(draft.scopesLeft)
        left.formUnion(writes.compactMap { $0.value.map { FieldValue.plainText(of: $0) } })
        let reading = CellReading(writes: draft.writes(in: cell).map { Candidate(record: UniqueID(high: 0, low: 0), write: $0) }, key: key)
        if let present = reading.latest?.write.value { left.remove(FieldValue.plainText(of: present)) }
        left.subtract([ScopeSet.root, ScopeSet.shared])
        draft.scopesLeft = left.union(draft.scopesLeft).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}

extension Node {
    /// So many customers wait to be indexed together: a search brings them into the index first.
    private static let unindexedMaximum = 256

    /// Runs one operation in one transaction and lists it; the search index follows once many customers wait for it.
    ///
    /// Nothing is listed where nothing changed.
    func operate<T>(_ command: String, message: String? = nil, _ body: (Edition) throws -> T) throws -> (result: T, operation: OperationID?, rows: Int) {
        let operation = environment.newID()
        let outcome = try store.write { writer in
            writer.begin(operation)
            let edition = try Edition(writer, author: author, operation: operation, message: message)
            let result = try body(edition)
            let rows = try edition.commit()
            if rows > 0 {
                try writer.log(operation, author: author, command: command, message: message, rows: rows)
                try writer.indexPending(beyond: Node.unindexedMaximum)
            }
            return (result, rows > 0 ? operation : nil, rows)
        }
        return (outcome.0, outcome.1, outcome.2)
    }
}
