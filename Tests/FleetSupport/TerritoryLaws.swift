package import Causality
internal import MergeVectors
package import NodeOperations
internal import ProfileModel
internal import ProfileStore
internal import Replication

/// What holds of nodes with territories once all that is to be told was told.
package enum TerritoryLaws {
    /// - Throws: `Disagreement` where a node has a row outside its scopes, or two nodes differ in a scope that both hold.
    package static func check(_ nodes: [Node]) throws {
        var digests: [String: (node: String, digest: Digest128)] = [:]
        for node in nodes {
            try StoreLaws.check(node)
            let outside = try outside(node)
            guard outside.isEmpty else { throw Disagreement("\(try node.store.identity().nodeName) has \(outside) outside its scopes") }
        }
        let held = try nodes.map { try $0.store.identity().scopes }
        let names = try nodes.map { try $0.store.identity().nodeName }
        let counts = try nodes.map { node in Dictionary(uniqueKeysWithValues: try node.heldScopes().map { ($0.name, $0.digest) }) }
        for scope in Set(counts.flatMap(\.keys)).sorted() {
            digests = [:]
            for index in nodes.indices where held[index].holds(scope) {
                let digest = counts[index][scope] ?? .zero
                if let other = digests[scope], other.digest != digest {
                    throw Disagreement("\(names[index]) and \(other.node) have other digests of \(scope)")
                }
                digests[scope] = (names[index], digest)
            }
        }
    }

    /// The rows of a node of which it knows that they are not in its scopes.
    package static func outside(_ node: Node) throws -> [RowID] {
        let rows = try StoreLaws.rows(node).map(\.id)
        return try node.store.read { reader in
            let held = try reader.node().held
            return try rows.filter { id in
                guard let row = try reader.row(id) else { return false }
                let scopes = try reader.scopesKnown(of: row)
                return !scopes.isEmpty && !scopes.contains(where: held.holds)
            }
        }
    }
}

extension Node {
    /// Whether a row is here.
    package func has(_ id: RowID) throws -> Bool { try store.read { try $0.row(id) != nil } }
}
