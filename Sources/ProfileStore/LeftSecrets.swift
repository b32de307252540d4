internal import GRDB

/// Secrets that versions before the key file kept in the store.
public struct LeftSecrets: Sendable {
    /// What opens systems outside, by their names.
    public let connectors: [String: String]
    /// What proves to peers who calls, by their names.
    public let peers: [String: String]
}

extension StoreReader {
    /// Whether the store still holds secrets.
    public func holdsSecrets() throws -> Bool {
        try database.first("SELECT EXISTS (SELECT 1 FROM connectors WHERE secret <> '') OR EXISTS (SELECT 1 FROM peers WHERE token <> '') AS held")?["held"]
            ?? false
    }

    /// What of them there is.
    public func leftSecrets() throws -> LeftSecrets {
        func secrets(_ sql: String) throws -> [String: String] {
            try Dictionary(database.all(sql).map { ($0["name"] as String, $0["secret"] as String) }) { first, _ in first }
        }
        return try LeftSecrets(
            connectors: secrets("SELECT name, secret FROM connectors WHERE secret <> ''"),
            peers: secrets("SELECT name, token AS secret FROM peers WHERE token <> ''"))
    }
}

extension StoreWriter {
    /// Blanks them; SQLite writes zeros over what they were (`secure_delete`).
    public func blankSecrets() throws {
        try database.execute(sql: "UPDATE connectors SET secret = '' WHERE secret <> ''")
        try database.execute(sql: "UPDATE peers SET token = '' WHERE token <> ''")
    }
}
