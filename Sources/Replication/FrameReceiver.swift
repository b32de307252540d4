internal import Causality
internal import WireFormat

/// Takes the frames of a neighbour into the store, and keeps in mind which rows could not be rebuilt.
///
/// From the first missing row on the cursor stays where it is, until the missing rows are here as a whole.
final class FrameReceiver {
    private let store: any ReplicaStore
    private let neighbour: Neighbour
    private let hashKey: HashKey
    private let missingMaximum: Int
    private let reader: FrameReader
    private(set) var missing: [RowReference] = []
    private var missingSet = Set<RowReference>()
    /// The feed number that the frames which were taken cover; 0 before the first.
    private(set) var covered: UInt64 = 0
    /// Whether so much is missing that later frames are left for another stream.
    private(set) var isFull = false
    /// What has not come of the rows that somebody waits for.
    private var awaited: Set<RowReference>?
    private let awaitedByteCounts: Set<Int>
    private(set) var count = TransferCount()
    /// Rows that were not taken because the sender may not write them.
    private(set) var outside = 0

    init(store: any ReplicaStore, from neighbour: Neighbour, hashKey: HashKey, limits: SyncLimits, awaiting references: [RowReference]? = nil) {
        self.store = store
        self.neighbour = neighbour
        self.hashKey = hashKey
        missingMaximum = limits.missingRowsMaximum
        reader = FrameReader(hashKey: hashKey, limits: limits.frame)
        awaited = references.map { Set($0) }
        awaitedByteCounts = Set((references ?? []).map(\.byteCount))
    }

    /// Whether rows that somebody waits for have not come.
    var isAwaiting: Bool { awaited.map { !$0.isEmpty } ?? false }

    /// Takes all frames of a stream that have arrived as a whole, and adds what came with them to a session's count.
    func take(from stream: inout FrameStreamReader, countingIn total: inout TransferCount) throws {
        let before = count
        defer { total.add(TransferCount(changes: count.changes - before.changes, rows: count.rows - before.rows)) }
        while case let items = try stream.items(), !items.isEmpty { try take(items) }
    }

    /// Takes frames that have arrived together: in one transaction their rows and, where nothing is missing, the cursor.
    ///
    /// Memory holds one of them as rows. Those before one that cannot be read are kept.
    func take(_ frames: [[UInt8]]) throws {
        if frames.isEmpty || isFull { return }
        var unreadable: (any Error)?
        let before = count
        do {
            try store.receive(from: neighbour) { receiving in
                for bytes in frames where !isFull {
                    let frame: Frame
                    do { frame = try read(bytes) } catch {
                        unreadable = error
                        return
                    }
                    try take(frame, into: receiving)
                }
            }
        } catch {
            count = before
            throw error
        }
        if let unreadable { throw unreadable }
    }

    private func read(_ bytes: [UInt8]) throws -> Frame {
        let frame = try reader.read(bytes)
        guard frame.through == 0 || frame.through >= covered else { throw SyncError.garbage("through") }
        return frame
    }

    private func take(_ frame: Frame, into receiving: any ReceivingStore) throws {
        let rows = try rebuilt(frame.rows, from: receiving)
        let departures = frame.rows.compactMap { row -> Departure? in
            if case .departed(let departed) = row.body { Departure(id: row.id, kind: row.kind, row: departed) } else { nil }
        }
        count.rows += frame.rows.count
        let cursor = missing.isEmpty && frame.through > 0 ? FeedCursor(life: neighbour.life, feed: frame.through) : nil
        if !rows.isEmpty || !departures.isEmpty || cursor != nil {
            let outcome = try receiving.join(rows, departures, cursor: cursor)
            count.changes += outcome.changed
            outside += outcome.outside
        }
        for byteCount in awaitedByteCounts { for row in rows { awaited?.remove(RowReference(row.id, byteCount: byteCount)) } }
        if frame.through > 0 { covered = frame.through }
        isFull = missing.count > missingMaximum
    }

    private func rebuilt(_ rows: [WireRow], from receiving: any ReceivingStore) throws -> [ReplicaRow] {
        var out: [ReplicaRow] = [], lean: [WireRow] = []
        out.reserveCapacity(rows.count)
        for row in rows {
            switch row.body {
            case .whole(let whole): out.append(ReplicaRow(id: row.id, kind: row.kind, row: whole))
            case .lean: lean.append(row)
            case .departed: guard awaited == nil else { throw SyncError.garbage("row") }
            }
        }
        guard !lean.isEmpty else { return out }
        guard awaited == nil else { throw SyncError.garbage("row") }
        let candidates = try receiving.rows(fitting: lean.map(\.reference)).map { $0.map { (id: $0.id, row: $0.row) } }
        for start in stride(from: 0, to: lean.count, by: LeanGroup.rowsMaximum) {
            let range = start..<min(start + LeanGroup.rowsMaximum, lean.count), group = Array(lean[range])
            if let rebuilt = LeanGroup.rebuilt(group, from: Array(candidates[range]), key: hashKey) {
                out += rebuilt.map { ReplicaRow(id: $0.id, kind: $0.kind, row: $0.row) }
            } else {
                for row in group where missingSet.insert(row.reference).inserted { missing.append(row.reference) }
            }
        }
        return out
    }
}
