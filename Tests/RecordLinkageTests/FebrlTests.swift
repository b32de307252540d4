import Foundation
import Testing

@testable import RecordLinkage

private let datasets = ProcessInfo.processInfo.environment["LIMN_DATASETS"]

/// FEBRL's first set (Christen 2008) without social security numbers; needs the folder of test sets in LIMN_DATASETS.
@Suite("FEBRL", .enabled(if: datasets != nil, "LIMN_DATASETS does not name the folder of test sets"))
struct FebrlTests {
    static func table() throws -> RecordTable {
        let path = try #require(datasets) + "/linkage/febrl1.csv"
        let attributes: [Attribute] = [.givenName, .familyName, .streetNumber, .street, .premises, .locality, .postcode, .region, .birthDate]
        var table = RecordTable(subject: .person)
        for line in try String(contentsOfFile: path, encoding: .utf8).split(whereSeparator: \.isNewline).dropFirst() {
            let cells = line.split(separator: ",", omittingEmptySubsequences: false).map { $0.trimmingCharacters(in: .whitespaces) }
            table.add(LinkageRecord(key: cells[0], values: zip(attributes, cells[1...]).map { (attribute: $0.0, text: $0.1) }))
        }
        return table
    }

    /// F1 of the pairs in clusters; 500 of the 1,000 records are duplicates of the others.
    static func f1(_ result: LinkageResult, _ table: RecordTable) -> Double {
        func person(_ record: Int) -> Substring { table.keys[record].split(separator: "-")[1] }
        var found = 0, right = 0
        for cluster in result.clusters {
            for (place, a) in cluster.enumerated() {
                for b in cluster[(place + 1)...] {
                    found += 1
                    if person(a) == person(b) { right += 1 }
                }
            }
        }
        return 2 * Double(right) / Double(found + 500)
    }

    @Test func duplicatesAreFound() throws {
        let table = try Self.table()
        var settings = LinkageSettings()
        settings.randomPairs = 100_000
        settings.reckonsWithRelatives = false
        #expect(Self.f1(Linkage.run(table, settings: settings).result, table) >= 0.994)
        // Nine of the pairs have nothing in common but surname and address: a household, for all that one can tell.
        settings.reckonsWithRelatives = true
        #expect(Self.f1(Linkage.run(table, settings: settings).result, table) >= 0.985)
    }
}
