internal import Causality
internal import ProfileModel
internal import WireFormat
#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// A stretch of the sender's feed in which there is nothing for the receiver.
struct FeedSpan: Equatable {
    let after: UInt64
    let through: UInt64
}

/// What opens a session, and its answer: the same from both sides.
struct Handshake: Equatable {
    /// In a call the lowest and highest version spoken; in an answer both are the one chosen.
    var protocolRange: ClosedRange<Int>
    var deployment: UniqueID
    var node: RowID
    var name: String
    var life: Origin
    var clock: Int64
    var scopes = ScopeSet.whole
    /// What the sender has left, and of which it still has rows.
    var leaving = ScopeSet.nothing
    /// How often the sender has entered or left scopes.
    var scopesEpoch: UInt64 = 0
    /// In an answer: what the caller may read and write.
    var granted = ScopeSet.whole
    /// Whose scopes `nothing` was reckoned with, as the sender knows the receiver.
    var assumed = ScopeSet.whole
    /// The receiver's `scopesEpoch` with which `nothing` was reckoned.
    var assumedEpoch: UInt64 = 0
    /// What the sender holds of the receiver's feed.
    var cursor: FeedCursor?
    /// The sender's feed head.
    var head: UInt64
    /// Since the receiver's cursor `after` there is nothing for it up to `through`.
    var nothing: FeedSpan?
    /// In an answer: writes that the caller need not push, since others have brought them.
    var known = CausalContext()
    var warnings: [String] = []
    /// Nil of versions that know none.
    var proof: CopyProof?
}

/// Who asks, and which life of which store is asked.
struct Party: Equatable {
    var deployment: UniqueID
    var node: RowID
    var name: String
    var life: Origin
    /// The life of the store that is asked.
    var to: Origin
}

/// Asks for the feed after a cursor.
struct PullRequest: Equatable {
    var party: Party
    var cursor: FeedCursor?
    /// Writes that have come from others since the neighbour last heard what is held here.
    var known = CausalContext()
    /// Whether nothing is to be left out.
    var isWhole = false
}

/// Asks for rows as a whole.
struct FetchRequest: Equatable {
    var party: Party
    var rows: [RowReference]
}

/// The first item of a push.
struct PushPreamble: Equatable {
    var party: Party
    /// The feed number after which the frames begin.
    var after: UInt64
    /// The receiver's count of entered and left scopes with which the frames were chosen; nil of versions that know none.
    var scopesEpoch: UInt64?
}

/// The answer to a push.
struct PushReply: Equatable {
    /// What the responder now holds of the caller's feed.
    var cursor: FeedCursor?
    /// The feed number that the frames which were taken cover; beyond `cursor` where rows are missing.
    var covered: UInt64
    /// Rows that the responder could not rebuild and asks for whole.
    var missing: [RowReference] = []
    var changes: Int
    /// Rows that the caller may not write; what they say waits for a person.
    var outside = 0
}

/// Why a request was refused.
struct Refusal: Equatable {
    var code: String
    var parameters: [String: String]
}

/// JSON with the few shapes that messages have; unknown keys are ignored.
enum MessageCoder {
    static func bytes(_ message: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(message))
    }

    /// Values and names of a message, beside one for each 32 of its bytes: more than the rows that are asked for at once, and so few that the
    /// reader's memory stays below eight times the message.
    private static let tokensMaximum = 8_192

    /// - Throws: `sync.garbage`.
    static func message<Message: Decodable>(_ type: Message.Type, from bytes: [UInt8]) throws -> Message {
        guard JSONTokens.count(in: bytes) <= tokensMaximum + bytes.count / 32 else { throw SyncError.garbage("\(type)") }
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch {
            throw SyncError.garbage("\(type)")
        }
    }
}

// MARK: As JSON

/// An identifier or a cursor as a JSON string.
private struct Token<Value: LosslessStringConvertible>: Codable {
    let value: Value

    init(_ value: Value) { self.value = value }

    init(from decoder: any Decoder) throws {
        guard let value = Value(try decoder.singleValueContainer().decode(String.self)) else { throw SyncError.garbage("token") }
        self.value = value
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value.description)
    }
}

