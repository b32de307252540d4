public import Causality
internal import Foundation
internal import GRDB
internal import NodeEnvironment
internal import ProfileModel
public import Replication
public import WireFormat

extension ProfileStore: ReplicaStore {
    public func identity() throws -> ReplicaIdentity {
        var (node, isBehind) = try read { try ($0.node(), $0.isBehindWitness()) }
        if isBehind || MachineIdentity(text: node.machine) != place {
            // A copied store begins its life before it tells anybody who it is: a session knows one life.
            node = try write { try $0.node() }
        }
        return ReplicaIdentity(
            deployment: node.deployment, node: node.id, nodeName: node.name, life: node.origin, hashKey: node.key,
            scopes: node.held, leaving: node.leaving, scopesEpoch: node.scopesEpoch, sequence: node.sequence, machine: machineName)
    }

    public func feedHead() throws -> UInt64 { try read { try $0.node().feed } }

    // MARK: Cursors

    public func cursor(for neighbour: NeighbourID) throws -> FeedCursor? { try read { try $0.cursor("cursor", of: neighbour) } }

    public func saveCursor(_ cursor: FeedCursor, for neighbour: NeighbourID) throws {
        try write { try $0.save(cursor, "cursor", of: neighbour) }
    }

    public func acknowledged(by neighbour: NeighbourID) throws -> FeedCursor? {
        try read { try $0.cursor("acknowledged", of: neighbour) }
    }

    public func saveAcknowledged(_ cursor: FeedCursor, by neighbour: Neighbour) throws {
        let isKnown = try read { try $0.cursor("acknowledged", of: neighbour.node) == cursor && !$0.isAnythingWaiting() }
        if isKnown { return }
        var released = 0
        repeat {
            try write { writer in
                // The neighbour may have been put back to an older state, and hold less than it did.
                try writer.database.execute(
                    sql: "UPDATE neighbours SET acknowledged = 0, acknowledged_life = NULL WHERE node = ?", arguments: [neighbour.node.data])
                try writer.save(cursor, "acknowledged", of: neighbour.node)
                released = try writer.releaseDepartures(to: neighbour, through: cursor.feed)
            }
        } while released > 0
    }

    // MARK: Rows

    public func changes(after feed: UInt64, through: UInt64, rowsMaximum: Int, toward neighbour: Neighbour) throws -> FeedPage {
        try read { reader in
            if !neighbour.terms.served.isWhole {
                return try ServedFeed(reader, toward: neighbour).page(after: feed, through: through, rowsMaximum: rowsMaximum)
            }
            let via = try Int64.fetchOne(
                reader.database, sql: "SELECT ordinal FROM neighbour_lives WHERE node = ? AND life = ?",
                arguments: [neighbour.node.data, neighbour.life.signed]) ?? -1
            var rows: [FeedRow] = []
            for layout in [RowLayout.customers, RowLayout.items] {
                let condition = "feed > ? AND feed <= ? AND (via IS NULL OR via <> ?) ORDER BY feed LIMIT ?"
                try reader.forEachRow(layout, where: condition) {
                    $0.bind(1, Int64(bitPattern: feed))
                    $0.bind(2, Int64(clamping: through))
                    $0.bind(3, via)
                    $0.bind(4, Int64(rowsMaximum))
                } _: { rows.append(FeedRow(feed: $0.feed, row: ReplicaRow(id: $0.id, kind: $0.kind, row: $0.compact))) }
            }
            rows.sort { $0.feed < $1.feed }
            if rows.count < rowsMaximum { return FeedPage(rows: rows, through: through) }
            rows.removeSubrange(rowsMaximum...)
            return FeedPage(rows: rows, through: rows[rowsMaximum - 1].feed)
        }
    }

    public func receive(from neighbour: Neighbour, _ body: (any ReceivingStore) throws -> Void) throws {
        try write { writer in
            guard try neighbour.terms.epoch == nil || neighbour.terms.epoch == writer.node().scopesEpoch else { throw SyncError.scopesChanged }
            try body(ReceivingWriter(writer: writer, neighbour: neighbour, via: writer.lifeNumber(of: neighbour)))
        }
    }

