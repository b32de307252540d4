import Causality
import FleetSupport
import MergeVectors
import NodeOperations
import ProfileModel
import ProfileStore
import Testing

/// Records that are one customer, and that are none any more.
struct LinkTests {
    @Test func mergeAndUnmergeReturnExactly() throws {
        let fleet = try TestFleet(2)
        let a = try fleet[0].add("name=张伟", "title=经理", "phone=13800000001", "tags=vip")
        let b = try fleet[0].add("name=张伟", "address=上海", "phone=13800000002")
        let before = try (fleet[0].text(of: a), fleet[0].text(of: b))
        try fleet.settle()
        let merged = try fleet[1].merge(a.description, b.description)
        #expect(merged.id == min(a, b) && merged.members == [a, b].sorted())
        try fleet.settle()
        for node in fleet.nodes {
            let profile = try node.show(b.description)
            #expect(profile.members == [a, b].sorted() && profile["title"] == ["经理"] && profile["address"] == ["上海"])
            #expect(profile["phone"].count == 2 && profile.tags == ["vip"] && profile.conflicts.isEmpty)
            #expect(try node.status().counts.customers == 1)
        }
        _ = try fleet[0].unmerge(a.description)
        try fleet.settle()
        for node in fleet.nodes {
            #expect(try (node.text(of: a), node.text(of: b)) == before)
            #expect(try node.status().counts.customers == 2)
        }
    }

    @Test func whatSaysNothingAnyMoreIsNotFoundWhenItIsLinkedToADeletedRecord() throws {
        let fleet = try TestFleet(1), node = fleet[0]
        let gone = try node.add("name=张伟")
        _ = try node.delete(gone.description)
        let empty = try node.add("name=李娜")
        let made = try #require(node.operations(limit: 1).first).id
        try node.edit(empty, "title=经理")
        try node.edit(empty, "title=")
        _ = try node.undo(made)
        _ = try node.merge(gone.description, empty.description)
        #expect(try node.show(gone.description).members.count == 2)
        #expect(try node.status().counts.customers == 0)
        #expect(try node.find(nil, limit: 10).rows.isEmpty)
        #expect(try node.find("not (stage = \"lead\")", limit: 10).total == 0)
    }

    @Test func whatWasEditedWhileLinkedStaysWhereItWasWritten() throws {
        let fleet = try TestFleet(2)
        let a = try fleet[0].add("name=张伟", "title=经理"), b = try fleet[0].add("name=张伟", "title=主管")
        _ = try fleet[0].merge(a.description, b.description)
        try fleet.settle()
        #expect(try fleet[0].conflicts(of: a) == ["field title: 主管, 经理"])
        try fleet[1].edit(b, "title=总监")
        try fleet.settle()
        #expect(try fleet[0].conflicts().total == 0)
        #expect(try fleet[0].value("title", of: a) == "总监")
        _ = try fleet[0].unmerge(b.description)
        try fleet.settle()
        for node in fleet.nodes {
            #expect(try node.value("title", of: a) == "经理")
            #expect(try node.value("title", of: b) == "总监")
            #expect(try node.conflicts().total == 0)
        }
    }

    @Test func aMemberTakenOutLeavesTheOthersTogether() throws {
        let fleet = try TestFleet(2)
        let records = try (0..<3).map { try fleet[0].add("name=n\($0)") }
        _ = try fleet[0].merge(records[0].description, records[1].description)
        _ = try fleet[0].merge(records[0].description, records[2].description)
        try fleet.settle()
        #expect(try fleet[1].show(records[2].description).members == records.sorted())
        _ = try fleet[1].unmerge(records[0].description)
        try fleet.settle()
        for node in fleet.nodes {
            #expect(try node.show(records[0].description).members == [records[0]])
            #expect(try node.show(records[1].description).members == [records[1], records[2]].sorted())
        }
        _ = try fleet[0].merge(records[0].description, records[1].description)
        let dissolved = try fleet[0].unmerge(records[1].description, dissolving: true)
        #expect(dissolved.members == [records[1]])
        try fleet.settle()
        for record in records { #expect(try fleet[1].show(record.description).members == [record]) }
    }

    @Test func linksAndRecordsArriveInAnyOrder() throws {
        let fleet = try TestFleet(3)
        let a = try fleet[0].add("name=张伟", "title=经理")
        try fleet.sync(1, 0)
        let b = try fleet[1].add("name=张伟", "title=主管")
        _ = try fleet[1].merge(a.description, b.description)
        try fleet[0].edit(a, "title=总监")
        try fleet.sync(2, 1)
        #expect(try fleet[2].show(b.description).members == [a, b].sorted())
        try fleet.settle()
    }

    @Test func deletingAProfileDeletesEveryRecordOfIt() throws {
        let fleet = try TestFleet(2)
        let a = try fleet[0].add("name=张伟", "title=经理"), b = try fleet[0].add("name=李娜", "address=上海")
        _ = try fleet[0].merge(a.description, b.description)
        try fleet.settle()
        _ = try fleet[1].delete(a.description)
        try fleet.settle()
        for node in fleet.nodes {
            #expect(try node.show(b.description).isDeleted)
            #expect(try node.status().counts.customers == 0)
        }
        _ = try fleet[0].restore(b.description)
        try fleet.settle()
        #expect(try fleet[1].show(a.description)["title"] == ["经理"])
    }

    @Test func whatHappenedToOneRecordIsSeenThroughTheOther() throws {
        let fleet = try TestFleet(1)
        let a = try fleet[0].add("name=张伟"), b = try fleet[0].add("name=李娜")
        _ = try fleet[0].note(a.description, text: "came by", next: (due: "2026-02-01", text: "call back"))
        _ = try fleet[0].note(b.description, text: "called", type: "call")
        _ = try fleet[0].merge(a.description, b.description)
        let profile = try fleet[0].show(b.description)
        #expect(profile.eventCount == 2 && profile.openTasks.map(\.text) == ["call back"])
    }
}
