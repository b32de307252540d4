public import Causality
internal import GRDB
internal import ProfileModel
public import RuleLanguage

/// A checked expression, ready to be asked of a store.
///
/// Customers that are deleted are left out, unless the expression speaks of `deleted`.
public struct CustomerQuery: Sendable {
    /// Nil is satisfied by every customer.
    public let expression: Expression?
    public let fields: QueryFields

    /// Prepares an expression that `check(against: fields)` has returned.
    public init(_ expression: Expression?, _ fields: QueryFields) {
        self.expression = expression
        self.fields = fields
    }

    var includesDeleted: Bool {
        expression?.conditions.contains { $0.subject.fieldName == QueryFields.Fact.deleted.rawValue } ?? false
    }

    func holds(_ values: QueryValues) throws -> Bool { try expression?.evaluate { try values.texts($0) } ?? true }

    // MARK: What the index can tell

    /// An expression of FTS5 that each matching record satisfies; nil where there is none.
    func necessity() -> String? { expression.flatMap { necessity($0, ofRecord: true) } }

    /// The same for at least one record of a matching profile: of conditions that must all hold, the first.
    func memberNecessity() -> String? { expression.flatMap { necessity($0, ofRecord: false) } }

    private func necessity(_ expression: Expression, ofRecord: Bool) -> String? {
        switch expression {
        case .condition(let condition): return necessity(condition)
        case .not: return nil
        case .and(let operands):
            let known = operands.compactMap { necessity($0, ofRecord: ofRecord) }
            return ofRecord ? known.isEmpty ? nil : SearchTerm.all(known) : known.first
        case .or(let operands):
            let known = operands.compactMap { necessity($0, ofRecord: ofRecord) }
            return known.count < operands.count ? nil : known.map { "(\($0))" }.joined(separator: " OR ")
        }
    }

    private func necessity(_ condition: Condition) -> String? {
        guard case .field(let known)? = fields.meaning(of: condition.subject.fieldName), let field = SearchedField.byID[known.id.rawValue]
        else { return nil }
        switch condition.test {
        case .compare(.equal, let literal): return SearchNecessity.equal(literal.value, field)
        case .compare(.contains, let literal): return SearchNecessity.contained(literal.written, field)
        case .isIn(let literals):
            let known = literals.compactMap { SearchNecessity.equal($0.value, field) }
            return known.count < literals.count ? nil : known.map { "(\($0))" }.joined(separator: " OR ")
        default: return nil
        }
    }
}

extension StoreReader {
    /// Passes every customer that satisfies a query, linked records once, the records made here last first.
    ///
    /// - Complexity: one pass over the customers, or over those that the search index names where it can tell; rows are
    ///   not kept.
    public func forEachMatch(_ query: CustomerQuery, _ body: (RowID) throws -> Void) throws {
        try forEachPlace(query) { _, id in try body(id()) }
    }

    /// How many customers satisfy a query, and those of one page.
    ///
    /// - Parameters:
    ///   - limit: at least 1.
    ///   - cursor: `next` of the page before.
    /// - Throws: `store.bad-cursor`.
    public func find(_ query: CustomerQuery, limit: Int, after cursor: String? = nil) throws -> FoundPage {
        let after = try FindCursor(cursor)
        var found: [(place: FindCursor, id: RowID)] = [], total = 0
        try forEachPlace(query) { ordinal, id in
            total += 1
            let place = FindCursor(tier: 1, ordinal: ordinal)
            if found.count <= limit, after.map({ $0 < place }) ?? true { found.append((place, try id())) }
        }
        let shown = found.prefix(limit)
        return FoundPage(
            profiles: try shown.map { FoundProfile(id: $0.id, why: try reasons(query, $0.id)) }, total: total,
            next: found.count > limit ? shown.last?.place.text : nil)
    }

    /// Why a customer satisfies an expression or does not; nil where there is no such customer.
    public func explain(_ query: CustomerQuery, _ record: RowID) throws -> Explanation? {
        guard let expression = query.expression, let profile = try profile(of: record) else { return nil }
        let values = try QueryValues(profile, query.fields, self)
        return try expression.explain { try values.texts($0) }
    }

