import Causality
import FleetSupport
import MergeVectors
import NodeOperations
import ProfileModel
import ProfileStore
import Testing

/// What people write at the same time on nodes that cannot reach each other.
struct ConflictTests {
    /// A fleet in which everybody knows one customer.
    private func fleet(_ count: Int) throws -> (fleet: TestFleet, record: RowID) {
        let fleet = try TestFleet(count)
        let record = try fleet[0].add("name=张伟", "title=经理", "address=上海", "tags=vip")
        try fleet.settle()
        return (fleet, record)
    }

    @Test func differentFieldsAreNoConflict() throws {
        let (fleet, record) = try fleet(2)
        try fleet[0].edit(record, "title=总监")
        try fleet[1].edit(record, "address=北京")
        try fleet.settle()
        for node in fleet.nodes {
            #expect(try node.conflicts().total == 0)
            #expect(try node.value("title", of: record) == "总监")
            #expect(try node.value("address", of: record) == "北京")
        }
    }

    @Test func theSameFieldKeepsBothAndShowsOneEverywhere() throws {
        let (fleet, record) = try fleet(2)
        try fleet[0].edit(record, "title=总监")
        try fleet[1].edit(record, "title=主管")
        try fleet.settle()
        for node in fleet.nodes {
            #expect(try node.conflicts(of: record) == ["field title: 主管, 总监"])
            #expect(try node.value("title", of: record) == "主管", "the later one is shown")
            #expect(try node.status().counts.conflicts == 1)
        }
    }

    @Test(arguments: [0, 1, 2]) func resolvingAnywhereSettlesAll(_ resolver: Int) throws {
        let (fleet, record) = try fleet(3)
        try fleet[0].edit(record, "title=总监")
        try fleet[1].edit(record, "title=主管")
        try fleet.settle()
        let conflict = try #require(try fleet[resolver].conflicts().conflicts.first)
        let chosen = try #require(conflict.candidates.first { $0.value == "总监" })
        _ = try fleet[resolver].resolve(conflict.key, .pick(chosen.dot))
        try fleet.settle()
        for node in fleet.nodes {
            #expect(try node.conflicts().total == 0)
            #expect(try node.value("title", of: record) == "总监")
        }
    }

