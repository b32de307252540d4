public import Causality
internal import GRDB
internal import NodeEnvironment
internal import ProfileModel
public import Replication

/// What tells this store from copies of it that go on under the same life.
extension ProfileStore: LifeLedger {
    public func handOutTicket(to neighbour: NeighbourID?, keeping received: ReceivedTicket?) throws -> SyncTicket {
        try write { writer in
            if let received { try writer.keep(received) }
            return try writer.handOutTicket(to: neighbour)
        }
    }

    public func lastTicket(to neighbour: NeighbourID) throws -> SyncTicket? {
        try read { reader in
            try Row.fetchOne(
                reader.database, sql: "SELECT number, secret FROM tickets WHERE number = (SELECT ticket FROM neighbours WHERE node = ?)",
                arguments: [neighbour.data]
            ).map { SyncTicket(number: StoreReader.unsigned($0["number"]), secret: UInt32(truncatingIfNeeded: $0["secret"] as Int64)) }
        }
    }

    public func ticketLog() throws -> [SyncTicket] {
        try read { reader in
            let last = try Int64.fetchOne(reader.database, sql: "SELECT max(number) FROM tickets") ?? 0
            let numbers = [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024, 2_048].map { last - $0 }.filter { $0 > 0 }
            return try numbers.compactMap { number in
                try Int64.fetchOne(reader.database, sql: "SELECT secret FROM tickets WHERE number = ?", arguments: [number])
                    .map { SyncTicket(number: UInt64(number), secret: UInt32(truncatingIfNeeded: $0)) }
            }
        }
    }

    public func hasHandedOut(_ ticket: SyncTicket) throws -> Bool {
        try read { reader in
            let known = try Row.fetchOne(reader.database, sql: "SELECT min(number) AS first, max(number) AS last FROM tickets")
            guard let known, let first = known["first"] as Int64?, let last = known["last"] as Int64? else { return false }
            let number = Int64(clamping: ticket.number)
            if number > last { return false }
            if number < first { return true }
            return try Int64.fetchOne(reader.database, sql: "SELECT secret FROM tickets WHERE number = ?", arguments: [number])
                == Int64(ticket.secret)
        }
    }

    public func ticket(from neighbour: Neighbour) throws -> SyncTicket? {
        try read { reader in
            let row = try Row.fetchOne(
                reader.database, sql: "SELECT ticket, ticket_secret FROM neighbour_lives WHERE node = ? AND life = ? AND ticket IS NOT NULL",
                arguments: [neighbour.node.data, neighbour.life.signed])
            return row.map { SyncTicket(number: StoreReader.unsigned($0["ticket"]), secret: UInt32(truncatingIfNeeded: $0["ticket_secret"] as Int64)) }
        }
    }

    public func keepTicket(_ received: ReceivedTicket, inReturnFor handed: SyncTicket?) throws {
        try write { writer in
            try writer.keep(received)
            guard let handed else { return }
            try writer.database.execute(
                sql: "UPDATE neighbours SET ticket = ? WHERE node = ?", arguments: [Int64(clamping: handed.number), received.from.node.data])
        }
    }

    public func sequenceKnown(of origin: Origin) throws -> UInt64 {
        try read { reader in
            StoreReader.unsigned(
                try Int64.fetchOne(reader.database, sql: "SELECT sequence FROM origins WHERE origin = ?", arguments: [origin.signed]) ?? 0)
        }
    }

    public func beginLife(upon evidence: CopyEvidence, from neighbour: NeighbourID, log: [SyncTicket]?) throws {
        let lives = try write { writer in
            let before = try writer.node().origin, common = try log.map(writer.commonSequence) ?? writer.commonSequence(with: neighbour)
            try writer.beginLife(evidence == .foreignTicket ? .copied : .behind)
            try writer.writeAgain(before, after: common)
            return try writer.lives()
        }
        lifeListeners.tell(lives)
    }
}

extension StoreWriter {
    /// So many tickets are kept.
    private static let ticketsMaximum = 4_096

    fileprivate func handOutTicket(to neighbour: NeighbourID?) throws -> SyncTicket {
        let number = 1 + (try Int64.fetchOne(database, sql: "SELECT max(number) FROM tickets") ?? 0)
        let ticket = SyncTicket(number: UInt64(number), secret: UInt32(truncatingIfNeeded: environment.random()))
        try database.execute(
            sql: "INSERT INTO tickets (number, secret, sequence) VALUES (?, ?, ?)",
            arguments: [number, Int64(ticket.secret), Int64(bitPattern: node().sequence)])
        try database.execute(sql: "DELETE FROM tickets WHERE number <= ?", arguments: [number - Int64(StoreWriter.ticketsMaximum)])
        if let neighbour {
            try database.execute(
                sql: """
                    INSERT INTO neighbours (node, name, ticket) VALUES (?1, '', ?2) ON CONFLICT (node) DO UPDATE SET ticket = ?2
                    """, arguments: [neighbour.data, number])
        }
        return ticket
    }

