internal import Causality
internal import Connectors

/// Pages of one kind of records that have come and are not on disk yet: they go there together, because each transaction writes anew what
/// lies scattered over the indexes.
///
/// They are written as if one after the other: what a page says was compared with what is known when it came, so no two name one record, and
/// what one tells of ends is the last that is written.
struct PagesAtHand {
    /// So many records are enough for a transaction of their own: with many more the system would wait for us.
    static let recordsEnough = 4_000
    /// So long the first page waits at most: what a crash has read again.
    static let waitMicroseconds: Int64 = 1_000_000

    private(set) var arrivals: [ConnectorRun.Arrival] = []
    private(set) var tombstones: [RemoteTombstone] = []
    /// On which lists records stand that were asked about.
    private(set) var memberships: [String: [RemoteMembership]] = [:]
    /// How many records the system sent.
    private(set) var read = 0
    /// The cursor behind the last page; nil where there is none.
    private(set) var next: PullCursor?
    /// Whether the system no longer knows all that was deleted since.
    private(set) var hasLostDeletes = false
    private var since: Stamp?
    private var named: Set<String> = []

    /// Whether a page can be written in one transaction with these.
    func canTake(_ page: PullPage) -> Bool {
        next == nil || tombstones.isEmpty
            && page.records.allSatisfy { record in !named.contains(record.id) && named.isDisjoint(with: record.mergedIDs) }
    }

    mutating func add(_ page: PullPage, _ arrivals: [ConnectorRun.Arrival], _ memberships: [String: [RemoteMembership]], at time: Stamp) {
        self.arrivals += arrivals
        self.memberships.merge(memberships) { _, latest in latest }
        tombstones += page.tombstones
        read += page.records.count
        next = page.next
        hasLostDeletes = hasLostDeletes || page.hasLostDeletes
        if since == nil { since = time }
        for record in page.records {
            named.insert(record.id)
            named.formUnion(record.mergedIDs)
        }
    }

    /// Whether they have waited long enough, or are enough.
    func areDue(at time: Stamp) -> Bool {
        guard let since else { return false }
        return !tombstones.isEmpty || read >= PagesAtHand.recordsEnough || abs(time.rawValue - since.rawValue) >= PagesAtHand.waitMicroseconds
    }
}