    /// The conditions that hold of a customer.
    private func reasons(_ query: CustomerQuery, _ id: RowID) throws -> [FindReason] {
        guard let explanation = try explain(query, id) else { return [] }
        var reasons: [FindReason] = []
        for leaf in explanation.because where leaf.holds {
            let reason = FindReason.condition("\(Expression.condition(leaf.condition))")
            if !reasons.contains(reason) { reasons.append(reason) }
        }
        return reasons
    }

    /// Passes the places of all matches, in falling order of ordinals.
    private func forEachPlace(_ query: CustomerQuery, _ body: (Int64, () throws -> RowID) throws -> Void) throws {
        var linked = try linkedMatches(query)[...]
        let statement = try prefiltered(query)
        defer { statement.reset() }
        while try statement.step() {
            let ordinal = statement.int64(0)
            while let first = linked.first, first.ordinal > ordinal {
                try body(first.ordinal) { first.profile }
                linked.removeFirst()
            }
            if statement.int64(2) == 0, try !isMatch(query, ordinal: ordinal) { continue }
            try body(ordinal) { try StoreReader.id(statement.bytes(1)) }
        }
        for match in linked { try body(match.ordinal) { match.profile } }
    }

    private func isMatch(_ query: CustomerQuery, ordinal: Int64) throws -> Bool {
        guard let row = try rows(.customers, where: "ordinal = ?", { $0.bind(1, ordinal) }).first else { return false }
        return try query.holds(QueryValues(Profile([row], reader: self), query.fields, self))
    }

    /// The unlinked rows that may match: ordinal, id, and whether they surely do.
    private func prefiltered(_ query: CustomerQuery) throws -> RawStatement {
        var sql = QuerySQL(query.fields)
        let part = query.expression.map { sql.part($0) } ?? .init(possible: "1", certain: "1")
        let lives = query.includesDeleted ? "life <> 3" : "life IN (0, 2)"
        let condition = "profile IS NULL AND \(lives) AND \(part.possible)"
        let text: String
        if !query.includesDeleted, let match = query.necessity() {
            let place = sql.argument(match)
            text = try """
                SELECT ordinal, id, \(part.certain) FROM (\(indexed(place))) AS hits
                CROSS JOIN customer_rows ON ordinal = hits.place WHERE \(condition) ORDER BY hits.place DESC
                """
        } else {
            text = "SELECT ordinal, id, \(part.certain) FROM customer_rows WHERE \(condition) ORDER BY ordinal DESC"
        }
        let statement = try RawStatement(database, sql: text, isKept: false)
        for (index, argument) in sql.arguments.enumerated() { statement.bind(Int32(index + 1), text: argument) }
        return statement
    }

    /// The rows that the index names, and those that are not in it yet.
    private func indexed(_ place: String) throws -> String {
        let hits = "SELECT rowid AS place FROM search WHERE search MATCH \(place)"
        guard try isSearchBehind() else { return hits }
        return "\(hits) UNION \(StoreReader.unindexedSQL(String(try node().indexed)))"
    }

    /// The matching profiles of linked records, each under the last of its records.
    private func linkedMatches(_ query: CustomerQuery) throws -> [(ordinal: Int64, profile: RowID)] {
        var last: [RowID: Int64] = [:]
        for (ordinal, profile) in try linkedRecords() { last[profile] = max(last[profile] ?? 0, ordinal) }
        if last.isEmpty { return [] }
        if !query.includesDeleted, let match = query.memberNecessity() {
            var named: Set<RowID> = []
            let statement = try RawStatement(
                database, sql: "SELECT profile FROM (\(indexed("?1"))) CROSS JOIN customer_rows ON ordinal = place WHERE profile IS NOT NULL",
                isKept: false)
            statement.bind(1, text: match)
            while try statement.step() { named.insert(try StoreReader.id(statement.bytes(0))) }
            statement.reset()
            last = last.filter { named.contains($0.key) }
        }
        return try last.filter { profile, _ in
            let whole = try Profile(members(ofProfile: profile), reader: self)
            guard query.includesDeleted || !whole.isDeleted, !whole.isVacant else { return false }
            return try query.holds(QueryValues(whole, query.fields, self))
        }.map { (ordinal: $0.value, profile: $0.key) }.sorted { $0.ordinal > $1.ordinal }
    }
}
