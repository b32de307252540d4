/// What a link between two records says.
public struct LinkVerdict: Hashable, Sendable {
    public let pair: RecordPair
    public let isSame: Bool
    /// Whether a person says so, or the automatic linker.
    public let byPerson: Bool

    public init(pair: RecordPair, isSame: Bool, byPerson: Bool) {
        self.pair = pair
        self.isSame = isSame
        self.byPerson = byPerson
    }
}

/// Two records in the order of their ids.
public struct RecordPair: Hashable, Comparable, Sendable {
    public let first: RowID
    public let second: RowID

    public init(_ a: RowID, _ b: RowID) {
        first = min(a, b)
        second = max(a, b)
    }

    public static func < (a: RecordPair, b: RecordPair) -> Bool {
        a.first != b.first ? a.first < b.first : a.second < b.second
    }
}

extension CellReading {
    /// The verdict of a link's register `same`: people's candidates go before the linker's.
    ///
    /// - Parameter yes: the value that says the two are one.
    public func verdict(on pair: RecordPair, yes: [UInt8]) -> LinkVerdict? {
        let people = candidates.filter(\.write.isPerson)
        let heard = people.isEmpty ? candidates : people
        guard let chosen = heard.max(by: { Write.precedes($0.write, $1.write) }) else { return nil }
        return LinkVerdict(pair: pair, isSame: chosen.write.value == yes, byPerson: chosen.write.isPerson)
    }
}

/// Which records are one profile.
public struct ProfilePartition: Sendable {
    private var members: [RowID: [RowID]] = [:]

    /// Unites what links call the same: people's yeses all, then the linker's in id order, skipping any that would join
    /// two records which a person's no keeps apart.
    ///
    /// - Complexity: O(n²) in the largest profile, which is small.
    public init(_ verdicts: [LinkVerdict]) {
        let ordered = verdicts.sorted { $0.pair < $1.pair }
        let apart = Set(ordered.filter { $0.byPerson && !$0.isSame }.map(\.pair))
        for verdict in ordered where verdict.isSame && verdict.byPerson { unite(verdict.pair) }
        for verdict in ordered where verdict.isSame && !verdict.byPerson {
            let a = self[verdict.pair.first], b = self[verdict.pair.second]
            if a == b || a.contains(where: { x in b.contains { apart.contains(RecordPair(x, $0)) } }) { continue }
            unite(verdict.pair)
        }
    }

    /// The records of the profile that a record belongs to, in order; the first names the profile.
    public subscript(record: RowID) -> [RowID] { members[record] ?? [record] }

    /// The people's yeses by which two records are joined without a word on the two themselves: the shortest way, and of
    /// such the one over the smallest records; nil where there is none.
    ///
    /// - Complexity: linear in the verdicts, for each record on the way.
    public static func way(between pair: RecordPair, by verdicts: [LinkVerdict]) -> [RecordPair]? {
        var neighbours: [RowID: [RowID]] = [:]
        for verdict in verdicts where verdict.isSame && verdict.byPerson && verdict.pair != pair {
            neighbours[verdict.pair.first, default: []].append(verdict.pair.second)
            neighbours[verdict.pair.second, default: []].append(verdict.pair.first)
        }
        var cameFrom: [RowID: RowID] = [pair.first: pair.first]
        var front = [pair.first]
        while cameFrom[pair.second] == nil, !front.isEmpty {
            var next: [RowID] = []
            for record in front {
                for neighbour in (neighbours[record] ?? []).sorted() where cameFrom[neighbour] == nil {
                    cameFrom[neighbour] = record
                    next.append(neighbour)
                }
            }
            front = next
        }
        guard cameFrom[pair.second] != nil else { return nil }
        var way: [RecordPair] = [], record = pair.second
        while record != pair.first, let before = cameFrom[record] {
            way.append(RecordPair(before, record))
            record = before
        }
        return way.reversed()
    }

    private mutating func unite(_ pair: RecordPair) {
        let united = Set(self[pair.first] + self[pair.second]).sorted()
        for record in united { members[record] = united }
    }
}