    public func rows(fitting references: [RowReference]) throws -> [[ReplicaRow]] {
        try read { reader in
            try reader.rows(fitting: references).map { $0.map { ReplicaRow(id: $0.id, kind: $0.kind, row: $0.compact) } }
        }
    }

    // MARK: What a neighbour evidently holds

    /// So many marks are kept.
    private static let marksMaximum = 64

    public func markFeed() throws {
        try write { writer in
            let node = try writer.node()
            try writer.noteOwnSequence()
            var out = RowBytes()
            out.append(try writer.knownOrigins())
            try writer.database.execute(
                sql: "INSERT OR REPLACE INTO feed_marks (feed, life, origins) VALUES (?, ?, ?)",
                arguments: [Int64(bitPattern: node.feed), node.origin.signed, out.bytes.data])
            try writer.database.execute(
                sql: "DELETE FROM feed_marks WHERE feed NOT IN (SELECT feed FROM feed_marks ORDER BY feed DESC LIMIT ?)",
                arguments: [ProfileStore.marksMaximum])
        }
    }

    public func writesKnown(at feed: UInt64) throws -> CausalContext {
        try read { reader in
            let row = try Row.fetchOne(
                reader.database, sql: "SELECT origins FROM feed_marks WHERE feed <= ? AND life = ? ORDER BY feed DESC LIMIT 1",
                arguments: [Int64(clamping: feed), try reader.node().origin.signed])
            guard let bytes = row?.bytes("origins") else { return CausalContext() }
            return try bytes.withUnsafeBytes { buffer in
                var bytes = RowBytes.Reader(buffer)
                return try bytes.context()
            }
        }
    }

    public func writesLearned(since feed: UInt64, besides neighbour: NeighbourID) throws -> CausalContext {
        let before = try writesKnown(at: feed)
        return try read { reader in
            let hasOthers = try Bool.fetchOne(
                reader.database, sql: "SELECT EXISTS (SELECT 1 FROM neighbours WHERE node <> ? AND cursor_life IS NOT NULL)",
                arguments: [neighbour.data])
            guard hasOthers == true else { return CausalContext() }
            return CausalContext.learned(try reader.knownOrigins(), since: before, own: try reader.node().origin)
        }
    }

    public func recordSession(_ session: SessionRecord) throws {
        try write { writer in
            try writer.database.execute(
                sql: """
                    INSERT INTO neighbours (node, name, head, last_sync) VALUES (?, ?, ?, ?)
                    ON CONFLICT (node) DO UPDATE SET name = excluded.name, head = coalesce(excluded.head, head), last_sync = excluded.last_sync
                    """,
                arguments: [
                    session.neighbour.node.data, session.neighbourName, session.neighbourHead.map { Int64(clamping: $0) }, session.at.rawValue,
                ])
            if session.isCaller || session.pulled.rows > 0 { try writer.recoverBelongings() }
        }
    }
}

/// The transaction in which a neighbour's rows are joined.
private struct ReceivingWriter: ReceivingStore {
    let writer: StoreWriter
    let neighbour: Neighbour
    /// The number of the neighbour's present life.
    let via: Int64

    func rows(fitting references: [RowReference]) throws -> [[ReplicaRow]] {
        try writer.rows(fitting: references).map { $0.map { ReplicaRow(id: $0.id, kind: $0.kind, row: $0.compact) } }
    }

    func join(_ rows: [ReplicaRow], _ departures: [Departure], cursor: FeedCursor?) throws -> ApplyOutcome {
        var changed = 0, outside = 0
        for row in rows {
            switch try writer.receive(row, via: via, terms: neighbour.terms) {
            case .changed: changed += 1
            case .outside: outside += 1
            case .unchanged: break
            }
        }
        for departure in departures where try writer.receive(departure, terms: neighbour.terms) { changed += 1 }
        try writer.noteOrigins(of: rows)
        if let cursor { try writer.save(cursor, "cursor", of: neighbour.node) }
        return ApplyOutcome(changed: changed, outside: outside)
    }
}

