internal import Causality
public import Foundation
internal import NodeEnvironment
internal import ProfileModel
internal import ProfileStore

/// A round with a system that is due: by its schedule both ways, or because the system itself told of something, which is only read.
public struct DueRound: Sendable {
    public let name: String
    /// Whether it also writes.
    public var isScheduled: Bool { schedule != nil }
    let schedule: DueSchedule?
    /// How many of the system's messages wait for it.
    let asked: Int?
}

extension Node {
    /// Between two pulls that a system's messages ask for, and after one that failed.
    private static let hookGapMicroseconds: Int64 = 10_000_000, hookRetryMicroseconds: Int64 = 60_000_000

    /// Lets this node read and write a system at these times, while it serves.
    ///
    /// - Parameter times: a cron expression, by the clock of the machine.
    /// - Throws: `crm.no-such-connector`, `crm.owned-elsewhere`, `rules.cron-fields`, `rules.cron-value`, `rules.cron-never`.
    public func scheduleConnector(_ name: String, times: String) throws {
        _ = try ownConnector(name)
        try setSchedule(.crm, name, times: times)
    }

    /// - Throws: `crm.no-schedule`.
    public func unscheduleConnector(_ name: String) throws {
        guard try store.write({ try $0.removeSchedule(.crm, name) }) else { throw NodeError("crm.no-schedule", ["name": name]) }
    }

    /// When this node reads and writes systems by itself, by their names.
    public func connectorSchedules(in zone: TimeZone = .current) throws -> [WorkSchedule] { try schedules(of: .crm, in: zone) }

    /// The rounds whose time has come, by the names of the systems. One whose quota is spent waits.
    public func dueRounds(in zone: TimeZone = .current) throws -> [DueRound] {
        let now = environment.now(), scheduled = try dueSchedules(of: .crm, in: zone)
        return try store.read { reader in
            let asking = try reader.connectorHooks().filter { $0.value.isWaiting && $0.value.notBefore <= now }
            if scheduled.isEmpty, asking.isEmpty { return [] }
            let own = try reader.node().id
            return try reader.connectors().filter { $0.owner == own }.compactMap { connector in
                let schedule = scheduled.first { $0.schedule.name == connector.name }, hook = asking[connector.name]
                if schedule == nil, hook == nil { return nil }
                if let until = try reader.connectorState(connector.name)?.suspendedUntil, until > now { return nil }
                return DueRound(name: connector.name, schedule: schedule, asked: hook?.asked)
            }
        }
    }

    /// Makes a round that is due, and notes how it ended.
    ///
    /// - Returns: nil where it did not begin, because another process is in a round with the system, or did not end, because the program does.
    public func make(_ due: DueRound, options: ConnectorOptions = ConnectorOptions()) throws -> ConnectorRound? {
        if due.asked != nil { try answer(due.name, after: Node.hookGapMicroseconds) }
        var counts = ConnectorCounts(), failure: (any CodedError)?
        if let schedule = due.schedule {
            failure = try perform(schedule) { counts = try syncConnector(due.name, options: options) }
        } else {
            do { counts = try pullConnector(due.name, options: options) } catch let error as any CodedError { failure = error }
        }
        if ["crm.busy", "crm.cancelled", "node.cancelled"].contains(failure?.code) { return nil }
        if let asked = due.asked {
            if failure?.retry == .afterBackOff {
                try answer(due.name, after: Node.hookRetryMicroseconds)
            } else {
                // What somebody has to mend is not tried until then, but by the schedule.
                try answer(due.name, asked: asked, after: Node.hookGapMicroseconds)
            }
        }
        return ConnectorRound(name: due.name, counts: counts, error: failure)
    }

    /// Makes all rounds that are due, one after the other; one that fails does not stop the others.
    public func makeDueRounds(in zone: TimeZone = .current, options: ConnectorOptions = ConnectorOptions()) throws -> [ConnectorRound] {
        try dueRounds(in: zone).compactMap { try make($0, options: options) }
    }

    private func answer(_ name: String, asked: Int? = nil, after microseconds: Int64) throws {
        let notBefore = Stamp(rawValue: environment.now().rawValue + microseconds)
        try store.write { try $0.answer(name, asked: asked, notBefore: notBefore) }
    }
}
