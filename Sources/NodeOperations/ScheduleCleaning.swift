public import Causality
public import Foundation
internal import NodeEnvironment
public import ProfileModel
internal import ProfileStore
internal import RuleLanguage

/// When a node that serves cleans by itself.
public struct CleaningSchedule: Sendable {
    public let name: String
    /// The cron expression.
    public let times: String
    /// Names of rules.
    public let rules: [String]
    public let lastRun: Stamp?
    /// The time for which the last run made up, because nothing served then.
    public let missed: Stamp?
    /// The code of what stopped the last run.
    public let error: String?
    /// When it runs next; a time that has passed is made up for as soon as the node serves. Nil where no year has the day.
    public let next: Stamp?
}

/// A run that was due.
public struct ScheduledRun: Sendable {
    public let schedule: String
    /// Nil where something stopped it.
    public let outcome: CleanOutcome?
    public let error: (any CodedError)?
}

extension Node {
    /// A run that begins so much later than it was due was missed, and is made up for.
    private static let punctualMicroseconds: Int64 = 120_000_000

    /// Lets this node clean by itself at these times, while it serves; a schedule of this name is replaced.
    ///
    /// - Parameters:
    ///   - name: at most 40 characters without blanks.
    ///   - times: a cron expression, by the clock of the machine.
    /// - Throws: `clean.bad-schedule-name`, `rules.cron-fields`, `rules.cron-value`, `rules.cron-never`.
    public func setCleaningSchedule(_ name: String, times: String, rules: Set<CleanRule>) throws {
        guard !name.isEmpty, name.count <= 40, !name.contains(where: \.isWhitespace) else { throw NodeError("clean.bad-schedule-name", ["name": name]) }
        let names = CleanRule.allCases.filter(rules.contains).map(\.name)
        let schedule = StoredSchedule(name: name, times: try CronExpression(times).description, rules: names, setAt: environment.now())
        try store.write { try $0.put(schedule) }
    }

    /// - Throws: `clean.no-schedule`.
    public func removeCleaningSchedule(_ name: String) throws {
        guard try store.write({ try $0.removeCleaningSchedule(name) }) else { throw NodeError("clean.no-schedule", ["name": name]) }
    }

    /// When this node cleans by itself, by name.
    public func cleaningSchedules(in zone: TimeZone = .current) throws -> [CleaningSchedule] {
        try store.read { try $0.cleaningSchedules() }.map { schedule in
            CleaningSchedule(
                name: schedule.name, times: schedule.times, rules: schedule.rules, lastRun: schedule.lastRun,
                missed: schedule.missed, error: schedule.error, next: try schedule.due(in: zone))
        }
    }

    /// Cleans by each schedule whose time has come; however many times have passed, once.
    ///
    /// What stops a run is noted with it, and does not stop the others. A run that ends because the program does is still due.
    public func runDueCleaning(in zone: TimeZone = .current) throws -> [ScheduledRun] {
        var runs: [ScheduledRun] = []
        for var schedule in try store.read({ try $0.cleaningSchedules() }) {
            let now = environment.now()
            guard let due = try schedule.due(in: zone), due <= now else { continue }
            var outcome: CleanOutcome?, stopped: (any CodedError)?
            do {
                outcome = try clean(Set(schedule.rules.map(CleanRule.named)))
            } catch let error as any CodedError {
                if error.code == "node.cancelled" { return runs }
                stopped = error
            }
            schedule.lastRun = now
            schedule.missed = now.rawValue - due.rawValue > Node.punctualMicroseconds ? due : nil
            schedule.error = stopped?.code
            // Who has removed or changed it meanwhile goes before.
            try store.write { [schedule] writer in
                if try writer.cleaningSchedules().contains(where: { $0.name == schedule.name && $0.setAt == schedule.setAt }) { try writer.put(schedule) }
            }
            runs.append(ScheduledRun(schedule: schedule.name, outcome: outcome, error: stopped))
        }
        return runs
    }
}

extension StoredSchedule {
    /// The first time after its last run.
    fileprivate func due(in zone: TimeZone) throws -> Stamp? {
        let after = Date(timeIntervalSince1970: Double((lastRun ?? setAt).rawValue) / 1_000_000)
        return try CronExpression(times).next(after: after, in: zone).map { Stamp(rawValue: Int64($0.timeIntervalSince1970 * 1_000_000)) }
    }
}
