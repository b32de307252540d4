public import Causality
public import Connectors
internal import NodeEnvironment
internal import ProfileModel
internal import ProfileStore

/// How a system outside stands, and what somebody has to do.
public struct ConnectorStatus: Sendable {
    public let connector: Connector
    /// Whether this node reads and writes it.
    public let isOwn: Bool
    /// How many of the system's records are known.
    public let records: Int
    /// How many records wait to be written.
    public let waiting: Int
    public let deadLetters: Int
    /// How many conflicts there are between people and sources.
    public let conflicts: Int
    public let lastPull: Stamp?
    public let lastPush: Stamp?
    public let suspendedUntil: Stamp?
    /// What stopped the last round.
    public let error: NodeError?
    /// The most urgent thing to do.
    public let advice: Advice

    /// What somebody has to do, the most urgent first.
    public enum Advice: String, Sendable {
        /// Another node does all of it.
        case elsewhere
        /// There is no secret here.
        case giveSecret = "give-secret"
        /// The system does not take the secret.
        case renewSecret = "renew-secret"
        /// The quota is spent; it goes on by itself.
        case waitForQuota = "wait-for-quota"
        /// The last round was stopped by something else.
        case lookAtError = "look-at-error"
        case lookAtDeadLetters = "look-at-dead-letters"
        case resolveConflicts = "resolve-conflicts"
        /// It was never read.
        case syncFirst = "sync-first"
        case nothing
    }
}

extension Node {
    /// How the systems outside stand, by name.
    ///
    /// - Parameter names: nothing means all.
    /// - Throws: `crm.no-such-connector`.
    public func connectorStatus(_ names: [String] = []) throws -> [ConnectorStatus] {
        try store.read { reader in
            let node = try reader.node().id
            let connectors = try names.isEmpty ? reader.connectors() : names.map(reader.connector(named:))
            return try connectors.map { try status($0, isOwn: $0.owner == node, reader) }
        }
    }

    private func status(_ connector: Connector, isOwn: Bool, _ reader: StoreReader) throws -> ConnectorStatus {
        let state = try reader.connectorState(connector.name)
        let error = state?.error.map { code in
            var parameters: [String: String] = [:]
            if case .object(let members)? = JSON(Array((state?.errorParameters ?? "{}").utf8)) { parameters = members.compactMapValues(\.text) }
            return NodeError(code, parameters, retry: .afterSomeoneActs)
        }
        let letters = try reader.deadLetters(connector.name).count
        let conflicts = try reader.contestedCounts()[.source] ?? 0
        let suspended = state?.suspendedUntil.flatMap { $0 > environment.now() ? $0 : nil }
        let advice: ConnectorStatus.Advice =
            if !isOwn { .elsewhere } else if state == nil { .giveSecret } else if error?.code == "crm.unauthorized" { .renewSecret
            } else if suspended != nil { .waitForQuota } else if error != nil { .lookAtError } else if letters > 0 { .lookAtDeadLetters
            } else if conflicts > 0 { .resolveConflicts } else if state?.lastPull == nil { .syncFirst } else { .nothing }
        return ConnectorStatus(
            connector: connector, isOwn: isOwn, records: try reader.connectorRecordCount(connector.name),
            waiting: try reader.outboxCount(connector.name), deadLetters: letters, conflicts: conflicts, lastPull: state?.lastPull,
            lastPush: state?.lastPush, suspendedUntil: suspended, error: error, advice: advice)
    }
}

extension Node {
    /// The kinds of records that a system has and their fields, as the system describes them.
    ///
    /// - Throws: as `pullConnector`.
    public func describeConnector(_ name: String, options: ConnectorOptions = ConnectorOptions()) throws -> [RemoteObject] {
        try ConnectorRun(self, name, options).system.discover()
    }
}
