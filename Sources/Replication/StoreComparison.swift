internal import Causality

/// The asking half of a comparison of two stores: it says what to ask, and is told what came back.
///
/// First the sums of groups of buckets, answered with the sums of the buckets in groups that differ; then the fingerprints
/// of the rows in buckets that differ, answered with the rows that are not the same. A sum or fingerprint is 64 bits of a
/// keyed hash: a difference goes unnoticed with a chance of 2⁻⁶⁴.
final class StoreComparison {
    /// What is to be sent.
    struct Question {
        var step: ComparisonRequest.Step
        var scopes: [String]?
        var bits: Int
        var groupBits: Int
        var words: [UInt64]
    }

    private enum State {
        case idle
        case groups(StoreSums, BucketSums, groupBits: Int)
        case rows(BucketSums, groupBits: Int, asked: [(bucket: Int, rows: [RowFingerprint])], waiting: [Int])
        case over
    }

    private let store: any ReplicaStore
    private var range: ScopeRange
    private var state = State.idle
    /// The rows that differ, in the order of their ids, once the comparison is over.
    private(set) var differences: [RowDifference] = []
    private(set) var isEqual = false
    /// Whether all rows of both stores were compared.
    var isWhole: Bool { range == .all }
    /// Whether so much differs that nobody looked closer.
    private(set) var isTooMuch = false

    /// Fingerprints that one question carries, unless one bucket alone has more.
    private static let rowsAtOnce = 1 << 16

    init(store: any ReplicaStore, own: ReplicaIdentity) {
        self.store = store
        range = ScopeRange(heldBy: own.scopes)
    }

    func begin() throws -> Question {
        let sums = try store.sums(within: range), shape = BucketSums.shape(rows: sums.rows)
        let buckets = BucketSums(sums, bits: shape.bits)
        state = .groups(sums, buckets, groupBits: shape.groupBits)
        return Question(
            step: .sums, scopes: range.names, bits: shape.bits, groupBits: shape.groupBits,
            words: [sums.total.high, sums.total.low] + buckets.groups(bits: shape.groupBits))
    }

    /// Takes an answer; the next question, or nil where the comparison is over.
    ///
    /// - Throws: `sync.garbage`.
    func take(_ reply: ComparisonReply, words: [UInt64]) throws -> Question? {
        switch state {
        case .groups(_, let buckets, let groupBits):
            let common = ScopeRange(names: reply.scopes)
            guard common == range else {
                guard common.intersection(range) == common else { throw SyncError.garbage("scopes") }
                range = common
                return try begin()
            }
            isEqual = reply.isEqual
            isTooMuch = reply.isTooMuch
            state = .over
            if isEqual || isTooMuch { return nil }
            return try ask(for: try differing(buckets, groupBits: groupBits, words), of: buckets, groupBits: groupBits)
        case .rows(let buckets, let groupBits, let asked, let waiting):
            try compare(asked, words)
            state = .over
            return try ask(for: waiting, of: buckets, groupBits: groupBits)
        case .idle, .over: preconditionFailure("an answer follows a question")
        }
    }

    /// The buckets whose sums are not the same.
    private func differing(_ buckets: BucketSums, groupBits: Int, _ words: [UInt64]) throws -> [Int] {
        var source = WordSource(words), found: [Int] = []
        let width = 1 << (buckets.bits - groupBits)
        for group in try GroupSet(taking: &source, bits: groupBits).members {
            for (place, sum) in try source.take(width).enumerated() where buckets.sums[group * width + place] != sum {
                found.append(group * width + place)
            }
        }
        guard source.isAtEnd else { throw SyncError.garbage("words") }
        return found
    }

    private func ask(for differing: [Int], of buckets: BucketSums, groupBits: Int) throws -> Question? {
        guard !differing.isEmpty else {
            differences.sort { $0.id < $1.id }
            return nil
        }
        var words: [UInt64] = [], asked: [(bucket: Int, rows: [RowFingerprint])] = [], count = 0
        for (bucket, cells) in zip(differing, buckets.cells(of: differing)) {
            guard count < StoreComparison.rowsAtOnce else { break }
            let rows = try store.fingerprints(in: cells, within: range)
            words += [UInt64(bucket), UInt64(rows.count)] + rows.map(\.digest.low)
            asked.append((bucket, rows))
            count += rows.count
        }
        state = .rows(buckets, groupBits: groupBits, asked: asked, waiting: Array(differing.dropFirst(asked.count)))
        return Question(step: .rows, scopes: range.names, bits: buckets.bits, groupBits: groupBits, words: words)
    }