extension FeedCursor: LosslessStringConvertible {
    /// `LIFE:FEED`.
    public var description: String { "\(life):\(feed)" }

    public init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let life = Origin(String(parts[0])), let feed = UInt64(parts[1]), feed <= UInt64(Int64.max) else { return nil }
        self.init(life: life, feed: feed)
    }
}

private enum Key: String, CodingKey {
    case version = "protocol"
    case deployment, node, name, life, clock, scopes, cursor, head, nothing, warnings, to, whole, ids, after, covered, missing, proof
    case changes, error, code, parameters, known, leaving, granted, assumed, outside, epoch, assumedEpoch
}

extension KeyedDecodingContainer<Key> {
    fileprivate func token<Value: LosslessStringConvertible>(_ key: Key) throws -> Value { try decode(Token<Value>.self, forKey: key).value }

    fileprivate func optionalToken<Value: LosslessStringConvertible>(_ key: Key) throws -> Value? {
        try decodeIfPresent(Token<Value>.self, forKey: key)?.value
    }

    /// Absent for everything; at most 1,000 names.
    fileprivate func scopes(_ key: Key) throws -> ScopeSet {
        let names = try decodeIfPresent([String].self, forKey: key) ?? []
        guard names.count <= 1_000 else { throw SyncError.garbage("scopes") }
        return ScopeSet(told: names)
    }

    fileprivate func feed(_ key: Key) throws -> UInt64 {
        let value = try decode(UInt64.self, forKey: key)
        guard value <= UInt64(Int64.max) else { throw SyncError.garbage("feed") }
        return value
    }
}

extension KeyedDecodingContainer<Key> {
    fileprivate func known() throws -> CausalContext {
        let dots = try decodeIfPresent([Token<Dot>].self, forKey: .known) ?? []
        guard dots.count <= SyncLimits.learnedOriginsMaximum else { throw SyncError.garbage("known") }
        return CausalContext(dots.map { CausalContext.Entry(origin: $0.value.origin, sequence: $0.value.sequence) })
    }
}

extension KeyedEncodingContainer<Key> {
    fileprivate mutating func encode(known: CausalContext) throws {
        guard !known.isEmpty else { return }
        try encode(known.entries.map { Token(Dot(origin: $0.origin, sequence: $0.sequence)) }, forKey: .known)
    }
}

extension Handshake: Codable {
    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        let range = try container.decode([Int].self, forKey: .version)
        guard range.count == 2, range[0] <= range[1] else { throw SyncError.garbage("protocol") }
        protocolRange = range[0]...range[1]
        deployment = try container.token(.deployment)
        node = try container.token(.node)
        name = try container.decode(String.self, forKey: .name)
        life = try container.token(.life)
        clock = try container.decode(Int64.self, forKey: .clock)
        scopes = try container.scopes(.scopes)
        leaving = try container.contains(.leaving) ? container.scopes(.leaving) : .nothing
        scopesEpoch = try container.contains(.epoch) ? container.feed(.epoch) : 0
        granted = try container.scopes(.granted)
        assumed = try container.scopes(.assumed)
        assumedEpoch = try container.contains(.assumedEpoch) ? container.feed(.assumedEpoch) : 0
        cursor = try container.optionalToken(.cursor)
        head = try container.feed(.head)
        if let span = try container.decodeIfPresent([UInt64].self, forKey: .nothing) {
            guard span.count == 2, span[0] <= span[1], span[1] <= head else { throw SyncError.garbage("nothing") }
            nothing = FeedSpan(after: span[0], through: span[1])
        }
        known = try container.known()
        warnings = try container.decodeIfPresent([String].self, forKey: .warnings) ?? []
        proof = try container.decodeIfPresent(CopyProof.self, forKey: .proof)
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode([protocolRange.lowerBound, protocolRange.upperBound], forKey: .version)
        try container.encode(Token(deployment), forKey: .deployment)
        try container.encode(Token(node), forKey: .node)
        try container.encode(name, forKey: .name)
        try container.encode(Token(life), forKey: .life)
        try container.encode(clock, forKey: .clock)
        for (set, key) in [(scopes, Key.scopes), (granted, .granted), (assumed, .assumed)] where !set.isWhole {
            try container.encode(set.told, forKey: key)
        }
        if leaving != .nothing { try container.encode(leaving.told, forKey: .leaving) }
        for (epoch, key) in [(scopesEpoch, Key.epoch), (assumedEpoch, .assumedEpoch)] where epoch > 0 { try container.encode(epoch, forKey: key) }
        try container.encodeIfPresent(cursor.map { Token($0) }, forKey: .cursor)
        try container.encode(head, forKey: .head)
        try container.encodeIfPresent(nothing.map { [$0.after, $0.through] }, forKey: .nothing)
        try container.encode(known: known)
        if !warnings.isEmpty { try container.encode(warnings, forKey: .warnings) }
        try container.encodeIfPresent(proof, forKey: .proof)
    }
}

