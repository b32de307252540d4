public import Causality
public import ProfileStore

/// How a node stands.
public struct StatusReport: Sendable {
    /// How far a peer and this node know each other.
    public struct PeerStatus: Sendable {
        public let name: String
        public let lastSync: Stamp?
        /// Rows here that the peer has not acknowledged; nil before the first meeting.
        public let ahead: Int?
        /// Feed numbers of the peer that are not here yet, as it last told; nil before the first meeting.
        public let behind: Int?
    }

    public let node: StoreReader.Node
    public let counts: StoreCounts
    /// Rows that no other node has acknowledged.
    public let unsent: Int
    public let peers: [PeerStatus]
    /// The lives of the store, oldest first.
    public let lives: [StoreLife]
}

extension Node {
    /// How this node stands.
    public func status() throws -> StatusReport {
        try store.read { reader in
            let neighbours = try reader.neighbours()
            let peers = try reader.peers().map { peer in
                StatusReport.PeerStatus(
                    name: peer.name, lastSync: peer.neighbour?.lastSync,
                    ahead: try peer.neighbour.map { try reader.changeCount(after: $0.acknowledged, exceptFrom: $0.node) },
                    behind: peer.neighbour.flatMap { known in known.head.map { Int(clamping: $0 - min($0, known.cursor)) } })
            }
            return StatusReport(
                node: try reader.node(), counts: try reader.counts(),
                unsent: try reader.changeCount(after: neighbours.map(\.acknowledged).max() ?? 0), peers: peers,
                lives: try reader.lives())
        }
    }

    /// Begins a new life of the store: for a disk that was copied.
    public func renewIdentity() throws -> Origin {
        try store.write { writer in
            try writer.beginLife(.renewed)
            return try writer.node().origin
        }
    }
}
