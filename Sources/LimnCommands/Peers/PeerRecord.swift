internal import Causality
internal import Messages
internal import NodeOperations
internal import ProfileStore

/// What this node knows of another by one name: how it is called, and whether it may call.
struct PeerRecord {
    let name: String
    let peer: Peer?
    let status: StatusReport.PeerStatus?
    let admission: AdmissionRecord?

    var data: JSONValue {
        [
            "name": .string(name), "url": JSONValue(peer?.url), "node": JSONValue(peer?.neighbour?.name), "addedAt": JSONValue(at: peer?.addedAt),
            "lastSync": JSONValue(at: status?.lastSync), "ahead": JSONValue(status?.ahead), "behind": JSONValue(status?.behind),
            "admitted": admission.map {
                [
                    "scopes": JSONValue($0.scopes), "role": .string($0.role), "once": .bool($0.isOnce), "node": JSONValue(id: $0.node), "usedAt": JSONValue(at: $0.usedAt),
                ]
            } ?? .null,
        ]
    }

    /// What the other may do here, in the reader's language.
    var admissionTitle: String {
        admission.map { Catalogue.text("label.admitted", ["role": Catalogue.text($0.role == PeerRole.reader.rawValue ? "label.role.reader" : "label.role.member"), "scopes": $0.scopes.joined(separator: ", ")]) }
            ?? Catalogue.text("label.not-admitted")
    }
}

extension Node {
    /// All peers and admitted nodes, by name.
    func peerRecords() throws -> [PeerRecord] {
        let status = try status()
        let (peers, admissions) = try store.read { (try $0.peers(), try $0.admissions()) }
        return Set(peers.map(\.name) + admissions.map(\.name)).sorted().map { name in
            PeerRecord(
                name: name, peer: peers.first { $0.name == name }, status: status.peers.first { $0.name == name },
                admission: admissions.first { $0.name == name })
        }
    }

    /// - Throws: `node.no-such-peer`.
    func peerRecord(_ name: String) throws -> PeerRecord {
        guard let record = try peerRecords().first(where: { $0.name == name }) else { throw NodeError("node.no-such-peer", ["peer": name]) }
        return record
    }
}
