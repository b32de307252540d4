import Causality
import Connectors
import CurlHTTP
import FleetSupport
import Foundation
import LoopbackServing
import MergeVectors
import NodeOperations
import ProfileModel
import ProfileStore
import Synchronization
import Testing

extension TrytonTests.Desk {
    /// Types of relations, each with its reverse.
    func prepareRelations() throws {
        for (name, reverse) in [("works for", "employs"), ("decides for", "is decided for by")] {
            let type = try id(name, in: "party.relation.type"), back = try id(reverse, in: "party.relation.type")
            try send(.put, "party.relation.type/\(type.integer!)", ["reverse": back])
            try send(.put, "party.relation.type/\(back.integer!)", ["reverse": type])
        }
    }

    @discardableResult
    func relate(_ from: Int, _ type: String, _ to: Int, _ more: [String: JSON] = [:]) throws -> Int64 {
        let values: [String: JSON] = ["from_": JSON(Int64(from)), "to": JSON(Int64(to)), "type": try id(type, in: "party.relation.type")]
        return try send(.post, "party.relation", .object(values.merging(more) { $1 }))["id"].integer!
    }

    /// The rows of relations that begin at a party.
    func relations(_ party: Int) throws -> [JSON] {
        try (send(.get, "party.relation?f=from_&f=to&f=type.name&f=active&f=end_date").items ?? []).filter { $0["from_"].integer == Int64(party) }
    }

    /// Where a person belongs by relations of either direction, with the part in decisions.
    func links(_ person: Int) throws -> [(company: Int, role: String)] {
        let rows = (try send(.get, "party.relation?f=from_&f=to&f=type.name&f=active").items ?? []).filter { $0["active"].flag == true }
        let own = rows.compactMap { row -> (company: Int, type: String)? in
            guard let from = row["from_"].integer, let to = row["to"].integer, let type = row["type"]["name"].text else { return nil }
            let isStraight = ["works for", "decides for"].contains(type)
            return (isStraight ? from : to) == Int64(person) ? (Int(isStraight ? to : from), type) : nil
        }
        return Dictionary(grouping: own, by: \.company).map { company, rows in
            (company, rows.contains { $0.type.contains("decide") } ? "decider" : "-")
        }
    }

    /// What stands of a party, such as `works for 12`.
    func standing(_ party: Int) throws -> [String] {
        try relations(party).filter { $0["active"].flag == true }.map { "\($0["type"]["name"].text ?? "?") \($0["to"].integer!)" }.sorted()
    }
}

/// Relations between parties are affiliations.
extension TrytonTests {
    /// Whether Tryton was installed without the module: `LIMN_TRYTON_MODULES="party company" tools/tryton run -- …`.
    static let hasRelations = ProcessInfo.processInfo.environment["LIMN_TRYTON_MODULES"]?.contains("party_relationship") ?? true

    private func mapRelations(_ edits: [String] = []) throws {
        let text = try node.mapping(of: node.connectors()[0]), mark = "object\tparty.party"
        let line = "association\trelations[works for,decides for]\tparty.party\tboth\tchoice:decides for=decider\n"
        _ = try node.mapConnector(name, text: text.replacingOccurrences(of: mark, with: line + mark), edits: edits)
    }

    /// Where a person belongs, with the part in decisions.
    private func places(_ person: Int, _ node: Node? = nil) throws -> [String] {
        try (node ?? self.node).show("\(name):\(person)").affiliations.map { "\($0.name ?? "?") \($0.role ?? "-")" }.sorted()
    }

    @Test(.enabled(if: hasRelations)) func relationsAreAffiliationsBothWays() throws {
        try desk.prepareRelations()
        let person = try desk.add("王芳", "Person"), sea = try desk.add("海辰"), hua = try desk.add("华信"), reference = "\(name):\(person)"
        let first = try desk.relate(person, "works for", sea)
        try mapRelations(["person.look-back-seconds=0"])
        try round()
        #expect(try places(person) == ["海辰 -"])
        try leaveBehind()
        // Made there directly, which moves no clock of the party; entered at the other party under the reverse.
        let second = try desk.relate(hua, "is decided for by", person)
        try round()
        #expect(try places(person) == ["华信 decider", "海辰 -"])
        try fleet.settle()
        #expect(try places(person, fleet[1]) == ["华信 decider", "海辰 -"])
        // Changed here, on another node: the same relation gets another type.
        _ = try fleet[1].affiliate(reference, with: "\(name):\(sea)", role: "decider")
        try fleet.settle()
        #expect(try round().written == 1)
        #expect(try desk.standing(person) == ["decides for \(sea)"] && desk.relations(person).map { $0["id"].integer } == [first])
        #expect(try isQuiet())
        // Ended here: an end with the day before, which is kept there.
        _ = try node.endAffiliation(of: reference, with: "\(name):\(sea)")
        #expect(try round().written == 1)
        #expect(try desk.standing(person).isEmpty && desk.relations(person).count == 1)
        #expect(try places(person) == ["华信 decider"] && isQuiet())
        // Made here: one relation, with the part that is shown here, and no second one.
        _ = try node.affiliate(reference, with: "\(name):\(sea)")
        #expect(try round().written == 1)
        #expect(try desk.standing(person) == ["decides for \(sea)"] && isQuiet())
        // Ended there.
        try desk.send(.put, "party.relation/\(second)", ["end_date": ["__class__": "date", "year": 2020, "month": 1, "day": 31]])
        try round()
        #expect(try places(person) == ["海辰 decider"])
        // Deleted there at the organization, whose clock alone moves.
        let zhong = try desk.add("中海"), last = try desk.relate(person, "works for", zhong)
        try round()
        #expect(try places(person) == ["中海 -", "海辰 decider"])
        try desk.send(.delete, "party.relation/\(last)")
        try desk.setCity(zhong, "舟山")
        try round()
        #expect(try places(person) == ["海辰 decider"])
        #expect(try isQuiet())
        #expect(try node.conflicts().total == 0 && node.deadLetters().isEmpty)
        try StoreLaws.check(node)
    }