    /// The answer has for each bucket the ids of rows there that were not named, and the places of those named that are
    /// not there.
    private func compare(_ asked: [(bucket: Int, rows: [RowFingerprint])], _ words: [UInt64]) throws {
        var source = WordSource(words)
        for (_, rows) in asked {
            let there = try source.counted(each: 2), only = try source.counted()
            var theirs = Set(stride(from: 0, to: there.count, by: 2).map { RowID(high: there[$0], low: there[$0 + 1]) })
            for place in only {
                guard place < UInt64(rows.count) else { throw SyncError.garbage("words") }
                let id = rows[Int(place)].id
                differences.append(RowDifference(id: id, place: theirs.remove(id) == nil ? .here : .both))
            }
            differences += theirs.map { RowDifference(id: $0, place: .there) }
        }
        guard source.isAtEnd else { throw SyncError.garbage("words") }
    }
}

/// The answering half: it keeps nothing between two questions.
struct ComparisonAnswer {
    let store: any ReplicaStore
    /// What this node and the caller's admission have in common.
    let range: ScopeRange

    /// - Throws: `sync.garbage`.
    func answer(_ request: ComparisonRequest, words: [UInt64]) throws -> (reply: Outcome, words: [UInt64]) {
        let asked = ScopeRange(names: request.scopes), common = asked.intersection(range)
        guard common == asked else {
            guard request.step == .sums else { throw SyncError.garbage("scopes") }
            return (Outcome(scopes: common.names, isEqual: false, isTooMuch: false), [])
        }
        let sums = try store.sums(within: common), buckets = BucketSums(sums, bits: request.bits)
        var source = WordSource(words)
        switch request.step {
        case .sums:
            let total = Digest128(high: try source.next(), low: try source.next())
            let groups = try source.take(1 << request.groupBits)
            guard source.isAtEnd else { throw SyncError.garbage("words") }
            var outcome = Outcome(scopes: common.names, isEqual: total == sums.total, isTooMuch: false)
            if outcome.isEqual { return (outcome, []) }
            let differing = GroupSet(zip(groups, buckets.groups(bits: request.groupBits)).map { $0 != $1 })
            outcome.isTooMuch = request.groupsMaximum.map { differing.members.count > $0 } ?? false
            if outcome.isTooMuch { return (outcome, []) }
            let width = 1 << (request.bits - request.groupBits)
            return (outcome, differing.words + differing.members.flatMap { buckets.sums[$0 * width..<($0 + 1) * width] })
        case .rows:
            return (Outcome(scopes: common.names, isEqual: false, isTooMuch: false), try rows(&source, buckets, common))
        }
    }

    struct Outcome {
        let scopes: [String]?
        let isEqual: Bool
        var isTooMuch: Bool
    }

    private func rows(_ source: inout WordSource, _ buckets: BucketSums, _ range: ScopeRange) throws -> [UInt64] {
        var asked: [(bucket: Int, theirs: [UInt64])] = []
        while !source.isAtEnd {
            let bucket = try source.next()
            guard bucket < UInt64(buckets.sums.count), asked.last.map({ $0.bucket < Int(bucket) }) ?? true else { throw SyncError.garbage("words") }
            asked.append((Int(bucket), try source.counted()))
        }
        var words: [UInt64] = []
        for ((_, theirs), cells) in zip(asked, buckets.cells(of: asked.map(\.bucket))) {
            let rows = try store.fingerprints(in: cells, within: range), known = Set(theirs), own = Set(rows.map(\.digest.low))
            let here = rows.filter { !known.contains($0.digest.low) }
            words.append(UInt64(here.count))
            for row in here { words += [row.id.high, row.id.low] }
            let there = theirs.indices.filter { !own.contains(theirs[$0]) }
            words.append(UInt64(there.count))
            words += there.map { UInt64($0) }
        }
        return words
    }
}

/// A set of groups as a bit each.
private struct GroupSet {
    let members: [Int]
    let words: [UInt64]

    init(_ isMember: [Bool]) {
        members = isMember.indices.filter { isMember[$0] }
        var words = [UInt64](repeating: 0, count: GroupSet.wordCount(isMember.count))
        for group in members { words[group / 64] |= 1 << UInt64(group % 64) }
        self.words = words
    }

    init(taking source: inout WordSource, bits: Int) throws {
        let words = try source.take(GroupSet.wordCount(1 << bits))
        self.words = words
        members = (0..<1 << bits).filter { words[$0 / 64] >> UInt64($0 % 64) & 1 == 1 }
    }

    private static func wordCount(_ groups: Int) -> Int { (groups + 63) / 64 }
}
