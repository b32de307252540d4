internal import Causality
internal import GRDB
internal import Synchronization

/// The headers of writes, interned: each is one row, and a dot in the store is a header's number and a sequence.
final class HeaderTable: Sendable {
    /// A header together with the origin under which it was written.
    struct Entry: Hashable {
        let origin: Origin
        let header: Header
    }

    private struct Cache {
        var byOrdinal: [Int64: Entry] = [:]
        var ordinals: [Entry: Int64] = [:]
        /// What was asked for last, which many rows share.
        var last: (entry: Entry, ordinal: Int64)?
        /// An operation and its latest header, as long as nobody else can write: what is later still was never interned.
        var latest: (operation: UniqueID, stamp: Stamp)?
        /// The first header of the operation that began in this transaction.
        var first: (operation: UniqueID, ordinal: Int64?)?

        mutating func ordinal(of entry: Entry) -> Int64? {
            if let last, last.entry == entry { return last.ordinal }
            guard let known = ordinals[entry] else { return nil }
            last = (entry, known)
            return known
        }

        /// Whether an operation has no header as late as this.
        func isBeyondAll(_ header: Header) -> Bool {
            latest.map { $0.operation == header.operation && $0.stamp < header.stamp } ?? false
        }
    }

    /// So many headers are kept in memory.
    private static let cachedMaximum = 65_536

    private let cache = Mutex(Cache())

    /// Forgets what was interned in a transaction that did not commit.
    func invalidate() { cache.withLock { $0 = Cache() } }

    /// Begins a write transaction: before it others may have interned headers.
    func begin() {
        cache.withLock {
            $0.latest = nil
            $0.first = nil
        }
    }

    /// Notes that nothing was written yet under an operation, whose id was made in this transaction.
    func begin(_ operation: UniqueID) {
        cache.withLock {
            $0.latest = (operation, Stamp(rawValue: .min))
            $0.first = (operation, nil)
        }
    }

    /// The number of the first header of the operation that began in this transaction; nil for any other.
    func first(of operation: UniqueID) -> Int64? {
        cache.withLock { $0.first.flatMap { $0.operation == operation ? $0.ordinal : nil } }
    }

    /// The header with this number.
    func entry(_ ordinal: Int64, in database: Database) throws -> Entry {
        if let known = cache.withLock({ $0.byOrdinal[ordinal] }) { return known }
        let statement = try RawStatement(database, sql: "SELECT origin, stamp, author, source, operation FROM headers WHERE ordinal = ?")
        statement.bind(1, ordinal)
        guard try statement.step() else { throw StoreError("store.damaged", ["path": "headers", "reason": "no header \(ordinal)"]) }
        let entry = HeaderTable.entry(statement)
        statement.reset()
        remember(entry, ordinal)
        return entry
    }

    /// The number of a header; a new one where it is not known yet.
    func ordinal(of entry: Entry, in database: Database) throws -> Int64 {
        let (known, isNew) = cache.withLock { ($0.ordinal(of: entry), $0.isBeyondAll(entry.header)) }
        if let known { return known }
        if !isNew, let found = try find(entry, in: database) { return found }
        let insert = try RawStatement(database, sql: "INSERT INTO headers (origin, stamp, author, source, operation) VALUES (?, ?, ?, ?, ?)")
        insert.bind(1, Int64(bitPattern: entry.origin.rawValue))
        insert.bind(2, entry.header.stamp.rawValue)
        insert.bind(3, text: entry.header.author)
        if let source = entry.header.source { insert.bind(4, text: source) }
        insert.bind(5, id: entry.header.operation)
        try insert.run()
        let ordinal = database.lastInsertedRowID
        remember(entry, ordinal)
        cache.withLock {
            if isNew { $0.latest?.stamp = entry.header.stamp }
            if let first = $0.first, first.operation == entry.header.operation, first.ordinal == nil { $0.first?.ordinal = ordinal }
        }
        return ordinal
    }

    /// The number of a header that is not in memory; nil where it was never interned.
    private func find(_ entry: Entry, in database: Database) throws -> Int64? {
        let search = try RawStatement(
            database, sql: "SELECT origin, stamp, author, source, operation, ordinal FROM headers WHERE operation = ? AND stamp >= ? ORDER BY stamp")
        defer { search.reset() }
        search.bind(1, id: entry.header.operation)
        search.bind(2, entry.header.stamp.rawValue)
        var isLatest = true
        while try search.step() {
            let found = HeaderTable.entry(search)
            isLatest = found.header.stamp == entry.header.stamp
            if !isLatest { break }
            if found != entry { continue }
            let ordinal = search.int64(5)
            remember(entry, ordinal)
            return ordinal
        }
        if isLatest { cache.withLock { $0.latest = (entry.header.operation, entry.header.stamp) } }
        return nil
    }

    private func remember(_ entry: Entry, _ ordinal: Int64) {
        cache.withLock {
            if $0.byOrdinal.count >= HeaderTable.cachedMaximum { $0 = Cache(latest: $0.latest, first: $0.first) }
            $0.byOrdinal[ordinal] = entry
            $0.ordinals[entry] = ordinal
        }
    }

    private static func entry(_ statement: RawStatement) -> Entry {
        Entry(
            origin: Origin(rawValue: UInt64(bitPattern: statement.int64(0))),
            header: Header(
                stamp: Stamp(rawValue: statement.int64(1)), author: statement.text(2), source: statement.optionalText(3),
                operation: UniqueID(bytes: statement.bytes(4)) ?? UniqueID(high: 0, low: 0)))
    }
}