    @Test(.enabled(if: hasRelations)) func aDeletedRelationIsFoundWhenAllIsCompared() throws {
        try desk.prepareRelations()
        let person = try desk.add("李明", "Person"), company = try desk.add("中海")
        let relation = try desk.relate(person, "works for", company), twice = try desk.relate(person, "works for", company)
        // What begins in the future, and what is of another type, says nothing.
        try desk.relate(person, "decides for", company, ["start_date": ["__class__": "date", "year": 2199, "month": 1, "day": 1]])
        try mapRelations(["person.look-back-seconds=0"])
        try round()
        #expect(try places(person) == ["中海 -"])
        try leaveBehind()
        try desk.send(.delete, "party.relation/\(relation)")
        try round(reconciles: true)
        #expect(try places(person) == ["中海 -"], "the same was said twice")
        try desk.send(.delete, "party.relation/\(twice)")
        try round(reconciles: true)
        #expect(try places(person).isEmpty && isQuiet())
    }

    @Test(.enabled(if: hasRelations)) func aPersonAndAnOrganizationAreMadeHereWithTheirRelation() throws {
        try desk.prepareRelations()
        try mapRelations(["person.create=tag = 关系测试", "party.party.create=tag = 关系测试"])
        let person = try node.add(.person, [Assignment("name=孙悦")], tags: ["关系测试"]).id
        let company = try node.add(.organization, [Assignment("name=启明")], tags: ["关系测试"]).id
        _ = try node.affiliate(person.description, with: company.description, role: "decider")
        #expect(try round().made == 2)
        try round()
        let parties = try desk.send(.get, "party.party?f=identifiers.code").items ?? []
        func party(_ id: RowID) throws -> Int {
            let found = parties.filter { ($0["identifiers"].items ?? []).contains { $0["code"].text == "limn:\(id)" } }
            #expect(found.count == 1)
            return Int(try #require(found.first?["id"].integer))
        }
        #expect(try desk.standing(party(person)) == ["decides for \(party(company))"])
        #expect(try isQuiet() && node.deadLetters().isEmpty)
    }

    @Test(.enabled(if: hasRelations)) func anAffiliationThatPeopleAndTrytonSayIsOne() throws {
        try desk.prepareRelations()
        let person = try desk.add("周宁", "Person"), company = try desk.add("启明")
        try mapRelations()
        try round()
        _ = try node.affiliate("\(name):\(person)", with: "\(name):\(company)")
        try desk.relate(person, "works for", company)
        try round()
        #expect(try desk.relations(person).count == 1, "what is there already is not made again")
        let record = try node.record("\(name):\(person)")
        #expect(try node.store.read { try $0.affiliations(of: record).count } == 1, "two words on one affiliation")
        #expect(try isQuiet())
    }

    @Test(.enabled(if: hasRelations)) func aLostReplyMakesNoSecondRelation() throws {
        try desk.prepareRelations()
        let person = try desk.add("吴越", "Person"), company = try desk.add("启明")
        let lost = Atomic(0), real = desk.url
        // Between the node and Tryton: what is made there of relations is made, and nobody hears of it the first time.
        let proxy = LoopbackServer { connection in
            let client = HTTPClient(.init(userAgent: "proxy"))
            while let request = connection.readRequest() {
                let parts = request.line.split(separator: " ").map(String.init)
                let fields = ["authorization", "content-type", "x-tryton-context"].compactMap { name in request.field(name).map { HTTPHeader(name, $0) } }
                let method: HTTPRequest.Method = parts[0] == "GET" ? .get : parts[0] == "POST" ? .post : parts[0] == "PUT" ? .put : .delete
                let body: HTTPRequest.Body = request.body.isEmpty ? .none : .bytes(request.body)
                guard let answer = try? client.send(HTTPRequest(method, real + parts[1], headers: fields, body: body)) else { return }
                let isRelation = parts[0] == "POST" && parts[1].hasPrefix("/rest/model/party.relation?")
                if isRelation, lost.add(1, ordering: .relaxed).oldValue == 0 { return }
                if !connection.answer(answer.body, status: "\(answer.status) Answer", fields: ["Content-Type: application/json"]) { return }
            }
        }
        defer { proxy.stop() }
        try mapRelations()
        let text = try node.mapping(of: node.connectors()[0])
        _ = try node.addConnector(name: name, system: "tryton", url: proxy.url, secret: ConnectorSecret(text: desk.key), mapping: text)
        try round()
        _ = try node.affiliate("\(name):\(person)", with: "\(name):\(company)")
        _ = try round()
        #expect(try desk.relations(person).count == 1 && node.connectorStatus().first?.waiting == 1, "nobody knows whether it was made")
        try round()
        #expect(try desk.relations(person).count == 1 && lost.load(ordering: .relaxed) == 1 && node.connectorStatus().first?.waiting == 0)
        #expect(try isQuiet() && places(person) == ["启明 -"])
    }

    @Test(.enabled(if: !hasRelations, "needs a Tryton without party_relationship")) func aTrytonWithoutTheModuleGoesOn() throws {
        let person = try desk.add("王芳", "Person"), company = try desk.add("海辰")
        try mapRelations()
        try round()
        _ = try node.affiliate("\(name):\(person)", with: "\(name):\(company)")
        try node.edit(node.record("\(name):\(person)"), "city=宁波")
        #expect(try round().written == 1)
        #expect(try desk.city(person) == "宁波" && places(person) == ["海辰 -"])
        #expect(try isQuiet() && node.deadLetters().map { "\($0.letter.code) \($0.letter.object)" } == ["crm.no-relations person"])
        let status = try #require(try node.connectorStatus().first)
        #expect(status.deadLetters == 1 && status.advice == .lookAtDeadLetters)
        _ = try node.discardDeadLetters([])
        #expect(try isQuiet() && node.deadLetters().isEmpty, "whoever knows it is not told again")
    }

    /// Both sides relate, end, delete and tag at random, another node too; conflicts are decided there; in the end all agree.
    @Test(.enabled(if: hasRelations)) func bothSidesRelateUntilTheyAgree() throws {
        let seed = ProcessInfo.processInfo.environment["LIMN_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 1...100_000)
        var random = SplitMix64(seed: seed)
        func pick(_ count: Int) -> Int { Int(random.next() % UInt64(count)) }
        try desk.prepareRelations()
        try mapRelations()
        let people = try (0..<3).map { try desk.add("人\(seed)-\($0)", "Person") }, companies = try (0..<3).map { try desk.add("公司\(seed)-\($0)") }
        try round()
        try fleet.settle()
        func step() throws {
            let person = people[pick(3)], company = companies[pick(3)], here = fleet[pick(2)]
            let (one, other) = ("\(name):\(person)", "\(name):\(company)")
            switch pick(9) {
            case 0: try desk.relate(person, ["works for", "decides for"][pick(2)], company)
            case 1: try desk.relate(company, ["employs", "is decided for by"][pick(2)], person)
            case 2, 3:
                let rows = try desk.relations(person).filter { $0["active"].flag == true }
                if rows.isEmpty { return }
                let id = rows[pick(rows.count)]["id"].integer!
                if pick(2) == 0 { return _ = try desk.send(.delete, "party.relation/\(id)") }
                try desk.send(.put, "party.relation/\(id)", ["end_date": ["__class__": "date", "year": 2020, "month": 1, "day": 31]])
            case 4, 5: _ = try here.affiliate(one, with: other, role: [nil, "decider", ""][pick(3)])
            case 6: _ = try? here.endAffiliation(of: one, with: other)
            case 7: try desk.categorize(person, ["add", "remove"][pick(2)], "那边\(pick(2))")
            default: try here.edit(here.record(one), "tags\(["+", "-"][pick(2)])=这边\(pick(2))")
            }
        }
        let rounds = ProcessInfo.processInfo.environment["LIMN_ROUNDS"].flatMap { Int($0) } ?? 12
        for _ in 0..<rounds {
            for _ in 0..<4 { try step() }
            if pick(2) == 0 { try round(reconciles: pick(4) == 0) }
            if pick(2) == 0 { try fleet.settle() }
            if pick(4) == 0 { _ = try fleet[1].resolveAll(ConflictFilter(), by: .policy(.latest)) }
        }
        for _ in 0..<4 {
            try round(reconciles: true)
            try fleet.settle()
            _ = try fleet[1].resolveAll(ConflictFilter(), by: .policy(.latest))
            try fleet.settle()
        }
        #expect(try isQuiet() && node.conflicts().total == 0 && node.deadLetters().isEmpty, "seed \(seed)")
        for person in people {
            let there = try Set(desk.links(person).map { link in "公司\(seed)-\(companies.firstIndex(of: link.company)!) \(link.role)" })
            let here = try places(person)
            #expect(here.count == Set(here).count && Set(here) == there, "seed \(seed)")
            let record = try node.show("\(name):\(person)")
            #expect(try desk.categories(person) == Set(record.tags + ["Person"]), "seed \(seed)")
        }
        try fleet.settle()
    }
}
