import Causality
import NodeEnvironment
import ProfileModel
import Replication
import WireFormat

/// SplitMix64: small, seeded, the same on every machine.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
        return z ^ z >> 31
    }

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }
}

/// A clock that a test sets.
final class TestEnvironment: NodeEnvironment, @unchecked Sendable {
    var time: Int64 = 1_700_000_000_000_000

    func now() -> Stamp {
        time += 1000
        return Stamp(rawValue: time)
    }

    func random() -> UInt64 { 4 }
}

let testKey = HashKey(first: 3, second: 5)
let testDeployment = UniqueID(high: 77, low: 78)

/// A store in memory that keeps every promise of `ReplicaStore`.
final class MemoryStore: ReplicaStore {
    struct Entry {
        var kind: RowKind
        var row: CompactRow
        var feed: UInt64
        var cameFrom: Neighbour?
    }

    /// All that a backup holds.
    struct Content {
        var rows: [RowID: Entry] = [:]
        var rowAt: [UInt64: RowID] = [:]
        var head: UInt64 = 0
        var sequence: UInt64 = 0
        var life: Origin
        var cursors: [NeighbourID: FeedCursor] = [:]
        var acknowledged: [NeighbourID: FeedCursor] = [:]
        var known = CausalContext()
        var scopes: [NeighbourID: NeighbourScopes] = [:]
        var marks: [(feed: UInt64, known: CausalContext)] = []
        var tickets: [SyncTicket] = []
        var lastTicket: [NeighbourID: SyncTicket] = [:]
        var ticketsHeld: [Neighbour: SyncTicket] = [:]
    }

    private var livesBegun: UInt64 = 0

    let name: String
    let node: RowID
    var deployment = testDeployment
    var content: Content
    var sessions: [SessionRecord] = []
    /// Rows that were applied, per neighbour: what was not echoed back.
    var appliedRows = 0
    /// Throws after this many further calls that write.
    var failsAfter: Int?

    struct Failure: Error {}

    init(_ number: UInt64) {
        name = "node \(number)"
        node = RowID(high: 9, low: number)
        content = Content(life: Origin(rawValue: number &* 0x9e37_79b9_7f4a_7c15))
    }

    init(copying other: MemoryStore) {
        name = other.name
        node = other.node
        deployment = other.deployment
        content = other.content
    }

    /// Goes back to a backup, which begins a new life.
    func restore(_ backup: Content, life: Origin) {
        content = backup
        content.life = life
        content.sequence = 0
        content.marks = []
        content.tickets = []
        content.lastTicket = [:]
    }

    private func writes() throws {
        if let left = failsAfter {
            if left == 0 { throw Failure() }
            failsAfter = left - 1
        }
    }

    // MARK: Editing

    func edit(_ id: RowID, kind: RowKind = .person, _ change: (inout RowState, Dot) -> Void) {
        var state = content.rows[id]?.row.expanded ?? RowState()
        content.sequence += 1
        let dot = Dot(origin: content.life, sequence: content.sequence)
        change(&state, dot)
        content.known.insert(dot)
        put(id, kind, CompactRow(state), cameFrom: nil)
    }

    private func put(_ id: RowID, _ kind: RowKind, _ row: CompactRow, cameFrom: Neighbour?) {
        if let before = content.rows[id] { content.rowAt[before.feed] = nil }
        content.head += 1
        content.rows[id] = Entry(kind: kind, row: row, feed: content.head, cameFrom: cameFrom)
        content.rowAt[content.head] = id
        for entry in row.context.entries { content.known.insert(Dot(origin: entry.origin, sequence: entry.sequence)) }
    }

    var digest: Digest128 {
        content.rows.reduce(.zero) { $0 &+ $1.value.row.fingerprint(id: $1.key, kind: $1.value.kind.rawValue, key: testKey) }
    }

    // MARK: ReplicaStore

    func identity() throws -> ReplicaIdentity {
        ReplicaIdentity(
            deployment: deployment, node: node, nodeName: name, life: content.life, hashKey: testKey, sequence: content.sequence,
            machine: "machine \(node.low)")
    }

    func feedHead() throws -> UInt64 { content.head }

    func cursor(for neighbour: NeighbourID) throws -> FeedCursor? { content.cursors[neighbour] }

    func saveCursor(_ cursor: FeedCursor, for neighbour: NeighbourID) throws {
        try writes()
        keep(cursor, in: &content.cursors[neighbour])
    }

    private func keep(_ cursor: FeedCursor, in place: inout FeedCursor?) {
        if let held = place, held.life == cursor.life, held.feed > cursor.feed { return }
        place = cursor
    }

    func changes(after feed: UInt64, through: UInt64, rowsMaximum: Int, toward neighbour: Neighbour) throws -> FeedPage {
        var rows: [FeedRow] = []
        var at = feed
        while at < through {
            at += 1
            guard let id = content.rowAt[at], let entry = content.rows[id], entry.cameFrom != neighbour else { continue }
            rows.append(FeedRow(feed: at, row: ReplicaRow(id: id, kind: entry.kind, row: entry.row)))
            if rows.count == rowsMaximum { break }
        }
        return FeedPage(rows: rows, through: at)
    }

    func scopes(of neighbour: NeighbourID) throws -> NeighbourScopes? { content.scopes[neighbour] }

    func saveScopes(_ scopes: NeighbourScopes, of neighbour: NeighbourID, beginsAgain: Bool) throws { content.scopes[neighbour] = scopes }

    func rows(fitting references: [RowReference], toward neighbour: Neighbour) throws -> [[ReplicaRow]] { try rows(fitting: references) }

