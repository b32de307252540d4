public import Causality
public import Foundation
internal import NodeEnvironment
internal import ProfileModel
public import ProfileStore
internal import RuleLanguage

/// When a node that serves does something by itself.
public struct WorkSchedule: Sendable {
    public let name: String
    /// The cron expression.
    public let times: String
    /// What the work is told: of cleaning names of rules.
    public let details: [String]
    public let lastRun: Stamp?
    /// The time for which the last run made up, because it could not begin then.
    public let missed: Stamp?
    /// The code of what stopped the last run.
    public let error: String?
    /// When it runs next; a time that has passed is made up for as soon as the node serves. Nil where no year has the day.
    public let next: Stamp?
}

/// A schedule whose time has come.
struct DueSchedule: Sendable {
    var schedule: StoredSchedule
    /// When its time came; however many have passed since, it runs once.
    let due: Stamp
}

extension Node {
    /// A run that begins so much later than it was due was missed, and is made up for.
    private static let punctualMicroseconds: Int64 = 120_000_000
    /// A run that one of these stops has not been.
    private static let unfinishedCodes: Set<String> = ["node.cancelled", "crm.cancelled", "crm.busy"]

    /// - Throws: `rules.cron-fields`, `rules.cron-value`, `rules.cron-never`.
    func setSchedule(_ work: ScheduledWork, _ name: String, times: String, details: [String] = []) throws {
        let schedule = StoredSchedule(work, name: name, times: try CronExpression(times).description, details: details, setAt: environment.now())
        try store.write { try $0.put(schedule) }
    }

    /// When this node does something by itself, by name.
    func schedules(of work: ScheduledWork, in zone: TimeZone) throws -> [WorkSchedule] {
        try store.read { try $0.schedules(of: work) }.map { schedule in
            WorkSchedule(
                name: schedule.name, times: schedule.times, details: schedule.details, lastRun: schedule.lastRun, missed: schedule.missed,
                error: schedule.error, next: try schedule.due(in: zone))
        }
    }

    /// Schedules whose time has come.
    func dueSchedules(of work: ScheduledWork, in zone: TimeZone) throws -> [DueSchedule] {
        let now = environment.now()
        return try store.read { try $0.schedules(of: work) }.compactMap { schedule in
            try schedule.due(in: zone).flatMap { $0 <= now ? DueSchedule(schedule: schedule, due: $0) : nil }
        }
    }

    /// Does what a schedule says, and notes with it when that was and what stopped it. What was cut off is still due, and not noted.
    ///
    /// - Returns: what stopped it.
    func perform(_ due: DueSchedule, _ body: () throws -> Void) throws -> (any CodedError)? {
        let now = environment.now()
        var schedule = due.schedule, stopped: (any CodedError)?
        do { try body() } catch let error as any CodedError {
            if Node.unfinishedCodes.contains(error.code) { return error }
            stopped = error
        }
        schedule.lastRun = now
        schedule.missed = now.rawValue - due.due.rawValue > Node.punctualMicroseconds ? due.due : nil
        schedule.error = stopped?.code
        // Who has removed or changed it meanwhile goes before.
        try store.write { [schedule] writer in
            let isCurrent = try writer.schedules(of: schedule.work).contains { $0.name == schedule.name && $0.setAt == schedule.setAt }
            if isCurrent { try writer.put(schedule) }
        }
        return stopped
    }
}

extension StoredSchedule {
    /// The first time after its last run.
    func due(in zone: TimeZone) throws -> Stamp? {
        let after = Date(timeIntervalSince1970: Double((lastRun ?? setAt).rawValue) / 1_000_000)
        return try CronExpression(times).next(after: after, in: zone).map { Stamp(rawValue: Int64($0.timeIntervalSince1970 * 1_000_000)) }
    }
}
