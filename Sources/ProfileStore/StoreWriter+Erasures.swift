public import Causality
internal import Foundation
internal import GRDB
internal import NodeEnvironment
internal import ProfileModel

/// What a write transaction knows of erasures.
struct ErasureWriting {
    /// Records that were linked to an erased one, each with it.
    var bereft: Set<RecordPair> = []
    /// The operation of all that follows from erasures in this transaction.
    var header: Header?
}

extension RowKind {
    /// Whether rows of this kind hold what can be erased. Definitions and nodes do not.
    var isErasable: Bool { isCustomer || belongsToCustomers || !isKnown }
}

/// An erasure is a row, so it travels, is counted and is verified like any other: it names what is erased, and the nodes
/// on which nothing is left of it. A store holds the rows that no erasure names; erasures are only ever added, so the order in which rows
/// and erasures arrive makes no difference, and `join` knows nothing of them.
extension StoreWriter {
    /// The source of erasures that follow from others, and of what nodes acknowledge.
    public static let eraserName = "eraser"

    private func isAnyErased() throws -> Bool {
        if let known = facts.isAnyErased { return known }
        let found = try database.holds("SELECT 1 FROM erasures LIMIT 1")
        facts.isAnyErased = found
        return found
    }

    /// Whether a row is erased: itself, or a customer to which it belongs.
    func isErased(_ compact: CompactRow, id: RowID, kind: RowKind) throws -> Bool {
        guard kind.isErasable, try isAnyErased() else { return false }
        if try isErased(id) { return true }
        guard kind.belongsToCustomers else { return false }
        let derived = try itemColumns(compact, id: id, kind: kind)
        return try [derived.owner, derived.other].compactMap(\.self).contains(where: isErased)
    }

    /// - Throws: `store.erased` where a row is made anew that is erased.
    func refuseErased(_ compact: CompactRow, id: RowID, kind: RowKind) throws {
        if try isErased(compact, id: id, kind: kind) { throw StoreError.erased(id) }
    }

    /// Leaves out a neighbour's row that is erased; what belongs to an erased customer is erased with it.
    func turnAway(_ row: CompactRow, id: RowID, kind: RowKind) throws {
        if try isErased(id) { return }
        if kind == .link, let pair = try pair(ofLink: row, id: id) { noteBereft(pair) }
        try eraseToo(id)
    }

    // MARK: What follows from an erasure

    /// Takes what an erasure names out of the store, with all that belongs to it and every id that it derives from external
    /// ids.
    ///
    /// - Parameter id: that of the erasure's own row.
    func applyErasure(_ compact: CompactRow, id: RowID) throws {
        guard let erased = try itemColumns(compact, id: id, kind: .erasure).owner else { return }
        let insert = try RawStatement(database, sql: "INSERT OR IGNORE INTO erasures (id, erasure, cleared) VALUES (?, ?, 0)")
        insert.bind(1, id: erased)
        insert.bind(2, id: id)
        try insert.run()
        guard database.changesCount > 0 else { return }
        facts.isAnyErased = true
        let row = try row(erased)
        guard row?.kind.isErasable ?? true else { return }
        let belongings = try rows(.items, where: "owner = ?1 OR other = ?1") { $0.bind(1, id: erased) }.filter(\.kind.belongsToCustomers)
        for link in belongings where link.kind == .link {
            if let pair = try pair(ofLink: link.compact, id: link.id) { noteBereft(pair) }
        }
        // Before the customer goes: what is between two scopes counts in both as long as it is known where both customers are.
        for belonging in belongings { try eraseToo(belonging.id) }
        if let row {
            try forgetCommands(of: erased)
            try take(row)
        }
        for sql in ["DELETE FROM departures WHERE id = ?1 OR owner = ?1 OR other = ?1", "DELETE FROM left_scopes WHERE id = ?", "DELETE FROM history WHERE record = ?"] {
            try database.execute(sql: sql, arguments: [erased.data])
        }
        try forgetConnectorRecords(of: erased)
        if let row, row.kind.isCustomer { for id in naturalIDs(of: row.compact) where id != erased { try eraseToo(id) } }
    }

