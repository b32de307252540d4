/// What a row has been touched by: for each origin the highest sequence.
///
/// Entries are kept in the order of their origins; a row knows few.
public struct CausalContext: Hashable, Sendable {
    public private(set) var entries: [Entry] = []

    /// An origin and the highest of its sequences.
    public struct Entry: Hashable, Sendable {
        public let origin: Origin
        public var sequence: UInt64

        public init(origin: Origin, sequence: UInt64) {
            self.origin = origin
            self.sequence = sequence
        }
    }

    public init() {}

    public init(_ entries: some Sequence<Entry>) {
        for entry in entries { insert(Dot(origin: entry.origin, sequence: entry.sequence)) }
    }

    public var isEmpty: Bool { entries.isEmpty }

    /// The highest sequence of an origin, 0 where it never touched the row.
    ///
    /// - Complexity: O(log n) in the number of origins.
    public subscript(origin: Origin) -> UInt64 {
        let index = position(of: origin)
        return index < entries.count && entries[index].origin == origin ? entries[index].sequence : 0
    }

    /// Whether the write named by `dot` happened before this context, present or replaced.
    public func covers(_ dot: Dot) -> Bool { self[dot.origin] >= dot.sequence }

    /// Whether this context knows all that the other knows.
    public func covers(_ other: CausalContext) -> Bool {
        other.entries.allSatisfy { self[$0.origin] >= $0.sequence }
    }

    /// Records that the write named by `dot` touched the row.
    public mutating func insert(_ dot: Dot) {
        let index = position(of: dot.origin)
        if index < entries.count, entries[index].origin == dot.origin {
            entries[index].sequence = max(entries[index].sequence, dot.sequence)
        } else {
            entries.insert(Entry(origin: dot.origin, sequence: dot.sequence), at: index)
        }
    }

    /// Takes for each origin the higher of both sequences.
    public mutating func formUnion(_ other: CausalContext) {
        if entries.isEmpty { entries = other.entries; return }
        for entry in other.entries { insert(Dot(origin: entry.origin, sequence: entry.sequence)) }
    }

    private func position(of origin: Origin) -> Int {
        if entries.count < 8 {
            return entries.firstIndex { $0.origin >= origin } ?? entries.count
        }
        var low = 0, high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].origin < origin { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
