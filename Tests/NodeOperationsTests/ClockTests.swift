import Causality
import FleetSupport
import NodeOperations
import ProfileModel
import ProfileStore
import Replication
import Testing

/// Clocks that are years wrong, run backwards or claim the far future.
struct ClockTests {
    private static let year: Int64 = 31_557_600_000_000
    private static let wrongness: [Int64] = [10 * year, -10 * year, 8_000 * year, -56 * year]

    @Test(arguments: wrongness) func nodesAgreeAndTheMachineIsNamed(_ wrong: Int64) throws {
        let fleet = try TestFleet(3)
        let record = try fleet[0].add("name=张伟", "city=上海")
        try fleet.settle()
        let right = fleet.environments[1].now().rawValue
        fleet.environments[1].set(nowMicroseconds: right + wrong)
        try fleet[1].edit(record, "city=北京", "title=主管")
        let called = try fleet.sync(0, 1), calling = try fleet.sync(1, 2)
        #expect(called.warnings.map(\.code) == ["sync.clock-off"] && called.warnings.first?.parameters["name"] == "node 1")
        #expect(calling.warnings.map(\.code) == ["sync.clock-off"])
        let seconds = try #require(called.warnings.first?.parameters["seconds"].flatMap(Int64.init))
        #expect(abs(seconds - wrong / 1_000_000) < 3_600)
        // Nobody takes the stamp over: whoever writes next does so at his own time, and is heard.
        try fleet[0].edit(record, "city=广州")
        try fleet.settle()
        for node in fleet.nodes {
            #expect(try node.value("city", of: record) == "广州" && node.conflicts().total == 0)
            #expect(try node.value("title", of: record) == "主管")
        }
        let edit = try #require(try fleet[0].history(record.description, field: "city").last { $0.value == "广州" })
        #expect(abs(edit.at.rawValue - right) < 3_600_000_000, "no stamp spreads")
        fleet.environments[1].set(nowMicroseconds: right + 60_000_000)
        try fleet[2].edit(record, "title=总监")
        try fleet.settle()
        for node in fleet.nodes { #expect(try node.value("title", of: record) == "总监") }
        #expect(try fleet.sync(0, 1).warnings.isEmpty)
    }

    /// What a wrong clock wrote at the same time is a conflict that any node resolves, whichever stamp is greater.
    @Test(arguments: wrongness) func noValueIsBeyondOverriding(_ wrong: Int64) throws {
        let fleet = try TestFleet(2)
        let record = try fleet[0].add("name=张伟", "city=上海")
        try fleet.settle()
        fleet.environments[1].set(nowMicroseconds: fleet.environments[1].now().rawValue + wrong)
        try fleet[1].edit(record, "city=北京", "tags=wrong")
        try fleet[0].edit(record, "city=广州")
        try fleet.settle()
        let key = try #require(try fleet[0].conflicts().conflicts.first?.key)
        _ = try fleet[0].resolve(key, .value("深圳"))
        try fleet[0].edit(record, "tags-=wrong")
        try fleet.settle()
        for node in fleet.nodes {
            #expect(try node.value("city", of: record) == "深圳" && node.conflicts().total == 0 && node.show(record.description).tags.isEmpty)
        }
        _ = try fleet[0].delete(record.description)
        try fleet.settle()
        for node in fleet.nodes { #expect(try node.show(record.description).isDeleted) }
    }

    @Test func aClockThatRunsBackwardsWritesInOrder() throws {
        let fleet = try TestFleet(2)
        let record = try fleet[0].add("name=张伟", "city=c0")
        for number in 1..<20 {
            fleet.environments[0].set(nowMicroseconds: 1_767_225_600_000_000 - Int64(number) * 86_400_000_000)
            try fleet[0].edit(record, "city=c\(number)")
        }
        try fleet.settle()
        for node in fleet.nodes { #expect(try node.value("city", of: record) == "c19" && node.conflicts().total == 0) }
    }

    /// A source's own time is never taken as later than now.
    @Test func aSourceFromTheFutureIsHeardAtItsTime() throws {
        let fleet = try TestFleet(2)
        try fleet[0].importText("external_id,name,city\n1,张伟,上海\n", source: "erp", in: fleet.folder)
        fleet.environments[1].advance(microseconds: 10 * ClockTests.year)
        try fleet.settle()
        try fleet[1].importText("external_id,name,city\n1,张伟,北京\n", source: "erp", in: fleet.folder)
        try fleet.settle()
        try fleet[0].importText("external_id,name,city\n1,张伟,广州\n", source: "erp", in: fleet.folder)
        try fleet.settle()
        for node in fleet.nodes { #expect(try node.value("city", of: node.record("erp:1")) == "广州") }
    }
}
