public import Causality
internal import GRDB
internal import NodeEnvironment

/// What a system has told by itself: a row of `connector_hooks`.
public struct ConnectorHook: Sendable, Equatable {
    /// The address as the system knows it, where somebody said it.
    public let url: String?
    /// How many good messages have come, and how many of them pulls have answered.
    public let asked: Int, answered: Int
    /// When the next pull that answers may begin.
    public let notBefore: Stamp
    public let lastAt: Stamp?

    /// Whether a message waits for its pull.
    public var isWaiting: Bool { asked > answered }
}

extension StoreReader {
    /// What systems have told by themselves, by their names.
    public func connectorHooks() throws -> [String: ConnectorHook] {
        try Dictionary(database.all("SELECT * FROM connector_hooks").map { row in
            (row["connector"] as String, ConnectorHook(
                url: row["url"], asked: row["asked"], answered: row["answered"], notBefore: Stamp(rawValue: row["not_before"]),
                lastAt: (row["last_at"] as Int64?).map(Stamp.init(rawValue:))))
        }) { first, _ in first }
    }

    /// Which of these events a system has not told before.
    public func unseenEvents(_ events: [[UInt8]], of connector: String) throws -> [[UInt8]] {
        try events.filter { event in
            try database.first("SELECT 1 FROM connector_hooks_seen WHERE connector = ? AND event = ?", [connector, event.data]) == nil
        }
    }
}

extension StoreWriter {
    /// Keeps the address under which a system knows this node; nil forgets it.
    public func setHookURL(_ url: String?, of connector: String) throws {
        try database.execute(
            sql: "INSERT INTO connector_hooks (connector, url) VALUES (?, ?) ON CONFLICT (connector) DO UPDATE SET url = excluded.url",
            arguments: [connector, url])
    }

    /// Notes what a system has told, and that it asks for a pull.
    ///
    /// - Parameters:
    ///   - notBefore: when that pull may begin, where nothing waits yet.
    ///   - forgetBefore: what was told earlier is forgotten.
    ///   - maximum: so many events are remembered.
    public func ask(for connector: String, events: [[UInt8]], notBefore: Stamp, forgetBefore: Stamp, maximum: Int) throws {
        let now = environment.now().rawValue
        try database.execute(
            sql: """
                INSERT INTO connector_hooks (connector, asked, not_before, last_at) VALUES (?1, 1, ?2, ?3)
                ON CONFLICT (connector) DO UPDATE SET asked = asked + 1, last_at = ?3,
                    not_before = CASE WHEN asked > answered THEN not_before ELSE max(not_before, ?2) END
                """,
            arguments: [connector, notBefore.rawValue, now])
        for event in events {
            try database.execute(
                sql: "INSERT OR REPLACE INTO connector_hooks_seen (connector, event, seen_at) VALUES (?, ?, ?)", arguments: [connector, event.data, now])
        }
        try database.execute(
            sql: "DELETE FROM connector_hooks_seen WHERE connector = ? AND seen_at < ?", arguments: [connector, forgetBefore.rawValue])
        try database.execute(
            sql: """
                DELETE FROM connector_hooks_seen WHERE connector = ?1 AND event IN (
                    SELECT event FROM connector_hooks_seen WHERE connector = ?1 ORDER BY seen_at DESC, event LIMIT -1 OFFSET ?2)
                """,
            arguments: [connector, maximum])
    }

    /// Notes that a pull has answered so many messages, and when the next may begin.
    public func answer(_ connector: String, asked: Int? = nil, notBefore: Stamp) throws {
        try database.execute(
            sql: "UPDATE connector_hooks SET answered = max(answered, ?), not_before = ? WHERE connector = ?",
            arguments: [asked ?? 0, notBefore.rawValue, connector])
    }
}