    fileprivate func keep(_ received: ReceivedTicket) throws {
        let node = try node(), neighbour = received.from, ticket = received.ticket
        try database.execute(
            sql: """
                INSERT INTO neighbour_lives (node, life, ticket, ticket_secret) VALUES (?1, ?2, ?3, ?4)
                ON CONFLICT (node, life) DO UPDATE SET ticket = ?3, ticket_secret = ?4
                """,
            arguments: [neighbour.node.data, neighbour.life.signed, Int64(clamping: ticket.number), Int64(ticket.secret)])
        guard received.isConfirmation else { return }
        try database.execute(
            sql: """
                INSERT INTO neighbours (node, name, common, common_life) VALUES (?1, '', ?2, ?3)
                ON CONFLICT (node) DO UPDATE SET common = ?2, common_life = ?3
                """,
            arguments: [neighbour.node.data, Int64(bitPattern: node.sequence), node.origin.signed])
    }

    /// Up to this sequence of the present life nobody else wrote under it, as far as sessions with this neighbour tell, else
    /// as those with any.
    fileprivate func commonSequence(with neighbour: NeighbourID) throws -> UInt64 {
        let life = try node().origin.signed
        let row = try Row.fetchOne(
            database, sql: """
                SELECT coalesce((SELECT common FROM neighbours WHERE node = ?1 AND common_life = ?2),
                    (SELECT min(common) FROM neighbours WHERE common_life = ?2), 0) AS common
                """, arguments: [neighbour.data, life])
        return StoreReader.unsigned(row?["common"] ?? 0)
    }

    /// Up to this sequence of the present life another copy and this store were one, as tickets of the other tell.
    fileprivate func commonSequence(in log: [SyncTicket]) throws -> UInt64 {
        try log.reduce(0) { common, ticket in
            let sequence = try Int64.fetchOne(
                database, sql: "SELECT sequence FROM tickets WHERE number = ? AND secret = ?",
                arguments: [Int64(clamping: ticket.number), Int64(ticket.secret)])
            return max(common, StoreReader.unsigned(sequence ?? 0))
        }
    }

    /// Forgets what belonged to the life that is over.
    func forgetTickets() throws { try database.execute(sql: "DELETE FROM tickets; UPDATE neighbours SET ticket = NULL") }

    // MARK: Writing again

    /// Writes again, in the present life, what stands here under a former origin beyond a sequence, and forgets that rows were
    /// touched under that origin beyond it.
    ///
    /// Another store wrote under the same origin: a dot of it, here or there, may name two writes, and a context that covers
    /// one would end the other. Nobody else has what is written again, or has it under a dot that means something else.
    func writeAgain(_ former: Origin, after common: UInt64) throws {
        var rows: [(id: RowID, kind: RowKind)] = []
        var sequences = Set<UInt64>()
        let numbers = try Int64.fetchAll(database, sql: "SELECT ordinal FROM headers WHERE origin = ?", arguments: [former.signed])
        let list = numbers.map(String.init).joined(separator: ", ")
        for layout in [RowLayout.customers, RowLayout.items] {
            try forEachRow(layout, where: "base_header IN (\(list)) OR cells IS NOT NULL") { row in
                guard row.compact.context[former] > common else { return }
                rows.append((row.id, row.kind))
                for writes in row.state.cells.values {
                    for write in writes where write.dot.origin == former && write.dot.sequence > common { sequences.insert(write.dot.sequence) }
                }
            }
        }
        var again = Rewriting(former: former, common: common)
        for sequence in sequences.sorted() { again.dots[sequence] = nextDot() }
        for (id, kind) in rows {
            guard let stored = try row(id, like: kind) else { continue }
            try put(CompactRow(again.state(stored.state)), id: id, kind: kind, replacing: stored)
        }
    }
}

/// How writes of a former origin are named in the present life.
private struct Rewriting {
    let former: Origin
    let common: UInt64
    /// In the order of the sequences that they stand for.
    var dots: [UInt64: Dot] = [:]

    func state(_ old: RowState) -> RowState {
        var new = RowState()
        new.scopesLeft = old.scopesLeft
        new.context = context(old.context)
        for (cell, writes) in old.cells {
            new.cells[cell] = []
            for write in writes { _ = new.put(self.write(write), in: cell, replacing: []) }
        }
        return new
    }

    private func dot(_ old: Dot) -> Dot { old.origin == former && old.sequence > common ? dots[old.sequence] ?? old : old }

    private func write(_ old: Write) -> Write {
        Write(
            dot: dot(old.dot), header: old.header, value: old.value,
            overrules: old.overrules.map { overruling in
                if case .write(let named) = overruling { .write(dot(named)) } else { overruling }
            },
            seen: old.seen.map(seen), original: old.original.map(dot))
    }

    private func context(_ old: CausalContext) -> CausalContext {
        CausalContext(old.entries.compactMap { entry in
            let sequence = entry.origin == former ? min(entry.sequence, common) : entry.sequence
            return sequence == 0 ? nil : CausalContext.Entry(origin: entry.origin, sequence: sequence)
        })
    }

    /// What a delete saw, the writes among it that have other names now too.
    private func seen(_ old: CausalContext) -> CausalContext {
        var seen = context(old)
        let last = old[former]
        if last > common, let dot = dots.lazy.filter({ $0.key <= last }).max(by: { $0.key < $1.key })?.value { seen.insert(dot) }
        return seen
    }
}
