/// How far one kind of records has been read: a window of time, and the place within it.
///
/// A system reads a window in whatever order it can resume: by (stamp, id), by id alone, or by the system's page tokens. Never by the
/// stamp alone: 25,000 records may share one. When the window is read, the next begins where this one was opened, less a look-back
/// for records that become visible late. All times are the system's.
public struct PullCursor: Codable, Hashable, Sendable {
    /// Changes when the mapping does, so that all is read again.
    public var generation: Int
    /// Records changed at or after this time are in the window; nil means all.
    public var since: Int64?
    /// The system's time when the window was opened; nil before its first page.
    public var openedAt: Int64?
    /// The last record of the last page, where the order is by stamp and id.
    public var lastStamp: Int64?
    public var lastID: String?
    /// The system's own name for the next page.
    public var pageToken: String?

    public init(generation: Int = 0, since: Int64? = nil) {
        self.generation = generation
        self.since = since
    }

    /// Whether no page of the window has been read.
    public var isAtStart: Bool { openedAt == nil && lastID == nil && pageToken == nil }

    /// The cursor after a page that is not the window's last.
    ///
    /// - Parameter serverTime: the system's time, in microseconds since 1970, when it answered.
    public func advanced(lastStamp: Int64? = nil, lastID: String? = nil, pageToken: String? = nil, serverTime: Int64) -> PullCursor {
        var next = self
        next.openedAt = openedAt ?? serverTime
        next.lastStamp = lastStamp
        next.lastID = lastID
        next.pageToken = pageToken
        return next
    }

    /// The cursor after the window's last page: the next window.
    public func closed(serverTime: Int64, lookBackMicroseconds: Int64) -> PullCursor {
        let begin = (openedAt ?? serverTime) - lookBackMicroseconds
        return PullCursor(generation: generation, since: max(begin, since ?? .min))
    }

    /// The window from its beginning: where the system no longer knows a page token.
    public var rewound: PullCursor { PullCursor(generation: generation, since: since) }
}

/// A page of changes.
public struct PullPage: Sendable {
    public var records: [RemoteRecord]
    public var tombstones: [RemoteTombstone]
    /// To be kept once what the page says is durable, and not before.
    public var next: PullCursor
    /// Whether the window has more pages.
    public var hasMore: Bool
    /// Whether the system no longer knows all that was deleted since: all ids have to be compared.
    public var hasLostDeletes: Bool

    public init(records: [RemoteRecord], tombstones: [RemoteTombstone] = [], next: PullCursor, hasMore: Bool, hasLostDeletes: Bool = false) {
        self.records = records
        self.tombstones = tombstones
        self.next = next
        self.hasMore = hasMore
        self.hasLostDeletes = hasLostDeletes
    }
}

/// A page of ids that exist, with their clocks.
public struct VerifyPage: Sendable {
    public var clocks: [(id: String, stamp: Int64?)]
    /// From where the next page goes on; nil after the last.
    public var next: String?
    /// What says of each that it has changed where there is no clock, such as an ETag; an id may have none.
    public var versions: [String: String]
    /// What of these records stands in the fields that conditions look at, by ids; empty where the system tells none of it here.
    public var asked: [String: RemoteFields]

    public init(
        clocks: [(id: String, stamp: Int64?)], next: String?, versions: [String: String] = [:], asked: [String: RemoteFields] = [:]
    ) {
        self.clocks = clocks
        self.asked = asked
        self.next = next
        self.versions = versions
    }
}
