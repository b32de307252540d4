import Causality
import FleetSupport
import Foundation
import NodeEnvironment
import NodeOperations
import ProfileModel
import ProfileStore
import RuleLanguage
import Testing

/// Cleaning at set times: by the clock of the machine, once for all that was missed.
struct ScheduleCleaningTests {
    private let fleet: TestFleet
    private let node: Node
    private let zone = TimeZone(identifier: "Asia/Shanghai")!

    init() throws {
        fleet = try TestFleet(1)
        node = fleet[0]
        try node.importText("external_id,name,postcode\n1,张伟,518000\n", source: "crm", kind: .person, in: fleet.folder)
    }

    /// Moves the clock to a time of January 2026 in Shanghai; the fleet begins on the first at eight.
    @discardableResult
    private func set(day: Int, hour: Int, minute: Int = 0) -> Stamp {
        let moment: Int64 = 1_767_196_800_000_000 + Int64(day - 1) * 86_400_000_000 + Int64(hour) * 3_600_000_000 + Int64(minute) * 60_000_000
        fleet.environments[0].set(nowMicroseconds: moment)
        return Stamp(rawValue: moment)
    }

    private func runs() throws -> [String] { try node.runDueCleaning(in: zone).map(\.schedule) }

    @Test func itRunsWhenItsTimeHasCome() throws {
        set(day: 1, hour: 9)
        try node.setCleaningSchedule("nightly", times: "0 3 * * *", rules: CleanRule.preset("fill"))
        #expect(try runs().isEmpty)
        set(day: 2, hour: 2, minute: 59)
        #expect(try runs().isEmpty)
        let began = set(day: 2, hour: 3, minute: 1)
        let done = try node.runDueCleaning(in: zone)
        #expect(done.map(\.schedule) == ["nightly"] && done[0].outcome?.customers == 1)
        #expect(try node.value("city", of: node.record("crm:1")) == "深圳市")
        #expect(try runs().isEmpty)
        let schedule = try #require(try node.cleaningSchedules(in: zone).first)
        #expect(schedule.missed == nil && schedule.error == nil)
        #expect(try #require(schedule.lastRun).rawValue / 1_000_000 == began.rawValue / 1_000_000)
        #expect(schedule.next == set(day: 3, hour: 3))
    }

    @Test func whatWasMissedIsMadeUpForOnce() throws {
        set(day: 1, hour: 9)
        try node.setCleaningSchedule("nightly", times: "0 3 * * *", rules: CleanRule.preset("fill"))
        let due = set(day: 2, hour: 3)
        set(day: 9, hour: 12)
        #expect(try runs() == ["nightly"])
        #expect(try runs().isEmpty)
        #expect(try node.cleaningSchedules(in: zone).first?.missed == due)
        set(day: 10, hour: 3)
        #expect(try runs() == ["nightly"])
        #expect(try node.cleaningSchedules(in: zone).first?.missed == nil)
    }

    @Test func whatStopsOneIsNotedAndDoesNotStopTheOthers() throws {
        set(day: 1, hour: 9)
        try node.setCleaningSchedule("a", times: "0 3 * * *", rules: CleanRule.preset("fill"))
        try node.setCleaningSchedule("b", times: "0 3 * * *", rules: CleanRule.preset("fill"))
        // A rule that this version does not know: a newer one has set it.
        try node.store.write { writer in
            var schedule = try #require(try writer.schedules(of: .clean).first)
            schedule = StoredSchedule(.clean, name: schedule.name, times: schedule.times, details: ["from-the-future"], setAt: schedule.setAt)
            try writer.put(schedule)
        }
        set(day: 2, hour: 3)
        let done = try node.runDueCleaning(in: zone)
        #expect(done.map(\.schedule) == ["a", "b"])
        #expect(done[0].error?.code == "clean.unknown-rule" && done[1].outcome != nil)
        #expect(try node.store.read { try $0.schedules(of: .clean).map(\.error) } == ["clean.unknown-rule", nil])
        #expect(try runs().isEmpty)
    }

    @Test func whatTheEndOfTheProgramStopsIsStillDue() throws {
        set(day: 1, hour: 9)
        try node.setCleaningSchedule("nightly", times: "0 3 * * *", rules: CleanRule.preset("fill"))
        set(day: 2, hour: 3)
        try fleet.reopen(0, isCancelled: { true })
        #expect(try fleet[0].runDueCleaning(in: zone).isEmpty)
        try fleet.reopen(0)
        #expect(try fleet[0].runDueCleaning(in: zone).map(\.schedule) == ["nightly"])
    }

    @Test func badOnesAreRefused() throws {
        let rules = try CleanRule.preset("fill")
        func code(_ work: () throws -> Void) -> String? { do { try work() } catch { return (error as? any CodedError)?.code }; return nil }
        #expect(code { try node.setCleaningSchedule("a b", times: "@daily", rules: rules) } == "clean.bad-schedule-name")
        #expect(code { try node.setCleaningSchedule("a", times: "0 25 * * *", rules: rules) } == "rules.cron-value")
        #expect(code { try node.removeCleaningSchedule("a") } == "clean.no-schedule")
        try node.setCleaningSchedule("a", times: "@daily", rules: rules)
        try node.setCleaningSchedule("a", times: "@weekly", rules: rules)
        #expect(try node.cleaningSchedules().map(\.times) == ["@weekly"])
        try node.removeCleaningSchedule("a")
        #expect(try node.cleaningSchedules().isEmpty)
    }
}
