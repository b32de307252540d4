import Causality
import ProfileModel

@testable import Replication
@testable import WireFormat

/// The JSON messages of the sync protocol: what is read and written again is the same.
enum MessageTarget: FuzzTarget {
    static let name = "messages"
    static let inputBytesMaximum = 1 << 14

    /// What the JSON reader takes for as many values as a short text may have.
    private static let bound = MemoryBound(constant: 1 << 20)

    private static let kinds: [any (Codable & Equatable).Type] = [
        Handshake.self, PullRequest.self, FetchRequest.self, PushPreamble.self, PushReply.self, Refusal.self, ComparisonRequest.self,
        ComparisonReply.self,
    ]

    static func seeds() throws -> [[UInt8]] { try samples().enumerated().map { [UInt8($0)] + (try MessageCoder.bytes($1)) } }

    private static func samples() -> [any (Codable & Equatable)] {
        let life = Origin(rawValue: 0x0123_4567_89ab_cdef), node = RowID(high: 9, low: 2), cursor = FeedCursor(life: life, feed: 1_024)
        let party = Party(deployment: UniqueID(high: 77, low: 78), node: node, name: "上海分公司", life: life, to: Origin(rawValue: 3))
        let known = CausalContext([CausalContext.Entry(origin: life, sequence: 77), CausalContext.Entry(origin: Origin(rawValue: 5), sequence: 1)])
        let references = [RowReference(node), RowReference(node, byteCount: 3)]
        var hello = Handshake(
            protocolRange: 1...1, deployment: party.deployment, node: node, name: party.name, life: life, clock: 1_767_225_600_000_000,
            scopes: ScopeSet(["cn/east", "cn/north/北京"]), leaving: ScopeSet(["cn/west"]), cursor: cursor, head: 4_096)
        hello.nothing = FeedSpan(after: 7, through: 4_000)
        hello.known = known
        hello.warnings = ["sync.clock-off"]
        hello.proof = CopyProof(
            sequence: 12, ticket: SyncTicket(number: 3, secret: 0xfeed), shown: SyncTicket(number: 2, secret: 1), held: nil, known: 9,
            log: [SyncTicket(number: 1, secret: 2)], renewedOn: "laptop/7")
        return [
            hello, PullRequest(party: party, cursor: cursor, known: known, isWhole: true), FetchRequest(party: party, rows: references),
            PushPreamble(party: party, after: 12), PushReply(cursor: cursor, covered: 13, missing: references, changes: 4, outside: 1),
            Refusal(code: "sync.not-admitted", parameters: ["name": "laptop"]),
            ComparisonRequest(
                protocol: [1, 1], deployment: party.deployment.description, node: node.description, name: "laptop", life: life.description,
                to: life.description, scopes: ["cn"], step: .rows, bits: 10, groupBits: 4, groupsMaximum: 9),
            ComparisonReply(
                protocol: [1], deployment: party.deployment.description, node: node.description, name: "branch", life: life.description,
                head: 9, scopes: nil, isEqual: false, isTooMuch: true),
        ]
    }

    static func take(_ bytes: UnsafeRawBufferPointer) throws {
        var input = FuzzInput(bytes)
        let kind = kinds[Int(input.byte()) % kinds.count], message = Array(input.rest)
        try read(kind, message)
    }

    private static func read<Message: Codable & Equatable>(_ kind: Message.Type, _ bytes: [UInt8]) throws {
        let message = try bound.measure(inputBytes: bytes.count) { try MessageCoder.message(kind, from: bytes) }
        let again = try MessageCoder.message(kind, from: MessageCoder.bytes(message))
        law(again == message, "\(kind) is read and written as another")
        if let request = message as? ComparisonRequest { _ = try request.checked() }
        _ = try ProtocolOffer.chosen(for: bytes, among: SyncProtocol.versions)
    }
}
