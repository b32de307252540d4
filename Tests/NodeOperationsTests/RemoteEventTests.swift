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

/// What happened with customers in a system: deals, calls.
@Suite("Events of each system", .serialized)
struct RemoteEventTests: StandinRounds {
    let fleet: TestFleet

    init() throws { fleet = try TestFleet(1) }

    /// How a system keeps deals and whom they are about.
    struct Case: CustomTestStringConvertible {
        let name: String
        let people: String, deals: String
        let person: JSON
        let deal: [String: JSON], stage: String, won: String
        /// The lookup that names the customer, and of what kind he is; nil where links stand apart.
        var lookup: String?
        var isObject = false
        var testDescription: String { name }

        static let all = [
            Case(
                name: "hubspot", people: "contacts", deals: "deals", person: ["lastname": "Smith"],
                deal: ["dealname": "Pumps", "amount": "1200.50", "closedate": "2026-10-01T00:00:00Z", "dealstage": "contractsent"], stage: "dealstage",
                won: "closedwon"),
            Case(
                name: "salesforce", people: "Account", deals: "Opportunity", person: ["Name": "Smith"],
                deal: ["Name": "Pumps", "Amount": .number("1200.5"), "CloseDate": "2026-10-01", "StageName": "Prospecting"], stage: "StageName", won: "Closed Won",
                lookup: "AccountId"),
            Case(
                name: "zoho", people: "Contacts", deals: "Deals", person: ["Last_Name": "Smith"],
                deal: ["Deal_Name": "Pumps", "Amount": .number("1200.5"), "Closing_Date": "2026-10-01", "Stage": "Proposal"], stage: "Stage", won: "Closed Won",
                lookup: "Contact_Name", isObject: true),
        ]
    }

    private func makeDeal(of customer: String, _ one: Case, _ standin: Standin) throws -> String {
        var fields = one.deal
        if let lookup = one.lookup { fields[lookup] = one.isObject ? ["id": .string(customer), "name": "Smith"] : .string(customer) }
        let deal = try make(one.deals, .object(fields), standin)
        if one.lookup == nil {
            try standin.admin("link", ["from": [.string(one.deals), .string(deal)], "to": [.string(one.people), .string(customer)], "label": 3, "backLabel": 4])
        }
        return deal
    }

    private func events(_ customer: String) throws -> [ShownProfile.Event] { try node.show("crm:\(customer)").timeline }

    @Test(arguments: Case.all) func aDealIsAnEventAndChangesWithIt(_ one: Case) throws {
        let standin = try Standin(one.name), customer = try make(one.people, one.person, standin)
        let deal = try makeDeal(of: customer, one, standin)
        try connect(one.name, standin)
        try round()
        let event = try #require(try events(customer).first)
        #expect(event.type == "deal" && event.attributes["text"] == "Pumps" && event.attributes["amount"] == "1200.5")
        #expect(event.attributes["time"]?.hasPrefix("2026-10-01") == true && event.at != nil)
        #expect(try node.status().counts.events == 1)
        let digest = try node.status().counts.digest
        #expect(try round().updated == 0)
        #expect(try node.status().counts.digest == digest)
        try standin.admin("edit", ["kind": .string(one.deals), "ids": [.string(deal)], "fields": [one.stage: .string(one.won)]])
        #expect(try round().updated == 1)
        let changed = try events(customer)
        #expect(changed.map(\.id) == [event.id] && changed[0].attributes["status"] == one.won)
        try standin.admin("delete", ["kind": .string(one.deals), "ids": [.string(deal)]])
        try round(reconciles: true)
        #expect(try events(customer).isEmpty)
        #expect(try node.status().counts.events == 0)
        try standin.admin("restore", ["kind": .string(one.deals), "ids": [.string(deal)]])
        try round(reconciles: true)
        #expect(try events(customer).map(\.id) == [event.id])
        #expect(try round().written == 0)
        try StoreLaws.check(node)
    }

    @Test(arguments: Case.all) func itWaitsForACustomerWhoWasNotReadYet(_ one: Case) throws {
        let standin = try Standin(one.name), customer = try make(one.people, one.person, standin)
        _ = try makeDeal(of: customer, one, standin)
        try connect(one.name, standin, edits: ["\(one.people).read=no"])
        try round()
        #expect(try node.status().counts.events == 1 && node.status().counts.customers == 0)
        _ = try node.mapConnector("crm", edits: ["\(one.people).read="])
        try round()
        #expect(try events(customer).count == 1)
        #expect(try node.status().counts.events == 1)
    }

    @Test func theFirstWhoIsKnownIsTheCustomer() throws {
        let one = Case.all[0], standin = try Standin(one.name), contact = try make(one.people, one.person, standin)
        let company = try make("companies", ["name": "Haichen"], standin)
        let deal = try makeDeal(of: contact, one, standin)
        try standin.admin("link", ["from": ["deals", .string(deal)], "to": ["companies", .string(company)], "label": 341, "backLabel": 342])
        try connect(one.name, standin, edits: ["contacts.read=no"])
        try round()
        #expect(try events("company-\(company)").count == 1)
        _ = try node.mapConnector("crm", edits: ["contacts.read="])
        try round()
        #expect(try events(contact).count == 1)
        #expect(try events("company-\(company)").isEmpty)
    }

