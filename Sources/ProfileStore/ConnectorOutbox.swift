public import Causality
internal import GRDB
internal import NodeEnvironment
internal import ProfileModel

/// A record that may have something to be written in a system; what it is is read when it is sent, so that several changes are one.
public struct OutboxEntry: Sendable, Equatable {
    public let object: String
    public let record: RowID
    /// Empty where the system is to make the record.
    public let remoteID: String
    /// The same however often it is sent.
    public let key: String
    public var attempts: Int
    /// When it was sent, where nobody knows what became of it.
    public var sentAt: Stamp?

    public init(object: String, record: RowID, remoteID: String, key: String, attempts: Int, sentAt: Stamp? = nil) {
        self.object = object
        self.record = record
        self.remoteID = remoteID
        self.key = key
        self.attempts = attempts
        self.sentAt = sentAt
    }

    /// Whether it was sent, and nobody knows what became of it.
    public var isSent: Bool { sentAt != nil }
}

/// What cannot be written or read until somebody does something.
public struct DeadLetter: Sendable, Equatable {
    public var number: Int64 = 0
    public let object: String
    public let record: RowID?
    public let remoteID: String
    /// Empty where it is the record as a whole.
    public let field: String
    public let code: String
    /// The system's own words; they may hold a customer's data.
    public let message: String
    public let trace: String?
    /// Of what was refused: another value is tried again.
    public let payload: Digest128
    public var attempts = 1
    public var firstAt = Stamp(rawValue: 0)
    public var lastAt = Stamp(rawValue: 0)
    /// Whether somebody put it away: the same value is not tried again, and not listed.
    public var isDiscarded = false

    public init(object: String, record: RowID?, remoteID: String, field: String = "", code: String, message: String = "", trace: String? = nil, payload: Digest128) {
        self.object = object
        self.record = record
        self.remoteID = remoteID
        self.field = field
        self.code = code
        self.message = message
        self.trace = trace
        self.payload = payload
    }
}

extension StoreReader {
    /// What waits to be written, the oldest first.
    public func outbox(_ connector: String, limit: Int = .max) throws -> [OutboxEntry] {
        try database.all(
            "SELECT * FROM connector_outbox WHERE connector = ? ORDER BY added_at, object, record, remote_id LIMIT ?", [connector, Int64(clamping: limit)]
        ).map { row in
            OutboxEntry(
                object: row["object"], record: try row.id("record"), remoteID: row["remote_id"], key: row["key"], attempts: row["attempts"],
                sentAt: (row["sent_at"] as Int64?).map(Stamp.init(rawValue:)))
        }
    }

    /// How many records wait to be written.
    public func outboxCount(_ connector: String) throws -> Int {
        try Int.fetchOne(database, sql: "SELECT count(*) FROM connector_outbox WHERE connector = ?", arguments: [connector]) ?? 0
    }

    /// What waits for somebody, the oldest first; what was put away is among it on request only.
    public func deadLetters(_ connector: String, includingDiscarded: Bool = false) throws -> [DeadLetter] {
        try database.all(
            "SELECT * FROM connector_dead_letters WHERE connector = ? AND discarded <= ? ORDER BY number", [connector, includingDiscarded ? 1 : 0]
        ).map { row in
            let payload = row.bytes("payload").flatMap { UniqueID(bytes: $0) } ?? UniqueID(high: 0, low: 0)
            let record = row.bytes("record").flatMap { UniqueID(bytes: $0) }
            var letter = DeadLetter(
                object: row["object"], record: record, remoteID: row["remote_id"], field: row["field"], code: row["code"], message: row["message"],
                trace: row["trace"], payload: Digest128(high: payload.high, low: payload.low))
            letter.number = row["number"]
            letter.attempts = row["attempts"]
            letter.firstAt = Stamp(rawValue: row["first_at"])
            letter.lastAt = Stamp(rawValue: row["last_at"])
            letter.isDiscarded = row["discarded"]
            return letter
        }
    }
}

extension StoreWriter {
    /// Has a record looked at for what is to be written; one that waits already waits once.
    public func enqueue(_ record: RowID, object: String, remoteID: String, connector: String) throws {
        try database.run(
            "INSERT OR IGNORE INTO connector_outbox (connector, object, record, remote_id, key, added_at) VALUES (?, ?, ?, ?, ?, ?)",
            [connector, object, record.data, remoteID, environment.newID().description, environment.now().rawValue])
    }

    /// Notes that an entry is being sent; until it is taken out nobody knows what became of it.
    public func noteSent(_ entry: OutboxEntry, connector: String, isKnown: Bool = false) throws {
        try database.run(
            "UPDATE connector_outbox SET sent_at = ?, attempts = attempts + ? WHERE connector = ? AND object = ? AND record = ? AND remote_id = ?",
            [isKnown ? nil : environment.now().rawValue, isKnown ? 0 : 1, connector, entry.object, entry.record.data, entry.remoteID])
    }

    /// Takes an entry out: it is done, or there is nothing to do.
    public func dequeue(_ entry: OutboxEntry, connector: String) throws {
        try database.run(
            "DELETE FROM connector_outbox WHERE connector = ? AND object = ? AND record = ? AND remote_id = ?",
            [connector, entry.object, entry.record.data, entry.remoteID])
    }

    /// Keeps what was refused, or counts that it was refused again.
    public func put(_ letter: DeadLetter, connector: String) throws {
        let now = environment.now().rawValue
        try database.run(
            "DELETE FROM connector_dead_letters WHERE connector = ?1 AND object = ?2 AND remote_id = ?3 AND record IS ?4 AND field = ?5 AND payload <> ?6",
            [connector, letter.object, letter.remoteID, letter.record?.data, letter.field, UniqueID(high: letter.payload.high, low: letter.payload.low).data])
        let found = try database.first(
            "SELECT number FROM connector_dead_letters WHERE connector = ? AND object = ? AND remote_id = ? AND record IS ? AND field = ?",
            [connector, letter.object, letter.remoteID, letter.record?.data, letter.field])
        if let found {
            try database.run(
                "UPDATE connector_dead_letters SET code = ?, message = ?, trace = ?, attempts = attempts + 1, last_at = ?, discarded = 0 WHERE number = ?",
                [letter.code, letter.message, letter.trace, now, found["number"] as Int64])
            return
        }
        try database.run(
            """
            INSERT INTO connector_dead_letters (connector, object, record, remote_id, field, code, message, trace, payload, attempts, first_at, last_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?)
            """,
            [
                connector, letter.object, letter.record?.data, letter.remoteID, letter.field, letter.code, letter.message, letter.trace,
                UniqueID(high: letter.payload.high, low: letter.payload.low).data, now, now,
            ])
    }

    /// Takes a letter away, so that the same is tried again.
    public func removeDeadLetter(_ number: Int64) throws { try database.run("DELETE FROM connector_dead_letters WHERE number = ?", [number]) }

    /// Puts a letter away: the same is not tried again.
    public func discardDeadLetter(_ number: Int64) throws {
        try database.run("UPDATE connector_dead_letters SET discarded = 1, message = '' WHERE number = ?", [number])
    }
}
