import FleetSupport
import Foundation
import GeneratedCompany
import NodeOperations
import ProfileModel
import ProfileStore
import StandardForms
import Testing

/// What cleaning makes of a company of which the truth is known.
struct GeneratedCompanyTests {
    @Test func gapsAreFilledAndNearlyAllOfWhatIsFilledIsTrue() throws {
        let seed = ProcessInfo.processInfo.environment["LIMN_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0...1_000_000)
        let company = GeneratedCompany(persons: 400, seed: seed)
        let fleet = try TestFleet(1), node = fleet[0]
        try node.importText(company.organizations, source: "company", kind: .organization, in: fleet.folder, named: "o.csv")
        try node.importText(company.persons, source: "company", kind: .person, in: fleet.folder, named: "p.csv")
        try node.importText(company.orders, source: "company", kind: .event, in: fleet.folder, named: "e.csv")
        let before = try #require(try node.quality().completeness.overall.share)
        #expect(abs(before - 0.65) < 0.02, "seed \(seed): begins at \(before)")
        try node.clean(Set(CleanRule.allCases))
        try node.fillCodes()
        let after = try #require(try node.quality().completeness.overall.share)
        #expect(after >= 0.92, "seed \(seed): reaches \(after)")

        var filled = 0, wrong: [String] = []
        let truths = Dictionary(grouping: company.truth, by: \.externalID)
        for (id, truths) in truths {
            let values = try node.show("company:\(id)", events: 0).values
            for value in values where value.source?.hasPrefix("inferred:") == true && value.field.name != "code" {
                guard let text = value.values.first, let truth = truths.first(where: { $0.field == value.field.name })?.value else { continue }
                filled += 1
                if !Self.agrees(value.field.name, text, truth) { wrong.append("\(id) \(value.field.name) \(text) is \(truth) by \(value.source ?? "")") }
            }
        }
        let precision = 1 - Double(wrong.count) / Double(filled)
        print("generated company, seed \(seed): completeness \(before) to \(after), \(filled) values filled, precision \(precision)")
        #expect(filled > 3_000)
        #expect(precision >= 0.99, "seed \(seed): \(wrong.prefix(10))")
    }

    /// A place may be told less exactly than it is known, and not otherwise.
    private static func agrees(_ field: String, _ text: String, _ truth: String) -> Bool {
        switch field {
        case "region": Region(text).flatMap { coarse in Region(truth).map { coarse.contains($0) } } ?? false
        case "region_code": Region(code: text).flatMap { coarse in Region(code: truth).map { coarse.contains($0) } } ?? false
        default: text == truth
        }
    }

    @Test func theSameSeedMakesTheSameCompany() {
        let first = GeneratedCompany(persons: 20, seed: 5), second = GeneratedCompany(persons: 20, seed: 5)
        #expect(first.persons == second.persons && first.orders == second.orders && first.organizations == second.organizations)
        #expect(first.persons != GeneratedCompany(persons: 20, seed: 6).persons)
        #expect(first.persons.split(separator: "\n").dropFirst().allSatisfy { $0.contains("generated: no such customer") })
    }
}