    @Test func erasingTheCustomerErasesIt() throws {
        let one = Case.all[1], standin = try Standin(one.name), customer = try make(one.people, one.person, standin)
        let deal = try makeDeal(of: customer, one, standin)
        try connect(one.name, standin)
        try round()
        let id = try node.record("crm:\(customer)")
        _ = try node.erase(id.description, confirmation: id.description)
        try standin.admin("edit", ["kind": .string(one.deals), "ids": [.string(deal)], "fields": [one.stage: .string(one.won)]])
        for _ in 0..<2 { try round() }
        #expect(try node.status().counts.events == 0 && node.status().counts.customers == 0)
        try StoreLaws.check(node)
    }

    @Test func whatMayNotBeReadKeepsNothingElseBack() throws {
        let one = Case.all[1], standin = try Standin(one.name), customer = try make(one.people, one.person, standin)
        try connect(one.name, standin)
        _ = try node.mapConnector("crm", edits: ["Opportunity.text.remote=No_Such_Field"])
        let counts = try round()
        #expect(counts.refused == 1)
        #expect(try node.show("crm:\(customer)")["name"] == ["Smith"])
        #expect(try node.deadLetters(of: ["crm"]).map(\.letter.object) == ["Opportunity"])
        _ = try node.mapConnector("crm", edits: ["Opportunity.text.remote=Name"])
        #expect(try round().refused == 0)
        #expect(try node.deadLetters(of: ["crm"]).isEmpty)
    }

    /// An event of another kind than a deal, and how the system says whom it is about.
    struct Other: CustomTestStringConvertible {
        let system: String
        let kind: String, type: String
        let people: String, person: JSON
        var fields: [String: JSON]
        /// The field that holds the text, and the one that tells when.
        let text: String, time: String
        /// The lookup that names the customer; else the numbers of a link and of its way back.
        var lookup: String?
        var link: (Int64, Int64) = (0, 0)
        var testDescription: String { "\(system) \(kind)" }

        static let all = [
            Other(
                system: "hubspot", kind: "tickets", type: "ticket", people: "contacts", person: ["lastname": "Smith"],
                fields: ["subject": "Pump leaks", "content": "Since Monday", "hs_pipeline_stage": "1"], text: "subject", time: "createdate", link: (16, 15)),
            Other(
                system: "hubspot", kind: "calls", type: "call", people: "contacts", person: ["lastname": "Smith"],
                fields: ["hs_call_title": "Pump leaks", "hs_timestamp": "2026-10-01T08:00:00Z", "hs_call_direction": "INBOUND"], text: "hs_call_title",
                time: "hs_timestamp", link: (194, 193)),
            Other(
                system: "hubspot", kind: "emails", type: "email", people: "contacts", person: ["lastname": "Smith"],
                fields: ["hs_email_subject": "Pump leaks", "hs_timestamp": "2026-10-01T08:00:00Z", "hs_email_direction": "EMAIL"], text: "hs_email_subject",
                time: "hs_timestamp", link: (198, 197)),
            Other(
                system: "salesforce", kind: "Task", type: "task", people: "Contact", person: ["LastName": "Smith"],
                fields: ["Subject": "Pump leaks", "ActivityDate": "2026-10-01", "Status": "Not Started"], text: "Subject", time: "ActivityDate", lookup: "WhoId"),
            Other(
                system: "zoho", kind: "Calls", type: "call", people: "Contacts", person: ["Last_Name": "Smith"],
                fields: ["Subject": "Pump leaks", "Call_Start_Time": "2026-10-01T08:00:00+08:00", "Call_Type": "Inbound"], text: "Subject",
                time: "Call_Start_Time", lookup: "Who_Id"),
        ]
    }

    @Test(arguments: Other.all) func whatIsNoDealIsAnEventToo(_ one: Other) throws {
        let standin = try Standin(one.system), customer = try make(one.people, one.person, standin)
        var fields = one.fields
        if let lookup = one.lookup { fields[lookup] = one.system == "zoho" ? ["id": .string(customer), "name": "Smith"] : .string(customer) }
        let made = try make(one.kind, .object(fields), standin)
        if one.lookup == nil {
            try standin.admin("link", [
                "from": [.string(one.kind), .string(made)], "to": [.string(one.people), .string(customer)], "label": JSON(one.link.0),
                "backLabel": JSON(one.link.1),
            ])
        }
        try connect(one.system, standin)
        try round()
        let event = try #require(try events(customer).first)
        #expect(try event.type == one.type && event.attributes["text"] == "Pump leaks" && events(customer).count == 1)
        #expect(event.at != nil && event.attributes["time"] != nil)
        if one.fields[one.time] != nil { #expect(event.attributes["time"]?.hasPrefix("2026-10-01") == true) }
        let digest = try node.status().counts.digest
        let again = try round(reconciles: true)
        #expect(try again.updated == 0 && again.written == 0 && node.status().counts.digest == digest)
        try standin.admin("edit", ["kind": .string(one.kind), "ids": [.string(made)], "fields": [one.text: "Pump is mended"]])
        try round()
        #expect(try events(customer).map { "\($0.id) \($0.attributes["text"] ?? "-")" } == ["\(event.id) Pump is mended"])
        try standin.admin("delete", ["kind": .string(one.kind), "ids": [.string(made)]])
        try round(reconciles: true)
        #expect(try events(customer).isEmpty && node.status().counts.events == 0)
        try StoreLaws.check(node)
    }
}
