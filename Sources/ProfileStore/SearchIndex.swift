internal import GRDB

/// The index behind free text: built in slices once rows are durable, and caught up before a search.
///
/// It holds exactly the living customer rows whose ordinal is at most `node.indexed` and is not among `search_waiting`. Where
/// a change touches what is searched of a row, the text is taken out, from the row as it stands then, and put in when the
/// index catches up: so FTS5 needs to keep no copy of the texts, and what it deletes is what it was given. No positions are kept either (`detail=none`):
/// what tokens cannot decide is decided on the row. Each migration makes it anew, so how a text is divided may change with
/// one.
enum SearchIndex {
    static func createTable(in database: Database) throws {
        try database.execute(sql: """
            DROP TABLE IF EXISTS search_terms;
            DROP TABLE IF EXISTS search;
            CREATE VIRTUAL TABLE search USING fts5 (
                tokens, content = '', columnsize = 0, detail = none, tokenize = "ascii tokenchars '#'");
            CREATE VIRTUAL TABLE search_terms USING fts5vocab (search, 'instance');
            INSERT INTO search (search, rank) VALUES ('hashsize', \(hashBytes));
            INSERT INTO search (search, rank) VALUES ('automerge', \(automerge));
            DELETE FROM search_waiting;
            UPDATE node SET indexed = 0;
            """)
    }

    /// What is written to the index in one transaction stays in memory up to this size.
    private static let hashBytes = 16 << 20
    /// So many segments of one size are merged into the next size.
    private static let automerge = 8
}

/// Texts of changed rows that are still to be taken out of the index.
///
/// FTS5 writes a segment whenever ordinals do not rise, so they are collected and sorted.
struct SearchRemovals {
    private(set) var texts: [Int64: [UInt8]] = [:]
    private(set) var bytes = 0
    /// Reads the rows, once one has changed.
    var rows: SearchedRows?

    mutating func add(_ text: [UInt8], of ordinal: Int64) {
        texts[ordinal] = text
        bytes += text.count
    }
}

/// The statements that write the index.
private struct SearchWriting {
    let insert: RawStatement
    let delete: RawStatement

    init(_ database: Database) throws {
        insert = try RawStatement(database, sql: "INSERT INTO search (rowid, tokens) VALUES (?, ?)")
        delete = try RawStatement(database, sql: "INSERT INTO search (search, rowid, tokens) VALUES ('delete', ?, ?)")
    }

    func run(_ statement: RawStatement, _ ordinal: Int64, _ text: [UInt8]) throws {
        statement.bind(1, ordinal)
        text.withUnsafeBytes { statement.bind(2, text: $0) }
        try statement.run()
    }
}

extension StoreWriter {
    /// So many bytes of text wait to be taken out of the index before they are.
    private static let removalBytesMaximum = 8 << 20

    /// Takes a customer row's text out of the search index, unless the index does not hold it; called while the row still
    /// stands as it was indexed.
    func unindex(_ old: StoredRow) throws {
        guard try isIndexed(old.ordinal), try wait(old.ordinal) else { return }
        let rows = try searchRemovals.rows ?? SearchedRows(self)
        searchRemovals.rows = rows
        var tokens = SearchTokens()
        if try rows.forEachValue(of: old.ordinal, { tokens.append($1, as: $0.role) }) {
            searchRemovals.add(tokens.text, of: old.ordinal)
            if searchRemovals.bytes > StoreWriter.removalBytesMaximum { try settleSearch() }
        }
    }

    /// Takes care that a new customer row comes into the index: its ordinal may have been another's, which is gone.
    func noteUnindexed(_ ordinal: Int64) throws {
        if try isIndexed(ordinal) { _ = try wait(ordinal) } else { noteUnindexed() }
    }

    /// Lists a row as one that waits to be indexed; whether it was not on the list.
    private func wait(_ ordinal: Int64) throws -> Bool {
        let insert = try RawStatement(database, sql: "INSERT OR IGNORE INTO search_waiting (ordinal) VALUES (?)")
        insert.bind(1, ordinal)
        try insert.run()
        let isNew = database.changesCount > 0
        if isNew { noteUnindexed() }
        return isNew
    }

    private func noteUnindexed() { facts.unindexedMaximum = facts.unindexedMaximum.map { $0 + 1 } }

    /// Takes out of the index what rows that changed in this transaction held; called before it commits.
    func settleSearch() throws { try index([]) }