extension Party {
    fileprivate init(_ container: KeyedDecodingContainer<Key>) throws {
        self.init(
            deployment: try container.token(.deployment), node: try container.token(.node),
            name: try container.decode(String.self, forKey: .name), life: try container.token(.life), to: try container.token(.to))
    }

    fileprivate func encode(into container: inout KeyedEncodingContainer<Key>) throws {
        try container.encode(Token(deployment), forKey: .deployment)
        try container.encode(Token(node), forKey: .node)
        try container.encode(name, forKey: .name)
        try container.encode(Token(life), forKey: .life)
        try container.encode(Token(to), forKey: .to)
    }
}

extension PullRequest: Codable {
    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        party = try Party(container)
        cursor = try container.optionalToken(.cursor)
        known = try container.known()
        isWhole = try container.decodeIfPresent(Bool.self, forKey: .whole) ?? false
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try party.encode(into: &container)
        try container.encodeIfPresent(cursor.map { Token($0) }, forKey: .cursor)
        try container.encode(known: known)
        if isWhole { try container.encode(true, forKey: .whole) }
    }
}

extension FetchRequest: Codable {
    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        party = try Party(container)
        rows = try container.decode([Token<RowReference>].self, forKey: .ids).map(\.value)
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try party.encode(into: &container)
        try container.encode(rows.map { Token($0) }, forKey: .ids)
    }
}

extension PushPreamble: Codable {
    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        party = try Party(container)
        after = try container.feed(.after)
        scopesEpoch = try container.contains(.epoch) ? container.feed(.epoch) : nil
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try party.encode(into: &container)
        try container.encode(after, forKey: .after)
        try container.encodeIfPresent(scopesEpoch, forKey: .epoch)
    }
}

extension PushReply: Codable {
    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        cursor = try container.optionalToken(.cursor)
        covered = try container.feed(.covered)
        missing = try container.decodeIfPresent([Token<RowReference>].self, forKey: .missing)?.map(\.value) ?? []
        changes = try container.decode(Int.self, forKey: .changes)
        outside = try container.decodeIfPresent(Int.self, forKey: .outside) ?? 0
        guard changes >= 0, outside >= 0 else { throw SyncError.garbage("changes") }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encodeIfPresent(cursor.map { Token($0) }, forKey: .cursor)
        try container.encode(covered, forKey: .covered)
        if !missing.isEmpty { try container.encode(missing.map { Token($0) }, forKey: .missing) }
        try container.encode(changes, forKey: .changes)
        if outside > 0 { try container.encode(outside, forKey: .outside) }
    }
}

extension Refusal: Codable {
    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self).nestedContainer(keyedBy: Key.self, forKey: .error)
        code = try container.decode(String.self, forKey: .code)
        parameters = try container.decodeIfPresent([String: String].self, forKey: .parameters) ?? [:]
    }

    func encode(to encoder: any Encoder) throws {
        var outer = encoder.container(keyedBy: Key.self)
        var container = outer.nestedContainer(keyedBy: Key.self, forKey: .error)
        try container.encode(code, forKey: .code)
        if !parameters.isEmpty { try container.encode(parameters, forKey: .parameters) }
    }
}
