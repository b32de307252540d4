// What a node that joins a deployment is told by one of its nodes.

public import Causality

/// The answer to `GET /join`, for whoever shows a good token.
///
/// - Privacy: it holds the deployment's hash key, which is a secret of its nodes.
public struct Invitation: Sendable, Equatable {
    public let deployment: UniqueID
    /// The deployment's key of natural ids and fingerprints.
    public let hashKey: HashKey
    /// The name of the node that answers.
    public let node: String
    /// The name that the token was made for: the one that the new node must take.
    public let name: String
    /// The scopes that the new node may hold; empty for all.
    public let scopes: [String]

    public init(deployment: UniqueID, hashKey: HashKey, node: String, name: String, scopes: [String]) {
        self.deployment = deployment
        self.hashKey = hashKey
        self.node = node
        self.name = name
        self.scopes = scopes
    }
}

extension Invitation: Codable {
    private enum CodingKeys: String, CodingKey {
        case deployment, hashKey, node, name, scopes
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        deployment = try Self.id(.deployment, in: container)
        let key = try Self.id(.hashKey, in: container)
        hashKey = HashKey(first: key.high, second: key.low)
        node = try container.decode(String.self, forKey: .node)
        name = try container.decode(String.self, forKey: .name)
        scopes = try container.decode([String].self, forKey: .scopes)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(deployment.description, forKey: .deployment)
        try container.encode(UniqueID(high: hashKey.first, low: hashKey.second).description, forKey: .hashKey)
        try container.encode(node, forKey: .node)
        try container.encode(name, forKey: .name)
        try container.encode(scopes, forKey: .scopes)
    }

    /// 128 bits as 32 hexadecimal digits with hyphens.
    private static func id(_ key: CodingKeys, in container: KeyedDecodingContainer<CodingKeys>) throws -> UniqueID {
        guard let id = UniqueID(try container.decode(String.self, forKey: key)) else {
            throw DecodingError.dataCorruptedError(forKey: key, in: container, debugDescription: "not 32 hexadecimal digits")
        }
        return id
    }
}
