public import Causality
internal import NodeEnvironment
internal import ProfileModel
internal import ProfileStore

/// How far an erasure is.
public struct ErasureStatus: Sendable {
    public let id: RowID
    /// When a person asked for it, and who.
    public let at: Stamp?
    public let author: String?
    /// The names of nodes on which nothing is left, and of those that have not said so yet.
    public let acknowledged: [String], pending: [String]
}

/// What erasing a customer did.
public struct ErasureOutcome: Sendable {
    public let status: ErasureStatus
    public let operation: OperationID?
    /// So many records were one customer.
    public let records: Int
}

extension Node {
    /// How an erasure is listed: without a name.
    static let eraseCommand = "erase"

    /// Erases a customer for ever, on all nodes: every linked record that is here, what belongs to them, and their history.
    ///
    /// Nothing brings it back: neither an undo, an import, a node that was away, nor a copy that is put back.
    ///
    /// - Parameter confirmation: the record's whole id.
    /// - Throws: `store.no-such-record`, `store.erased`, `node.erase-unconfirmed`, `node.outside-scopes`.
    public func erase(_ name: String, confirmation: String?) throws -> ErasureOutcome {
        let (result, operation, _) = try operate(Node.eraseCommand) { edition in
            let writer = edition.writer
            let record = try writer.record(named: name), profile = try writer.livingOrDeletedProfile(record)
            // The record that lends its id to all that are linked may be one that this node does not hold.
            let id = profile.members.contains { $0.id == profile.id } ? profile.id : record
            guard let confirmed = confirmation.flatMap({ UniqueID($0) }), confirmed == record || confirmed == id else {
                let belongings = try profile.members.reduce(0) { try $0 + writer.belongings(of: $1.id) }
                throw NodeError("node.erase-unconfirmed", [
                    "record": id.description, "records": String(profile.members.count), "belongings": String(belongings),
                ])
            }
            for member in profile.members { try edition.erase(member.id) }
            return (id: id, records: profile.members.count)
        }
        try finishErasures()
        return ErasureOutcome(status: try erasureStatus(result.id.description), operation: operation, records: result.records)
    }

    /// How far an erasure is, as this node knows.
    ///
    /// - Throws: `node.not-erased`, `store.no-such-record`.
    public func erasureStatus(_ name: String) throws -> ErasureStatus {
        try finishErasures()
        return try store.read { reader in
            guard let id = try reader.erasedID(named: name), let row = try reader.row(reader.erasureID(of: id)) else {
                throw NodeError("node.not-erased", ["record": try reader.record(named: name).description])
            }
            let state = row.state
            let done = Set(state.cells.keys.filter { $0.field == FieldID.acknowledged.rawValue }.map { FieldValue.plainText(of: $0.element) })
            let asked = state.cells[CellKey(field: FieldID.erased.rawValue)]?.filter(\.isPerson).min(by: Write.precedes)
            let names = try reader.nodeNames()
            return ErasureStatus(
                id: id, at: asked?.header.stamp, author: asked?.header.author,
                acknowledged: names.filter { done.contains($0.id.description) }.map(\.name).sorted(),
                pending: names.filter { !done.contains($0.id.description) }.map(\.name).sorted())
        }
    }

    /// Takes what was erased out of the search index and out of the log, and tells all nodes so.
    ///
    /// Where a reader holds the log, it is left to the next time.
    /// - Complexity: linear in the search index and in the blocking keys where something was erased.
    public func finishErasures() throws {
        guard try store.read({ try $0.hasUnclearedErasures() }) else { return }
        let erasures = try store.write { writer in
            try writer.optimizeSearch()
            try writer.forgetBlockingOfGone()
            return try writer.unclearedErasures()
        }
        guard try store.truncateLog() else { return }
        try store.write { writer in
            try writer.noteCleared(erasures)
            let edition = try Edition(writer, author: StoreWriter.eraserName, operation: environment.newID())
            for erasure in erasures { try edition.acknowledge(erasure) }
            _ = try edition.commit()
        }
    }
}

extension Edition {
    fileprivate func erase(_ record: RowID) throws {
        if let row = try writer.row(record) { try refuseOutside(row) }
        let erasure = try writer.erasureID(of: record), cell = StoreWriter.erasedCell(record)
        try open(erasure, kind: .erasure)
        try write(cell.key, cell.value, in: erasure)
    }

    /// Says that nothing is left here of what a person had erased. What followed from that needs no word of its own.
    fileprivate func acknowledge(_ erasure: RowID) throws {
        guard let draft = try draft(erasure), draft.writes(in: CellKey(field: FieldID.erased.rawValue)).contains(where: \.isPerson) else { return }
        let node = FieldValue.bytes(text: try writer.node().id.description)
        try write(CellKey(field: FieldID.acknowledged.rawValue, element: node), FieldValue.present, in: erasure, source: StoreWriter.eraserName)
    }
}

extension StoreReader {
    /// The nodes of the deployment by what they are called.
    fileprivate func nodeNames() throws -> [(id: RowID, name: String)] {
        try items(.node).map { row in
            let name = row.state.cells[CellKey(field: FieldID.nodeName.rawValue)]?.max(by: Write.precedes)?.value
            return (row.id, name.map { FieldValue.plainText(of: $0) } ?? row.id.description)
        }
    }
}
