internal import Causality
internal import NodeEnvironment
internal import WireFormat

/// The feed toward a neighbour as a stream of frames, up to a fixed feed number.
final class FeedFrameSource: SyncBodySource {
    /// Under which name, and by which clock, a served pull is recorded.
    struct Recording {
        let name: String
        let environment: any NodeEnvironment
    }

    private let store: any ReplicaStore
    private let neighbour: Neighbour
    private let hashKey: HashKey
    private let held: CausalContext
    private let target: UInt64
    private let limits: SyncLimits
    private let writer: FrameWriter
    private var preamble: [UInt8]?
    private var page: [FeedRow] = []
    private var pageThrough: UInt64 = 0
    private var nextRow = 0
    /// Up to and with this feed number all rows were taken into frames.
    private var taken: UInt64
    private var isEnded = false
    /// Frames begin small and grow: a connection that breaks every few kilobytes still carries some.
    private var frameRowsMaximum: Int
    private var frameRows = 0
    private let recording: Recording?
    private(set) var count = TransferCount()

    /// - Parameters:
    ///   - held: the writes that the neighbour is believed to hold; empty to leave nothing out.
    ///   - recording: where the store is to keep that all was handed over.
    init(
        store: any ReplicaStore, toward neighbour: Neighbour, hashKey: HashKey, after: UInt64, through target: UInt64,
        held: CausalContext, limits: SyncLimits, preamble: [UInt8]? = nil, recording: Recording? = nil
    ) {
        self.store = store
        self.neighbour = neighbour
        self.hashKey = hashKey
        self.held = held
        self.target = target
        self.limits = limits
        self.preamble = preamble
        self.recording = recording
        writer = FrameWriter(hashKey: hashKey, limits: limits.frame)
        frameRowsMaximum = limits.firstFrameRows
        taken = after
    }

    func next() throws -> [UInt8]? {
        if isEnded { return nil }
        if let item = preamble {
            preamble = nil
            return counted(FrameStream.item(item))
        }
        guard taken < target else {
            isEnded = true
            let end = counted(FrameStream.end)
            try record()
            return end
        }
        while taken < target {
            if nextRow == page.count {
                if frameRows == frameRowsMaximum { return frame() }
                try readPage()
            }
            while nextRow < page.count {
                guard frameRows < frameRowsMaximum, try writer.append(wireRow(page[nextRow].content)) else { return frame() }
                count.rows += 1
                frameRows += 1
                taken = page[nextRow].feed
                nextRow += 1
            }
            taken = pageThrough
        }
        return frame()
    }

    private func frame() -> [UInt8] {
        frameRows = 0
        frameRowsMaximum = min(frameRowsMaximum * 2, max(limits.frame.rowsMaximum, 1))
        return counted(FrameStream.item(writer.finish(through: taken)))
    }

    private func record() throws {
        guard let recording else { return }
        try store.recordSession(SessionRecord(
            neighbour: neighbour, neighbourName: recording.name, at: recording.environment.now(), isCaller: false,
            pulled: TransferCount(), pushed: count, neighbourHead: nil))
    }

    /// Reads about a frame's rows, so that the receiver joins the first while the next are read.
    private func readPage() throws {
        let rows = min(frameRowsMaximum, limits.rowsAtOnce)
        let piece = try store.changes(after: taken, through: target, rowsMaximum: rows, toward: neighbour)
        precondition(piece.through > taken, "a page of the feed goes forward")
        page = piece.rows
        pageThrough = piece.through
        nextRow = 0
    }

    private func wireRow(_ content: FeedRow.Content) -> WireRow {
        let row: ReplicaRow
        switch content {
        case .row(let present): row = present
        case .departed(let departure): return WireRow(id: departure.id, kind: departure.kind, body: .departed(departure.row))
        }
        if held.isEmpty { return WireRow(id: row.id, kind: row.kind, body: .whole(row.row)) }
        // A row of the feed has its latest number: no store of this feed's rows has more of them than that, but for what others
        // have brought to the receiver.
        return WireRow(id: row.id, kind: row.kind, row: row.row, key: hashKey, among: target) { held.covers($0) }
    }

    private func counted(_ bytes: [UInt8]) -> [UInt8] {
        count.bytes += bytes.count
        return bytes
    }
}

/// Rows as a whole, by references, as a stream of frames.
final class RowFrameSource: SyncBodySource {
    private let store: any ReplicaStore
    private let neighbour: Neighbour
    private let references: [RowReference]
    private let through: UInt64
    private let limits: SyncLimits
    private let writer: FrameWriter
    private var preamble: [UInt8]?
    private var rows: [ReplicaRow] = []
    private var nextRow = 0
    private var nextReference = 0
    private var isLastFrameDone = false
    private var isEnded = false
    private(set) var count = TransferCount()

    /// - Parameter through: the feed number that the receiver holds once it holds these rows; 0 for none.
    init(
        store: any ReplicaStore, toward neighbour: Neighbour, hashKey: HashKey, rows references: [RowReference], through: UInt64,
        limits: SyncLimits, preamble: [UInt8]? = nil
    ) {
        self.store = store
        self.neighbour = neighbour
        self.references = references
        self.through = through
        self.limits = limits
        self.preamble = preamble
        writer = FrameWriter(hashKey: hashKey, limits: limits.frame)
    }

    func next() throws -> [UInt8]? {
        if isEnded { return nil }
        if let item = preamble {
            preamble = nil
            return counted(FrameStream.item(item))
        }
        if isLastFrameDone {
            isEnded = true
            return counted(FrameStream.end)
        }
        while true {
            if nextRow == rows.count {
                guard nextReference < references.count else { break }
                let wanted = references[nextReference..<min(nextReference + SyncLimits.rowsAtOnceMaximum, references.count)]
                let found = try store.rows(fitting: Array(wanted), toward: neighbour)
                guard through == 0 || found.allSatisfy({ !$0.isEmpty }) else { throw SyncError.rowMissing }
                rows = found.flatMap(\.self)
                nextReference += wanted.count
                nextRow = 0
                continue
            }
            let row = rows[nextRow]
            guard try writer.append(WireRow(id: row.id, kind: row.kind, body: .whole(row.row))) else {
                return counted(FrameStream.item(writer.finish(through: 0)))
            }
            count.rows += 1
            nextRow += 1
        }
        isLastFrameDone = true
        return counted(FrameStream.item(writer.finish(through: through)))
    }

    private func counted(_ bytes: [UInt8]) -> [UInt8] {
        count.bytes += bytes.count
        return bytes
    }
}
