public import Causality
internal import GRDB
internal import ProfileModel

/// Proposals, the links on which nobody has spoken, in the order in which people are asked: the likeliest first.
///
/// A link's column `at` holds its place in that order, so that the first page is read by an index: below 0 where it is a proposal, 0 where it
/// is none, and nothing where an earlier version wrote the row.
extension StoreReader {
    /// Whether an earlier version wrote links whose place in the order is not known.
    ///
    /// - Complexity: a look into an index.
    public func hasUnrankedLinks() throws -> Bool {
        try Bool.fetchOne(
            database, sql: "SELECT EXISTS (SELECT 1 FROM item_rows WHERE kind = ? AND kind <> 3 AND at IS NULL)",
            arguments: [Int64(bitPattern: RowKind.link.rawValue)]) ?? false
    }

    /// How many proposals there are, those among them that other links have answered meanwhile.
    ///
    /// - Complexity: linear in the proposals, in an index alone.
    public func proposalCount() throws -> Int {
        try Int.fetchOne(
            database, sql: "SELECT count(*) FROM item_rows WHERE kind = ? AND kind <> 3 AND at < 0",
            arguments: [Int64(bitPattern: RowKind.link.rawValue)]) ?? 0
    }

    /// The next proposals, the likeliest first; proposals of one rank come together, in the order of their records.
    ///
    /// - Parameters:
    ///   - rank: where the page before ended; nil for the first one.
    ///   - count: how many are wanted; more come where several are of the last one's rank.
    /// - Returns: the proposals, and where the page ends; none at the end.
    /// - Complexity: linear in what is returned.
    public func proposals(after rank: Int64?, count: Int) throws -> (statements: [LinkStatement], rank: Int64)? {
        let kind = Int64(bitPattern: RowKind.link.rawValue), start = rank ?? Int64.min
        let ranks = try Int64.fetchAll(
            database, sql: "SELECT at FROM item_rows WHERE kind = ? AND kind <> 3 AND at > ? AND at < 0 ORDER BY at LIMIT ?",
            arguments: [kind, start, max(1, count)])
        guard let end = ranks.last else { return nil }
        var found: [(rank: Int64, statement: LinkStatement)] = []
        try forEachRow(.items, where: "kind = ?1 AND kind <> 3 AND at > ?2 AND at <= ?3") {
            $0.bind(1, kind)
            $0.bind(2, start)
            $0.bind(3, end)
        } _: { row in
            guard let statement = try linkStatement(row) else { return }
            found.append((LinkStatement.rank(statement), statement))
        }
        return (found.sorted { ($0.rank, $0.statement.pair) < ($1.rank, $1.statement.pair) }.map(\.statement), end)
    }

    /// The links whose ids begin with these hexadecimal digits, at most two; hyphens do not count.
    ///
    /// - Complexity: a look into an index.
    public func linkStatements(idBeginning digits: String) throws -> [LinkStatement] {
        let digits = digits.lowercased().filter { $0 != "-" }
        guard !digits.isEmpty, digits.utf8.count <= 32, digits.allSatisfy(\.isHexDigit) else { return [] }
        func bound(_ filler: Character) -> [UInt8] {
            let whole = Array((digits + String(repeating: filler, count: 32 - digits.utf8.count)).utf8)
            return stride(from: 0, to: 32, by: 2).compactMap { UInt8(String(decoding: whole[$0..<($0 + 2)], as: UTF8.self), radix: 16) }
        }
        return try rows(.items, where: "id >= ?1 AND id <= ?2 AND kind = ?3 LIMIT 2") {
            $0.bind(1, blob: bound("0"))
            $0.bind(2, blob: bound("f"))
            $0.bind(3, Int64(bitPattern: RowKind.link.rawValue))
        }.compactMap { try linkStatement($0) }
    }
}

extension StoreWriter {
    /// Gives the links of an earlier version their place in the order of proposals; no neighbour hears of it.
    ///
    /// - Complexity: linear in these links.
    public func rankLinks() throws {
        while true {
            let page = try rows(.items, where: "kind = ?1 AND kind <> 3 AND at IS NULL LIMIT 1000") {
                $0.bind(1, Int64(bitPattern: RowKind.link.rawValue))
            }
            if page.isEmpty { return }
            for row in page {
                try database.execute(
                    sql: "UPDATE item_rows SET at = ? WHERE ordinal = ?", arguments: [LinkStatement.rank(linkStatement(row)), row.ordinal])
            }
        }
    }
}

extension LinkStatement {
    /// Hundredths of a bit are told apart between these.
    private static let hundredthsMaximum = 1_000_000.0

    /// The place in the order of proposals: by the probability and then by the bits that it was made of, as the reasons say them.
    static func rank(_ statement: LinkStatement?) -> Int64 {
        guard let statement, statement.verdict == nil, let evidence = statement.evidence else { return 0 }
        let probability = min(1, max(0, number("probability", in: evidence) ?? 0))
        let hundredths = min(hundredthsMaximum, max(-hundredthsMaximum, (number("total", in: evidence) ?? 0) * 100))
        return -(Int64((probability * 10_000).rounded()) * Int64(2 * hundredthsMaximum + 1) + Int64((hundredths + hundredthsMaximum).rounded()) + 1)
    }

    /// A member of the reasons that is a number, without reading the rest of the document: reasons hold no other member of these names.
    private static func number(_ name: String, in document: String) -> Double? {
        guard let start = document.firstRange(of: "\"\(name)\":")?.upperBound else { return nil }
        return Double(document[start...].drop { $0 == " " }.prefix { $0.isNumber || "+-.eE".contains($0) })
    }
}
