import Causality
import FleetSupport
import NodeOperations
import ProfileModel
import ProfileStore
import Testing

/// What an operation was for is told on every node.
struct MessageTests {
    @Test func aMessageTravelsWithTheEdit() throws {
        let fleet = try TestFleet(2)
        let a = try fleet[0].add("name=张伟", "city=上海"), b = try fleet[0].add("name=李娜", "city=上海")
        try fleet.settle()
        _ = try fleet[0].edit(a.description, [Assignment("city=北京")], message: "moved in May")
        _ = try fleet[1].edit([a, b], [Assignment("stage=active")], command: "edit --where", message: "won")
        try fleet[0].edit(b, "city=广州")
        try fleet.settle()
        for node in fleet.nodes {
            #expect(try node.history(a.description, field: "city").map(\.message) == [nil, "moved in May"])
            #expect(try node.history(a.description, field: "stage").map(\.message) == ["won"])
            #expect(try node.history(b.description, field: "stage").map(\.message) == ["won"])
            #expect(try node.history(b.description, field: "city").map(\.message) == [nil, nil])
            let changes = try node.changes().filter { $0.record == a || $0.record == b }
            #expect(Set(changes.compactMap(\.message)) == ["moved in May", "won"])
            #expect(try Set(node.changes().map(\.record)).isSuperset(of: [a, b]))
            #expect(try node.changes().allSatisfy { $0.field != "content" && $0.field != "field-6" }, "messages are no changes")
        }
    }

    @Test func aResolutionTellsWhyEverywhere() throws {
        let fleet = try TestFleet(2)
        let record = try fleet[0].add("name=张伟", "city=上海")
        try fleet.settle()
        try fleet[0].edit(record, "city=北京")
        try fleet[1].edit(record, "city=广州")
        try fleet.settle()
        let key = try #require(try fleet[1].conflicts().conflicts.first?.key)
        _ = try fleet[1].resolve(key, .value("深圳"), message: "asked him")
        try fleet.settle()
        for node in fleet.nodes { #expect(try node.history(record.description, field: "city").last?.message == "asked him") }
    }

    @Test func anEmptyMessageIsNone() throws {
        let fleet = try TestFleet(1)
        let record = try fleet[0].add("name=张伟")
        _ = try fleet[0].edit(record.description, [Assignment("city=北京")], message: "  ")
        #expect(try fleet[0].history(record.description, field: "city").map(\.message) == [nil])
    }
}
