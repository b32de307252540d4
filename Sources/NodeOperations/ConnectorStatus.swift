public import Causality
public import Connectors
internal import Foundation
internal import NodeEnvironment
internal import NodeSecurity
internal import ProfileModel
public import ProfileStore

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
    /// What stopped the last round, or stands in the way of the next.
    public let error: NodeError?
    /// When this node makes a round by itself, while it serves.
    public let schedule: WorkSchedule?
    /// What the system has told by itself; nil where nothing is known of that.
    public let hook: ConnectorHook?
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
        var secrets: [String: String] = [:], obstacle: NodeError?
        // What is wrong with the key file is said for each system.
        do { secrets = try keys.secrets() } catch { obstacle = NodeError(error.code, error.parameters, retry: error.retry) }
        let schedules = try connectorSchedules()
        return try store.read { reader in
            let node = try reader.node().id
            let connectors = try names.isEmpty ? reader.connectors() : names.map(reader.connector(named:))
            return try connectors.map { connector in
                try status(
                    connector, isOwn: connector.owner == node, hasSecret: secrets[KeyName.connector(connector.name)] != nil, obstacle,
                    schedules.first { $0.name == connector.name }, reader)
            }
        }
    }

    private func status(
        _ connector: Connector, isOwn: Bool, hasSecret: Bool, _ obstacle: NodeError?, _ schedule: WorkSchedule?, _ reader: StoreReader
    ) throws -> ConnectorStatus {
        let state = try reader.connectorState(connector.name)
        let error = obstacle ?? state?.error.map { code in
            var parameters: [String: String] = [:]
            if case .object(let members)? = JSON(Array((state?.errorParameters ?? "{}").utf8)) { parameters = members.compactMapValues(\.text) }
            return NodeError(code, parameters, retry: .afterSomeoneActs)
        }
        let letters = try reader.deadLetters(connector.name).count
        let conflicts = try reader.contestedCounts()[.source] ?? 0
        let suspended = state?.suspendedUntil.flatMap { $0 > environment.now() ? $0 : nil }
        let advice: ConnectorStatus.Advice =
            if !isOwn { .elsewhere } else if obstacle != nil { .lookAtError } else if !hasSecret { .giveSecret
            } else if error?.code == "crm.unauthorized" { .renewSecret } else if suspended != nil { .waitForQuota } else if error != nil { .lookAtError } else if letters > 0 { .lookAtDeadLetters
            } else if conflicts > 0 { .resolveConflicts } else if state?.lastPull == nil { .syncFirst } else { .nothing }
        return ConnectorStatus(
            connector: connector, isOwn: isOwn, records: try reader.connectorRecordCount(connector.name),
            waiting: try reader.outboxCount(connector.name), deadLetters: letters, conflicts: conflicts, lastPull: state?.lastPull,
            lastPush: state?.lastPush, suspendedUntil: suspended, error: error, schedule: schedule,
            hook: try reader.connectorHooks()[connector.name], advice: advice)
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
