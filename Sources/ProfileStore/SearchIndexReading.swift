public import Causality
internal import GRDB
internal import ProfileModel
internal import StandardForms

/// A customer that was found.
public struct FoundProfile: Sendable, Equatable {
    /// The id of the profile: linked records are found as one.
    public let id: RowID
    public let why: [FindReason]
}

/// Part of what was found.
public struct FoundPage: Sendable {
    public let profiles: [FoundProfile]
    /// How many customers there are on all pages.
    public let total: Int
    /// Where the next page begins; nil where this is the last.
    public let next: String?
}

/// A place in what is found: whole matches first, then names that begin as was searched for, then the records made here last.
struct FindCursor: Comparable {
    /// 0 where a value is all that was searched for, 1 where a surname is, 2 where a name of a few characters begins with it,
    /// else 3.
    let tier: Int
    let ordinal: Int64

    init(tier: Int, ordinal: Int64) {
        self.tier = tier
        self.ordinal = ordinal
    }

    /// - Throws: `store.bad-cursor`.
    init?(_ text: String?) throws {
        guard let text else { return nil }
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let tier = Int(parts[0]), let ordinal = Int64(parts[1]) else { throw StoreError("store.bad-cursor") }
        self.init(tier: tier, ordinal: ordinal)
    }

    var text: String { "\(tier)-\(ordinal)" }

    static func < (a: FindCursor, b: FindCursor) -> Bool { a.tier != b.tier ? a.tier < b.tier : a.ordinal > b.ordinal }
}

extension StoreReader {
    /// Finds customers by words, of which each must stand somewhere in a customer: Chinese characters anywhere, words and
    /// pinyin by their beginning, initials, four or more digits of a telephone number anywhere.
    ///
    /// Only what is indexed is found: catch up first where `isSearchBehind`. Pages hold still while nothing changes.
    ///
    /// - Parameters:
    ///   - limit: at least 1.
    ///   - cursor: `next` of the page before.
    /// - Complexity: linear in the number of rows that hold the words.
    /// - Throws: `store.bad-cursor`.
    public func search(_ text: String, limit: Int, after cursor: String? = nil) throws -> FoundPage {
        try FreeTextSearch(text, self).page(limit: limit, after: FindCursor(cursor))
    }

    /// Passes every customer that `search` finds, in no order that means anything.
    public func forEachMatch(words text: String, _ body: (RowID) throws -> Void) throws {
        let search = try FreeTextSearch(text, self)
        let first = try search.firstHits()
        for hit in first { try body(search.id(of: hit)) }
        try search.forEachFurtherHit(after: first) { try body(customerID(ordinal: $0)) }
    }
}

/// One search by words at work.
private struct FreeTextSearch {
    let reader: StoreReader
    let text: String
    let terms: [SearchTerm]
    let rows: SearchedRows
    /// The profile of each linked record.
    let linked: [Int64: RowID]

    /// Among so many rows, the latest ones, whole matches are looked for.
    static let wholeMatchesMaximum = 200
    /// Among so many rows, the latest ones, names that begin as was searched for are looked for.
    static let nameBeginningsMaximum = 400
    static let lastTier = 3

    init(_ text: String, _ reader: StoreReader) throws {
        self.reader = reader
        self.text = text
        // Tokens go on with a digit, a letter or what is beyond ASCII.
        let further = try RawStatement(
            reader.database, sql: "SELECT 1 FROM search_terms WHERE term >= ?1 || '0' AND term < ?1 || char(1114111) LIMIT 1")
        terms = try SearchText.queryTokens(text).map { run in
            try SearchTerm(run) { token in
                further.bind(1, text: token)
                defer { further.reset() }
                return try further.step()
            }
        }
        rows = try SearchedRows(reader)
        linked = try reader.linkedRecords()
    }

    private var runs: [SearchRun] { terms.map(\.run) }

    /// A row among the hits, or a profile of linked records under its last record.
    struct Hit {
        let place: FindCursor
        let profile: RowID?
        var isNamed = false
    }

