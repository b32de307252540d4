import Causality
import Connectors
import FleetSupport
import Foundation
import NodeOperations
import ProfileModel
import ProfileStore
import Replication
import StandinServing
import Testing

/// People and organizations that belong together in a system, both ways.
@Suite("Associations in each system", .serialized)
struct AssociationTests: StandinRounds {
    let fleet: TestFleet

    init() throws { fleet = try TestFleet(2) }

    /// How a system keeps to which companies a contact belongs.
    struct Case: CustomTestStringConvertible {
        let name: String
        let people: String, companies: String
        let person: JSON, company: JSON
        /// The lookup that names the company; nil where links stand apart.
        let lookup: String?
        let city: String
        /// Whether a lookup's value is an object with the id.
        var isObject = false
        /// Nil for the standard one.
        var mapping: String?

        var vendor: Vendor { Vendor.all.first { $0.name == name }! }
        var testDescription: String { name }

        static let all = [
            Case(
                name: "hubspot", people: "contacts", companies: "companies", person: ["firstname": "Mary", "lastname": "Smith"],
                company: ["name": "Haichen"], lookup: nil, city: "city"),
            Case(
                name: "salesforce", people: "Contact", companies: "Account", person: ["FirstName": "Mary", "LastName": "Smith"], company: ["Name": "Haichen"],
                lookup: "AccountId", city: "MailingCity"),
            Case(
                name: "zoho", people: "Contacts", companies: "Accounts", person: ["First_Name": "Mary", "Last_Name": "Smith"],
                company: ["Account_Name": "Haichen"], lookup: "Account_Name", city: "Mailing_City", isObject: true),
            Case(
                name: "fxiaoke", people: "ContactObj", companies: "AccountObj", person: ["name": "Mary Smith"], company: ["name": "Haichen"],
                lookup: "account_id", city: "department"),
            Case(
                name: "jiandaoyun", people: "customers", companies: "companies", person: ["_widget_1001": "Mary Smith"], company: ["_widget_2001": "Haichen"],
                lookup: "_widget_1004", city: "_widget_1002",
                mapping: """
                    set\tapp-id\t59264073a2a60c0c08e20bfb
                    object\tcustomers\tperson
                    set\tentry-id\t59264073a2a60c0c08e20bfd
                    set\tour-id\t_widget_1010
                    set\tcreate\tnone
                    field\tname\t_widget_1001\tboth\tignore\tstandard\tmanual
                    association\t_widget_1004\tcompanies\tboth
                    object\tcompanies\torganization
                    set\tentry-id\t59264073a2a60c0c08e20bfe
                    set\tour-id\t_widget_2003
                    set\tcreate\tnone
                    field\tname\t_widget_2001\tboth\tignore\tstandard\tmanual

                    """),
        ]
    }

    /// Somebody in the system says that a contact belongs to a company, or to none.
    private func link(_ contact: String, _ company: String?, from old: String? = nil, _ one: Case, _ standin: Standin, label: Int64 = 279) throws {
        guard let lookup = one.lookup else {
            let from: JSON = [.string(one.people), .string(contact)]
            if let old { try standin.admin("unlink", ["from": from, "to": [.string(one.companies), .string(old)]]) }
            if let company {
                try standin.admin("link", [
                    "from": from, "to": [.string(one.companies), .string(company)], "label": JSON(label), "backLabel": JSON(label + 1),
                ])
            }
            // No clock moves with a link: somebody also writes in the contact.
            try standin.admin("edit", ["kind": .string(one.people), "ids": [.string(contact)], "fields": ["fax_of_nobody": .string(company ?? "none")]])
            return
        }
        let value: JSON = company.map { one.isObject ? ["id": .string($0), "name": "Haichen"] : .string($0) } ?? .null
        try standin.admin("edit", ["kind": .string(one.people), "ids": [.string(contact)], "fields": [lookup: value]])
    }

    /// To which companies a contact belongs there.
    private func there(_ contact: String, _ one: Case, _ standin: Standin) throws -> [String] {
        guard let lookup = one.lookup else {
            return try standin.admin("links", ["of": [.string(one.people), .string(contact)]])["links"].items?.compactMap { $0["id"].text } ?? []
        }
        let value = try standin.records(one.people).first { $0["id"].text == contact }?["fields"][lookup] ?? .null
        return [one.isObject ? value["id"].text : value.text].compactMap(\.self).filter { !$0.isEmpty }
    }

