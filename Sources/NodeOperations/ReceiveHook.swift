internal import Causality
internal import Connectors
internal import Foundation
internal import NodeEnvironment
internal import NodeSecurity
internal import ProfileStore

/// A message that a system outside sent by itself.
public struct HookMessage: Sendable {
    /// The path and query as they came.
    public let target: String
    public let host: String?
    /// By names in lower case.
    public let headers: [String: String]
    public let body: [UInt8]

    public init(target: String, host: String?, headers: [String: String], body: [UInt8]) {
        self.target = target
        self.host = host
        self.headers = headers
        self.body = body
    }

    /// A value of the query; nil where it is not there.
    func query(_ name: String) -> String? {
        guard let mark = target.firstIndex(of: "?") else { return nil }
        for part in target[target.index(after: mark)...].split(separator: "&") {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if pair[0] == name { return pair.count == 2 ? String(pair[1]).removingPercentEncoding : "" }
        }
        return nil
    }
}

/// What became of a message.
public enum HookReceipt: Sendable, Equatable {
    /// It was taken, or had been taken before; with what its sender wants to hear.
    case taken(type: String, body: String)
    /// Nothing proves who sent it, or nobody is to send one.
    case unverified
    case unreadable
}

extension Node {
    /// A burst of messages is answered by one pull, which waits this long for the rest of them.
    private static let hookDelayMicroseconds: Int64 = 1_000_000
    /// Events are remembered so long, and so many of them for each system: longer than systems go on sending one again.
    private static let hookMemoryMicroseconds: Int64 = 7 * 86_400_000_000
    private static let hookEventsMaximum = 20_000
    /// HubSpot's messages are good for so long.
    private static let hookAgeMilliseconds: Int64 = 300_000

    /// Takes a message from a system: where it proves itself and tells something new, a pull is due soon. Nothing in it is believed.
    ///
    /// - Durability: that a pull is due is on disk when this returns.
    /// - Throws: what the store and the key file throw.
    public func receiveHook(_ name: String, _ message: HookMessage) throws -> HookReceipt {
        let (connector, own, url) = try store.read { reader in
            (try reader.connectors().first { $0.name == name }, try reader.node(), try reader.connectorHooks()[name]?.url)
        }
        guard let connector, connector.owner == own.id, let secret = try hookSecret(of: connector) else { return .unverified }
        let proof = try HookProof(system: connector.system, mapping: Node.mapping(connector))
        switch proof {
        case .member(let member, let channel):
            guard let document = HookEvents.document(message.body) else { return .unreadable }
            guard MessageProof.agree(document[member].text ?? "", secret) else { return .unverified }
            if let channel, document["channel_id"].text != channel { return .unverified }
        default: guard proves(message, proof, secret: secret, url: url) else { return .unverified }
        }
        guard let identities = HookEvents.identities(system: connector.system, body: message.body) else { return .unreadable }
        let events = identities.map { identity -> [UInt8] in
            var hash = SipHash128(key: own.key)
            hash.update(identity)
            let digest = hash.finalize()
            return [digest.high, digest.low].flatMap { word in withUnsafeBytes(of: word.bigEndian) { [UInt8]($0) } }
        }
        if try !store.read({ try $0.unseenEvents(events, of: name) }).isEmpty {
            let now = environment.now().rawValue
            try store.write { writer in
                let new = try writer.unseenEvents(events, of: name)
                guard !new.isEmpty else { return }
                try writer.ask(
                    for: name, events: new, notBefore: Stamp(rawValue: now + Node.hookDelayMicroseconds),
                    forgetBefore: Stamp(rawValue: now - Node.hookMemoryMicroseconds), maximum: Node.hookEventsMaximum)
            }
        }
        let answer = HookEvents.answer(system: connector.system)
        return .taken(type: answer.type, body: answer.body)
    }

    /// What a system's messages prove themselves by: what was given for that, or what the system signs with anyway.
    func hookSecret(of connector: Connector) throws -> String? {
        let secrets = try keys.secrets()
        if let secret = secrets[KeyName.hook(connector.name)] { return secret.isEmpty ? nil : secret }
        guard connector.system == "hubspot", let text = secrets[KeyName.connector(connector.name)] else { return nil }
        return try ConnectorSecret(text: text).value("client_secret")
    }

    private func proves(_ message: HookMessage, _ proof: HookProof, secret: String, url: String?) -> Bool {
        switch proof {
        case .hubSpot:
            guard let given = message.headers["x-hubspot-signature-v3"], let time = message.headers["x-hubspot-request-timestamp"],
                let milliseconds = Int64(time), (0...9_999_999_999_999).contains(milliseconds),
                abs(environment.now().rawValue / 1_000 - milliseconds) <= Node.hookAgeMilliseconds
            else { return false }
            // A proxy changes the address: where nobody said how the system knows it, it is as it came.
            let addresses = url.map { [$0] } ?? ["https://", "http://"].map { $0 + (message.host ?? "") + message.target }
            return (addresses + addresses.compactMap(\.removingPercentEncoding)).contains { address in
                let signed = Array("POST\(address)".utf8) + message.body + Array(time.utf8)
                return MessageProof.agree(given, MessageProof.base64(MessageProof.hmacSHA256(signed, secret: secret)))
            }
        case .jiandaoyun:
            guard let given = message.headers["x-jdy-signature"], let nonce = message.query("nonce"), let time = message.query("timestamp") else {
                return false
            }
            let signed = Array("\(nonce):".utf8) + message.body + Array(":\(secret):\(time)".utf8)
            return MessageProof.agree(given.lowercased(), MessageProof.hexadecimal(MessageProof.sha1(signed)))
        case .signature(let header, let isSHA1, let isBase64, let prefix):
            guard let given = message.headers[header] else { return false }
            let hash = isSHA1 ? MessageProof.hmacSHA1(message.body, secret: secret) : MessageProof.hmacSHA256(message.body, secret: secret)
            return MessageProof.agree(given, prefix + (isBase64 ? MessageProof.base64(hash) : MessageProof.hexadecimal(hash)))
        case .token:
            let bearer = message.headers["authorization"].flatMap { $0.lowercased().hasPrefix("bearer ") ? String($0.dropFirst(7)) : nil }
            guard let given = message.query("token") ?? bearer else { return false }
            return MessageProof.agree(given, secret)
        case .member: return false
        }
    }
}
