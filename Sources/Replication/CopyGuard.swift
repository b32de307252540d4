public import Causality

/// What one life of a store hands to a neighbour in each session, so that two stores which write under one life are told apart.
///
/// Whoever goes on in that life has all tickets that it handed out. A copied disk lacks those that the other copy handed out
/// since; a store that was put back from a backup lacks those of the time between.
public struct SyncTicket: Hashable, Sendable {
    /// Counted from 1 in each life.
    public let number: UInt64
    public let secret: UInt64

    public init(number: UInt64, secret: UInt64) {
        self.number = number
        self.secret = secret
    }
}

extension SyncTicket: LosslessStringConvertible {
    /// `NUMBER:SECRET`, the secret in sixteen hexadecimal digits.
    public var description: String { "\(number):\(Origin(rawValue: secret))" }

    public init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let number = UInt64(parts[0]), number <= UInt64(Int64.max), let secret = Origin(String(parts[1])) else { return nil }
        self.init(number: number, secret: secret.rawValue)
    }
}

/// Why a store must begin a new life.
public enum CopyEvidence: Hashable, Sendable {
    /// A neighbour holds a ticket of the present life that this store never handed out.
    case foreignTicket
    /// A neighbour holds later writes, or a later place in the feed, of the present life than this store does.
    case laterWrites
}

/// What both sides of a handshake tell so that each finds out whether it is a copy.
struct CopyProof: Equatable {
    /// The last sequence of the sender's present life.
    var sequence: UInt64
    /// A fresh ticket for the receiver.
    var ticket: SyncTicket
    /// In a call: the ticket that the caller handed to the receiver last.
    var shown: SyncTicket?
    /// The receiver's life that the rest is about.
    var life: Origin?
    /// The latest ticket of that life that the sender holds.
    var held: SyncTicket?
    /// The highest sequence of that life that the sender knows.
    var known: UInt64 = 0
    /// In an answer: the machine of the responder, where it has begun a new life upon the call.
    var renewedOn: String?
}

extension CopyProof: Codable {
    private enum Key: String, CodingKey { case sequence, ticket, shown, life, held, known, renewed }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        func value<Value: LosslessStringConvertible>(_ key: Key) throws -> Value? {
            guard let text = try container.decodeIfPresent(String.self, forKey: key) else { return nil }
            guard let value = Value(text) else { throw SyncError.garbage("proof") }
            return value
        }
        sequence = try container.decode(UInt64.self, forKey: .sequence)
        guard let ticket: SyncTicket = try value(.ticket) else { throw SyncError.garbage("proof") }
        self.ticket = ticket
        shown = try value(.shown)
        life = try value(.life)
        held = try value(.held)
        known = try container.decodeIfPresent(UInt64.self, forKey: .known) ?? 0
        renewedOn = try container.decodeIfPresent(String.self, forKey: .renewed)
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(sequence, forKey: .sequence)
        try container.encode(ticket.description, forKey: .ticket)
        try container.encodeIfPresent(shown?.description, forKey: .shown)
        try container.encodeIfPresent(life?.description, forKey: .life)
        try container.encodeIfPresent(held?.description, forKey: .held)
        if known > 0 { try container.encode(known, forKey: .known) }
        try container.encodeIfPresent(renewedOn, forKey: .renewed)
    }
}

extension ReplicaStore {
    /// What this store is to tell of a neighbour's life.
    func proof(
        _ own: ReplicaIdentity, to neighbour: NeighbourID?, life: Origin?, shown: SyncTicket? = nil, held: SyncTicket? = nil,
        keeping received: (ticket: SyncTicket, from: Neighbour)? = nil
    ) throws -> CopyProof {
        var proof = CopyProof(sequence: own.sequence, ticket: try handOutTicket(to: neighbour, keeping: received), shown: shown, life: life)
        proof.held = held
        if let life { proof.known = try sequenceKnown(of: life) }
        return proof
    }

    /// Whether what a neighbour tells of this store's present life, and the place that it has reached in its feed, can only
    /// come from another copy of the store.
    func evidence(in proof: CopyProof?, cursor: FeedCursor?) throws -> CopyEvidence? {
        let own = try identity()
        if let proof, proof.life == own.life {
            if let held = proof.held, try !hasHandedOut(held) { return .foreignTicket }
            if proof.known > own.sequence { return .laterWrites }
        }
        if let cursor, cursor.life == own.life, try cursor.feed > feedHead() { return .laterWrites }
        return nil
    }
}
