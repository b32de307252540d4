internal import NodeOperations
internal import NodeSecurity
internal import ProfileModel
internal import ProfileStore
internal import Replication

/// Tells by a token who calls.
///
/// A name belongs to the first node that called with its token: from then on the token serves that node alone. A new token for
/// the name sets it free, as for a machine that was installed anew. A token that was made to be used once lets a node join
/// until that first call.
struct Gate: Sendable {
    let store: ProfileStore

    /// A caller whose token was found good.
    struct Caller: Sendable {
        let admission: Replication.Admission
        /// Whether the token invites one node and no more.
        let isOnce: Bool
    }

    /// Finds the admission of a request's `Authorization` field (RFC 6750, section 2.1). It reads the store.
    ///
    /// - Throws: `server.token-missing`, `security.token-malformed`, `server.token-unknown`, and what the store throws.
    func caller(authorization: String?) throws -> Caller {
        guard let authorization, let blank = authorization.firstIndex(of: " "), authorization[..<blank].lowercased() == "bearer" else {
            throw ServerError.tokenMissing
        }
        let hash = try AccessToken(text: authorization[blank...]).hash
        return try store.read { reader in
            var found: Caller?
            for admitted in try reader.admissions() where TokenHash(admitted.tokenHash) == hash {
                found = Caller(
                    admission: Replication.Admission(
                        name: admitted.name, node: admitted.node, scopes: ScopeSet(admitted.scopes),
                        mayPush: admitted.role != PeerRole.reader.rawValue), isOnce: admitted.isOnce)
            }
            guard let found else { throw ServerError.tokenUnknown }
            return found
        }
    }

    /// Binds a name to the node that called first with its token.
    func bind(_ exchange: SyncExchange, of caller: Caller) throws {
        guard caller.admission.node == nil, let node = exchange.caller?.node else { return }
        try store.write { try $0.bind(admission: caller.admission.name, to: node) }
    }

    /// What a caller that joins is told.
    ///
    /// - Throws: `server.token-used`, and what the store throws.
    func invitation(for caller: Caller) throws -> Invitation {
        guard !(caller.isOnce && caller.admission.node != nil) else { throw ServerError.tokenUsed }
        let own = try store.identity()
        return Invitation(
            deployment: own.deployment, hashKey: own.hashKey, node: own.nodeName, name: caller.admission.name,
            scopes: caller.admission.scopes.told)
    }
}
