public import Causality
public import ProfileModel
public import WireFormat

/// What a node's store must give so that it can replicate: its identity, its feed, rows and cursors.
///
/// Every call is one short transaction of its own, durable when it returns; a feed read pins nothing afterwards. The
/// calls of one session come from one thread at a time, sessions with several neighbours may run at once.
public protocol ReplicaStore: LifeLedger, TerritorialStore {
    /// Who this node is; read once at the start of a session or a request.
    func identity() throws -> ReplicaIdentity

    /// The feed number of the latest change, 0 where nothing was ever written.
    func feedHead() throws -> UInt64

    /// What of the neighbour's feed is durable here.
    func cursor(for neighbour: NeighbourID) throws -> FeedCursor?

    /// Saves what of the neighbour's feed is durable here.
    ///
    /// Within one life a cursor never goes back: the greater number stands. A cursor of another life replaces it.
    func saveCursor(_ cursor: FeedCursor, for neighbour: NeighbourID) throws

    /// The rows that changed after one feed number, up to and with another, in the order of their feed numbers.
    ///
    /// They are those that the neighbour is served by its scopes, and the departures of rows from them. A row is listed once, under its present feed number; one that has changed after `through` is not listed. Rows whose
    /// state came from the neighbour in its present life are skipped.
    ///
    /// - Parameter rowsMaximum: at least 1.
    /// - Returns: at most `rowsMaximum` rows, and the feed number up to which they are complete: the last row's where
    ///   there may be more, else `through`.
    func changes(after feed: UInt64, through: UInt64, rowsMaximum: Int, toward neighbour: Neighbour) throws -> FeedPage

    /// Takes what a neighbour sent, in one transaction under the write lock: all that `body` does, or nothing.
    ///
    /// - Parameter body: what it is given is valid within the call.
    func receive(from neighbour: Neighbour, _ body: (any ReceivingStore) throws -> Void) throws

    /// For each reference the rows whose ids it fits: one or none, where it is a whole id.
    ///
    /// - Parameter references: at most `SyncLimits.rowsAtOnceMaximum`.
    /// - Returns: at most `SyncLimits.fittingRowsMaximum` rows a reference.
    func rows(fitting references: [RowReference]) throws -> [[ReplicaRow]]

    /// How far of our feed the neighbour has said that it holds.
    func acknowledged(by neighbour: NeighbourID) throws -> FeedCursor?

    /// Saves how far of our feed the neighbour says that it holds, and lets go of what waited for that.
    ///
    /// Its last word counts, also where it is less: it may have been put back to an older state.
    func saveAcknowledged(_ cursor: FeedCursor, by neighbour: Neighbour) throws

    /// Remembers which writes are known at this moment, under the present feed head: for each origin the highest sequence.
    ///
    /// It serves guesses alone. A store may keep the latest few, such as 64.
    func markFeed() throws

    /// The writes that were known at the latest mark at or before this feed number of the present life; empty where no
    /// mark is left.
    ///
    /// Whoever holds our feed through that number evidently held these writes; a wrong guess costs a round trip.
    func writesKnown(at feed: UInt64) throws -> CausalContext

    /// The writes that are known here now and were not when the feed stood at this number of the present life, where others
    /// than the neighbour may have brought them; empty where no other was ever met.
    ///
    /// It serves guesses alone.
    ///
    /// - Returns: at most `SyncLimits.learnedOriginsMaximum` entries, those that gained most, without this store's own.
    func writesLearned(since feed: UInt64, besides neighbour: NeighbourID) throws -> CausalContext

    /// Keeps the outcome of a session for `status` and `peer list`: on the calling side once a session, on the answering
    /// side once a request, each with its own counts.
    func recordSession(_ session: SessionRecord) throws
}

/// A store within the transaction in which it takes what a neighbour sent.
public protocol ReceivingStore {
    /// As `ReplicaStore.rows(fitting:)`, with all that the transaction has joined.
    func rows(fitting references: [RowReference]) throws -> [[ReplicaRow]]

    /// Joins rows into the store, gives each row that changed, even in its context alone, the next feed number, and saves
    /// the cursor.
    ///
    /// A row whose state after the join equals the state received is remembered as having come from the neighbour in its
    /// present life (where the join changed nothing, remembering it is optional); where it differs, or when it is written
    /// later, that is forgotten.
    ///
    /// - Parameter cursor: nil leaves the neighbour's cursor alone; else as in `saveCursor`.
    ///
    /// Rows outside what this node holds are left out. Rows that the neighbour may not write are left out too, and what
    /// they say goes to review.
    ///
    /// - Throws: `sync.scopes-changed` where this node has entered or left scopes since the session told what it holds.
    func join(_ rows: [ReplicaRow], _ departures: [Departure], cursor: FeedCursor?) throws -> ApplyOutcome
}

extension ReplicaStore {
    /// Joins rows in a transaction of their own; as `ReceivingStore.join`.
    @discardableResult
    public func apply(_ rows: [ReplicaRow], _ departures: [Departure], from neighbour: Neighbour, cursor: FeedCursor?) throws -> ApplyOutcome {
        var outcome = ApplyOutcome(changed: 0)
        try receive(from: neighbour) { outcome = try $0.join(rows, departures, cursor: cursor) }
        return outcome
    }
}

/// A neighbour: the id of its node, which is the id of its row.
public typealias NeighbourID = RowID

/// A neighbour in one life of its store.
public struct Neighbour: Hashable, Sendable {
    public let node: NeighbourID
    public let life: Origin
    /// What may go to and fro.
    public let terms: ScopeTerms

