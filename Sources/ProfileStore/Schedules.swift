public import Causality
internal import GRDB

/// What a node that serves does by itself at set times.
public enum ScheduledWork: String, Sendable, CaseIterable {
    case clean
    /// Rounds with systems outside; a schedule has its system's name.
    case crm
}

/// A row of `schedules`.
public struct StoredSchedule: Sendable, Equatable {
    public let work: ScheduledWork
    public let name: String
    /// A cron expression.
    public let times: String
    /// What the work is told: of cleaning names of rules.
    public let details: [String]
    public let setAt: Stamp
    public var lastRun: Stamp?
    /// The time for which the last run made up.
    public var missed: Stamp?
    /// The code of what stopped the last run.
    public var error: String?

    public init(_ work: ScheduledWork, name: String, times: String, details: [String] = [], setAt: Stamp) {
        self.work = work
        self.name = name
        self.times = times
        self.details = details
        self.setAt = setAt
    }
}

extension StoreReader {
    /// When this node does something by itself, by name.
    public func schedules(of work: ScheduledWork) throws -> [StoredSchedule] {
        try database.all("SELECT * FROM schedules WHERE work = ? ORDER BY name", [work.rawValue]).map { row in
            var schedule = StoredSchedule(
                work, name: row["name"], times: row["times"], details: (row["details"] as String).split(separator: "\n").map(String.init),
                setAt: Stamp(rawValue: row["set_at"]))
            schedule.lastRun = (row["last_run"] as Int64?).map(Stamp.init(rawValue:))
            schedule.missed = (row["missed"] as Int64?).map(Stamp.init(rawValue:))
            schedule.error = row["error"]
            return schedule
        }
    }
}

extension StoreWriter {
    /// Adds a schedule, or replaces the one of this name.
    public func put(_ schedule: StoredSchedule) throws {
        try database.execute(
            sql: "INSERT OR REPLACE INTO schedules (work, name, times, details, set_at, last_run, missed, error) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            arguments: [
                schedule.work.rawValue, schedule.name, schedule.times, schedule.details.joined(separator: "\n"), schedule.setAt.rawValue,
                schedule.lastRun?.rawValue, schedule.missed?.rawValue, schedule.error,
            ])
    }

    /// Whether there was such a schedule.
    public func removeSchedule(_ work: ScheduledWork, _ name: String) throws -> Bool {
        try database.execute(sql: "DELETE FROM schedules WHERE work = ? AND name = ?", arguments: [work.rawValue, name])
        return database.changesCount > 0
    }
}
