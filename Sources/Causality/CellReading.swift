/// A write that may be shown, with the record it stands in.
public struct Candidate: Hashable, Sendable {
    public let record: RowID
    public let write: Write

    public init(record: RowID, write: Write) {
        self.record = record
        self.write = write
    }
}

/// A record of a profile, as it is read: its id and its state.
public struct Member: Sendable {
    public let record: RowID
    public let state: RowState

    public init(record: RowID, state: RowState) {
        self.record = record
        self.state = state
    }
}

/// How a cell reads: a pure function of the states of a profile's records.
public struct CellReading: Sendable {
    /// The surviving writes of people, and of each source on each record its latest, less what a person overruled; what was
    /// inferred only where nobody speaks, and then the latest.
    public let candidates: [Candidate]

    /// Reads one cell over the records of a profile.
    ///
    /// - Parameter key: the deployment's, with which sources' statements are named.
    public init(_ cell: CellKey, of members: [Member], key: HashKey) {
        self.init(writes: members.flatMap { member in
            (member.state.cells[cell] ?? []).map { Candidate(record: member.record, write: $0) }
        }, key: key)
    }

    /// Reads a cell from all its living writes.
    public init(writes: [Candidate], key: HashKey) {
        let inferred = writes.count > 1 ? writes.count { $0.write.header.isInferred } : 0
        if inferred == 0, writes.allSatisfy({ $0.write.overrules.isEmpty }), writes.count { $0.write.header.source != nil } < 2 {
            candidates = writes
            return
        }
        var overruled = Set<Overruling>()
        for candidate in writes where candidate.write.isPerson { overruled.formUnion(candidate.write.overrules) }
        var latest: [Speaker: Candidate] = [:]
        for candidate in writes {
            guard let source = candidate.write.header.source else { continue }
            let speaker = Speaker(record: candidate.record, source: Array(source.utf8))
            if let known = latest[speaker], Write.precedes(candidate.write, known.write) { continue }
            latest[speaker] = candidate
        }
        let spoken = writes.filter { candidate in
            if let source = candidate.write.header.source,
                latest[Speaker(record: candidate.record, source: Array(source.utf8))] != candidate { return false }
            return overruled.isEmpty || !overruled.contains(candidate.overruling(key: key))
        }
        candidates = inferred == 0 ? spoken : CellReading.withoutInferences(spoken)
    }

    private static func withoutInferences(_ spoken: [Candidate]) -> [Candidate] {
        let stated = spoken.filter { !$0.write.header.isInferred }
        if !stated.isEmpty { return stated }
        return spoken.max { Write.precedes($0.write, $1.write) }.map { [$0] } ?? []
    }

    private struct Speaker: Hashable {
        let record: RowID
        let source: [UInt8]
    }

    /// The different values among the candidates; nil stands for a cell that was cleared.
    public var values: Set<[UInt8]?> { Set(candidates.map(\.write.value)) }

    /// Whether people, or a person and a source, say different things.
    public var isConflict: Bool {
        candidates.count > 1 && candidates.contains { $0.write.isPerson } && values.count > 1
    }

    /// Whether sources alone say different things.
    public var isDisagreement: Bool {
        candidates.count > 1 && !candidates.contains { $0.write.isPerson } && values.count > 1
    }

    /// For an element of a set: whether any candidate says it is present.
    public var isPresent: Bool { candidates.contains { $0.write.value != nil } }

    /// The candidate shown by the order of `latest`: stamp, origin, sequence.
    public var latest: Candidate? { candidates.max { Write.precedes($0.write, $1.write) } }

    /// The candidate shown where a policy ranks values first.
    ///
    /// - Parameter precedes: whether the first value ranks strictly below the second; ties go to the latest.
    public func shown(ranking precedes: (Candidate, Candidate) -> Bool) -> Candidate? {
        candidates.max { a, b in
            if precedes(a, b) { return true }
            if precedes(b, a) { return false }
            return Write.precedes(a.write, b.write)
        }
    }
}

extension Candidate {
    /// How a person's write names this candidate where it leaves it standing.
    public func overruling(key: HashKey) -> Overruling {
        guard let source = write.header.source else { return .write(write.identity) }
        return .statement(Candidate.statement(of: source, on: record, value: write.value, key: key))
    }

    /// The keyed hash of what a source says of a record.
    public static func statement(of source: String, on record: RowID, value: [UInt8]?, key: HashKey) -> Digest128 {
        var hash = SipHash128(key: key)
        hash.update(record.high)
        hash.update(record.low)
        hash.update(source)
        hash.update(value == nil ? 0 : 1 as UInt64)
        hash.update(value ?? [])
        return hash.finalize()
    }
}