    /// Erases a row because of another erasure.
    private func eraseToo(_ id: RowID) throws {
        let erasure = try erasureID(of: id)
        if try row(erasure, like: .erasure) != nil { return }
        let header = erasures.header ?? Header(
            stamp: environment.now(), author: StoreWriter.eraserName, source: StoreWriter.eraserName, operation: environment.newID())
        erasures.header = header
        try put(
            CompactRow(base: .init(dot: nextDot(), header: header), plain: [StoreWriter.erasedCell(id)]), id: erasure, kind: .erasure, replacing: nil)
    }

    /// The cell in which an erasure names what is erased.
    public static func erasedCell(_ id: RowID) -> CompactRow.PlainCell {
        CompactRow.PlainCell(key: CellKey(field: FieldID.erased.rawValue), value: FieldValue.bytes(text: id.description))
    }

    /// Leaves of the commands that changed a record their first words: others may name the customer.
    private func forgetCommands(of record: RowID) throws {
        try database.execute(
            sql: """
                UPDATE operations SET message = NULL, command = substr(command, 1, instr(command || ' ', ' ') - 1)
                WHERE id IN (SELECT operation FROM history WHERE record = ?) AND NOT bulk
                """,
            arguments: [record.data])
    }

    private func naturalIDs(of compact: CompactRow) -> [RowID] {
        let field = FieldID.externalIDs.rawValue
        let exceptions = compact.exceptions.filter { $0.key.field == field }.map(\.key.element)
        return (compact.plain.elements(of: field) + exceptions).map(natural)
    }

    // MARK: Records that were linked to an erased one

    private func pair(ofLink compact: CompactRow, id: RowID) throws -> RecordPair? {
        guard let link = try linkReading(compact.expanded, id: id), link.verdict?.isSame == true else { return nil }
        return link.pair
    }

    private func noteBereft(_ pair: RecordPair) { erasures.bereft.insert(pair) }

    /// Lists the records that live on without one to which they were linked: they may be the same person.
    func reviewBereft() throws {
        let pairs = erasures.bereft.sorted()
        erasures.bereft = []
        for pair in pairs {
            let living = try [pair.first, pair.second].filter { try !isErased($0) }
            guard living.count == 1, let record = living.first, try row(record, like: .person) != nil else { continue }
            let other = record == pair.first ? pair.second : pair.first
            let id = try naturalID("review", "\(record)|erased|\(other)")
            if try row(id, like: .review) != nil { continue }
            try putReview(id, [
                "customer": record.description, "field": "same", "raw": other.description, "reason": "node.linked-to-erased",
                "source": StoreWriter.eraserName,
            ], author: StoreWriter.eraserName)
        }
    }

    // MARK: What is left in the files

    /// Notes that nothing of these is left in the search index and in the log.
    public func noteCleared(_ cleared: [RowID]) throws {
        for erasure in cleared { try database.run("UPDATE erasures SET cleared = 1 WHERE erasure = ?", [erasure.data]) }
    }
}

extension StoreReader {
    /// The id of the row that says that another is erased.
    public func erasureID(of row: RowID) throws -> RowID { try naturalID("erasure", row.description) }

    /// Whether a row is erased for ever.
    public func isErased(_ id: RowID) throws -> Bool {
        let statement = try RawStatement(database, sql: "SELECT 1 FROM erasures WHERE id = ?")
        defer { statement.reset() }
        statement.bind(1, id: id)
        return try statement.step()
    }

    /// How many rows belong to a customer.
    public func belongings(of record: RowID) throws -> Int {
        let kinds = try database.all("SELECT kind FROM item_rows WHERE owner = ?1 OR other = ?1", [record.data])
        return kinds.count { RowKind(rawValue: StoreReader.unsigned($0["kind"])).belongsToCustomers }
    }

    /// The erasures of which something may still be left in the search index or in the log.
    public func unclearedErasures() throws -> [RowID] {
        try database.all("SELECT erasure FROM erasures WHERE cleared = 0").map { try $0.id("erasure") }
    }

    /// Whether there is any.
    public func hasUnclearedErasures() throws -> Bool { try database.holds("SELECT 1 FROM erasures WHERE cleared = 0") }
}
