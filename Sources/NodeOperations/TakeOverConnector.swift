internal import Causality
public import Connectors
internal import NodeSecurity
internal import ProfileModel
internal import ProfileStore

extension Node {
    /// Makes this node the one that reads and writes a system. All is read anew: where the system says what it said before, both agree, and
    /// where not, what people said here meanwhile is a conflict.
    ///
    /// The node that owned it stops as soon as it hears of this; let it sync first where it can be reached.
    ///
    /// - Parameter secret: nil where this node has one from before.
    /// - Throws: `crm.no-such-connector`, `crm.no-secret`, `security.keys-*`.
    public func takeOverConnector(_ name: String, secret: ConnectorSecret?) throws -> Connector {
        try operate("crm takeover \(name)") { edition in
            let writer = edition.writer, node = try writer.node()
            var connector = try writer.connector(named: name)
            try keys.change { secrets in
                if let secret { secrets[KeyName.connector(name)] = secret.text }
                if secrets[KeyName.connector(name)] == nil { throw NodeError("crm.no-secret", ["name": name], retry: .afterSomeoneActs) }
            }
            if connector.owner != node.id {
                (connector.owner, connector.ownerName) = (node.id, node.name)
                try edition.write(connector, named: name)
                // What this node knew when it owned the system before is not how it is now.
                try writer.restartConnector(name)
                try writer.put(ConnectorState(name: name))
            } else {
                var state = try writer.connectorState(name) ?? ConnectorState(name: name)
                (state.error, state.errorParameters, state.suspendedUntil) = (nil, nil, nil)
                try writer.put(state)
            }
            return connector
        }.result
    }
}
