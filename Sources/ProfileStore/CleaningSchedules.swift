public import Causality
internal import GRDB

/// A row of `cleaning_schedules`.
public struct StoredSchedule: Sendable, Equatable {
    public let name: String
    /// A cron expression.
    public let times: String
    /// Names of rules.
    public let rules: [String]
    public let setAt: Stamp
    public var lastRun: Stamp?
    /// The time for which the last run made up.
    public var missed: Stamp?
    /// The code of what stopped the last run.
    public var error: String?

    public init(name: String, times: String, rules: [String], setAt: Stamp) {
        self.name = name
        self.times = times
        self.rules = rules
        self.setAt = setAt
    }
}

extension StoreReader {
    /// When this node cleans by itself, by name.
    public func cleaningSchedules() throws -> [StoredSchedule] {
        try database.all("SELECT * FROM cleaning_schedules ORDER BY name", []).map { row in
            var schedule = StoredSchedule(
                name: row["name"], times: row["times"], rules: (row["rules"] as String).split(separator: "\n").map(String.init),
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
            sql: "INSERT OR REPLACE INTO cleaning_schedules (name, times, rules, set_at, last_run, missed, error) VALUES (?, ?, ?, ?, ?, ?, ?)",
            arguments: [
                schedule.name, schedule.times, schedule.rules.joined(separator: "\n"), schedule.setAt.rawValue, schedule.lastRun?.rawValue,
                schedule.missed?.rawValue, schedule.error,
            ])
    }

    /// Whether there was such a schedule.
    public func removeCleaningSchedule(_ name: String) throws -> Bool {
        try database.execute(sql: "DELETE FROM cleaning_schedules WHERE name = ?", arguments: [name])
        return database.changesCount > 0
    }
}
