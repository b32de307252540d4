public import Causality
internal import GRDB
internal import NodeEnvironment
internal import ProfileModel

/// A node that this one calls.
public struct Peer: Sendable {
    public let name: String
    public let url: String
    public let addedAt: Stamp
    /// What is known of the peer since the first meeting.
    public let neighbour: NeighbourRecord?
}

/// What this node knows of one that it has met.
public struct NeighbourRecord: Sendable {
    public let node: RowID
    public let name: String
    /// What of the neighbour's feed is durable here.
    public let cursor: UInt64
    /// What of this node's feed the neighbour holds.
    public let acknowledged: UInt64
    /// The neighbour's last feed number, when last heard.
    public let head: UInt64?
    public let lastSync: Stamp?
}

/// A node that may call this one.
public struct AdmissionRecord: Sendable {
    public let name: String
    public let tokenHash: [UInt8]
    public let scopes: [String]
    public let role: String
    public let isOnce: Bool
    /// The node that first called with the token, which the name belongs to.
    public let node: RowID?
    /// When it did.
    public let usedAt: Stamp?

    public init(
        name: String, tokenHash: [UInt8], scopes: [String], role: String, isOnce: Bool, node: RowID? = nil, usedAt: Stamp? = nil
    ) {
        self.name = name
        self.tokenHash = tokenHash
        self.scopes = scopes
        self.role = role
        self.isOnce = isOnce
        self.node = node
        self.usedAt = usedAt
    }
}

extension StoreReader {
    /// The nodes that this one calls, by name.
    public func peers() throws -> [Peer] {
        try Row.fetchAll(database, sql: "SELECT * FROM peers ORDER BY name").map { row in
            Peer(
                name: row["name"], url: row["url"], addedAt: Stamp(rawValue: row["added_at"]),
                neighbour: try row.optionalID("neighbour").flatMap { try neighbour("node = ?", [$0.data]) })
        }
    }

    /// The nodes that this one has met, by name.
    public func neighbours() throws -> [NeighbourRecord] {
        try Row.fetchAll(database, sql: "SELECT * FROM neighbours ORDER BY name").map(StoreReader.neighbour)
    }

    func neighbour(_ condition: String, _ arguments: StatementArguments) throws -> NeighbourRecord? {
        try Row.fetchOne(database, sql: "SELECT * FROM neighbours WHERE \(condition)", arguments: arguments).map(StoreReader.neighbour)
    }

    private static func neighbour(_ row: Row) throws -> NeighbourRecord {
        NeighbourRecord(
            node: try row.id("node"), name: row["name"], cursor: StoreReader.unsigned(row["cursor"]),
            acknowledged: StoreReader.unsigned(row["acknowledged"]), head: (row["head"] as Int64?).map(StoreReader.unsigned),
            lastSync: (row["last_sync"] as Int64?).map(Stamp.init(rawValue:)))
    }

    /// The nodes that may call this one, by name.
    public func admissions() throws -> [AdmissionRecord] {
        try Row.fetchAll(database, sql: "SELECT * FROM admissions ORDER BY name").map { row in
            try AdmissionRecord(
                name: row["name"], tokenHash: row.bytes("token_hash") ?? [],
                scopes: (row["scopes"] as String).split(separator: "\n").map(String.init), role: row["role"], isOnce: row["once"],
                node: row.optionalID("node"),
                usedAt: (row["used_at"] as Int64?).map(Stamp.init(rawValue:)))
        }
    }
}

extension StoreWriter {
    /// Adds a peer, or gives the one with this name another address.
    public func setPeer(name: String, url: String) throws {
        try database.execute(
            sql: "INSERT INTO peers (name, url, token, added_at) VALUES (?, ?, '', ?) ON CONFLICT (name) DO UPDATE SET url = excluded.url",
            arguments: [name, url, environment.now().rawValue])
    }

    /// Remembers which neighbour answers as a peer.
    public func setPeer(name: String, neighbour node: RowID) throws {
        try database.execute(
            sql: "UPDATE peers SET neighbour = ? WHERE name = ?", arguments: [node.data, name])
    }

    /// Whether there was such a peer.
    public func removePeer(name: String) throws -> Bool {
        try database.execute(sql: "DELETE FROM peers WHERE name = ?", arguments: [name])
        return database.changesCount > 0
    }

    /// Remembers which node called first with the token that this name has now.
    public func bind(admission name: String, to node: RowID) throws {
        try database.execute(
            sql: "UPDATE admissions SET node = ?, used_at = ? WHERE name = ? AND node IS NULL",
            arguments: [node.data, environment.now().rawValue, name])
    }

    /// Admits a node, replacing an earlier admission of that name and what it was bound to.
    public func admit(_ admission: AdmissionRecord) throws {
        try database.execute(
            sql: """
                INSERT OR REPLACE INTO admissions (name, token_hash, scopes, role, once, node, used_at, added_at) VALUES (?, ?, ?, ?, ?, NULL, NULL, ?)
                """,
            arguments: [
                admission.name, admission.tokenHash.data, admission.scopes.joined(separator: "\n"), admission.role, admission.isOnce,
                environment.now().rawValue,
            ])
    }

    /// Whether there was such an admission.
    public func dismiss(name: String) throws -> Bool {
        try database.execute(sql: "DELETE FROM admissions WHERE name = ?", arguments: [name])
        return database.changesCount > 0
    }
}