    func receive(from neighbour: Neighbour, _ body: (any ReceivingStore) throws -> Void) throws {
        try writes()
        let before = content
        do { try body(Receiving(store: self, neighbour: neighbour)) } catch {
            content = before
            throw error
        }
    }

    struct Receiving: ReceivingStore {
        let store: MemoryStore
        let neighbour: Neighbour

        func rows(fitting references: [RowReference]) throws -> [[ReplicaRow]] { try store.rows(fitting: references) }

        func join(_ rows: [ReplicaRow], _ departures: [Departure], cursor: FeedCursor?) throws -> ApplyOutcome {
            store.join(rows, from: neighbour, cursor: cursor)
        }
    }

    private func join(_ rows: [ReplicaRow], from neighbour: Neighbour, cursor: FeedCursor?) -> ApplyOutcome {
        var changed = 0
        for row in rows {
            appliedRows += 1
            let before = content.rows[row.id]
            let after = before.map { CompactRow.join($0.row, row.row) } ?? row.row
            let isTheirs = after.expanded == row.row.expanded
            if let before, before.row.expanded == after.expanded {
                if isTheirs { content.rows[row.id]?.cameFrom = neighbour }
                continue
            }
            changed += 1
            put(row.id, row.kind, after, cameFrom: isTheirs ? neighbour : nil)
        }
        if let cursor { keep(cursor, in: &content.cursors[neighbour.node]) }
        return ApplyOutcome(changed: changed)
    }

    func rows(fitting references: [RowReference]) throws -> [[ReplicaRow]] {
        let near = Dictionary(grouping: content.rows.keys) { $0.high >> 40 }
        return references.map { reference in
            precondition(reference.byteCount >= 3, "references are at least so long")
            if reference == RowReference(reference.id) {
                return content.rows[reference.id].map { [ReplicaRow(id: reference.id, kind: $0.kind, row: $0.row)] } ?? []
            }
            return (near[reference.id.high >> 40] ?? []).filter { reference.ids.contains($0) }.sorted().prefix(SyncLimits.fittingRowsMaximum).map {
                ReplicaRow(id: $0, kind: content.rows[$0]!.kind, row: content.rows[$0]!.row)
            }
        }
    }

    func sums(within scopes: ScopeRange) throws -> StoreSums {
        var sums = StoreSums()
        for (id, entry) in content.rows {
            let fingerprint = entry.row.fingerprint(id: id, kind: entry.kind.rawValue, key: testKey)
            sums.total = sums.total &+ fingerprint
            sums.rows += 1
            sums.cells.append(StoreSums.CellSum(cell: SumCell(of: id), sum: fingerprint.low))
        }
        return sums
    }

    func fingerprints(in cells: [SumCell], within scopes: ScopeRange) throws -> [RowFingerprint] {
        let cells = Set(cells)
        return content.rows.filter { cells.contains(SumCell(of: $0.key)) }.map { id, entry in
            RowFingerprint(id: id, digest: entry.row.fingerprint(id: id, kind: entry.kind.rawValue, key: testKey))
        }
    }

    func acknowledged(by neighbour: NeighbourID) throws -> FeedCursor? { content.acknowledged[neighbour] }

    func saveAcknowledged(_ cursor: FeedCursor, by neighbour: Neighbour) throws {
        if content.acknowledged[neighbour.node] == cursor { return }
        try writes()
        content.acknowledged[neighbour.node] = cursor
    }

    func markFeed() throws { content.marks.append((content.head, content.known)) }

    func writesKnown(at feed: UInt64) throws -> CausalContext {
        content.marks.last { $0.feed <= feed }?.known ?? CausalContext()
    }

    // MARK: Copies

    func handOutTicket(to neighbour: NeighbourID?, keeping received: ReceivedTicket?) throws -> SyncTicket {
        try writes()
        let ticket = SyncTicket(number: UInt64(content.tickets.count) + 1, secret: UInt32.random(in: 0 ... .max))
        content.tickets.append(ticket)
        if let neighbour { content.lastTicket[neighbour] = ticket }
        if let received { content.ticketsHeld[received.from] = received.ticket }
        return ticket
    }

    func lastTicket(to neighbour: NeighbourID) throws -> SyncTicket? { content.lastTicket[neighbour] }

    func ticketLog() throws -> [SyncTicket] { content.tickets.reversed() }

    func hasHandedOut(_ ticket: SyncTicket) throws -> Bool { content.tickets.contains(ticket) }

    func ticket(from neighbour: Neighbour) throws -> SyncTicket? { content.ticketsHeld[neighbour] }

    func keepTicket(_ received: ReceivedTicket, inReturnFor handed: SyncTicket?) throws {
        try writes()
        if let handed { content.lastTicket[received.from.node] = handed }
        content.ticketsHeld[received.from] = received.ticket
    }

    func sequenceKnown(of origin: Origin) throws -> UInt64 { content.known[origin] }

    /// It writes nothing again: tests of copies that wrote are those of real stores.
    func beginLife(upon evidence: CopyEvidence, from neighbour: NeighbourID, log: [SyncTicket]?) throws {
        livesBegun += 1
        restore(content, life: Origin(rawValue: node.low << 32 | livesBegun))
    }

    func writesLearned(since feed: UInt64, besides neighbour: NeighbourID) throws -> CausalContext {
        guard content.cursors.keys.contains(where: { $0 != neighbour }) else { return CausalContext() }
        return .learned(content.known, since: try writesKnown(at: feed), own: content.life)
    }

    func recordSession(_ session: SessionRecord) throws { sessions.append(session) }
}
