internal import Causality
internal import CurlHTTP
internal import Foundation
public import NodeEnvironment
public import NodeSecurity
internal import ProfileModel
public import ProfileStore

/// What a node may do that calls this one.
public enum PeerRole: String, Sendable, CaseIterable {
    /// Reads and writes.
    case member
    /// Reads; what it sends is refused.
    case reader
}

extension Node {
    /// Makes a token with which the node of that name may call this one; an earlier token of the name is no longer good.
    ///
    /// - Parameter scopes: what the caller may hold; nothing means what this node holds.
    /// - Throws: `node.bad-name`, `node.bad-scope`.
    public func admit(name: String, scopes: [String] = [], role: PeerRole = .member, isOnce: Bool = false) throws -> AccessToken {
        let name = name.trimmingWhitespace
        guard !name.isEmpty, name.utf8.count <= 100, !name.contains(":") else { throw NodeError("node.bad-name") }
        let token = AccessToken(environment)
        try store.write { writer in
            let scopes = try scopes.isEmpty ? writer.node().scopes : scopes.map(Scope.checked)
            try writer.admit(AdmissionRecord(name: name, tokenHash: token.hash.bytes, scopes: scopes, role: role.rawValue, isOnce: isOnce))
        }
        return token
    }

    /// Records a peer without connecting.
    ///
    /// - Throws: `node.bad-name`, `http.bad-url`, `http.plain-text-refused`.
    public func addPeer(name: String, url: String, token: AccessToken, allowsPlainText: Bool = false) throws -> Peer {
        guard !name.trimmingWhitespace.isEmpty else { throw NodeError("node.bad-name") }
        let origin = try HTTPOrigin(url)
        if !origin.isEncrypted, !origin.isLoopback, !allowsPlainText { throw HTTPError.plainTextRefused(host: origin.host) }
        try keys.set(KeyName.peer(name), to: token.text)
        try store.write { try $0.setPeer(name: name, url: url) }
        return try peers(named: [name])[0]
    }

    /// Forgets a peer, or takes a caller's admission back; what it sent stays.
    ///
    /// - Throws: `node.no-such-peer`.
    public func removePeer(_ name: String) throws {
        let found = try store.write { writer in
            let wasPeer = try writer.removePeer(name: name)
            return try writer.dismiss(name: name) || wasPeer
        }
        if !found { throw NodeError("node.no-such-peer", ["peer": name]) }
        try keys.set(KeyName.peer(name), to: nil)
    }

    /// Founds a node of the deployment that answers at an address, which becomes its first peer.
    ///
    /// - Throws: what `found` throws; `http.*` where nobody answers; the code with which the other refuses, such as
    ///   `server.token-unknown` and `server.token-used`; `node.not-admitted`, `node.not-a-node`, `node.name-differs`.
    public static func join(
        home: String, name: String, author: String, url: String, token: AccessToken, scopes: [String] = [], isAuthorKept: Bool = true,
        options: SyncOptions = SyncOptions(), environment: any NodeEnvironment = SystemEnvironment()
    ) throws -> (node: Node, founded: Founded) {
        var settings = HTTPClient.Options(userAgent: options.userAgent)
        settings.certificateAuthorityFile = options.certificateAuthorityFile
        settings.allowsPlainText = options.allowsPlainText
        let base = url.hasSuffix("/") ? String(url.dropLast()) : url
        let response = try HTTPClient(settings).send(
            HTTPRequest(.get, base + "/join", headers: [HTTPHeader("Authorization", "Bearer \(token.text)")]))
        if !response.isSuccess, let refused = Refused(response.body) { throw NodeError(refused.code, refused.parameters, retry: .afterSomeoneActs) }
        if response.status == 401 || response.status == 403 { throw NodeError("node.not-admitted", ["url": base], retry: .afterSomeoneActs) }
        guard response.isSuccess, let invitation = try? JSONDecoder().decode(Invitation.self, from: Data(response.body)) else {
            throw NodeError("node.not-a-node", ["url": base])
        }
        guard invitation.name.utf8.elementsEqual(name.utf8) else {
            throw NodeError("node.name-differs", ["name": name, "admitted": invitation.name])
        }
        let result = try found(
            home: home, name: name, author: author, deployment: Deployment(id: invitation.deployment, key: invitation.hashKey),
            scopes: scopes.isEmpty ? invitation.scopes : scopes, isAuthorKept: isAuthorKept, environment: environment)
        _ = try result.node.addPeer(name: invitation.node, url: base, token: token, allowsPlainText: options.allowsPlainText)
        return result
    }
}

/// Why a request for an invitation was refused, as the other side says it.
private struct Refused {
    let code: String
    let parameters: [String: String]

    init?(_ body: [UInt8]) {
        struct Document: Decodable {
            struct Error: Decodable {
                let code: String
                let parameters: [String: String]?
            }

            let error: Error
        }
        guard let error = try? JSONDecoder().decode(Document.self, from: Data(body)).error else { return nil }
        code = error.code
        parameters = error.parameters ?? [:]
    }
}
