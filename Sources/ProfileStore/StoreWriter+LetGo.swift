public import Causality
internal import GRDB
public import ProfileModel

/// Rows that this store wrote, let go of, and may write anew.
///
/// A row's context names for each origin its last write, and with it all before. Of a row that this store let go of the writes of its
/// present life are held elsewhere: a row that is made here again under the same origin would claim to have seen and replaced them.
extension StoreWriter {
    /// Keeps how far the present life has written in a row that goes; a copy that goes later may know less of that.
    func noteLetGo(of row: StoredRow) throws {
        let sequence = row.compact.context[try node().origin]
        guard sequence > 0 else { return }
        try database.execute(
            sql: "INSERT INTO let_go (id, sequence) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET sequence = max(sequence, excluded.sequence)",
            arguments: [row.id.data, Int64(bitPattern: sequence)])
        facts.hasLetGo = true
    }

    /// Begins a new life where the present one has written in a row that it let go of since, and the row that is here, if any, knows
    /// nothing of it. Called before anything is written in a row.
    ///
    /// - Parameter context: that of the row here; nil where there is none.
    package func prepareToWrite(in id: RowID, knowing context: CausalContext?) throws {
        if facts.hasLetGo == nil { facts.hasLetGo = try database.holds("SELECT 1 FROM let_go LIMIT 1") }
        guard facts.hasLetGo == true,
            let last = try Int64.fetchOne(database, sql: "SELECT sequence FROM let_go WHERE id = ?", arguments: [id.data]) else { return }
        if try context?[node().origin] ?? 0 >= UInt64(bitPattern: last) { return }
        try beginLife(.letGo)
    }

    /// Forgets what an earlier life let go of: another writes under another origin.
    func forgetLetGo() throws {
        try database.execute(sql: "DELETE FROM let_go")
        facts.hasLetGo = false
    }

    /// Whether a row has left this store, and is held elsewhere.
    package func isElsewhere(_ id: RowID) throws -> Bool { try hasDepartures() && departure(id)?.state == .gone }
}