    func page(limit: Int, after: FindCursor?) throws -> FoundPage {
        let first = try firstHits()
        var total = first.count
        var hits = first.filter { hit in after.map { $0 < hit.place } ?? true }
        var taken = 0
        try forEachFurtherHit(after: first) { ordinal in
            total += 1
            let hit = Hit(place: FindCursor(tier: FreeTextSearch.lastTier, ordinal: ordinal), profile: nil)
            if taken <= limit, after.map({ $0 < hit.place }) ?? true {
                hits.append(hit)
                taken += 1
            }
        }
        hits.sort { $0.place < $1.place }
        let shown = hits.prefix(limit)
        return FoundPage(profiles: try shown.map(found), total: total, next: hits.count > limit ? shown.last?.place.text : nil)
    }

    /// Passes the rows that `firstHits` has not, the latest first.
    func forEachFurtherHit(after first: [Hit], _ body: (Int64) throws -> Void) throws {
        let passed = Set(first.map(\.place.ordinal)), isExact = terms.allSatisfy(\.isExact)
        try forEachRow(SearchTerm.all(terms.map(\.match))) { ordinal in
            if passed.contains(ordinal) || linked[ordinal] != nil { return true }
            if !isExact {
                guard let evidence = try SearchEvidence(ordinal, in: rows), runs.allSatisfy({ evidence.reason($0) != nil }) else { return true }
            }
            try body(ordinal)
            return true
        }
    }

    /// Passes the rows that satisfy an expression, the latest first, until `body` answers false.
    private func forEachRow(_ match: String, _ body: (Int64) throws -> Bool) throws {
        if match.isEmpty { return }
        let statement = try RawStatement(reader.database, sql: "SELECT rowid FROM search WHERE search MATCH ? ORDER BY rowid DESC")
        statement.bind(1, text: match)
        defer { statement.reset() }
        while try statement.step() { if try !body(statement.int64(0)) { return } }
    }

    // MARK: What comes first

    /// Records that the text names by a whole id or by `SOURCE:ID`.
    private func namedHits() throws -> [Hit] {
        guard UniqueID(text) != nil || text.contains(":"), !text.contains(where: \.isWhitespace) else { return [] }
        return try reader.records(named: text).compactMap { id in
            let statement = try RawStatement(reader.database, sql: "SELECT ordinal FROM customer_rows WHERE id = ? AND life IN (0, 2)")
            statement.bind(1, id: id)
            defer { statement.reset() }
            return try statement.step() ? statement.int64(0) : nil
        }.map { (ordinal: Int64) in hit(tier: 0, ordinal, isNamed: true) }
    }

    private func hit(tier: Int, _ ordinal: Int64, isNamed: Bool = false) -> Hit {
        let profile = linked[ordinal]
        return Hit(place: FindCursor(tier: tier, ordinal: ordinal), profile: profile, isNamed: isNamed)
    }

    /// Whole matches, and every profile of linked records: each under the last of its records.
    func firstHits() throws -> [Hit] {
        let named = try namedHits()
        if terms.isEmpty, named.isEmpty { return [] }
        var hits: [Int64: Hit] = [:], wholeProfiles: Set<RowID> = [], namedProfiles: Set<RowID> = []
        for hit in named {
            if let profile = hit.profile { namedProfiles.insert(profile) } else { hits[hit.place.ordinal] = hit }
        }
        var seen = 0
        try forEachRow(SearchTerm.all(terms.map(\.wholeMatch))) { ordinal in
            seen += 1
            if let evidence = try SearchEvidence(ordinal, in: rows), evidence.isWhole(runs) {
                if let profile = linked[ordinal] {
                    wholeProfiles.insert(profile)
                } else if hits[ordinal] == nil {
                    hits[ordinal] = hit(tier: 0, ordinal)
                }
            }
            return seen < FreeTextSearch.wholeMatchesMaximum
        }
        try forEachNameBeginning { tier, ordinal in if hits[ordinal] == nil { hits[ordinal] = hit(tier: tier, ordinal) } }
        if linked.isEmpty { return Array(hits.values) }
        var last: [RowID: Int64] = [:]
        for (ordinal, profile) in linked { last[profile] = max(last[profile] ?? 0, ordinal) }
        for profile in try linkedProfiles().union(namedProfiles) {
            guard let ordinal = last[profile] else { continue }
            let isFirst = wholeProfiles.contains(profile) || namedProfiles.contains(profile)
            hits[ordinal] = Hit(
                place: FindCursor(tier: isFirst ? 0 : FreeTextSearch.lastTier, ordinal: ordinal), profile: profile, isNamed: namedProfiles.contains(profile))
        }
        return Array(hits.values)
    }

