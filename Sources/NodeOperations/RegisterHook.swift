public import Causality
internal import Connectors
internal import CurlHTTP
internal import NodeEnvironment
internal import NodeSecurity
internal import ProfileModel
internal import ProfileStore

/// How a system is told to send messages to this node.
public struct HookRegistration: Sendable {
    public let name: String
    /// What to enter in the system: the whole address where somebody said how the system reaches this node, else the path. It holds the
    /// secret where the system can carry it nowhere else.
    public let address: String
    /// Whether the address is whole.
    public let isWhole: Bool
    /// How messages prove themselves: `hubspot-v3`, `jiandaoyun-sha1`, `body-token`, `signature`, `address-token`.
    public let proof: String
    /// What to enter as the token, where the system repeats it in its messages.
    public let token: String?
    /// When the last good message came.
    public let lastAt: Stamp?
}

extension Node {
    /// What to enter in a system, so that it sends its messages to this node; a secret that this node may choose is made where there is none.
    ///
    /// - Parameters:
    ///   - url: the address under which the system reaches `/hooks/NAME`, where a proxy stands before this node; nil keeps what is known.
    ///   - secret: what the system signs with; nil keeps what is known.
    /// - Throws: `crm.no-such-connector`, `crm.owned-elsewhere`, `crm.no-hook-secret`, `http.bad-url`, `security.keys-*`.
    public func registerHook(_ name: String, url: String? = nil, secret: String? = nil) throws -> HookRegistration {
        let connector = try ownConnector(name), proof = try HookProof(system: connector.system, mapping: Node.mapping(connector))
        if let url {
            _ = try HTTPOrigin(url)
            try store.write { try $0.setHookURL(url, of: name) }
        }
        if let secret { try keys.set(KeyName.hook(name), to: secret) }
        if try hookSecret(of: connector) == nil {
            guard proof.isSecretOurs else { throw NodeError("crm.no-hook-secret", ["name": name], retry: .afterSomeoneActs) }
            // At most 50 characters: more than that Zoho does not take.
            let bytes = (0..<2).flatMap { _ in withUnsafeBytes(of: environment.random().bigEndian) { [UInt8]($0) } }
            try keys.set(KeyName.hook(name), to: MessageProof.hexadecimal(bytes))
        }
        let hook = try store.read { try $0.connectorHooks()[name] }, known = try hookSecret(of: connector) ?? ""
        var address = hook?.url ?? "/hooks/" + WebAddress.escaped(name)
        if proof == .token { address += (address.contains("?") ? "&" : "?") + "token=" + WebAddress.escaped(known) }
        var token: String?
        if case .member = proof { token = known }
        return HookRegistration(name: name, address: address, isWhole: hook?.url != nil, proof: proof.name, token: token, lastAt: hook?.lastAt)
    }

    /// Takes no messages of a system any more.
    ///
    /// - Throws: `crm.no-such-connector`, `crm.owned-elsewhere`.
    public func removeHook(_ name: String) throws {
        _ = try ownConnector(name)
        // An empty one is none, also where the system signs with what opens it.
        try keys.set(KeyName.hook(name), to: "")
        try store.write { try $0.setHookURL(nil, of: name) }
    }

    /// - Throws: `crm.no-such-connector`, `crm.owned-elsewhere`.
    func ownConnector(_ name: String) throws -> Connector {
        let (connector, own) = try store.read { (try $0.connector(named: name), try $0.node().id) }
        guard connector.owner == own else {
            throw NodeError("crm.owned-elsewhere", ["name": name, "owner": connector.ownerName], retry: .afterSomeoneActs)
        }
        return connector
    }
}