    @Test func resolvingByAValueOfOnesOwn() throws {
        let (fleet, record) = try fleet(2)
        try fleet[0].edit(record, "title=总监")
        try fleet[1].edit(record, "title=主管")
        try fleet.settle()
        _ = try fleet[1].resolve(#require(try fleet[1].conflicts().conflicts.first).key, .value("副总"))
        try fleet.settle()
        #expect(try fleet[0].conflicts().total == 0)
        #expect(try fleet[0].value("title", of: record) == "副总")
    }

    @Test func resolvingAllByARule() throws {
        let (fleet, record) = try fleet(2)
        for (field, values) in [("title", ["总监", "主管"]), ("address", ["北京", "广州"])] {
            for index in 0..<2 { try fleet[index].edit(record, "\(field)=\(values[index])") }
        }
        try fleet.settle()
        #expect(try fleet[0].resolveAll(ConflictFilter(), by: .prefer("node 0"), isDryRun: true).resolved == 2)
        #expect(try fleet[0].conflicts().total == 2)
        let outcome = try fleet[0].resolveAll(ConflictFilter(), by: .prefer("node 0"))
        #expect(outcome.resolved == 2 && outcome.skipped == 0 && outcome.operation != nil)
        try fleet.settle()
        for node in fleet.nodes {
            #expect(try node.conflicts().total == 0)
            #expect(try node.value("title", of: record) == "总监")
            #expect(try node.value("address", of: record) == "北京")
        }
    }

    @Test func threeNodesGiveThreeCandidates() throws {
        let (fleet, record) = try fleet(3)
        for index in 0..<3 { try fleet[index].edit(record, "title=title \(index)") }
        try fleet.settle()
        for node in fleet.nodes {
            #expect(try node.conflicts(of: record) == ["field title: title 0, title 1, title 2"])
            #expect(try node.value("title", of: record) == "title 2")
        }
    }

    @Test func equalValuesAreNoConflict() throws {
        let (fleet, record) = try fleet(3)
        for index in 0..<3 { try fleet[index].edit(record, "title=总监") }
        try fleet.settle()
        for node in fleet.nodes {
            #expect(try node.conflicts().total == 0)
            #expect(try node.value("title", of: record) == "总监")
        }
    }

    @Test func aWriteThatRacesAResolutionReopens() throws {
        let (fleet, record) = try fleet(3)
        try fleet[0].edit(record, "title=总监")
        try fleet[1].edit(record, "title=主管")
        try fleet.settle()
        _ = try fleet[0].resolve(#require(try fleet[0].conflicts().conflicts.first).key, .value("总监"))
        try fleet[2].edit(record, "title=顾问")
        try fleet.settle()
        for node in fleet.nodes { #expect(try node.conflicts(of: record) == ["field title: 总监, 顾问"]) }
        _ = try fleet[1].resolve(#require(try fleet[1].conflicts().conflicts.first).key, .value("顾问"))
        try fleet.settle()
        for node in fleet.nodes {
            #expect(try node.conflicts().total == 0)
            #expect(try node.value("title", of: record) == "顾问")
        }
    }

    @Test func twoDifferentResolutionsAreAConflict() throws {
        let (fleet, record) = try fleet(2)
        for index in 0..<2 { try fleet[index].edit(record, "title=title \(index)") }
        try fleet.settle()
        for index in 0..<2 {
            _ = try fleet[index].resolve(#require(try fleet[index].conflicts().conflicts.first).key, .value("resolved \(index)"))
        }
        try fleet.settle()
        #expect(try fleet[0].conflicts(of: record) == ["field title: resolved 0, resolved 1"])
        try fleet[0].edit(record, "title=an edit settles too")
        try fleet.settle()
        for node in fleet.nodes { #expect(try node.conflicts().total == 0) }
    }

    @Test func clearingAgainstWritingIsAConflict() throws {
        let (fleet, record) = try fleet(2)
        try fleet[0].edit(record, "title=")
        try fleet[1].edit(record, "title=主管")
        try fleet.settle()
        #expect(try fleet[0].conflicts(of: record) == ["field title: -, 主管"])
    }

    @Test func aTagAddedAndRemovedAtOnceStays() throws {
        let (fleet, record) = try fleet(2)
        try fleet[0].edit(record, "tags-=vip")
        try fleet.sync(0, 1)
        #expect(try fleet[1].show(record.description).tags == [])
        try fleet[0].edit(record, "tags+=vip")
        try fleet.settle()
        try fleet[1].edit(record, "tags-=vip")
        try fleet[0].edit(record, "tags-=vip")
        try fleet[0].edit(record, "tags+=vip")
        try fleet.settle()
        for node in fleet.nodes {
            #expect(try node.show(record.description).tags == ["vip"])
            #expect(try node.conflicts().total == 0)
        }
        try fleet[1].edit(record, "tags-=vip")
        try fleet.settle()
        for node in fleet.nodes { #expect(try node.show(record.description).tags == []) }
    }

    @Test func differentElementsOfASetAllStand() throws {
        let (fleet, record) = try fleet(3)
        for index in 0..<3 { try fleet[index].edit(record, "phone+=1380000000\(index)", "email+=a\(index)@example.com") }
        try fleet.settle()
        for node in fleet.nodes {
            #expect(try node.show(record.description)["phone"].count == 3)
            #expect(try node.show(record.description)["email"].count == 3)
            #expect(try node.conflicts().total == 0)
        }
    }

    // MARK: Delete

    @Test func deleteAgainstEditIsADeleteEditConflict() throws {
        let (fleet, record) = try fleet(2)
        _ = try fleet[0].delete(record.description)
        #expect(try fleet[0].show(record.description).isDeleted)
        try fleet[1].edit(record, "title=总监")
        try fleet.settle()
        for node in fleet.nodes {
            let conflicts = try node.conflicts().conflicts
            #expect(conflicts.map(\.kind) == [.deleteEdit])
            #expect(conflicts.first?.candidates.contains { $0.field == "title" && $0.value == "总监" } ?? false)
            #expect(try !node.show(record.description).isDeleted, "it stays visible until somebody decides")
            #expect(try node.status().counts.customers == 1)
        }
    }

    @Test(arguments: ["deleted", "living"]) func aDeleteEditConflictIsDecidedForAll(_ decision: String) throws {
        let (fleet, record) = try fleet(2)
        _ = try fleet[0].delete(record.description)
        try fleet[1].edit(record, "title=总监")
        try fleet.settle()
        _ = try fleet[1].resolve(#require(try fleet[1].conflicts().conflicts.first).key, .value(decision))
        try fleet.settle()
        for node in fleet.nodes {
            #expect(try node.conflicts().total == 0)
            #expect(try node.show(record.description).isDeleted == (decision == "deleted"))
            #expect(try node.status().counts.customers == (decision == "deleted" ? 0 : 1))
        }
        if decision == "deleted" { _ = try fleet[0].restore(record.description) }
        #expect(try fleet[0].value("title", of: record) == "总监")
    }

    @Test func aDeleteEditConflictIsDecidedByPickingTheDelete() throws {
        let (fleet, record) = try fleet(2)
        _ = try fleet[0].delete(record.description)
        try fleet[1].edit(record, "title=总监")
        try fleet.settle()
        let conflict = try #require(try fleet[1].conflicts().conflicts.first)
        _ = try fleet[1].resolve(conflict.key, .pick(#require(conflict.candidates.first { $0.field == nil }).dot))
        try fleet.settle()
        #expect(try fleet[0].show(record.description).isDeleted && fleet[0].conflicts().total == 0)
    }

    @Test func deletesOnTwoNodesAreNoConflict() throws {
        let (fleet, record) = try fleet(2)
        for node in fleet.nodes { _ = try node.delete(record.description) }
        try fleet.settle()
        for node in fleet.nodes {
            #expect(try node.conflicts().total == 0)
            #expect(try node.show(record.description).isDeleted)
        }
    }

    @Test func deleteAgainstRestoreIsAConflict() throws {
        let (fleet, record) = try fleet(2)
        _ = try fleet[0].delete(record.description)
        try fleet.settle()
        _ = try fleet[0].restore(record.description)
        _ = try fleet[1].restore(record.description)
        _ = try fleet[1].delete(record.description)
        try fleet.settle()
        for node in fleet.nodes { #expect(try node.conflicts().conflicts.map(\.kind) == [.deleteEdit]) }
    }

    @Test func aDeletedCustomerIsNotEdited() throws {
        let (fleet, record) = try fleet(1)
        _ = try fleet[0].delete(record.description)
        #expect { try fleet[0].edit(record, "title=总监") } throws: { ($0 as? NodeError)?.code == "node.deleted" }
        _ = try fleet[0].restore(record.description)
        #expect(try fleet[0].edit(record, "title=总监").changed == 1)
    }

    // MARK: Chains

    /// A writes, B overwrites, C overwrites, D knows only A's and meets the others in every order: one value, no conflict.
    @Test func chainsInEveryOrderOfMeetings() throws {
        let meetings = [(3, 2), (3, 1), (3, 0), (0, 2)]
        for order in permutations(meetings.indices.map(\.self)) {
            let fleet = try TestFleet(4)
            let record = try fleet[0].add("name=张伟", "title=first")
            try fleet.sync(1, 0)
            try fleet.sync(3, 0)
            try fleet[1].edit(record, "title=second")
            try fleet.sync(2, 1)
            try fleet[2].edit(record, "title=third")
            for index in order {
                try fleet.sync(meetings[index].0, meetings[index].1)
                for node in fleet.nodes { #expect(try node.conflicts().total == 0, "order \(order)") }
            }
            #expect(try fleet[3].value("title", of: record) == "third", "order \(order)")
            try fleet.settle()
        }
    }

    private func permutations(_ items: [Int]) -> [[Int]] {
        items.count < 2 ? [items] : items.flatMap { first in permutations(items.filter { $0 != first }).map { [first] + $0 } }
    }
}
