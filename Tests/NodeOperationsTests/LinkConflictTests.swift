import Causality
import FleetSupport
import NodeOperations
import ProfileModel
import ProfileStore
import Testing

/// People who contradict each other on whether records are one customer.
struct LinkConflictTests {
    /// Two nodes that hold two records.
    private func pair() throws -> (fleet: TestFleet, a: RowID, b: RowID) {
        let fleet = try TestFleet(2)
        let a = try fleet[0].add("name=张伟", "title=经理"), b = try fleet[0].add("name=张伟", "address=上海")
        try fleet.settle()
        return (fleet, a, b)
    }

    /// A yes and a no that did not know of each other.
    private func contradict() throws -> (fleet: TestFleet, a: RowID, b: RowID) {
        let (fleet, a, b) = try pair()
        _ = try fleet[0].merge(a.description, b.description)
        try fleet.settle()
        _ = try fleet[0].unmerge(a.description)
        fleet.environments[1].advance(microseconds: 60_000_000)
        _ = try fleet[1].unmerge(b.description)
        _ = try fleet[1].merge(a.description, b.description)
        try fleet.settle()
        return (fleet, a, b)
    }

    @Test func aYesAndANoAreListedAndResolvedEverywhere() throws {
        for (answer, isSame) in [("yes", true), ("no", false)] {
            let (fleet, a, b) = try contradict()
            for node in fleet.nodes {
                let found = try node.conflicts()
                #expect(found.total == 1)
                let conflict = try #require(found.conflicts.first)
                #expect(conflict.kind == .link && conflict.kind.name == "field" && conflict.field == "same" && conflict.shown == "yes")
                #expect(conflict.record == min(a, b) && conflict.name == "张伟")
                #expect(conflict.candidates.map(\.value) == ["yes", "no"])
                #expect(conflict.candidates.allSatisfy { $0.record == min(a, b) && $0.other == max(a, b) })
                #expect(try node.status().counts.conflicts == 1)
                #expect(try node.conflicts(of: a) == ["field same: no, yes"] && node.conflicts(of: b) == ["field same: no, yes"])
                #expect(try node.show(b.description).conflicts.map(\.field) == ["same"])
                #expect(try node.conflict(conflict.key).candidates.count == 2)
            }
            let key = try #require(try fleet[0].conflicts().conflicts.first?.key)
            _ = try fleet[0].resolve(key, .value(answer))
            #expect(try fleet[0].conflicts().total == 0)
            try fleet.settle()
            for node in fleet.nodes {
                #expect(try node.conflicts().total == 0 && node.status().counts.conflicts == 0)
                #expect(try node.show(a.description).members.count == (isSame ? 2 : 1))
            }
        }
    }

    @Test func aCandidateIsPickedByItsDotAndARaceReopens() throws {
        let (fleet, a, b) = try contradict()
        let conflict = try #require(try fleet[1].conflicts().conflicts.first)
        let no = try #require(conflict.candidates.first { $0.value == "no" })
        _ = try fleet[1].resolve(conflict.key, .pick(no.dot))
        _ = try fleet[0].resolve(conflict.key, .value("yes"))
        try fleet.settle()
        for node in fleet.nodes { #expect(try node.conflicts().total == 1) }
        #expect(try fleet[0].resolveAll(ConflictFilter(), by: .policy(.latest)).resolved == 1)
        try fleet.settle()
        for node in fleet.nodes { #expect(try node.conflicts().total == 0) }
        #expect(throws: NodeError("node.no-such-conflict", ["key": conflict.key])) { try fleet[0].resolve(conflict.key, .value("yes")) }
        _ = (a, b)
    }

    /// A says x = m and m = y, B says x ≠ y: nobody sees the other.
    private func joinedByWayOf() throws -> (fleet: TestFleet, records: [RowID]) {
        let fleet = try TestFleet(2)
        let records = try (0..<3).map { try fleet[0].add("name=张伟", "note=\($0)") }
        try fleet.settle()
        _ = try fleet[1].merge(records[0].description, records[2].description)
        _ = try fleet[1].unmerge(records[0].description)
        _ = try fleet[0].merge(records[0].description, records[1].description)
        _ = try fleet[0].merge(records[1].description, records[2].description)
        try fleet.settle()
        return (fleet, records)
    }

    @Test func yesesThatJoinWhatANoKeepsApartAreListed() throws {
        for answer in ["yes", "no"] {
            let (fleet, records) = try joinedByWayOf()
            var filter = ConflictFilter()
            filter.field = Conflict.linkName
            for node in fleet.nodes {
                let conflict = try #require(try node.conflicts(filter).conflicts.first)
                #expect(try conflict.kind == .link && node.conflicts(filter).total == 1 && conflict.shown == "yes")
                #expect(conflict.candidates.map(\.value) == ["no", "yes", "yes"])
                #expect(try node.show(records[0].description).members.count == 3)
            }
            let key = try #require(try fleet[1].conflicts(filter).conflicts.first?.key)
            _ = try fleet[1].resolve(key, .value(answer))
            try fleet.settle()
            for node in fleet.nodes {
                #expect(try node.conflicts(filter).total == 0)
                let members = try node.show(records[0].description).members
                #expect(members.contains(records[2]) == (answer == "yes"))
                #expect(members.count == (answer == "yes" ? 3 : 2), "the latest yes on the way is taken back")
            }
        }
    }

    @Test func mergingWhatSomebodyKeptApartIsNoConflict() throws {
        let fleet = try TestFleet(1)
        let records = try (0..<3).map { try fleet[0].add("name=张伟", "note=\($0)") }
        _ = try fleet[0].merge(records[0].description, records[1].description)
        _ = try fleet[0].unmerge(records[0].description)
        _ = try fleet[0].merge(records[1].description, records[2].description)
        _ = try fleet[0].merge(records[0].description, records[2].description)
        #expect(try fleet[0].show(records[0].description).members == records.sorted())
        var filter = ConflictFilter()
        filter.field = Conflict.linkName
        #expect(try fleet[0].conflicts(filter).total == 0)
    }

    @Test func theLinkersYesIsNoConflictWithAPersonsNo() throws {
        let fleet = try TestFleet(2)
        let a = try fleet[0].add("name=张伟", "external_ids=erp:1"), b = try fleet[0].add("name=张伟")
        try fleet.settle()
        _ = try fleet[0].merge(a.description, b.description)
        _ = try fleet[0].unmerge(b.description)
        try fleet.settle()
        for node in fleet.nodes { #expect(try node.conflicts().total == 0) }
    }

    @Test func undoingOneWordEndsTheConflict() throws {
        let (fleet, a, _) = try contradict()
        _ = try fleet[1].undo(nil)
        try fleet.settle()
        for node in fleet.nodes {
            #expect(try node.conflicts().total == 0)
            #expect(try node.show(a.description).members.count == 1)
        }
    }
}
