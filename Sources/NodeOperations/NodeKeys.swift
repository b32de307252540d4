public import NodeSecurity
internal import ProfileModel
internal import ProfileStore
#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// What the secrets in a node's key file are called.
enum KeyName {
    /// What opens a system outside.
    static func connector(_ name: String) -> String { "crm:\(name)" }
    /// What the system's messages prove themselves by.
    static func hook(_ name: String) -> String { "hook:\(name)" }
    /// What proves to a peer who calls.
    static func peer(_ name: String) -> String { "peer:\(name)" }
}

extension Node {
    /// The secrets that this node uses: a file beside the store.
    public var keys: KeyStore { KeyStore(path: store.home + "/limn.keys") }

    /// What proves to a peer who calls.
    ///
    /// - Throws: `node.no-token`, and what reading the key file throws.
    func token(of peer: Peer) throws -> String {
        guard let token = try keys.secret(KeyName.peer(peer.name)) else {
            throw NodeError("node.no-token", ["peer": peer.name], retry: .afterSomeoneActs)
        }
        return token
    }

    /// Moves secrets that an earlier version left in the store into the key file. They are on disk there before they are blanked, so a
    /// crash between the two loses nothing, and the next opening blanks them.
    func moveLeftSecrets() throws {
        guard try store.read({ try $0.holdsSecrets() }) else { return }
        try store.write { writer in
            let left = try writer.leftSecrets()
            try keys.change { secrets in
                for (name, secret) in left.connectors { secrets[KeyName.connector(name)] = secret }
                for (name, token) in left.peers { secrets[KeyName.peer(name)] = token }
            }
            try writer.blankSecrets()
        }
        // Pages as they were before stand in the log until it is emptied; whoever reads just now lets go in a moment.
        for _ in 0..<40 {
            if try store.truncateLog() { return }
            usleep(50_000)
        }
    }
}