    /// Brings customer rows that are not in the search index into it: those that changed, then new ones in the order of
    /// their making.
    ///
    /// - Parameter limit: at most so many rows, at least 1; a transaction of 20,000 takes about 0.2 s.
    /// - Returns: how many rows were read; 0 where the index holds all.
    public func indexPending(limit: Int) throws -> Int {
        precondition(limit > 0)
        let waiting = try ordinals("SELECT ordinal FROM search_waiting WHERE ordinal > ? ORDER BY ordinal LIMIT ?", above: 0, limit)
        let new = try ordinals(
            "SELECT ordinal FROM customer_rows WHERE ordinal > ? ORDER BY ordinal LIMIT ?", above: Int64(bitPattern: node().indexed),
            limit - waiting.count)
        try index(waiting + new)
        if let last = waiting.last { try database.run("DELETE FROM search_waiting WHERE ordinal <= ?", [last]) }
        if let last = new.last { setIndexed(UInt64(bitPattern: last)) }
        return waiting.count + new.count
    }

    /// The same where a search would have to read this many rows that are not in the index.
    public func indexPending(beyond backlog: Int) throws {
        if let known = facts.unindexedMaximum, known <= backlog { return }
        let count = try RawStatement(database, sql: """
            SELECT max((SELECT ifnull(max(ordinal), 0) FROM customer_rows) - ?1, 0) + (SELECT count(*) FROM (SELECT 1 FROM search_waiting LIMIT ?2))
            """)
        count.bind(1, Int64(bitPattern: try node().indexed))
        count.bind(2, Int64(backlog + 1))
        let found = try count.step() ? Int(count.int64(0)) : 0
        count.reset()
        if found > backlog {
            _ = try indexPending(limit: backlog + 1)
        } else {
            facts.unindexedMaximum = found
        }
    }

    private func ordinals(_ sql: String, above: Int64, _ limit: Int) throws -> [Int64] {
        let statement = try RawStatement(database, sql: sql)
        statement.bind(1, above)
        statement.bind(2, Int64(limit))
        defer { statement.reset() }
        var ordinals: [Int64] = []
        while try statement.step() { ordinals.append(statement.int64(0)) }
        return ordinals
    }

    /// Takes out what waits for it and puts in rows, in one rising order of ordinals.
    func index(_ ordinals: [Int64]) throws {
        let removals = searchRemovals.texts.sorted { $0.key < $1.key }
        searchRemovals = SearchRemovals()
        if removals.isEmpty, ordinals.isEmpty { return }
        let writing = try SearchWriting(database), rows = try SearchedRows(self)
        var tokens = SearchTokens(), next = 0
        for ordinal in ordinals {
            while next < removals.count, removals[next].key <= ordinal {
                try writing.run(writing.delete, removals[next].key, removals[next].value)
                next += 1
            }
            tokens.removeAll()
            if try rows.forEachValue(of: ordinal, { tokens.append($1, as: $0.role) }) {
                try writing.run(writing.insert, ordinal, tokens.text)
            }
        }
        for removal in removals[next...] { try writing.run(writing.delete, removal.key, removal.value) }
    }

    /// Rewrites the search index as one segment, so that nothing of texts taken out of it is left in the store.
    ///
    /// The text is gone from the files once the log is truncated (`ProfileStore.truncateLog`).
    /// - Complexity: linear in the size of the index, about a second for a million customers.
    public func optimizeSearch() throws {
        try settleSearch()
        try database.execute(sql: "INSERT INTO search (search) VALUES ('optimize')")
    }
}

extension StoreReader {
    /// Whether there are customers that the search index does not hold as they stand.
    public func isSearchBehind() throws -> Bool { try unindexedCount(through: 1) > 0 }

    /// How many customers the search index does not hold as they stand, counted up to a limit.
    public func unindexedCount(through limit: Int) throws -> Int {
        let statement = try RawStatement(database, sql: "SELECT count(*) FROM (\(StoreReader.unindexedSQL("?1")) LIMIT ?2)")
        statement.bind(1, Int64(bitPattern: try node().indexed))
        statement.bind(2, Int64(limit))
        defer { statement.reset() }
        return try statement.step() ? Int(statement.int64(0)) : 0
    }

    /// Selects the ordinals of customers that are not in the search index; `indexed` is an expression for `node.indexed`.
    static func unindexedSQL(_ indexed: String) -> String {
        "SELECT ordinal FROM search_waiting UNION ALL SELECT ordinal FROM customer_rows WHERE ordinal > \(indexed)"
    }
}
