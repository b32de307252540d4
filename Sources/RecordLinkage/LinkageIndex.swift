/// Where the records stand that a new one may be compared with: in memory, or in a store that keeps a row for each blocking key of
/// each record.
///
/// A blocking key is stable: the same values give the same key in every process and version of the same model.
public protocol CandidateSource {
    /// The records under a key, or nothing where there are more than `limit`.
    func records(under key: UInt64, limit: Int) -> [LinkageRecord]
}

/// Compares one record with those that stand elsewhere, by a published model.
public struct RecordMatcher {
    private let model: LinkageModel
    private let settings: LinkageSettings

    /// A candidate and what is to be said of it.
    public struct Match: Sendable {
        public var key: String
        public var explanation: PairExplanation
    }

    public init(model: LinkageModel, settings: LinkageSettings = LinkageSettings()) {
        self.model = model
        self.settings = settings
    }

    /// The blocking keys under which a store keeps a record, each once.
    public static func blockingKeys(of record: LinkageRecord, subject: LinkageSubject) -> [UInt64] {
        var table = RecordTable(subject: subject)
        table.add(record)
        return table.blockingKeys(of: 0)
    }

    /// The records that may be the same customer as this one, the likeliest first; the record itself, by its key, is none of them.
    ///
    /// - Complexity: as many candidates as the source gives for the record's keys, of which there are about twenty.
    public func matches(of record: LinkageRecord, in source: some CandidateSource) -> [Match] {
        var table = RecordTable(subject: model.subject)
        table.add(record)
        var seen: Set<String> = [record.key]
        for key in table.blockingKeys(of: 0) {
            for candidate in source.records(under: key, limit: settings.blockSizeMaximum) where seen.insert(candidate.key).inserted {
                table.add(candidate)
            }
        }
        let wantedBits = log2(settings.reportAbove / (1 - settings.reportAbove))
        return table.withComparator { comparator, records in
            let scorer = PairScorer(model, comparator, settings)
            return records.indices.dropFirst().compactMap { place -> Match? in
                guard scorer.score(records[0], records[place], above: wantedBits) != nil else { return nil }
                return Match(key: table.keys[place], explanation: scorer.explanation(records[0], records[place]))
            }.sorted { one, other in
                let bits = (one.explanation.totalBits, other.explanation.totalBits)
                return bits.0 != bits.1 ? bits.0 > bits.1 : one.key < other.key
            }
        }
    }
}

extension RecordTable {
    /// The blocking keys of a record, each once. They are made of its values alone, not of their numbers in this table.
    func blockingKeys(of record: Int) -> [UInt64] { withComparator { blockingKeys(of: $1[record], $0) } }

    /// Calls a body with each record's number and its blocking keys, each once.
    ///
    /// - Complexity: linear in the records, of which each has about twenty keys.
    public func forEachRecord(_ body: (_ record: Int, _ blockingKeys: [UInt64]) throws -> Void) rethrows {
        try withComparator { comparator, records in
            for index in records.indices { try body(index, blockingKeys(of: records[index], comparator)) }
        }
    }

    private func blockingKeys(of record: RecordFeatures, _ comparator: PairComparator) -> [UInt64] {
        var keys: [UInt64] = []
        for rule in BlockingRule.all(of: subject) {
            let found = rule.keys(of: record, comparator)
            for key in [found.0, found.1, found.2] where key != 0 && !keys.contains(key) { keys.append(key) }
        }
        return keys
    }
}

/// Records in memory by their blocking keys.
///
/// - Complexity: about twenty entries a record.
public struct LinkageIndex: CandidateSource, Sendable {
    private let subject: LinkageSubject
    private var records: [LinkageRecord] = []
    private var blocks: [UInt64: [UInt32]] = [:]

    public init(subject: LinkageSubject) { self.subject = subject }

    /// How many records there are.
    public var count: Int { records.count }

    /// Adds a record under its keys.
    public mutating func add(_ record: LinkageRecord) {
        let number = UInt32(records.count)
        records.append(record)
        for key in RecordMatcher.blockingKeys(of: record, subject: subject) { blocks[key, default: []].append(number) }
    }

    /// The records under a key, or nothing where there are more than `limit`.
    public func records(under key: UInt64, limit: Int) -> [LinkageRecord] {
        guard let found = blocks[key], found.count <= limit else { return [] }
        return found.map { records[Int($0)] }
    }
}
