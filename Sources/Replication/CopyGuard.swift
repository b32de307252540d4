public import Causality

/// What one life of a store hands to a neighbour in each session, so that two stores which write under one life are told apart.
///
/// Whoever goes on in that life has all tickets that it handed out. A copied disk lacks those that the other copy handed out
/// since; a store that was put back from a backup lacks those of the time between.
public struct SyncTicket: Hashable, Sendable {
    /// Counted from 1 in each life.
    public let number: UInt64
    public let secret: UInt32

    public init(number: UInt64, secret: UInt32) {
        self.number = number
        self.secret = secret
    }
}

extension SyncTicket: LosslessStringConvertible {
    /// `NUMBER:SECRET`, the secret in hexadecimal digits.
    public var description: String { "\(number):\(String(secret, radix: 16))" }

    public init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let number = UInt64(parts[0]), number <= UInt64(Int64.max), let secret = UInt32(parts[1], radix: 16) else { return nil }
        self.init(number: number, secret: secret)
    }
}

/// A ticket as it came from a neighbour.
public struct ReceivedTicket: Hashable, Sendable {
    public let ticket: SyncTicket
    public let from: Neighbour
    /// Whether the neighbour has shown that no other copy of this store came to it before now: a store then remembers that
    /// all that it has written so far in its present life was written before.
    public let isConfirmation: Bool

    public init(_ ticket: SyncTicket, from neighbour: Neighbour, isConfirmation: Bool) {
        self.ticket = ticket
        from = neighbour
        self.isConfirmation = isConfirmation
    }
}

/// Why a store must begin a new life.
public enum CopyEvidence: Hashable, Sendable {
    /// A neighbour holds a ticket of the present life that this store never handed out.
    case foreignTicket
    /// A neighbour holds later writes, or a later place in the feed, of the present life than this store does.
    case laterWrites
}

/// What a store remembers of its present life, and of neighbours' lives, so that a copy of it finds out that it is one.
///
/// Every call is one short transaction, durable when it returns.
public protocol LifeLedger: AnyObject {
    /// Hands out a fresh ticket of the present life, and remembers it, durably before it returns; keeps in the same
    /// transaction one that was received, as `keepTicket` does.
    ///
    /// - Parameter neighbour: nil where nobody has answered at the address yet.
    func handOutTicket(to neighbour: NeighbourID?, keeping received: ReceivedTicket?) throws -> SyncTicket

    /// The ticket of the present life that was handed to a neighbour last.
    func lastTicket(to neighbour: NeighbourID) throws -> SyncTicket?

    /// Some tickets that the present life has handed out, the latest first, ever farther apart: by them two stores that go on in
    /// one life find out how far they were one.
    func ticketLog() throws -> [SyncTicket]

    /// Whether the present life has handed out this ticket. True also of one so old that it is forgotten.
    func hasHandedOut(_ ticket: SyncTicket) throws -> Bool

    /// The ticket that a neighbour handed over last in this life of its store.
    func ticket(from neighbour: Neighbour) throws -> SyncTicket?

    /// Keeps a ticket, and remembers which one the neighbour has now.
    func keepTicket(_ received: ReceivedTicket, inReturnFor handed: SyncTicket?) throws

    /// The highest sequence of an origin that any row here tells of.
    func sequenceKnown(of origin: Origin) throws -> UInt64

    /// Begins a new life, because another copy of this store writes under the present one.
    ///
    /// What was written here since no other copy had come to the neighbour is written again in the new life, so that writes
    /// of both copies under equal dots both stand.
    ///
    /// - Parameter log: where the neighbour is the other copy, its tickets of the life that both have; else nil.
    func beginLife(upon evidence: CopyEvidence, from neighbour: NeighbourID, log: [SyncTicket]?) throws
}

/// What both sides of a handshake tell so that each finds out whether it is a copy.
struct CopyProof: Equatable {
    /// The last sequence of the sender's present life.
    var sequence: UInt64
    /// A fresh ticket for the receiver.
    var ticket: SyncTicket
    /// In a call: the ticket that the caller handed to the receiver last.
    var shown: SyncTicket?
    /// The latest ticket of the receiver's life that the sender holds: in a call of the life that the cursor names, in an answer
    /// of the caller's present one, and only where it is not the one shown.
    var held: SyncTicket?
    /// The highest sequence of that life that the sender knows.
    var known: UInt64 = 0
    /// In a call to a node that is not known yet, or to this same node: tickets that the caller's life has handed out.
    var log: [SyncTicket] = []
    /// In an answer: the machine of the responder, where it has begun a new life upon the call.
    var renewedOn: String?
}

extension CopyProof: Codable {
    /// One text, because every session carries it: sequence, ticket, shown, held, known, log and machine between strokes,
    /// what is absent empty; the tickets of the log with commas between them.
    init(from decoder: any Decoder) throws {
        let parts = try decoder.singleValueContainer().decode(String.self)
            .split(separator: "/", maxSplits: 6, omittingEmptySubsequences: false).map(String.init)
        func ticket(_ text: String) throws -> SyncTicket? {
            if text.isEmpty { return nil }
            guard let ticket = SyncTicket(text) else { throw SyncError.garbage("proof") }
            return ticket
        }
        guard parts.count == 7, let sequence = UInt64(parts[0]), let fresh = try ticket(parts[1]), let known = UInt64(parts[4]) else {
            throw SyncError.garbage("proof")
        }
        self.init(
            sequence: sequence, ticket: fresh, shown: try ticket(parts[2]), held: try ticket(parts[3]), known: known,
            log: try parts[5].split(separator: ",").compactMap { try ticket(String($0)) }, renewedOn: parts[6].isEmpty ? nil : parts[6])
    }

    func encode(to encoder: any Encoder) throws {
        let log = log.map(\.description).joined(separator: ",")
        let parts = ["\(sequence)", "\(ticket)", shown?.description ?? "", held?.description ?? "", "\(known)", log, renewedOn ?? ""]
        var container = encoder.singleValueContainer()
        try container.encode(parts.joined(separator: "/"))
    }
}

extension ReplicaStore {
    /// What this store is to tell of a neighbour's life.
    func proof(
        _ own: ReplicaIdentity, to neighbour: NeighbourID?, life: Origin?, shown: SyncTicket? = nil, held: SyncTicket? = nil,
        keeping received: ReceivedTicket? = nil
    ) throws -> CopyProof {
        var proof = CopyProof(sequence: own.sequence, ticket: try handOutTicket(to: neighbour, keeping: received), shown: shown)
        proof.held = held
        if let life { proof.known = try sequenceKnown(of: life) }
        return proof
    }

    /// Whether what a neighbour tells of a life, and the place that it has reached in its feed, can only come from another copy
    /// of this store; nil too where the life is not the present one.
    func evidence(in proof: CopyProof?, of life: Origin?, cursor: FeedCursor?) throws -> CopyEvidence? {
        let own = try identity()
        if let proof, life == own.life {
            if let held = proof.held, try !hasHandedOut(held) { return .foreignTicket }
            if proof.known > own.sequence { return .laterWrites }
        }
        if let cursor, cursor.life == own.life, try cursor.feed > feedHead() { return .laterWrites }
        return nil
    }
}
