public import Causality
internal import ProfileModel
internal import ProfileStore

/// Two records that may be one customer, or that the linker has linked.
public struct DuplicatePair: Sendable {
    /// How commands name it: the beginning of its row's id, which an index finds.
    public let key: String
    public let a: RowID
    public let b: RowID
    /// Whether they are linked.
    public let isLinked: Bool
    public let evidence: LinkEvidence
}

/// Pairs that wait for a person.
public struct DuplicatePage: Sendable {
    /// The likeliest first.
    public let pairs: [DuplicatePair]
    /// How many wait in all. Where only the first ones are read, pairs further behind that other links have answered meanwhile count too,
    /// until the next search.
    public let total: Int
}

extension Node {
    /// The pairs that wait for a person to say whether they are one customer, the likeliest first.
    ///
    /// - Parameters:
    ///   - records: only pairs of these with others; nil for all.
    ///   - limit: how many are wanted; nil for all.
    /// - Complexity: linear in the links of these records, or in the pairs that are wanted.
    public func duplicates(of records: [RowID]? = nil, limit: Int?) throws -> DuplicatePage {
        if records == nil, try store.read({ try $0.hasUnrankedLinks() }) { try store.write { try $0.rankLinks() } }
        return try store.read { try $0.openDuplicates(of: records, limit: limit) }
    }

    /// All the pairs that wait for a person.
    public func duplicates(of records: [RowID]? = nil) throws -> [DuplicatePair] { try duplicates(of: records, limit: nil).pairs }

    /// One pair for which the linker has given its reasons, whether it was linked, decided or neither.
    ///
    /// - Throws: `node.no-such-pair`.
    /// - Complexity: linear in the links around the pair.
    public func duplicate(_ key: String) throws -> DuplicatePair {
        try store.read { reader in
            let found = try reader.linkStatements(idBeginning: key)
            guard found.count == 1, let pair = DuplicatePair(found[0], KnownLinks(try reader.linkStatements(reaching: found[0].records))) else {
                throw NodeError("node.no-such-pair", ["key": key])
            }
            return pair
        }
    }

    /// Says of pairs that each is one customer, or two, for all nodes; no search goes against it.
    ///
    /// Pairs that people have decided already are no longer here; what the linker linked can be confirmed or parted.
    ///
    /// - Throws: `node.no-such-pair`.
    /// - Complexity: linear in the pairs and the links around them.
    public func decideDuplicates(_ keys: [String], isSame: Bool) throws -> (done: Int, operation: OperationID?) {
        let (done, operation, _) = try operate("duplicates \(isSame ? "accept" : "reject")") { edition in
            for key in Set(keys.map { $0.lowercased() }).sorted() {
                let found = try edition.writer.linkStatements(idBeginning: key)
                guard found.count == 1, found[0].evidence != nil, found[0].decidedAt == nil,
                    try found[0].records.allSatisfy({ try edition.writer.isLiving($0) })
                else { throw NodeError("node.no-such-pair", ["key": key]) }
                let pair = found[0].pair
                try isSame ? edition.join(pair.first, pair.second) : edition.say(same: false, of: pair)
            }
            return Set(keys.map { $0.lowercased() }).count
        }
        return (done, operation)
    }
}

extension StoreReader {
    /// The pairs that wait for a person, of these records or of all, the likeliest first.
    func openDuplicates(of records: [RowID]? = nil, limit: Int? = nil) throws -> DuplicatePage {
        guard records == nil, try !hasUnrankedLinks() else {
            let pairs = try sortedDuplicates(of: records)
            return DuplicatePage(pairs: limit.map { Array(pairs.prefix($0)) } ?? pairs, total: pairs.count)
        }
        var pairs: [DuplicatePair] = [], read = 0, rank: Int64?
        while pairs.count < limit ?? .max, let page = try proposals(after: rank, count: limit ?? 10_000) {
            let links = KnownLinks(try linkStatements(reaching: Set(page.statements.flatMap(\.records))))
            pairs += try page.statements.compactMap { try waitingPair($0, links) }
            (read, rank) = (read + page.statements.count, page.rank)
        }
        let total = try proposalCount() - (read - pairs.count)
        return DuplicatePage(pairs: limit.map { Array(pairs.prefix($0)) } ?? pairs, total: total)
    }

    /// The same by reading all links that there are, or all around the records.
    private func sortedDuplicates(of records: [RowID]?) throws -> [DuplicatePair] {
        let links = KnownLinks(try records.map { try linkStatements(reaching: $0) } ?? linkStatements())
        let chosen = records.map { Set($0) }
        return try links.statements.filter { statement in chosen.map { $0.contains(statement.pair.first) || $0.contains(statement.pair.second) } ?? true }
            .compactMap { try waitingPair($0, links) }
            .sorted { one, other in
                let bits = (one.evidence.probability, one.evidence.total), others = (other.evidence.probability, other.evidence.total)
                return bits != others ? bits > others : (one.a, one.b) < (other.a, other.b)
            }
    }

    /// The pair of a proposal; nil where it was answered meanwhile, or a record is gone.
    private func waitingPair(_ statement: LinkStatement, _ links: KnownLinks) throws -> DuplicatePair? {
        guard statement.verdict == nil, let pair = DuplicatePair(statement, links), !pair.isLinked, !links.keepsApart(pair.a, pair.b),
            try isLiving(pair.a), try isLiving(pair.b) else { return nil }
        return pair
    }
}

extension LinkStatement {
    fileprivate var records: [RowID] { [pair.first, pair.second] }
}

extension DuplicatePair {
    /// 48 bits of a hash: two of a million pairs share them once in 500 stores.
    private static let keyDigits = 12

    fileprivate init?(_ statement: LinkStatement, _ links: KnownLinks) {
        guard let evidence = statement.evidence.flatMap({ LinkEvidence(document: $0) }) else { return nil }
        self.init(
            key: String(statement.id.description.filter { $0 != "-" }.prefix(DuplicatePair.keyDigits)), a: statement.pair.first, b: statement.pair.second,
            isLinked: links.areOne(statement.pair.first, statement.pair.second), evidence: evidence)
    }
}
