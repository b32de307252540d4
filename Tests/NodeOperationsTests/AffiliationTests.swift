import Causality
import FleetSupport
import Foundation
import NodeOperations
import ProfileModel
import ProfileStore
import Replication
import Testing

/// People and the organizations to which they belong.
@Suite struct AffiliationTests {
    private func pair(_ node: Node, scopes: (String?, String?) = (nil, nil)) throws -> (person: RowID, organization: RowID) {
        let person = try node.add(.person, [Assignment("name=王芳")], scope: scopes.0).id
        return (person, try node.add(.organization, [Assignment("name=海辰科技")], scope: scopes.1).id)
    }

    private func lines(_ node: Node, _ record: RowID) throws -> [String] {
        try node.show(record.description).affiliations.map { "\($0.name ?? "-") \($0.role ?? "-") \($0.title ?? "-")\($0.isConflict ? " !" : "")" }
    }

    @Test func bothSidesShowItOnAllNodes() throws {
        let fleet = try TestFleet(2), (person, organization) = try pair(fleet[0])
        let made = try fleet[0].affiliate(person.description, with: organization.description, role: "决策者", title: "采购总监")
        #expect(made.role == "decider" && made.operation != nil)
        #expect(try fleet[0].affiliate(person.description, with: organization.description, role: "decider").operation == nil)
        try fleet.settle()
        for node in fleet.nodes {
            #expect(try lines(node, person) == ["海辰科技 decider 采购总监"])
            #expect(try lines(node, organization) == ["王芳 decider 采购总监"])
            #expect(try node.show(person.description).relations.isEmpty)
            #expect(try node.show(person.description).members == [person])
            try StoreLaws.check(node)
        }
        _ = try fleet[1].endAffiliation(of: person.description, with: organization.description)
        try fleet.settle()
        for node in fleet.nodes {
            #expect(try lines(node, person).isEmpty && lines(node, organization).isEmpty)
            #expect(throws: NodeError.self) { try node.endAffiliation(of: person.description, with: organization.description) }
        }
        let again = try fleet[0].affiliate(person.description, with: organization.description)
        #expect(again.id == made.id && again.role == "decider")
        try fleet.settle()
        #expect(try lines(fleet[1], person) == ["海辰科技 decider 采购总监"])
    }

    @Test func twoNodesThatSayTheSameMakeOneRow() throws {
        let fleet = try TestFleet(2), (person, organization) = try pair(fleet[0])
        try fleet.settle()
        for (index, role) in ["buyer", "champion"].enumerated() {
            fleet.environments[index].advance(microseconds: Int64(index + 1) * 1_000_000)
            _ = try fleet[index].affiliate(person.description, with: organization.description, role: role)
        }
        try fleet.settle()
        for node in fleet.nodes {
            #expect(try StoreLaws.rows(node).count { $0.kind == .affiliation } == 1)
            #expect(try lines(node, person) == ["海辰科技 champion - !"])
        }
        // Whoever says it again settles it.
        _ = try fleet[0].affiliate(person.description, with: organization.description, role: "buyer")
        try fleet.settle()
        #expect(try lines(fleet[1], person) == ["海辰科技 buyer -"])
    }

