import Causality
import FleetSupport
import NodeOperations
import ProfileModel
import ProfileStore
import Replication
import Testing

/// What several say differently of one affiliation is in the list of all conflicts.
@Suite("Conflicts about affiliations")
struct AffiliationConflictTests {
    private struct Pair {
        let person: RowID, organization: RowID
        let affiliation: RowID
    }

    private func pair(_ node: Node, scopes: (String?, String?) = (nil, nil)) throws -> Pair {
        let person = try node.add(.person, [Assignment("name=王芳")], scope: scopes.0).id
        let organization = try node.add(.organization, [Assignment("name=海辰科技")], scope: scopes.1).id
        return Pair(person: person, organization: organization, affiliation: try node.affiliate(person.description, with: organization.description).id)
    }

    /// Two people say different things of one affiliation, the second later.
    private func disagree(_ fleet: TestFleet, _ pair: Pair, roles: [String?] = ["buyer", "champion"], titles: [String?] = [nil, nil]) throws {
        for index in 0..<2 {
            fleet.environments[index].advance(microseconds: Int64(index + 1) * 1_000_000)
            _ = try fleet[index].affiliate(pair.person.description, with: pair.organization.description, role: roles[index], title: titles[index])
        }
    }

    @Test func aPartInDecisionsIsListedShownAndDecidedOnceEverywhere() throws {
        let fleet = try TestFleet(2), pair = try pair(fleet[0])
        try fleet.settle()
        try disagree(fleet, pair, titles: ["总监", "总监"])
        try fleet.settle()
        for node in fleet.nodes {
            let (total, conflicts) = try node.conflicts()
            let conflict = try #require(conflicts.first)
            #expect(total == 1 && conflict.kind == .field && conflict.field == "affiliation.decision_role")
            #expect(conflict.key == "\(pair.affiliation.description.suffix(12))/affiliation.decision_role")
            #expect(conflict.record == pair.person && conflict.name == "王芳 · 海辰科技" && conflict.shown == "champion")
            #expect(conflict.candidates.map(\.value) == ["champion", "buyer"])
            #expect(Set(conflict.candidates.map(\.node)).count == 2)
            #expect(conflict.candidates.allSatisfy { $0.record == pair.person && $0.other == pair.organization })
            #expect(try node.status().counts.conflicts == 1)
            for record in [pair.person, pair.organization] {
                #expect(try node.conflicts(of: record) == ["field affiliation.decision_role: buyer, champion"])
                #expect(try node.show(record.description).conflicts.map(\.key) == [conflict.key])
            }
            try StoreLaws.check(node)
        }
        let conflict = try #require(try fleet[0].conflicts().conflicts.first), buyer = conflict.candidates[1].dot
        let done = try fleet[0].resolve(conflict.key, .pick(buyer), message: "so says her card")
        try fleet.settle()
        for node in fleet.nodes {
            #expect(try node.conflicts().total == 0 && node.status().counts.conflicts == 0)
            #expect(try node.show(pair.person.description).affiliations.map { "\($0.role ?? "-") \($0.isConflict)" } == ["buyer false"])
            #expect(throws: NodeError.self) { try node.resolve(conflict.key, .value("user")) }
            try StoreLaws.check(node)
        }
        // Taken back, both stand again.
        _ = try fleet[0].undo(done.operation)
        try fleet.settle()
        for node in fleet.nodes { #expect(try node.conflict(conflict.key).candidates.count == 2) }
        _ = try fleet[1].resolve(conflict.key, .value("决策者"))
        try fleet.settle()
        #expect(try fleet[0].show(pair.person.description).affiliations.map(\.role) == ["decider"])
        #expect(throws: (any Error).self) { try fleet[0].resolve(conflict.key, .value("king")) }
    }

    @Test func anEndAgainstAWordIsDecidedEitherWay() throws {
        for ends in [true, false] {
            let fleet = try TestFleet(2), pair = try pair(fleet[0])
            try fleet.settle()
            _ = try fleet[0].endAffiliation(of: pair.person.description, with: pair.organization.description)
            _ = try fleet[1].affiliate(pair.person.description, with: pair.organization.description, role: "buyer")
            try fleet.settle()
            let conflict = try #require(try fleet[1].conflicts().conflicts.first)
            #expect(conflict.kind == .deleteEdit && conflict.field == "affiliation" && conflict.shown == "living")
            #expect(conflict.candidates.map { "\($0.field ?? "-") \($0.value ?? "-")" } == ["- ended", "decision_role buyer"])
            #expect(throws: NodeError.self) { try fleet[1].resolve(conflict.key, .value("deleted")) }
            _ = try fleet[1].resolve(conflict.key, ends ? .pick(conflict.candidates[0].dot) : .value("living"))
            try fleet.settle()
            // A decision on a life is a plain word: it replaces those of people.
            let life = CellKey(field: FieldID.life.rawValue)
            #expect(try StoreLaws.rows(fleet[0]).filter { $0.kind == .affiliation }.map { $0.row.expanded.cells[life]?.count } == [1])
            for node in fleet.nodes {
                #expect(try node.conflicts().total == 0)
                #expect(try node.show(pair.person.description).affiliations.map(\.role) == (ends ? [] : ["buyer"]))
                try StoreLaws.check(node)
            }
        }
    }

    @Test func aFilterTellsAnAffiliationsTitleFromAPersonsOwn() throws {
        let fleet = try TestFleet(2), pair = try pair(fleet[0])
        try fleet.settle()
        try disagree(fleet, pair, roles: [nil, nil], titles: ["总监", "经理"])
        for index in 0..<2 { try fleet[index].edit(pair.person, "title=\(["一", "二"][index])") }
        try fleet.settle()
        for (name, value) in [("title", "二"), ("affiliation.title", "经理")] {
            var filter = ConflictFilter()
            filter.field = name
            #expect(try fleet[0].conflicts(filter).conflicts.map { "\($0.field) \($0.shown ?? "-")" } == ["\(name) \(value)"])
        }
        var filter = ConflictFilter()
        filter.field = "affiliation.title"
        #expect(try fleet[0].resolveAll(filter, by: .policy(.latest)).resolved == 1)
        #expect(try fleet[0].conflicts().conflicts.map(\.field) == ["title"])
        #expect(throws: NodeError.self) { try fleet[0].defineField(FieldDefinition(name: "affiliation.title", type: .text)) }
    }

    @Test func itIsListedWhereEitherOfThemIsAndLeavesWithThem() throws {
        let fleet = try TestFleet(scopes: [[], ["cn/east"], ["cn/west"], ["us"], []])
        let pair = try pair(fleet[0], scopes: ("cn/east", "cn/west"))
        func settle() throws { for _ in 0..<6 { for index in 1...4 { try fleet.sync(index, 0) } } }
        try settle()
        for (index, role) in [(0, "buyer"), (4, "champion")] {
            fleet.environments[index].advance(microseconds: Int64(index + 1) * 1_000_000)
            _ = try fleet[index].affiliate(pair.person.description, with: pair.organization.description, role: role)
        }
        try settle()
        for (index, count) in [1, 1, 1, 0, 1].enumerated() {
            let conflicts = try fleet[index].conflicts().conflicts
            #expect(conflicts.count == count, "\(index)")
            for conflict in conflicts { #expect(try fleet[index].conflict(conflict.key).candidates.count == 2) }
        }
        #expect(try fleet[2].conflicts().conflicts.map(\.record) == [pair.organization])
        try TerritoryLaws.check(fleet.nodes)
        _ = try fleet[0].move([pair.organization.description], to: "cn/east")
        try settle()
        #expect(try fleet[2].conflicts().total == 0 && fleet[2].status().counts.conflicts == 0)
        let conflict = try #require(try fleet[1].conflicts().conflicts.first)
        _ = try fleet[1].resolve(conflict.key, .value("user"))
        try settle()
        #expect(try fleet[0].conflicts().total == 0)
        for node in fleet.nodes { try StoreLaws.check(node) }
        _ = try fleet[0].erase(pair.person.description, confirmation: pair.person.description)
        try settle()
        for node in fleet.nodes { try StoreLaws.check(node) }
    }

    @Test func itGoesWithWhomIsErased() throws {
        let fleet = try TestFleet(2), pair = try pair(fleet[0])
        try fleet.settle()
        try disagree(fleet, pair)
        try fleet.settle()
        _ = try fleet[0].erase(pair.organization.description, confirmation: pair.organization.description)
        try fleet.settle()
        for node in fleet.nodes {
            #expect(try node.conflicts().total == 0)
            try StoreLaws.check(node)
        }
    }
}
