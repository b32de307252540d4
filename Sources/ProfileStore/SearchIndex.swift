internal import GRDB

/// The index behind free text: built in slices once rows are durable, and caught up before a search.
enum SearchIndex {
    static func createTable(in database: Database) throws {
        try database.execute(sql: """
            CREATE VIRTUAL TABLE search USING fts5 (name, pinyin, contact, tokenize = "ascii", columnsize = 0);
            """)
    }
}
