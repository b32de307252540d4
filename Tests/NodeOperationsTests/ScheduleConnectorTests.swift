import Causality
import Connectors
import FleetSupport
import Foundation
import NodeOperations
import ProfileModel
import ProfileStore
import Synchronization
import Testing

/// Rounds with systems at set times.
struct ScheduleConnectorTests {
    private let fleet: TestFleet
    private let crm: SmallCRM
    private var node: Node { fleet[0] }
    private let zone = TimeZone(identifier: "Asia/Shanghai")!

    init() throws {
        fleet = try TestFleet(2)
        crm = SmallCRM(fleet.environments[0])
        try fleet[0].add(crm)
    }

    /// Moves the clock so many minutes beyond 09:00 of the first of January 2026 in Shanghai.
    @discardableResult
    private func set(minute: Int) -> Stamp {
        let moment: Int64 = 1_767_229_200_000_000 + Int64(minute) * 60_000_000
        fleet.environments[0].set(nowMicroseconds: moment)
        return Stamp(rawValue: moment)
    }

    private func rounds() throws -> [String] {
        var options = ConnectorOptions()
        options.sleep = { _ in }
        return try node.makeDueRounds(in: zone, options: options).map { "\($0.name) \($0.counts.created) \(($0.error as? any CodedError)?.code ?? "ok")" }
    }

    private func schedule(_ name: String = "crm") throws -> WorkSchedule? { try node.connectorSchedules(in: zone).first { $0.name == name } }

    @Test func itReadsAndWritesWhenItsTimeHasCome() throws {
        set(minute: 1)
        try node.scheduleConnector("crm", times: "*/5 * * * *")
        let id = crm.add(["name": "张伟"])
        set(minute: 4)
        #expect(try rounds() == [])
        set(minute: 5)
        #expect(try rounds() == ["crm 1 ok"])
        #expect(try rounds() == [])
        #expect(try schedule()?.missed == nil && schedule()?.next == set(minute: 10))
        try node.edit(try node.record("crm:\(id)"), "city=上海")
        #expect(try rounds() == ["crm 0 ok"])
        #expect(crm.value(id, "city") == "上海")
    }

    @Test func whatWasMissedIsMadeUpForOnce() throws {
        set(minute: 1)
        try node.scheduleConnector("crm", times: "*/5 * * * *")
        let due = set(minute: 5)
        set(minute: 600)
        #expect(try rounds().count == 1)
        #expect(try rounds() == [])
        #expect(try schedule()?.missed == due)
        let status = try #require(try node.connectorStatus(["crm"]).first)
        #expect(status.schedule?.missed == due)
    }

    @Test func oneThatFailsDoesNotStopTheOthers() throws {
        let other = SmallCRM(fleet.environments[0])
        try node.add(other, name: "other")
        set(minute: 1)
        for name in ["crm", "other"] { try node.scheduleConnector(name, times: "*/5 * * * *") }
        _ = other.add(["name": "王芳"])
        crm.state.withLock { $0.statuses = Array(repeating: 403, count: 10) }
        set(minute: 5)
        #expect(try rounds() == ["crm 0 crm.refused", "other 1 ok"])
        #expect(try schedule()?.error == "crm.refused" && schedule("other")?.error == nil)
        #expect(try node.connectorStatus().map(\.advice) == [.lookAtError, .nothing])
        crm.state.withLock { $0.statuses = [] }
        set(minute: 10)
        #expect(try rounds().count == 2)
        #expect(try schedule()?.error == nil)
    }

    @Test func oneWhoseQuotaIsSpentWaits() throws {
        set(minute: 1)
        try node.scheduleConnector("crm", times: "*/5 * * * *")
        let until = set(minute: 12)
        try node.store.write { writer in
            var state = try #require(try writer.connectorState("crm"))
            state.suspendedUntil = until
            try writer.put(state)
        }
        set(minute: 5)
        #expect(try rounds() == [])
        _ = crm.requests()
        set(minute: 11)
        #expect(try rounds() == [] && crm.requests() == 0)
        set(minute: 13)
        #expect(try rounds() == ["crm 0 ok"])
    }

    @Test func nobodyButTheOwnerDoesIt() throws {
        set(minute: 1)
        try node.scheduleConnector("crm", times: "*/5 * * * *")
        try fleet.settle()
        #expect(throws: NodeError.self) { try fleet[1].scheduleConnector("crm", times: "@hourly") }
        _ = try fleet[1].takeOverConnector("crm", secret: ConnectorSecret(text: "secret"))
        try fleet.settle()
        set(minute: 5)
        #expect(try rounds() == [])
    }

    @Test func whatTheEndOfTheProgramOrAnotherRoundStopsIsStillDue() throws {
        set(minute: 1)
        try node.scheduleConnector("crm", times: "*/5 * * * *")
        set(minute: 5)
        try fleet.reopen(0, isCancelled: { true })
        #expect(try rounds() == [])
        try fleet.reopen(0)
        #expect(try schedule()?.lastRun == nil)
        // Another process is in a round.
        let path = try #require(try FileManager.default.contentsOfDirectory(atPath: node.store.home).first { $0.hasPrefix("limn.crm-") })
        let descriptor = open(node.store.home + "/" + path, O_RDWR)
        #expect(flock(descriptor, LOCK_EX | LOCK_NB) == 0)
        #expect(try rounds() == [] && schedule()?.lastRun == nil)
        do { _ = try node.round(); Issue.record("two rounds at once") } catch let error as NodeError { #expect(error.code == "crm.busy") }
        close(descriptor)
        #expect(try rounds() == ["crm 0 ok"])
    }

    @Test func itEndsWithTheSystem() throws {
        try node.scheduleConnector("crm", times: "@daily")
        try node.scheduleConnector("crm", times: "@hourly")
        #expect(try node.connectorSchedules().map(\.times) == ["@hourly"])
        #expect(try node.cleaningSchedules().isEmpty)
        try node.unscheduleConnector("crm")
        #expect(throws: NodeError.self) { try node.unscheduleConnector("crm") }
        try node.scheduleConnector("crm", times: "@daily")
        try node.removeConnector("crm")
        #expect(try node.connectorSchedules().isEmpty)
        #expect(throws: NodeError.self) { try node.scheduleConnector("crm", times: "@daily") }
    }
}
