internal import Causality
internal import ProfileModel
internal import ProfileStore

/// Writes links on the word of the linker, which is a source, within one write transaction.
final class LinkerHand {
    let edition: Edition
    private var made = 0
    private let header: Header
    private static let content = CellKey(field: FieldID.content.rawValue)
    private static let same = CellKey(field: FieldID.same.rawValue)

    /// - Parameter edition: that of the operation to which the links belong.
    init(_ edition: Edition) {
        self.edition = edition
        header = Header(stamp: edition.now, author: edition.author, source: StoreWriter.linkerName, operation: edition.operation)
    }

    private var writer: StoreWriter { edition.writer }

    /// Says why two records may be one customer, and that they are where that is sure; nothing where a person has spoken of the two,
    /// one of them has gone meanwhile, or neither is in what this node holds.
    ///
    /// - Returns: whether the two are linked by this.
    func link(_ pair: RecordPair, _ evidence: LinkEvidence, isSame: Bool) throws -> Bool {
        guard try writer.isLiving(pair.first), try writer.isLiving(pair.second), try isHeld(pair) else { return false }
        let id = try writer.linkID(pair), evidence = FieldValue.json(evidence.document).bytes
        guard let row = try writer.row(id, like: .link) else {
            try make(id, pair, evidence, isSame: isSame)
            return isSame
        }
        if try writer.linkStatement(row)?.decidedAt != nil { return false }
        for (field, record) in [(FieldID.first, pair.first), (.second, pair.second)] where row.state.cells[CellKey(field: field.rawValue)] == nil {
            try say(FieldValue.bytes(text: record.description), CellKey(field: field.rawValue), id)
        }
        try say(evidence, LinkerHand.content, id)
        return try isSame && say(FieldValue.linkYes, LinkerHand.same, id)
    }

    /// Takes back what was proposed and is not found any more.
    func withdrawProposal(_ link: RowID) throws {
        guard let row = try writer.row(link, like: .link), let statement = try writer.linkStatement(row), statement.verdict == nil,
            statement.evidence != nil else { return }
        try say(nil, LinkerHand.content, link)
    }

    /// Writes what changed; returns how many rows that were.
    func commit() throws -> Int { try edition.commit() + made }

    @discardableResult
    private func say(_ value: [UInt8]?, _ cell: CellKey, _ link: RowID) throws -> Bool {
        try edition.write(cell, value, in: link, source: StoreWriter.linkerName)
    }

    /// A new row, all of it under one dot.
    private func make(_ id: RowID, _ pair: RecordPair, _ evidence: [UInt8], isSame: Bool) throws {
        try writer.prepareToWrite(in: id, knowing: nil)
        var cells: [(FieldID, [UInt8])] = [
            (.content, evidence), (.first, FieldValue.bytes(text: pair.first.description)), (.second, FieldValue.bytes(text: pair.second.description)),
        ]
        if isSame { cells.insert((.same, FieldValue.linkYes), at: 0) }
        let plain = PlainCells(cells.map { CompactRow.PlainCell(key: CellKey(field: $0.rawValue), value: $1) })
        try writer.put(CompactRow(base: .init(dot: writer.nextDot(), header: header), plain: plain), id: id, kind: .link, replacing: nil)
        made += 1
    }

    private func isHeld(_ pair: RecordPair) throws -> Bool {
        let held = try writer.node().held
        if held.isWhole { return true }
        return try [pair.first, pair.second].contains { record in
            try writer.row(record, like: .person).map { try writer.scopesKnown(of: $0).contains(where: held.holds) } ?? false
        }
    }
}