extension Origin {
    /// The 64 bits as the database keeps them.
    var signed: Int64 { Int64(bitPattern: rawValue) }
}

extension StoreReader {
    /// The cursor that stands in a neighbour's column.
    fileprivate func cursor(_ column: String, of neighbour: NeighbourID) throws -> FeedCursor? {
        let row = try Row.fetchOne(database, sql: "SELECT \(column), \(column)_life FROM neighbours WHERE node = ?", arguments: [neighbour.data])
        guard let row, let life = row["\(column)_life"] as Int64? else { return nil }
        return FeedCursor(life: Origin(rawValue: StoreReader.unsigned(life)), feed: StoreReader.unsigned(row[column]))
    }

    /// For each origin the highest sequence seen here.
    fileprivate func knownOrigins() throws -> CausalContext {
        CausalContext(try Row.fetchAll(database, sql: "SELECT origin, sequence FROM origins").map {
            CausalContext.Entry(
                origin: Origin(rawValue: StoreReader.unsigned($0["origin"])), sequence: StoreReader.unsigned($0["sequence"]))
        })
    }
}

extension StoreWriter {
    /// Saves a cursor; within one life it never goes back.
    fileprivate func save(_ cursor: FeedCursor, _ column: String, of neighbour: NeighbourID) throws {
        try database.execute(
            sql: """
                INSERT INTO neighbours (node, name, \(column), \(column)_life) VALUES (?1, '', ?2, ?3)
                ON CONFLICT (node) DO UPDATE SET
                    \(column) = CASE WHEN \(column)_life IS ?3 THEN max(\(column), ?2) ELSE ?2 END, \(column)_life = ?3
                """,
            arguments: [neighbour.data, Int64(clamping: cursor.feed), cursor.life.signed])
    }

    func lifeNumber(of neighbour: Neighbour) throws -> Int64 {
        try database.execute(
            sql: "INSERT OR IGNORE INTO neighbour_lives (node, life) VALUES (?, ?)", arguments: [neighbour.node.data, neighbour.life.signed])
        return try Int64.fetchOne(
            database, sql: "SELECT ordinal FROM neighbour_lives WHERE node = ? AND life = ?",
            arguments: [neighbour.node.data, neighbour.life.signed])!
    }

    /// Joins a neighbour's row into the store; whether anything changed.
    func join(_ incoming: ReplicaRow, via: Int64) throws -> Bool {
        guard let local = try row(incoming.id, like: incoming.kind) ?? rowOfAnotherTable(incoming.id, than: incoming.kind) else {
            try put(incoming.row, id: incoming.id, kind: incoming.kind, replacing: nil, via: via)
            return true
        }
        let joined = CompactRow.join(local.compact, incoming.row)
        let kind = min(local.kind, incoming.kind)
        if joined == local.compact, kind == local.kind { return false }
        let isTheirs = joined == incoming.row && kind == incoming.kind
        try put(joined, id: incoming.id, kind: kind, replacing: local, via: isTheirs ? via : nil)
        try remember(from: local.compact, to: joined, of: incoming.id, at: environment.now())
        return true
    }

    /// Keeps for each origin the highest sequence seen.
    fileprivate func noteOrigins(of rows: [ReplicaRow]) throws {
        var seen: [Origin: UInt64] = [:]
        for row in rows { for entry in row.row.context.entries { seen[entry.origin] = max(seen[entry.origin] ?? 0, entry.sequence) } }
        for (origin, sequence) in seen { try note(origin, sequence) }
    }

    fileprivate func noteOwnSequence() throws { try note(node().origin, node().sequence) }

    private func note(_ origin: Origin, _ sequence: UInt64) throws {
        try database.run(
            """
                INSERT INTO origins (origin, sequence) VALUES (?, ?)
                ON CONFLICT (origin) DO UPDATE SET sequence = excluded.sequence WHERE excluded.sequence > sequence
                """, [origin.signed, Int64(clamping: sequence)])
    }
}
