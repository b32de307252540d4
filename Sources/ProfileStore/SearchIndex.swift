internal import GRDB

/// The index behind free text: built in slices once rows are durable, and caught up before a search.
///
/// It holds exactly the living customer rows whose feed number is at most `node.indexed`, by their ordinals. A row's text
/// is taken out when the row changes, from the row as it stands then, and put in when the index catches up: so FTS5 needs
/// to keep no copy of the texts, and what it deletes is what it was given. No positions are kept either (`detail=none`):
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

    /// Takes a customer row's text out of the search index; called while the row still stands as it was indexed.
    func unindex(_ old: StoredRow) throws {
        guard try old.feed <= node().indexed else { return }
        let rows = try searchRemovals.rows ?? SearchedRows(self)
        searchRemovals.rows = rows
        var tokens = SearchTokens()
        if try rows.forEachValue(of: old.ordinal, { tokens.append($1, as: $0.role) }) {
            searchRemovals.add(tokens.text, of: old.ordinal)
            if searchRemovals.bytes > StoreWriter.removalBytesMaximum { try settleSearch() }
        }
    }

    /// Takes out of the index what rows that changed in this transaction held; called before it commits.
    func settleSearch() throws { try index([]) }

    /// Brings customer rows that changed since the last time into the search index, in the order of the feed.
    ///
    /// - Parameter limit: at most so many rows, at least 1; a transaction of 20,000 takes about 0.2 s.
    /// - Returns: how many rows were read; 0 where the index is up with the feed.
    public func indexPending(limit: Int) throws -> Int {
        precondition(limit > 0)
        let node = try node()
        guard node.indexed < node.feed else {
            try settleSearch()
            return 0
        }
        let pending = try RawStatement(database, sql: "SELECT feed, ordinal FROM customer_rows WHERE feed > ? ORDER BY feed LIMIT ?")
        pending.bind(1, Int64(bitPattern: node.indexed))
        pending.bind(2, Int64(limit))
        var ordinals: [Int64] = [], last = node.feed
        while try pending.step() {
            ordinals.append(pending.int64(1))
            if ordinals.count == limit { last = UInt64(bitPattern: pending.int64(0)) }
        }
        pending.reset()
        ordinals.sort()
        try index(ordinals)
        setIndexed(last)
        return ordinals.count
    }

    /// Takes out what waits for it and puts in rows, in one rising order of ordinals.
    private func index(_ ordinals: [Int64]) throws {
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
    /// Whether customers have changed since the search index was last caught up.
    public func isSearchBehind() throws -> Bool {
        try Bool.fetchOne(
            database, sql: "SELECT EXISTS (SELECT 1 FROM customer_rows WHERE feed > ?)", arguments: [Int64(bitPattern: node().indexed)]) ?? false
    }
}
