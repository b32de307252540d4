public import Causality
internal import ProfileModel
internal import ProfileStore

/// Two records that may be one customer, or that the linker has linked.
public struct DuplicatePair: Sendable {
    /// How commands name it: the end of its row's id.
    public let key: String
    public let a: RowID
    public let b: RowID
    /// Whether they are linked.
    public let isLinked: Bool
    public let evidence: LinkEvidence
}

extension Node {
    /// The pairs that wait for a person to say whether they are one customer, the likeliest first.
    ///
    /// - Parameter records: only pairs of these with others; nil for all.
    /// - Complexity: linear in the links of the store, or of these records.
    public func duplicates(of records: [RowID]? = nil) throws -> [DuplicatePair] {
        try store.read { try $0.openDuplicates(of: records) }
    }

    /// One pair for which the linker has given its reasons, whether it was linked, decided or neither.
    ///
    /// - Throws: `node.no-such-pair`.
    public func duplicate(_ key: String) throws -> DuplicatePair {
        try store.read { reader in
            let statements = try reader.linkStatements(), links = KnownLinks(statements)
            let found = statements.filter { $0.answers(to: key) }.compactMap { DuplicatePair($0, links) }
            guard found.count == 1 else { throw NodeError("node.no-such-pair", ["key": key]) }
            return found[0]
        }
    }

    /// Says of pairs that each is one customer, or two, for all nodes; no search goes against it.
    ///
    /// Pairs that people have decided already are no longer here; what the linker linked can be confirmed or parted.
    ///
    /// - Throws: `node.no-such-pair`.
    public func decideDuplicates(_ keys: [String], isSame: Bool) throws -> (done: Int, operation: OperationID?) {
        let (done, operation, _) = try operate("duplicates \(isSame ? "accept" : "reject")") { edition in
            let open = try edition.writer.linkStatements().filter { $0.evidence != nil && $0.decidedAt == nil }
            for key in Set(keys.map { $0.lowercased() }).sorted() {
                let found = open.filter { $0.answers(to: key) }
                guard found.count == 1 else { throw NodeError("node.no-such-pair", ["key": key]) }
                let pair = found[0].pair
                guard try edition.writer.isLiving(pair.first), try edition.writer.isLiving(pair.second) else {
                    throw NodeError("node.no-such-pair", ["key": key])
                }
                try isSame ? edition.join(pair.first, pair.second) : edition.say(same: false, of: pair)
            }
            return Set(keys.map { $0.lowercased() }).count
        }
        return (done, operation)
    }
}

extension StoreReader {
    /// The pairs that wait for a person, of these records or of all, the likeliest first.
    func openDuplicates(of records: [RowID]? = nil) throws -> [DuplicatePair] {
        let links = KnownLinks(try records.map { try linkStatements(reaching: $0) } ?? linkStatements())
        let chosen = records.map { Set($0) }
        let statements = links.statements.filter { statement in
            chosen.map { $0.contains(statement.pair.first) || $0.contains(statement.pair.second) } ?? true
        }
        return try statements.filter { $0.verdict == nil }.compactMap { DuplicatePair($0, links) }.filter { pair in
            try !pair.isLinked && !links.keepsApart(pair.a, pair.b) && isLiving(pair.a) && isLiving(pair.b)
        }.sorted { one, other in
            let bits = (one.evidence.probability, one.evidence.total), others = (other.evidence.probability, other.evidence.total)
            return bits != others ? bits > others : (one.a, one.b) < (other.a, other.b)
        }
    }
}

extension LinkStatement {
    /// Whether a key, the end of the link's id, means this one.
    fileprivate func answers(to key: String) -> Bool { !key.isEmpty && id.description.hasSuffix(key.lowercased()) }
}

extension DuplicatePair {
    fileprivate init?(_ statement: LinkStatement, _ links: KnownLinks) {
        guard let evidence = statement.evidence.flatMap({ LinkEvidence(document: $0) }) else { return nil }
        self.init(
            key: String(statement.id.description.suffix(12)), a: statement.pair.first, b: statement.pair.second,
            isLinked: links.areOne(statement.pair.first, statement.pair.second), evidence: evidence)
    }
}
