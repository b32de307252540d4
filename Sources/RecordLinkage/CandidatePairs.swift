import Dispatch

/// The pairs that blocking makes of a table, each once.
struct CandidatePairs: Sendable {
    /// The records of all blocks, one block behind the other.
    private var members: [UInt32] = []
    /// Where each block begins, and the end of the last one.
    private var starts: [Int] = [0]
    /// The rule of each block, by its place in the order.
    private var rules: [UInt8] = []
    /// For each record and slot the block, numbered from 1; 0 where the record stands alone or the block was too big.
    private var blocks: [UInt32] = []
    private let slotCount: Int
    /// Where the slots of each rule begin.
    private let slotStarts: [Int]
    private let slotCounts: [Int]

    /// How many blocks were left out because they were too big, by the rule's place.
    private(set) var oversized: [Int]

    private static let blocksBetweenAsking = 4_096

    /// Puts the records of a table into blocks.
    ///
    /// - Complexity: a sort of the records for each rule; 16 bytes a record and rule while it runs.
    init(_ table: RecordTable, _ settings: LinkageSettings, _ progress: (LinkageProgress) -> Void = { _ in }) {
        let order = BlockingRule.all(of: table.subject)
        slotCounts = order.map(\.slots)
        var total = 0
        slotStarts = order.map { rule in
            defer { total += rule.slots }
            return total
        }
        slotCount = total
        oversized = [Int](repeating: 0, count: order.count)
        blocks = [UInt32](repeating: 0, count: total * table.count)
        for (place, rule) in order.enumerated() where !settings.isCancelled() {
            addBlocks(of: rule, place, table, settings.blockSizeMaximum)
            progress(.blocking(rules: place + 1, of: order.count))
        }
    }

    private mutating func addBlocks(of rule: BlockingRule, _ place: Int, _ table: RecordTable, _ maximum: Int) {
        var entries: [(key: UInt64, record: UInt32, slot: UInt8)] = []
        entries.reserveCapacity(table.count)
        table.withComparator { comparator, records in
            for index in records.indices {
                let keys = rule.keys(of: records[index], comparator)
                if keys.0 != 0 { entries.append((keys.0, UInt32(index), 0)) }
                if keys.1 != 0, keys.1 != keys.0 { entries.append((keys.1, UInt32(index), 1)) }
                if keys.2 != 0 { entries.append((keys.2, UInt32(index), 2)) }
            }
        }
        entries.sort { $0.key == $1.key ? $0.record < $1.record : $0.key < $1.key }
        var start = 0
        while start < entries.count {
            var end = start + 1
            while end < entries.count, entries[end].key == entries[start].key { end += 1 }
            if end - start > maximum {
                oversized[place] += 1
            } else if end - start > 1 {
                rules.append(UInt8(place))
                let number = UInt32(rules.count)
                for entry in entries[start..<end] {
                    members.append(entry.record)
                    blocks[Int(entry.record) * slotCount + slotStarts[place] + Int(entry.slot)] = number
                }
                starts.append(members.count)
            }
            start = end
        }
    }

    /// How many pairs the blocks make, those that several make counted each time.
    var roughCount: Int {
        (0..<rules.count).reduce(0) { sum, block in
            let size = starts[block + 1] - starts[block]
            return sum + size * (size - 1) / 2
        }
    }

    /// Calls a body with every pair on several threads, and returns what each part of the work made, in an order that depends
    /// on nothing but the table.
    func forEachPart<Partial: Sendable>(
        _ settings: LinkageSettings, _ start: Partial, progress: (_ parts: Int, _ of: Int) -> Void = { _, _ in }, _ body: @Sendable (_ partial: inout Partial, _ a: Int, _ b: Int) -> Void
    ) -> [Partial] {
        let parts = max(1, min(64, rules.count / 16))
        let results = UnsafeMutableBufferPointer<Partial>.allocate(capacity: parts)
        results.initialize(repeating: start)
        defer {
            results.deinitialize()
            results.deallocate()
        }
        nonisolated(unsafe) let shared = results
        let bounds = (0...parts).map { partBound($0, of: parts) }
        @Sendable func run(_ part: Int) {
            var partial = start
            // Asked every so many blocks: a part of a million records has some hundred thousand.
            for start in stride(from: bounds[part], to: bounds[part + 1], by: CandidatePairs.blocksBetweenAsking) where !settings.isCancelled() {
                let end = min(start + CandidatePairs.blocksBetweenAsking, bounds[part + 1])
                forEachPair(inBlocks: start..<end) { body(&partial, $0, $1) }
            }
            shared[part] = partial
        }
        // In waves, between which this thread tells how far it is.
        let wave = max(8, settings.threads)
        for first in stride(from: 0, to: parts, by: wave) {
            let end = min(first + wave, parts)
            if settings.threads > 1, end - first > 1 {
                // Thread number t takes the parts t, t + threads …: their pairs are many and about as many each.
                DispatchQueue.concurrentPerform(iterations: settings.threads) { thread in
                    for part in stride(from: first + thread, to: end, by: settings.threads) { run(part) }
                }
            } else {
                for part in first..<end { run(part) }
            }
            progress(end, parts)
        }
        return Array(results)
    }

    /// Parts have about as many members each.
    private func partBound(_ part: Int, of parts: Int) -> Int {
        if part == parts { return rules.count }
        let wanted = members.count / parts * part
        var low = 0, high = rules.count
        while low < high {
            let middle = (low + high) / 2
            if starts[middle] < wanted { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private func forEachPair(inBlocks range: Range<Int>, _ body: (Int, Int) -> Void) {
        members.withUnsafeBufferPointer { members in
            blocks.withUnsafeBufferPointer { blocks in
                for block in range {
                    let place = Int(rules[block]), slots = slotStarts[place]
                    let end = starts[block + 1]
                    for first in starts[block]..<end {
                        let a = Int(members[first])
                        for second in (first + 1)..<max(end, first + 1) {
                            let b = Int(members[second])
                            if a == b || isMadeBefore(a, b, place, slots, UInt32(block + 1), blocks) { continue }
                            body(min(a, b), max(a, b))
                        }
                    }
                }
            }
        }
    }

    /// Whether an earlier rule, or an earlier block of the same one, makes the pair too.
    @inline(__always)
    private func isMadeBefore(
        _ a: Int, _ b: Int, _ place: Int, _ slots: Int, _ block: UInt32, _ blocks: UnsafeBufferPointer<UInt32>
    ) -> Bool {
        let one = a * slotCount, other = b * slotCount
        for earlier in 0...place where slotCounts[earlier] > 1 {
            let start = slotStarts[earlier]
            for left in start..<(start + slotCounts[earlier]) where blocks[one + left] != 0 {
                for right in start..<(start + slotCounts[earlier]) where blocks[other + right] == blocks[one + left] {
                    if earlier < place || blocks[one + left] < block { return true }
                }
            }
        }
        for slot in 0..<slots where blocks[one + slot] == blocks[other + slot] && blocks[one + slot] != 0 { return true }
        return false
    }
}
