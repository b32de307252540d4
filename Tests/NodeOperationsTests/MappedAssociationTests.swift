import Connectors
import FleetSupport
import Foundation
import NodeOperations
import ProfileModel
import ProfileStore
import Synchronization
import Testing

/// People and organizations that belong together in a REST interface that a mapping describes.
@Suite("Associations by a mapping")
struct MappedAssociationTests {
    private let fleet: TestFleet
    private var node: Node { fleet[0] }
    private let crm: SmallCRM

    init() throws {
        fleet = try TestFleet(1)
        crm = SmallCRM(fleet.environments[0])
    }

    /// - Parameter association: the name of the lookup, with a bracket where it holds several.
    private func mapping(_ association: String) -> String {
        func object(_ name: String, _ kind: String, more: String = "") -> String {
            """
            object\t\(name)\t\(kind)
            set\tlist\t/contacts?kind=\(kind)&updated_since={since}&after={after}&limit={size}
            set\tpage-size\t50
            set\tsince-form\tmicroseconds
            set\trecords\tdata
            set\tstamp\tupdated_at
            set\tour-id\texternal_ref
            set\tget\t/contacts/{id}
            set\tupdate\tPATCH /contacts/{id}
            set\tlook-back-seconds\t1
            field\tname\tname\tboth\tignore\ttext\tmanual
            \(more)
            """
        }
        return "set\tauthorization\tAuthorization: Bearer {access_token}\n"
            + object("people", "person", more: "association\t\(association)\tcompanies\tboth") + "\n" + object("companies", "organization")
    }

    private func add(_ kind: String, _ name: String, _ more: [String: JSON] = [:]) -> Int {
        crm.add(["kind": .string(kind), "name": .string(name)].merging(more) { $1 })
    }

    @discardableResult
    private func round(reconciles: Bool = false) throws -> ConnectorCounts {
        fleet.environments[0].advance(microseconds: 60_000_000)
        return try node.round(reconciles: reconciles)
    }

    private func organizations(_ person: Int) throws -> [String] { try node.show("crm:\(person)").affiliations.compactMap(\.name).sorted() }

    @Test func aLookupIsReadAndWritten() throws {
        let person = add("person", "王芳", ["company_id": "2"]), company = add("organization", "海辰科技"), other = add("organization", "华信科技")
        try node.add(crm, mapping: mapping("company_id"))
        try round()
        #expect(try organizations(person) == ["海辰科技"])
        #expect(try round(reconciles: true).written == 0)
        crm.set(person, "company_id", .string("\(other)"))
        try round()
        #expect(try organizations(person) == ["华信科技"])
        crm.set(person, "company_id", .null)
        try round()
        #expect(try organizations(person).isEmpty)
        _ = try node.affiliate("crm:\(person)", with: "crm:\(company)")
        #expect(try round().written == 1)
        #expect(crm.value(person, "company_id") == "\(company)")
        for _ in 0..<2 { #expect(try round(reconciles: true).written == 0) }
        _ = try node.endAffiliation(of: "crm:\(person)", with: "crm:\(company)")
        #expect(try round().written == 1)
        #expect(crm.value(person, "company_id") ?? "" == "")
        #expect(try round(reconciles: true).written == 0)
        #expect(try organizations(person).isEmpty && node.conflicts().total == 0)
        try StoreLaws.check(node)
    }

    @Test func aPersonWhomAPageTellsTwiceBelongsWhereItIsToldLast() throws {
        let company = add("organization", "海辰科技"), other = add("organization", "华信科技")
        try node.add(crm, mapping: mapping("company_id"))
        try round()
        let person = add("person", "王芳", ["company_id": .string("\(other)")])
        crm.state.withLock { state in
            var contact = state.contacts[person]!
            contact.fields["company_id"] = .string("\(company)")
            contact.updatedAt -= 1
            state.echoes = [(0, person, contact)]
        }
        try round()
        #expect(try organizations(person) == ["华信科技"])
        try StoreLaws.check(node)
    }

    @Test func aListOfLookupsIsReadAndWritten() throws {
        let person = add("person", "王芳", ["company_ids": ["2"]])
        let companies = ["海辰科技", "华信科技", "中海"].map { add("organization", $0) }
        try node.add(crm, mapping: mapping("company_ids[]"))
        try round()
        #expect(try organizations(person) == ["海辰科技"])
        _ = try node.affiliate("crm:\(person)", with: "crm:\(companies[1])")
        #expect(try round().written == 1)
        #expect(crm.values(person, "company_ids").sorted() == ["2", "3"])
        crm.set(person, "company_ids", ["3", "4"])
        try round()
        #expect(try organizations(person) == ["中海", "华信科技"])
        _ = try node.endAffiliation(of: "crm:\(person)", with: "crm:\(companies[2])")
        #expect(try round().written == 1)
        #expect(crm.values(person, "company_ids") == ["3"])
        for _ in 0..<2 { #expect(try round(reconciles: true).written == 0) }
        #expect(try organizations(person) == ["华信科技"])
        try StoreLaws.check(node)
    }
}