    public init(node: NeighbourID, life: Origin, terms: ScopeTerms = ScopeTerms()) {
        self.node = node
        self.life = life
        self.terms = terms
    }
}

/// A place in the feed of one life of a store: its holder has all rows that stood at or before it.
///
/// It says nothing of another life's feed. A restored or copied store has rows at earlier numbers than those at which the
/// holder of the cursor passed them by, so that a cursor of another life starts again at 0, whatever its number.
public struct FeedCursor: Hashable, Sendable {
    public let life: Origin
    public let feed: UInt64

    public init(life: Origin, feed: UInt64) {
        self.life = life
        self.feed = feed
    }

    /// The feed number after which a neighbour with this cursor goes on in the feed of a store.
    func resumed(in life: Origin, head: UInt64) -> UInt64 { self.life == life && feed <= head ? feed : 0 }
}

/// Who a node is to its neighbours.
public struct ReplicaIdentity: Hashable, Sendable {
    public let deployment: UniqueID
    /// The id of the node's row.
    public let node: RowID
    public let nodeName: String
    /// The present life of the store: the origin under which it writes.
    public let life: Origin
    /// The deployment's key of fingerprints.
    public let hashKey: HashKey
    public let scopes: ScopeSet
    /// What it has left, and of which it still has rows.
    public let leaving: ScopeSet
    /// How often it has entered or left scopes.
    public let scopesEpoch: UInt64
    /// The last sequence of the present life.
    public let sequence: UInt64
    /// What people call the machine.
    public let machine: String

    public init(
        deployment: UniqueID, node: RowID, nodeName: String, life: Origin, hashKey: HashKey, scopes: ScopeSet = .whole,
        leaving: ScopeSet = .nothing, scopesEpoch: UInt64 = 0, sequence: UInt64, machine: String
    ) {
        self.deployment = deployment
        self.node = node
        self.nodeName = nodeName
        self.life = life
        self.hashKey = hashKey
        self.scopes = scopes
        self.leaving = leaving
        self.scopesEpoch = scopesEpoch
        self.sequence = sequence
        self.machine = machine
    }
}

/// A row with its id and kind.
public struct ReplicaRow: Hashable, Sendable {
    public let id: RowID
    public let kind: RowKind
    public let row: CompactRow

    public init(id: RowID, kind: RowKind, row: CompactRow) {
        self.id = id
        self.kind = kind
        self.row = row
    }
}

/// A row under its present feed number; no two rows share one.
public struct FeedRow: Hashable, Sendable {
    /// What the neighbour is told of the row.
    public enum Content: Hashable, Sendable {
        case row(ReplicaRow)
        /// The neighbour held the row's scope once; it is told where the row is, and nothing of what it says.
        case departed(Departure)
    }

    public let feed: UInt64
    public let content: Content

    public init(feed: UInt64, row: ReplicaRow) { self.init(feed: feed, content: .row(row)) }

    public init(feed: UInt64, content: Content) {
        self.feed = feed
        self.content = content
    }

    /// The row, where it is served.
    public var row: ReplicaRow? {
        if case .row(let row) = content { row } else { nil }
    }
}

/// A piece of the feed.
public struct FeedPage: Sendable {
    public let rows: [FeedRow]
    /// Up to and with this feed number the rows are complete.
    public let through: UInt64

    public init(rows: [FeedRow], through: UInt64) {
        self.rows = rows
        self.through = through
    }
}

/// What joining rows did.
public struct ApplyOutcome: Hashable, Sendable {
    /// Rows whose state is another than before.
    public let changed: Int
    /// Rows that the neighbour may not write; what they say is in the review queue.
    public let outside: Int

    public init(changed: Int, outside: Int = 0) {
        self.changed = changed
        self.outside = outside
    }
}

/// A session as `status` tells of it.
public struct SessionRecord: Hashable, Sendable {
    public let neighbour: Neighbour
    public let neighbourName: String
    public let at: Stamp
    /// Whether this node called, or was called.
    public let isCaller: Bool
    public let pulled: TransferCount
    public let pushed: TransferCount
    /// The neighbour's feed head as its handshake named it; with the cursor it says how far this node is behind. Nil where
    /// the request was no handshake.
    public let neighbourHead: UInt64?

    public init(
        neighbour: Neighbour, neighbourName: String, at: Stamp, isCaller: Bool, pulled: TransferCount, pushed: TransferCount,
        neighbourHead: UInt64?
    ) {
        self.neighbour = neighbour
        self.neighbourName = neighbourName
        self.at = at
        self.isCaller = isCaller
        self.pulled = pulled
        self.pushed = pushed
        self.neighbourHead = neighbourHead
    }
}

/// What went one way in a session.
public struct TransferCount: Hashable, Sendable {
    /// Rows that the receiver did not hold in this state.
    public var changes = 0
    /// Rows in frames, repeated ones included.
    public var rows = 0
    /// Bytes of bodies.
    public var bytes = 0

    public init(changes: Int = 0, rows: Int = 0, bytes: Int = 0) {
        self.changes = changes
        self.rows = rows
        self.bytes = bytes
    }

    mutating func add(_ other: TransferCount) {
        changes += other.changes
        rows += other.rows
        bytes += other.bytes
    }
}

extension CausalContext {
    /// The entries that gained most, without a store's own.
    public static func learned(_ now: CausalContext, since before: CausalContext, own life: Origin) -> CausalContext {
        let gained = now.entries.filter { $0.origin != life && $0.sequence > before[$0.origin] }
        return CausalContext(gained.sorted { $0.sequence - before[$0.origin] > $1.sequence - before[$1.origin] }
            .prefix(SyncLimits.learnedOriginsMaximum))
    }
}
