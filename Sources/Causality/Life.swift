/// Whether a record lives, as its register `life` and the writes outside its deletes say.
public enum Life: Sendable, Equatable {
    case living
    case deleted
    /// A delete and an edit or a restore that did not know of each other; the record stays visible until it is resolved.
    case conflict

    /// The value of a delete in the register `life`.
    public static let deletedValue: [UInt8] = Array("\u{1}deleted".utf8)
    /// The value of a restore.
    public static let livingValue: [UInt8] = Array("\u{1}living".utf8)

    /// Reads the life of one record.
    ///
    /// A surviving write of a person outside the contexts of all surviving deletes, or a concurrent restore, is a
    /// conflict. Sources neither revive nor contest.
    public init(of member: Member, cell life: CellKey, key: HashKey) {
        guard let writes = member.state.cells[life] else { self = .living; return }
        let reading = CellReading(writes: writes.map { Candidate(record: member.record, write: $0) }, key: key)
        let deletes = reading.candidates.filter { $0.write.value == Life.deletedValue }
        guard !deletes.isEmpty else { self = .living; return }
        if deletes.count < reading.candidates.count {
            self = .conflict
            return
        }
        self = Life.unseenWrites(of: member.state, cell: life, deletes: deletes.map(\.write)).isEmpty ? .deleted : .conflict
    }

    /// The writes of people that no surviving delete saw, with their cells: what speaks against a delete.
    public static func unseenWrites(of state: RowState, cell life: CellKey, deletes: [Write]) -> [(cell: CellKey, write: Write)] {
        state.cells.lazy.filter { $0.key != life }.sorted { $0.key < $1.key }.flatMap { cell, writes in
            writes.filter { write in
                write.isPerson && !deletes.contains { $0.seen?.covers(write.identity) ?? false }
            }.map { (cell, $0) }
        }
    }
}
