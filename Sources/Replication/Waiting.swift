public import Causality

/// Asks to be told when there is something new for the caller; see `peers/protocol.md`.
struct WaitRequest: Codable, Equatable {
    var deployment: String
    var node: String
    var name: String
    var life: String
    /// The life that is asked.
    var to: String
    /// What the caller holds of the feed; absent where it holds nothing.
    var cursor: String?
}

/// The answer: at once where there is something new, else when the caller has waited long enough.
struct WaitReply: Codable, Equatable {
    enum CodingKeys: String, CodingKey {
        case isNew = "new"
        case through
    }

    var isNew: Bool
    /// From the caller's cursor up to this feed number there is nothing for it.
    var through: UInt64
}

/// The calling end of waiting for a neighbour's news.
///
/// It writes nothing: a session fetches the news and moves the cursor.
public struct Waiting {
    private let own: ReplicaIdentity
    private let neighbour: Neighbour
    private var cursor: FeedCursor?

    /// Waits for what comes after the cursor that is held now.
    ///
    /// - Throws: what the store throws.
    public init(store: any ReplicaStore, neighbour: Neighbour) throws {
        own = try store.identity()
        self.neighbour = neighbour
        cursor = try store.cursor(for: neighbour.node)
    }

    /// The body of the next request.
    public func body() throws -> [UInt8] {
        try MessageCoder.bytes(WaitRequest(
            deployment: own.deployment.description, node: own.node.description, name: own.nodeName, life: own.life.description,
            to: neighbour.life.description, cursor: cursor?.description))
    }

    /// Whether a session would find something, as an answer with status 200 says.
    ///
    /// - Throws: `sync.garbage`.
    public mutating func isNews(_ answer: [UInt8]) throws -> Bool {
        let reply = try MessageCoder.message(WaitReply.self, from: answer)
        if !reply.isNew { cursor = FeedCursor(life: neighbour.life, feed: reply.through) }
        return reply.isNew
    }
}

extension SyncError {
    /// Why a request outside a session was refused.
    public static func refusal(status: Int, body: [UInt8]) -> SyncError { refusal(status: status, body: body, own: nil) }
}

extension SyncExchange {
    /// Says whether there is anything for the caller; the transport asks again, with a new exchange, when the feed has moved
    /// beyond `idleHead`.
    func waited() throws -> SyncResponse {
        let request = try MessageCoder.message(WaitRequest.self, from: message)
        guard let deployment = UniqueID(request.deployment), let node = RowID(request.node), let life = Origin(request.life) else {
            throw SyncError.garbage("identity")
        }
        let cursor = try request.cursor.map { text in
            guard let cursor = FeedCursor(text) else { throw SyncError.garbage("cursor") }
            return cursor
        }
        let own = try admit(deployment: deployment, node: node, name: request.name, life: life)
        guard request.to == own.life.description else { throw SyncError.lifeChanged }
        let head = try store.feedHead()
        let after = max(cursor?.feed ?? 0, idleHead ?? 0)
        idleHead = nil
        // A cursor of another life, or beyond the head, is for a session to sort out.
        guard cursor?.life ?? own.life == own.life, after <= head else { return try reply(WaitReply(isNew: true, through: 0)) }
        let through = try idleSpan(store, after: after, head: head, toward: neighbour(node, life, own))?.through ?? after
        if through == head { idleHead = head }
        return try reply(WaitReply(isNew: through < head, through: through))
    }
}

extension ReplicaStore {
    /// Whether there is something here that the neighbour is not known to hold.
    ///
    /// - Complexity: linear in the rows after what it holds that came from itself.
    public func hasNews(for neighbour: Neighbour) throws -> Bool {
        let head = try feedHead()
        let after = try acknowledged(by: neighbour.node)?.resumed(in: identity().life, head: head) ?? 0
        guard after < head else { return false }
        return try idleSpan(self, after: after, head: head, toward: neighbour)?.through != head
    }
}