    /// Passes unlinked rows whose name begins with a word of pinyin, among the latest that hold it, with their tiers.
    private func forEachNameBeginning(_ body: (Int, Int64) -> Void) throws {
        guard terms.count == 1, terms[0].run.kind == .word else { return }
        let word = terms[0].run.tokens[0]
        var seen = 0
        try forEachRow(terms[0].match) { ordinal in
            seen += 1
            if linked[ordinal] == nil, let evidence = try SearchEvidence(ordinal, in: rows), let tier = evidence.nameTier(word) {
                body(tier, ordinal)
            }
            return seen < FreeTextSearch.nameBeginningsMaximum
        }
    }

    /// The profiles of linked records in which every word stands, on one record or another.
    private func linkedProfiles() throws -> Set<RowID> {
        var found: Set<RowID>?
        for term in terms {
            var holding: Set<RowID> = []
            try forEachRow(term.match) { ordinal in
                guard let profile = linked[ordinal] else { return true }
                if try term.isExact || SearchEvidence(ordinal, in: rows)?.reason(term.run) != nil { holding.insert(profile) }
                return true
            }
            found = found?.intersection(holding) ?? holding
        }
        return found ?? []
    }

    // MARK: Why

    private func found(_ hit: Hit) throws -> FoundProfile {
        let ordinals = hit.profile.map { profile in linked.filter { $0.value == profile }.map(\.key).sorted() } ?? [hit.place.ordinal]
        let evidence = try ordinals.compactMap { try SearchEvidence($0, in: rows) }
        var why: [FindReason] = hit.isNamed ? [FindReason("found.by-id", ["value": text])] : []
        for run in runs {
            guard let reason = evidence.lazy.compactMap({ $0.reason(run) }).first, !why.contains(reason) else { continue }
            why.append(reason)
        }
        return FoundProfile(id: try id(of: hit), why: why)
    }

    func id(of hit: Hit) throws -> RowID { try hit.profile ?? reader.customerID(ordinal: hit.place.ordinal) }
}

extension StoreReader {
    /// The profile of each linked record, by the record's ordinal.
    func linkedRecords() throws -> [Int64: RowID] {
        var linked: [Int64: RowID] = [:]
        let statement = try RawStatement(database, sql: "SELECT ordinal, profile FROM customer_rows WHERE profile IS NOT NULL")
        defer { statement.reset() }
        while try statement.step() { linked[statement.int64(0)] = try StoreReader.id(statement.bytes(1)) }
        return linked
    }

    func customerID(ordinal: Int64) throws -> RowID {
        let statement = try RawStatement(database, sql: "SELECT id FROM customer_rows WHERE ordinal = ?")
        statement.bind(1, ordinal)
        defer { statement.reset() }
        guard try statement.step() else { throw RowBytes.damaged("ordinal") }
        return try StoreReader.id(statement.bytes(0))
    }

    /// The living customers that hold exactly this telephone number or e-mail address, however a number is written.
    func searchIDs(column: String, element: String) throws -> [RowID] {
        guard let field = SearchedField.all.first(where: { $0.name == column }),
            let known = FieldCatalogue.standard[field.id] else { return [] }
        let form = StandardForm(of: known, now: 0).read(element)
        let value = (try? form.get()).map { FieldValue.plainText(of: $0) } ?? element
        guard let match = SearchNecessity.equal(value, field) else { return [] }
        let statement = try RawStatement(database, sql: """
            SELECT rowid FROM search WHERE search MATCH ?1 UNION \(StoreReader.unindexedSQL("?2"))
            """)
        statement.bind(1, text: match)
        statement.bind(2, Int64(bitPattern: try node().indexed))
        var ordinals: [Int64] = []
        while try statement.step() { ordinals.append(statement.int64(0)) }
        statement.reset()
        let rows = try SearchedRows(self), wanted = Array(value.utf8)
        return try ordinals.filter { ordinal in
            var holds = false
            _ = try rows.forEachValue(of: ordinal) { if $0.id == field.id, $1.elementsEqual(wanted) { holds = true } }
            return holds
        }.map(customerID)
    }
}