    private func organizations(_ contact: String, _ node: Node? = nil) throws -> [String] {
        try (node ?? self.node).show("crm:\(contact)").affiliations.compactMap(\.name).sorted()
    }

    private func external(_ one: Case, _ company: String) -> String { one.name == "hubspot" ? "crm:company-\(company)" : "crm:\(company)" }

    @Test(arguments: Case.all) func whatTheSystemSaysIsMadeAndTakenBack(_ one: Case) throws {
        let standin = try Standin(one.name)
        let company = try make(one.companies, one.company, standin), contact = try make(one.people, one.person, standin)
        try link(contact, company, one, standin)
        try connect(one.name, standin, mapping: one.mapping)
        // Contacts are read before companies: what names one waits for it.
        try round()
        #expect(try organizations(contact) == ["Haichen"])
        let shown = try #require(try node.show(external(one, company)).affiliations.first)
        #expect(try shown.record == node.show("crm:\(contact)").id && shown.source == "crm")
        let digest = try node.status().counts.digest
        for _ in 0..<2 { #expect(try round().written == 0) }
        #expect(try node.status().counts.digest == digest)
        // Another node that reads the same makes the same row.
        try connect(one.name, standin, mapping: one.mapping, to: 1)
        _ = try fleet[1].round("crm")
        #expect(try fleet[1].show("crm:\(contact)").affiliations.map(\.id) == [shown.id])
        let second = try make(one.companies, one.company, standin)
        try link(contact, second, from: company, one, standin)
        try round()
        #expect(try node.show("crm:\(contact)").affiliations.map(\.record) == [node.record(external(one, second))])
        try link(contact, nil, from: second, one, standin)
        try round()
        #expect(try organizations(contact).isEmpty)
        #expect(try node.conflicts().total == 0)
        try StoreLaws.check(node)
    }

    @Test(arguments: Case.all) func whatIsSaidHereStandsThere(_ one: Case) throws {
        let standin = try Standin(one.name)
        let company = try make(one.companies, one.company, standin), contact = try make(one.people, one.person, standin)
        try connect(one.name, standin, mapping: one.mapping)
        try round()
        let person = try node.record("crm:\(contact)"), organization = try node.record(external(one, company))
        _ = try node.affiliate(person.description, with: organization.description)
        #expect(try round().written == 1)
        #expect(try there(contact, one, standin) == [company])
        let digest = try node.status().counts.digest
        for _ in 0..<3 { #expect(try round(reconciles: true).written == 0) }
        #expect(try node.status().counts.digest == digest)
        _ = try node.endAffiliation(of: person.description, with: organization.description)
        #expect(try round().written == 1)
        #expect(try there(contact, one, standin).isEmpty)
        for _ in 0..<2 { #expect(try round(reconciles: true).written == 0) }
        #expect(try organizations(contact).isEmpty)
        try StoreLaws.check(node)
    }

    @Test(arguments: Case.all) func bothAreMadeThereTogether(_ one: Case) throws {
        let standin = try Standin(one.name)
        try connect(one.name, standin, mapping: one.mapping)
        _ = try node.mapConnector("crm", edits: ["\(one.people).create=all", "\(one.companies).create=all"])
        try round()
        let person = try node.add(.person, [Assignment("name=Mary Smith")]).id
        let organization = try node.add(.organization, [Assignment("name=Haichen")]).id
        _ = try node.affiliate(person.description, with: organization.description)
        try standin.fault("drop-after/\(one.vendor.create)")
        for _ in 0..<3 {
            _ = try? round()
            try standin.admin("advance", ["seconds": 60])
        }
        let contacts = try standin.records(one.people), companies = try standin.records(one.companies)
        #expect(contacts.count == 1 && companies.count == 1)
        #expect(try there(contacts[0]["id"].text!, one, standin) == [companies[0]["id"].text!])
        #expect(try round().written == 0)
    }

    @Test func partsInDecisionsAreLabels() throws {
        let one = Case.all[0], standin = try Standin(one.name)
        let company = try make(one.companies, one.company, standin), contact = try make(one.people, one.person, standin)
        let other = try make(one.people, one.person, standin)
        try connect(one.name, standin, mapping: one.mapping)
        try round()
        let person = try node.record("crm:\(contact)").description, organization = try node.record(external(one, company)).description
        _ = try node.affiliate("crm:\(other)", with: organization, role: "user")
        try round()
        _ = try node.affiliate(person, with: organization, role: "decider")
        try round()
        func labels() throws -> [Int64] {
            try standin.admin("links", ["of": ["contacts", .string(contact)]])["links"].items?.first?["labels"].items?.compactMap(\.integer) ?? []
        }
        #expect(try labels() == [38, 279], "a label of the account's own beside the plain one")
        _ = try node.affiliate(person, with: organization, role: "champion")
        #expect(try round().written == 1)
        #expect(try labels() == [40, 279])
        // Somebody there changes it.
        try standin.admin("unlink", ["from": ["contacts", .string(contact)], "to": ["companies", .string(company)]])
        for label: Int64 in [279, 36] { try link(contact, company, one, standin, label: label) }
        try round()
        #expect(try node.show(person).affiliations.first?.isConflict == true, "a person and the system differ")
        #expect(try labels() == [36, 279], "and nobody is overwritten")
        let conflict = try #require(try node.conflicts().conflicts.first)
        #expect(try conflict.kind == .source && conflict.field == "affiliation.decision_role" && node.conflicts().total == 1)
        #expect(Set(conflict.candidates.map(\.source)) == ["crm", nil])
        _ = try node.resolve(conflict.key, .value("champion"))
        #expect(try round().written == 1)
        #expect(try labels() == [40, 279])
        #expect(try node.show(person).affiliations.map(\.role) == ["champion"])
        #expect(try round().written == 0)
        // Without a part the label goes, and the two stay together.
        _ = try node.affiliate(person, with: organization, role: "")
        #expect(try round().written == 1)
        #expect(try labels() == [279])
    }

    @Test func whatMovesNoClockIsFoundWhenAllIsCompared() throws {
        let one = Case.all[0], standin = try Standin(one.name)
        let company = try make(one.companies, one.company, standin), contact = try make(one.people, one.person, standin)
        try connect(one.name, standin, mapping: one.mapping)
        try round()
        try standin.admin("link", ["from": ["contacts", .string(contact)], "to": ["companies", .string(company)], "label": 279, "backLabel": 280])
        try round()
        #expect(try organizations(contact).isEmpty)
        try round(reconciles: true)
        #expect(try organizations(contact) == ["Haichen"])
        try standin.admin("unlink", ["from": ["contacts", .string(contact)], "to": ["companies", .string(company)]])
        try round(reconciles: true)
        #expect(try organizations(contact).isEmpty)
        try standin.admin("link", ["from": ["contacts", .string(contact)], "to": ["companies", .string(company)], "label": 279, "backLabel": 280])
        try round(reconciles: true)
        #expect(try organizations(contact) == ["Haichen"])
    }

    @Test func manyCompaniesOfOneContactAreAllRead() throws {
        let one = Case.all[0], standin = try Standin(one.name, ["--records", "0"])
        let contact = try make(one.people, one.person, standin)
        let made = try standin.admin("create", ["kind": "companies", "records": .array((0..<620).map { ["name": .string("Company \($0)")] })])
        for company in made["ids"].items?.compactMap(\.text) ?? [] {
            try standin.admin("link", ["from": ["contacts", .string(contact)], "to": ["companies", .string(company)], "label": 279, "backLabel": 280])
        }
        try connect(one.name, standin, mapping: one.mapping)
        try round()
        #expect(try organizations(contact).count == 620)
    }

    @Test func whatIsRefusedIsADeadLetterAndTheRestIsDone() throws {
        let one = Case.all[0], standin = try Standin(one.name)
        let company = try make(one.companies, one.company, standin), contact = try make(one.people, one.person, standin)
        try connect(one.name, standin, mapping: one.mapping)
        try round()
        let person = try node.record("crm:\(contact)").description, organization = try node.record(external(one, company)).description
        _ = try node.affiliate(person, with: organization)
        try node.edit(node.record("crm:\(contact)"), "city=宁波")
        try standin.admin("delete", ["kind": "companies", "ids": [.string(company)]])
        let counts = try round()
        #expect(try standin.records("contacts").first?["fields"]["city"].text == "宁波")
        #expect(counts.refused == 1)
        let letters = try node.deadLetters(of: ["crm"]).map(\.letter)
        #expect(letters.map(\.field) == ["companies[]"])
        #expect(try round().written == 0, "the same is not tried again")
    }

    /// Salesforce with the roles of relations, and a contact of a company.
    private func connectRoles(_ standin: Standin) throws -> (contact: String, company: String) {
        let one = Case.all[1]
        let company = try make(one.companies, one.company, standin)
        let contact = try make(one.people, ["LastName": "Smith", "AccountId": .string(company)], standin)
        let plain = "association\tAccountId\tAccount\tboth\tstandard\n"
        let text = try CRMSystems.standardMapping(one.name).edited("Contact.associations=clockless").text
        let roles = plain.replacing("standard", with: "choice:Decision Maker=decider|Influencer=influencer|Buyer=buyer")
        try connect(one.name, standin, mapping: text.replacing(plain, with: roles, maxReplacements: 1))
        return (contact, company)
    }

    @Test func partsInDecisionsAreRolesOfRelations() throws {
        let standin = try Standin("salesforce"), (contact, company) = try connectRoles(standin), relation = "AccountContactRelation"
        let other = try make("Account", ["Name": "Huaxin"], standin)
        let id = try #require(try standin.records(relation).first?["id"].text)
        func roles() throws -> String? { try standin.records(relation).first { $0["id"].text == id }?["fields"]["Roles"].text }
        try standin.admin("edit", ["kind": .string(relation), "ids": [.string(id)], "fields": ["Roles": "Champion;Decision Maker"]])
        try round()
        func shown() throws -> [String] { try node.show("crm:\(contact)").affiliations.map { "\($0.name ?? "-") \($0.role ?? "-")" } }
        #expect(try shown() == ["Haichen decider"])
        for _ in 0..<2 { #expect(try round(reconciles: true).written == 0) }
        _ = try node.affiliate("crm:\(contact)", with: "crm:\(company)", role: "buyer")
        #expect(try round().written == 1)
        #expect(try roles() == "Champion;Buyer", "a role that the mapping does not know stays")
        for _ in 0..<2 { #expect(try round(reconciles: true).written == 0) }
        // Somebody there changes it, which moves no clock of the contact.
        try standin.admin("edit", ["kind": .string(relation), "ids": [.string(id)], "fields": ["Roles": "Influencer"]])
        try round(reconciles: true)
        let conflict = try #require(try node.conflicts().conflicts.first)
        #expect(conflict.field == "affiliation.decision_role" && conflict.kind == .source)
        #expect(try roles() == "Influencer")
        _ = try node.resolve(conflict.key, .value("decider"))
        #expect(try round().written == 1)
        #expect(try roles() == "Decision Maker")
        _ = try node.affiliate("crm:\(contact)", with: "crm:\(company)", role: "")
        #expect(try round().written == 1)
        #expect(try roles() ?? "" == "")
        // Another account's relation has roles of its own.
        try standin.admin("edit", ["kind": "Contact", "ids": [.string(contact)], "fields": ["AccountId": .string(other)]])
        try round()
        #expect(try shown().contains("Huaxin -"))
        try StoreLaws.check(node)
    }

    @Test func withoutRelationsTheLookupIsAllThereIs() throws {
        let standin = try Standin("salesforce")
        try standin.fault("no-relations")
        let (contact, company) = try connectRoles(standin)
        try round()
        #expect(try organizations(contact) == ["Haichen"])
        _ = try node.affiliate("crm:\(contact)", with: "crm:\(company)", role: "buyer")
        for _ in 0..<3 { try round(reconciles: true) }
        #expect(try round(reconciles: true).written == 0 && node.deadLetters(of: ["crm"]).isEmpty)
        #expect(try node.show("crm:\(contact)").affiliations.map(\.role) == ["buyer"])
        try standin.admin("edit", ["kind": "Contact", "ids": [.string(contact)], "fields": ["AccountId": .null]])
        try round()
        #expect(try node.conflicts().conflicts.map(\.field) == ["affiliation"], "a person wrote in what the system ended")
    }
}
