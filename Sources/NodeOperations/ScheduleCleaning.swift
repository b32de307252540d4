public import Foundation
public import ProfileModel
internal import ProfileStore

/// A cleaning that was due.
public struct ScheduledRun: Sendable {
    public let schedule: String
    /// Nil where something stopped it.
    public let outcome: CleanOutcome?
    public let error: (any CodedError)?
}

extension Node {
    /// Lets this node clean by itself at these times, while it serves; a schedule of this name is replaced.
    ///
    /// - Parameters:
    ///   - name: at most 40 characters without blanks.
    ///   - times: a cron expression, by the clock of the machine.
    /// - Throws: `clean.bad-schedule-name`, `rules.cron-fields`, `rules.cron-value`, `rules.cron-never`.
    public func setCleaningSchedule(_ name: String, times: String, rules: Set<CleanRule>) throws {
        guard !name.isEmpty, name.count <= 40, !name.contains(where: \.isWhitespace) else { throw NodeError("clean.bad-schedule-name", ["name": name]) }
        try setSchedule(.clean, name, times: times, details: CleanRule.allCases.filter(rules.contains).map(\.name))
    }

    /// - Throws: `clean.no-schedule`.
    public func removeCleaningSchedule(_ name: String) throws {
        guard try store.write({ try $0.removeSchedule(.clean, name) }) else { throw NodeError("clean.no-schedule", ["name": name]) }
    }

    /// When this node cleans by itself, by name; the details are names of rules.
    public func cleaningSchedules(in zone: TimeZone = .current) throws -> [WorkSchedule] { try schedules(of: .clean, in: zone) }

    /// Cleans by each schedule whose time has come; however many times have passed, once.
    ///
    /// What stops a run is noted with it, and does not stop the others. A run that ends because the program does is still due.
    public func runDueCleaning(in zone: TimeZone = .current) throws -> [ScheduledRun] {
        var runs: [ScheduledRun] = []
        for due in try dueSchedules(of: .clean, in: zone) {
            var outcome: CleanOutcome?
            let stopped = try perform(due) { outcome = try clean(Set(due.schedule.details.map(CleanRule.named))) }
            if stopped?.code == "node.cancelled" { break }
            runs.append(ScheduledRun(schedule: due.schedule.name, outcome: outcome, error: stopped))
        }
        return runs
    }
}