    @Test func whatWasWrittenMeanwhileKeepsItFromEnding() throws {
        let fleet = try TestFleet(2), (person, organization) = try pair(fleet[0])
        _ = try fleet[0].affiliate(person.description, with: organization.description, role: "user")
        try fleet.settle()
        _ = try fleet[0].endAffiliation(of: person.description, with: organization.description)
        _ = try fleet[1].affiliate(person.description, with: organization.description, role: "buyer")
        try fleet.settle()
        for node in fleet.nodes { #expect(try lines(node, person) == ["海辰科技 buyer - !"]) }
        _ = try fleet[1].affiliate(person.description, with: organization.description)
        try fleet.settle()
        #expect(try lines(fleet[0], person) == ["海辰科技 buyer -"])
        // As with customers, the last word on whether it stands replaces those before.
        let life = CellKey(field: FieldID.life.rawValue)
        #expect(try StoreLaws.rows(fleet[0]).filter { $0.kind == .affiliation }.map { $0.row.expanded.cells[life]?.count } == [1])
    }

    @Test func itIsUndoneAndItsHistoryIsTold() throws {
        let fleet = try TestFleet(1), (person, organization) = try pair(fleet[0])
        _ = try fleet[0].affiliate(person.description, with: organization.description, role: "user")
        let first = try fleet[0].affiliate(person.description, with: organization.description, role: "buyer")
        _ = try fleet[0].undo(first.operation)
        #expect(try lines(fleet[0], person) == ["海辰科技 user -"])
        let ended = try fleet[0].endAffiliation(of: person.description, with: organization.description)
        _ = try fleet[0].undo(ended.operation)
        #expect(try lines(fleet[0], person) == ["海辰科技 user -"])
        let made = try #require(try fleet[0].operations().last { $0.command.hasPrefix("affiliate") })
        _ = try fleet[0].undo(made.id)
        #expect(try lines(fleet[0], person).isEmpty && lines(fleet[0], organization).isEmpty)
        let history = try fleet[0].history(person.description).filter { $0.field.hasPrefix("affiliation") }
        #expect(history.contains { $0.field == "affiliation" && $0.action == .added && $0.value == organization.description })
        #expect(history.contains { $0.field == "affiliation" && $0.action == .removed })
        #expect(history.contains { $0.field == "affiliation.decision_role" && $0.value == "buyer" })
        #expect(try fleet[0].history(organization.description, field: "affiliation").allSatisfy { $0.field == "affiliation" })
    }

    @Test func itIsBetweenAPersonAndAnOrganization() throws {
        let fleet = try TestFleet(1), (person, organization) = try pair(fleet[0])
        for (a, b) in [(organization, person), (person, person), (organization, organization)] {
            let error = #expect(throws: NodeError.self) { try fleet[0].affiliate(a.description, with: b.description) }
            #expect(error?.code == "node.not-person-and-organization")
        }
        #expect(throws: (any Error).self) { try fleet[0].affiliate(person.description, with: organization.description, role: "king") }
        #expect(try StoreLaws.rows(fleet[0]).allSatisfy { $0.kind != .affiliation })
    }

    @Test func ofRecordsThatAreOneItIsShownOnce() throws {
        let fleet = try TestFleet(1), (person, organization) = try pair(fleet[0]), (second, branch) = try pair(fleet[0])
        _ = try fleet[0].affiliate(person.description, with: organization.description, role: "user")
        fleet.environments[0].advance(microseconds: 1_000_000)
        _ = try fleet[0].affiliate(second.description, with: branch.description, role: "buyer")
        _ = try fleet[0].merge(person.description, second.description)
        #expect(try lines(fleet[0], person).count == 2)
        _ = try fleet[0].merge(organization.description, branch.description)
        #expect(try lines(fleet[0], person) == ["海辰科技 buyer -"])
        _ = try fleet[0].endAffiliation(of: person.description, with: organization.description)
        #expect(try lines(fleet[0], second).isEmpty)
    }

    @Test(arguments: [true, false]) func itGoesWithEitherOfThem(_ erasesPerson: Bool) throws {
        let fleet = try TestFleet(2), (person, organization) = try pair(fleet[0])
        let made = try fleet[0].affiliate(person.description, with: organization.description, role: "user")
        try fleet.settle()
        let erased = erasesPerson ? person : organization, other = erasesPerson ? organization : person
        _ = try fleet[1].erase(erased.description, confirmation: erased.description)
        try fleet.settle()
        for node in fleet.nodes {
            #expect(try !node.has(made.id))
            #expect(try node.show(other.description).affiliations.isEmpty)
            try StoreLaws.check(node)
        }
    }

    @Test func itIsServedWhereEitherOfThemIs() throws {
        let fleet = try TestFleet(scopes: [[], ["cn/east"], ["cn/west"], ["us"]])
        let (person, organization) = try pair(fleet[0], scopes: ("cn/east", "cn/west"))
        let made = try fleet[0].affiliate(person.description, with: organization.description, role: "decider")
        func settle() throws { for _ in 0..<6 { for index in 1...3 { try fleet.sync(index, 0) } } }
        try settle()
        for (index, isHeld) in [true, true, true, false].enumerated() { #expect(try fleet[index].has(made.id) == isHeld, "\(index)") }
        // Where the other is not, it is told by its id.
        #expect(try fleet[1].show(person.description).affiliations.map(\.record) == [organization])
        #expect(try lines(fleet[1], person) == ["- decider -"])
        try TerritoryLaws.check(fleet.nodes)
        _ = try fleet[0].move([organization.description], to: "cn/east")
        try settle()
        #expect(try !fleet[2].has(made.id))
        #expect(try lines(fleet[1], person) == ["海辰科技 decider -"])
        try TerritoryLaws.check(fleet.nodes)
    }

    @Test func whoIsElsewhereIsToldWhateverBecameOfALinkedRecordHere() throws {
        let fleet = try TestFleet(scopes: [[], ["cn/west"]])
        let (person, organization) = try pair(fleet[0], scopes: ("cn/east", "cn/west"))
        let other = try fleet[0].add(.person, [Assignment("name=王芳")], scope: "cn/west").id
        _ = try fleet[0].affiliate(person.description, with: organization.description)
        _ = try fleet[0].delete(other.description)
        _ = try fleet[0].merge(person.description, other.description)
        for _ in 0..<3 { try fleet.sync(1, 0) }
        #expect(try fleet[0].show(organization.description).affiliations.map(\.record) == [person])
        #expect(try fleet[1].show(organization.description).affiliations.map(\.record) == [person])
    }
}
